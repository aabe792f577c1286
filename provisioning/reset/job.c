#include "provisioning/reset/job.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phonecfg/base/map.h"
#include "phonecfg/base/text.h"
#include "provisioning/mail/address.h"
#include "provisioning/outbox/outbox.h"
#include "provisioning/reset/form.h"
#include "provisioning/reset/reset.h"
#include "provisioning/reset/sounds.h"
#include "provisioning/store/audit.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/job.h"
#include "provisioning/store/record.h"
#include "provisioning/store/user.h"

static const char *const state_words[JOB_STATE_COUNT] = {
	[JOB_SCHEDULED] = "scheduled",
	[JOB_QUEUED] = "queued",
	[JOB_RUNNING] = "running",
	[JOB_CANCELLED] = "cancelled",
	[JOB_DONE] = "done",
	[JOB_DONE_WITH_ERRORS] = "done-with-errors",
};

enum { FORM_MAX = 2048, NAME_MAX_CHARS = 60, EMAIL_MAX_CHARS = 254 };

const char *job_state_word(enum job_state state)
{
	return state < JOB_STATE_COUNT ? state_words[state] : "unknown";
}

/* ---- the order, user by user ---- */

struct part {
	const char *user;
	struct job_form form;
	int64_t user_id;
};

struct parts {
	struct part *v;
	size_t n, cap;
};

static struct part *part_of(struct parts *parts, struct map *seen, struct arena *a, const char *user)
{
	size_t *at = map_get(seen, user);
	struct part *p;

	if (at)
		return &parts->v[*at];
	at = arena_alloc(a, sizeof(*at));
	p = at ? arena_push(a, (void **)&parts->v, &parts->n, &parts->cap, sizeof(*p)) : NULL;
	if (p == NULL)
		return NULL;
	*at = parts->n - 1;
	p->user = user;
	return map_put(seen, user, at) ? p : NULL;
}

static enum err_code check_form(const char *user, const struct recycle_form *f, struct err *err)
{
	const struct {
		const char *field, *value;
		size_t max;
	} rows[] = { { "name-first-name", f->first_name, NAME_MAX_CHARS },
		{ "name-last-name", f->last_name, NAME_MAX_CHARS }, { "email-address", f->email, EMAIL_MAX_CHARS } };
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (rows[i].value && text_check(rows[i].field, slice_str(rows[i].value), rows[i].max, err))
			return err_prefix(err, "The recycle of %s", user);
	if (f->email && *f->email && address_check("email-address", f->email, err))
		return err_prefix(err, "The recycle of %s", user);
	return ERR_OK;
}

static enum err_code split(const struct job_order *order, struct arena *a, struct parts *out, struct err *err)
{
	struct map seen;
	struct part *p;
	enum err_code code;
	size_t i;

	map_init(&seen, a);
	*out = (struct parts){ 0 };
	for (i = 0; i < order->nusers; i++) {
		p = part_of(out, &seen, a, order->users[i]);
		if (p == NULL)
			break;
		p->form.reset = true;
	}
	for (i = 0; i < order->nrecycles; i++) {
		p = part_of(out, &seen, a, order->recycle_users[i]);
		if (p == NULL)
			break;
		if (p->form.recycle)
			return err_set(
				err, ERR_INPUT, "%s is recycled twice in one order; name each user once.", p->user);
		p->form.recycle = true;
		p->form.next = order->recycles[i];
		p->form.next.welcome |= order->send_welcome_email;
		if ((code = check_form(p->user, &order->recycles[i], err)))
			return code;
	}
	if (arena_failed(a))
		return err_set(err, ERR_NOMEM, "There is no memory for so many users; give fewer at a time.");
	if (order->send_welcome_email && order->nrecycles == 0)
		return err_set(err, ERR_INPUT,
			"The welcome mail goes to the next person, and no recycle names one; leave send-welcome-email out.");
	if (out->n == 0)
		return err_set(err, ERR_INPUT, "Nobody is named; give at least one user to reset or to recycle.");
	return ERR_OK;
}

static struct plan_request request_of(
	const char *domain, const char *user, const struct job_form *form, unsigned options, bool cut_off)
{
	return (struct plan_request){ .domain = domain,
		.user = user,
		.reset = form->reset,
		.options = form->reset ? options : 0,
		.recycle = form->recycle ? &form->next : NULL,
		.send_welcome_email = form->recycle && form->next.welcome,
		.cut_off = cut_off };
}

/* look: at the disk too, for people to read. */
static enum err_code plan_all(struct reset *rs, struct db *db, const struct job_order *order, bool look,
	struct arena *a, struct plan ***out, size_t *n, struct err *err)
{
	struct plan_request whole = { .reset = true, .options = order->options };
	struct parts parts;
	size_t i;
	enum err_code code;

	*n = 0;
	if ((code = plan_request_check(&whole, err)) || (code = split(order, a, &parts, err)))
		return code;
	*out = arena_alloc(a, parts.n * sizeof(**out));
	if (*out == NULL)
		return err_set(err, ERR_NOMEM, "There is no memory for so many plans; give fewer users at a time.");
	for (i = 0; i < parts.n; i++) {
		struct plan_request rq =
			request_of(order->domain, parts.v[i].user, &parts.v[i].form, order->options, order->cut_off);

		if (rq.reset && look)
			rq.sounds = sounds_look(rs, order->domain, rq.user, a);
		code = plan_load(db, rs->catalog, &rs->conf, &rq, a, &(*out)[i], err);
		if (code)
			return code;
	}
	*n = parts.n;
	return ERR_OK;
}

enum err_code job_plan(struct reset *rs, struct db *db, const struct job_order *order, struct arena *a,
	struct plan ***out, size_t *n, struct err *err)
{
	return plan_all(rs, db, order, true, a, out, n, err);
}

/* ---- create ---- */

struct creation {
	struct reset *rs;
	const struct job_order *order;
	int64_t id;
};

static enum err_code add_part(
	struct creation *c, struct db *db, int64_t domain_id, const struct part *p, struct arena *a, struct err *err)
{
	struct job_user_row row = { .job_id = c->id, .domain_id = domain_id, .ext = p->user, .state = "waiting" };
	struct user_row user;
	struct buf form;
	enum err_code code = user_load(db, domain_id, p->user, a, &user, err);

	if (code)
		return code;
	row.user_id = user.id;
	buf_init(&form, FORM_MAX);
	code = form_pack(&p->form, &form, err);
	row.form = buf_view(&form);
	if (code == ERR_OK)
		code = job_user_add(db, &row, NULL, err);
	buf_release(&form);
	return code;
}

/* What was ordered; what came of it stands in a row per user. */
static enum err_code audit_order(const struct job_order *o, const struct job_row *job, const char *id, struct db *db,
	struct arena *a, struct err *err)
{
	const char *options = "";
	struct audit_row row = { .who = o->who,
		.from = o->from,
		.client = "reset",
		.action = arena_printf(a, "%s-order", job->kind),
		.domain = o->domain,
		.object = arena_printf(a, "reset %s", id) };
	unsigned i;

	for (i = 0; options && i < OPTION_COUNT; i++)
		if (o->options & 1u << i)
			options = arena_printf(a, "%s%s\"%s\"", options, *options ? ", " : "",
				reset_option_row((enum reset_option)i)->name);
	row.after = arena_printf(a,
		"{\"state\": \"%s\", \"resets\": %zu, \"recycles\": %zu, \"options\": [%s], \"cut-off\": %s, \"at-ms\": %" PRId64
		"}",
		job->state, o->nusers, o->nrecycles, options ? options : "", o->cut_off ? "true" : "false", o->at_ms);
	return audit_add(db, &row, err);
}

static enum err_code add_job(struct creation *c, struct db *db, struct arena *a, struct err *err)
{
	const struct job_order *o = c->order;
	struct job_row row = { .kind = o->nusers ? "reset" : "recycle",
		.state = job_state_word(o->at_ms > db_now_ms(db) ? JOB_SCHEDULED : JOB_QUEUED),
		.who = o->who,
		.from = o->from,
		.at_ms = o->at_ms };
	struct domain_row domain;
	struct parts parts;
	char id[JOB_ID_TEXT];
	size_t i;
	enum err_code code;

	row.options = arena_printf(a, "{\"mask\":%u,\"cut-off\":%d}", o->options, o->cut_off);
	if ((code = split(o, a, &parts, err)) || (code = domain_by_name(db, o->domain, a, &domain, err)))
		return code;
	row.domain_id = domain.id;
	code = job_row_add(db, &row, err);
	c->id = row.id;
	for (i = 0; code == ERR_OK && i < parts.n; i++)
		code = add_part(c, db, domain.id, &parts.v[i], a, err);
	snprintf(id, sizeof(id), "%" PRId64, c->id);
	if (code == ERR_OK)
		code = audit_order(o, &row, id, db, a, err);
	return code ? code : outbox_put(db, "job", id, "{}", o->at_ms ? o->at_ms : OUTBOX_FIRST, NULL, err);
}

static enum err_code create_fn(struct txn *t, void *arg, struct err *err)
{
	struct arena a;
	enum err_code code;

	arena_init(&a, 0);
	code = add_job(arg, t->db, &a, err);
	arena_release(&a);
	return code;
}

static enum err_code check_order(struct reset *rs, const struct job_order *order, struct err *err)
{
	struct plan **plans;
	struct arena a;
	struct snap snap;
	size_t n;
	enum err_code code = store_snap(rs->store, &snap, err);

	if (code)
		return code;
	arena_init(&a, 0);
	code = plan_all(rs, snap.db, order, false, &a, &plans, &n, err);
	arena_release(&a);
	snap_end(&snap);
	return code;
}

enum err_code job_create(struct reset *rs, const struct job_order *order, char id[JOB_ID_TEXT], struct err *err)
{
	struct creation c = { .rs = rs, .order = order };
	enum err_code code = check_order(rs, order, err);

	if (code == ERR_OK)
		code = store_write(rs->store, create_fn, &c, err);
	if (code == ERR_OK)
		snprintf(id, JOB_ID_TEXT, "%" PRId64, c.id);
	return code;
}

bool job_id_read(const char *id, int64_t *out)
{
	char *end;

	*out = strtoll(id, &end, 10);
	return *out > 0 && *end == '\0';
}

/* ---- looking ---- */

static enum err_code not_there(const char *id, const char *domain, struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "There is no job %s in %s.", id, domain);
}

static bool state_read(const char *word, enum job_state *out)
{
	unsigned i;

	for (i = 0; i < JOB_STATE_COUNT; i++)
		if (strcmp(state_words[i], word) == 0) {
			*out = (enum job_state)i;
			return true;
		}
	return false;
}

static enum err_code fill_view(
	struct db *db, const char *domain, const struct job_row *row, struct job_view *out, struct err *err)
{
	struct record_filter all = { .job_id = row->id }, open = { .job_id = row->id, .open_only = true };
	enum err_code code;

	*out = (struct job_view){ .domain = domain,
		.who = row->who,
		.kind = row->kind,
		.created_ms = row->created_ms,
		.at_ms = row->at_ms,
		.ended_ms = row->ended_ms,
		.nusers = (size_t)row->users,
		.done = (size_t)row->done,
		.failed = (size_t)row->failed };
	snprintf(out->id, sizeof(out->id), "%" PRId64, row->id);
	if (!state_read(row->state, &out->state))
		return err_set(err, ERR_BUG, "Job %s has the unknown state \"%s\".", out->id, row->state);
	code = record_count(db, &all, &out->records, err);
	return code ? code : record_count(db, &open, &out->open, err);
}

enum err_code job_view_load(
	struct db *db, const char *domain, const char *id, struct arena *a, struct job_view *out, struct err *err)
{
	struct domain_row dom;
	struct job_row row;
	struct job_user_row *users;
	size_t n, i;
	int64_t number;
	enum err_code code;

	if (!job_id_read(id, &number))
		return not_there(id, domain, err);
	if ((code = domain_by_name(db, domain, a, &dom, err)) || (code = job_row_load(db, number, a, &row, err)))
		return code;
	if (row.domain_id != dom.id)
		return not_there(id, domain, err);
	if ((code = fill_view(db, dom.name, &row, out, err)) ||
		(code = job_user_list(db, number, (struct page){ 0, 0 }, a, &users, &n, err)))
		return code;
	out->users = arena_alloc(a, (n + 1) * sizeof(*out->users));
	if (out->users == NULL)
		return err_set(err, ERR_NOMEM, "There is no memory for the users of the job.");
	for (i = 0; i < n; i++)
		out->users[i] =
			(struct job_user_view){ users[i].ext, users[i].state, *users[i].error ? users[i].error : NULL,
				users[i].steps, *users[i].voicemail ? users[i].voicemail : NULL, users[i].ended_ms };
	out->nusers = n;
	return ERR_OK;
}

enum err_code job_list(struct db *db, const char *domain, size_t start, size_t limit, struct arena *a,
	struct job_view **out, size_t *n, struct err *err)
{
	struct domain_row dom;
	struct job_row *rows;
	size_t i;
	enum err_code code = domain_by_name(db, domain, a, &dom, err);

	*n = 0;
	if (code == ERR_OK)
		code = job_row_list(db, dom.id, (struct page){ (int64_t)start, (int64_t)limit }, a, &rows, n, err);
	if (code)
		return code;
	*out = arena_alloc(a, (*n + 1) * sizeof(**out));
	if (*out == NULL)
		return err_set(err, ERR_NOMEM, "There is no memory for the list of jobs.");
	for (i = 0; code == ERR_OK && i < *n; i++)
		code = fill_view(db, dom.name, &rows[i], &(*out)[i], err);
	return code;
}
