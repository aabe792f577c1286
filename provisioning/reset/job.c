/* Writing an order down: the job, its users, and the work that carries it out, in one transaction. */
#include "provisioning/reset/job.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "provisioning/outbox/outbox.h"
#include "provisioning/reset/inventory.h"
#include "provisioning/reset/job_order.h"
#include "provisioning/reset/reset.h"
#include "provisioning/store/audit.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/job.h"
#include "provisioning/store/user.h"

static const char *const state_words[JOB_STATE_COUNT] = {
	[JOB_SCHEDULED] = "scheduled",
	[JOB_QUEUED] = "queued",
	[JOB_RUNNING] = "running",
	[JOB_CANCELLED] = "cancelled",
	[JOB_DONE] = "done",
	[JOB_DONE_WITH_ERRORS] = "done-with-errors",
};

enum { FORM_MAX = 2048 };

static const int64_t MINUTE_MS = 60000, DAY_MS = 24 * 3600 * (int64_t)1000;

const char *job_state_word(enum job_state state)
{
	return state < JOB_STATE_COUNT ? state_words[state] : "unknown";
}

bool job_id_read(const char *id, int64_t *out)
{
	char *end;

	*out = strtoll(id, &end, 10);
	return *out > 0 && *end == '\0';
}

struct creation {
	struct reset *rs;
	const struct job_order *order;
	const struct job_parts *parts;
	int64_t id, domain_id;
	bool scheduled;
};

static enum job_hold hold_of(const struct creation *c)
{
	if (!c->scheduled)
		return HOLD_HELD;
	return c->parts->kind->changes_person ? HOLD_PROMISED : HOLD_NONE;
}

/* Whoever changes who sits there meets the promises of others too; a mail alone meets those at work. */
static enum job_hold against_of(const struct creation *c)
{
	if (c->parts->kind->changes_person)
		return HOLD_PROMISED;
	return c->scheduled ? HOLD_NONE : HOLD_HELD;
}

static enum err_code add_user(struct creation *c, struct db *db, const struct job_part *p, struct err *err)
{
	struct job_user_row row = { .job_id = c->id,
		.domain_id = c->domain_id,
		.ext = p->user,
		.state = "waiting",
		.hold = hold_of(c),
		.form_pending = p->form.later };
	struct user_row user;
	struct buf form;
	int64_t holder;
	enum err_code code = user_brief(db, c->domain_id, p->user, &user, err);

	if (code)
		return code;
	row.user_id = user.id;
	row.person = user.person;
	buf_init(&form, FORM_MAX);
	code = form_pack(&p->form, &form, err);
	row.form = buf_view(&form);
	if (code == ERR_OK)
		code = job_user_add(db, &row, against_of(c), &holder, err);
	buf_release(&form);
	if (code == ERR_CONFLICT && holder)
		return err_set(err, ERR_CONFLICT,
			"User %s is in job %" PRId64 " already; wait for it, cancel it, or take the user out of it.",
			p->user, holder);
	return code;
}

static enum err_code add_users(struct creation *c, struct db *db, struct err *err)
{
	enum err_code code = ERR_OK;
	size_t i;

	for (i = 0; code == ERR_OK && i < c->parts->n; i++)
		code = add_user(c, db, &c->parts->v[i], err);
	return code;
}

/* What was ordered; what came of it stands in a row per user. */
static enum err_code audit_order(const struct creation *c, const struct job_row *job, const char *id, struct db *db,
	struct arena *a, struct err *err)
{
	const struct job_order *o = c->order;
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
		"{\"state\": \"%s\", \"users\": %zu, \"recycles\": %zu, \"options\": [%s], \"cut-off\": %s, \"at-ms\": %" PRId64
		"}",
		job->state, c->parts->n, o->nrecycles, options ? options : "", o->cut_off ? "true" : "false",
		job->at_ms);
	return audit_add(db, &row, err);
}

static enum err_code add_job(struct creation *c, struct db *db, struct arena *a, struct err *err)
{
	const struct job_order *o = c->order;
	struct job_row row = { .kind = c->parts->kind->word,
		.state = job_state_word(c->scheduled ? JOB_SCHEDULED : JOB_QUEUED),
		.options = job_options_text(a, o->options, o->cut_off),
		.who = o->who,
		.from = o->from,
		.at_ms = c->scheduled ? o->at_ms : 0,
		.users = (int64_t)c->parts->n };
	struct domain_row domain;
	char id[JOB_ID_TEXT];
	enum err_code code = domain_by_name(db, o->domain, a, &domain, err);

	c->domain_id = row.domain_id = domain.id;
	if (code == ERR_OK)
		code = job_row_add(db, &row, err);
	c->id = row.id;
	snprintf(id, sizeof(id), "%" PRId64, c->id);
	if (code || (code = add_users(c, db, err)) || (code = audit_order(c, &row, id, db, a, err)) ||
		(code = outbox_put(db, "job", id, "{}", row.at_ms ? row.at_ms : OUTBOX_FIRST, NULL, err)))
		return code;
	return o->made ? o->made(db, id, o->made_arg, err) : ERR_OK;
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

static enum err_code check_time(const struct reset *rs, const struct job_order *o, bool *scheduled, struct err *err)
{
	int64_t now_ms = rs->now_ms();

	*scheduled = o->at_ms > now_ms;
	if (o->at_ms && o->at_ms < now_ms - JOB_LATE_MIN * MINUTE_MS)
		return err_set(err, ERR_INPUT,
			"The time of the order has passed; leave \"at\" out to begin at once, or give a later one.");
	if (o->at_ms > now_ms + JOB_AHEAD_DAYS * DAY_MS)
		return err_set(err, ERR_INPUT, "The time of the order is more than %d days ahead; give an earlier one.",
			JOB_AHEAD_DAYS);
	return ERR_OK;
}

/* What a form asks for is planned before anything is written down: a phone of others, a user who is not reset. The rest
 * has nothing that a look beforehand could find: what stands in the way of one user alone becomes that user's result.
 */
static enum err_code check_forms(struct reset *rs, const struct job_order *o, struct job_parts *parts, struct err *err)
{
	struct snap snap;
	struct arena a;
	struct plan *plan;
	size_t i;
	enum err_code code = o->nrecycles ? store_snap(rs->store, &snap, err) : ERR_OK;

	if (code || o->nrecycles == 0)
		return code;
	for (i = 0; code == ERR_OK && i < parts->n; i++) {
		struct plan_request rq = job_request(
			rs, parts->kind, o->domain, parts->v[i].user, &parts->v[i].form, o->options, o->cut_off);

		if (rq.recycle == NULL)
			continue;
		code = inventory_name_check(rs, rq.recycle->first_name, rq.recycle->last_name, err);
		if (code)
			break;
		arena_init(&a, 0);
		code = plan_load(snap.db, rs->catalog, &rs->conf, &rq, &a, &plan, err);
		arena_release(&a);
	}
	snap_end(&snap);
	return code;
}

enum err_code job_create(struct reset *rs, const struct job_order *order, char id[JOB_ID_TEXT], struct err *err)
{
	struct job_parts parts;
	struct creation c = { .rs = rs, .order = order, .parts = &parts };
	struct arena a;
	enum err_code code;

	arena_init(&a, 0);
	if ((code = job_split(rs, order, &a, &parts, err)) == ERR_OK &&
		(code = check_time(rs, order, &c.scheduled, err)) == ERR_OK &&
		(code = check_forms(rs, order, &parts, err)) == ERR_OK)
		code = store_write(rs->store, create_fn, &c, err);
	arena_release(&a);
	if (code == ERR_OK)
		snprintf(id, JOB_ID_TEXT, "%" PRId64, c.id);
	return code;
}
