/* Carrying a job out, user by user; cancelling what has not begun. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "provisioning/conf/fault.h"
#include "provisioning/conf/log.h"
#include "provisioning/outbox/outbox.h"
#include "provisioning/reset/apply.h"
#include "provisioning/reset/form.h"
#include "provisioning/reset/job.h"
#include "provisioning/reset/payload.h"
#include "provisioning/reset/reset.h"
#include "provisioning/reset/sounds.h"
#include "provisioning/store/audit.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/job.h"
#include "provisioning/store/record.h"

enum { BATCH = 100, FORM_MAX = 2048 };

/* One user's savepoint. */
struct work {
	struct reset *rs;
	const struct job_row *job;
	const char *domain;
	const struct job_user_row *user;
	const struct plan_sounds *sounds; /* as they were just before */
	const char *failed;               /* the sentence to note instead of doing it */
};

/* A fault of the order will not mend itself; one of the machine may. */
static bool lasting(enum err_code code)
{
	return code != ERR_IO && code != ERR_NOMEM && code != ERR_BUSY;
}

static enum err_code end_user(
	struct work *w, struct db *db, const char *state, const char *error, const char *steps, struct err *err)
{
	struct job_user_row row = *w->user;

	row.state = state;
	row.error = error;
	row.steps = steps;
	row.form_pending = false;
	row.begun_ms = row.begun_ms ? row.begun_ms : db_now_ms(db);
	row.ended_ms = db_now_ms(db);
	return job_user_save(db, &row, err);
}

static enum err_code no_memory(const struct work *w, struct err *err)
{
	return err_set(err, ERR_NOMEM, "There is no memory to note what was done for %s.", w->user->ext);
}

/* Does the next person come only when the last one's voicemail is out of the way? The whole order is planned, so that
 * what cannot be done is known before a part of it is. */
static enum err_code must_wait(
	const struct work *w, struct db *db, const struct plan_request *rq, struct arena *a, bool *out, struct err *err)
{
	struct plan *plan;
	enum err_code code;

	*out = false;
	if (rq->recycle == NULL || w->rs->conf.voicemail == NULL)
		return ERR_OK;
	code = sounds_pending(w->rs, db, w->domain, w->user->ext, a, out, err);
	if (code || *out)
		return code;
	code = plan_load(db, w->rs->catalog, &w->rs->conf, rq, a, &plan, err);
	*out = code == ERR_OK && plan->take != 0;
	return code;
}

/* The recycle stays in the row until sounds_move_settle() calls it up. */
static enum err_code park(struct work *w, struct db *db, const struct job_form *form, const char *steps,
	const char *voicemail, struct err *err)
{
	struct job_form rest = { .recycle = true, .next = form->next };
	struct job_user_row row = *w->user;
	struct buf packed;
	enum err_code code;

	buf_init(&packed, FORM_MAX);
	code = form_pack(&rest, &packed, err);
	row.state = "moving";
	row.steps = steps;
	row.voicemail = voicemail;
	row.form = buf_view(&packed);
	row.begun_ms = row.begun_ms ? row.begun_ms : db_now_ms(db);
	if (code == ERR_OK)
		code = job_user_save(db, &row, err);
	buf_release(&packed);
	return code;
}

static enum err_code carry_out(struct work *w, struct db *db, const struct job_form *form, struct apply_order *order,
	bool wait, struct arena *a, struct err *err)
{
	struct job_user_row user = *w->user;
	struct work done = *w;
	struct plan *plan;
	enum err_code code = apply_user(w->rs, db, order, a, &plan, err);

	if (code)
		return code;
	user.steps = plan_counts_json(plan, user.steps, a);
	if (plan->take)
		user.voicemail = "waiting";
	if (user.steps == NULL)
		return no_memory(w, err);
	done.user = &user;
	return wait ? park(&done, db, form, user.steps, user.voicemail, err)
		    : end_user(&done, db, "done", "", user.steps, err);
}

static enum err_code do_user(struct work *w, struct db *db, struct arena *a, struct err *err)
{
	struct apply_order order = { .job = w->job->id, .who = w->job->who, .from = w->job->from, .why = w->job->kind };
	struct job_form form;
	bool wait;
	enum err_code code = form_unpack(w->user->form, a, &form, err);

	if (code)
		return code;
	order.request = (struct plan_request){ .domain = w->domain,
		.user = w->user->ext,
		.reset = form.reset,
		.options = form.reset ? (unsigned)payload_number(w->job->options, "mask") : 0,
		.recycle = form.recycle ? &form.next : NULL,
		.send_welcome_email = form.recycle && form.next.welcome,
		.cut_off = payload_number(w->job->options, "cut-off") != 0,
		.sounds = w->sounds };
	if (form.recycle && *form.next.phone == '\0')
		form.next.phone = NULL;
	code = must_wait(w, db, &order.request, a, &wait, err);
	if (code)
		return code;
	if (wait && !form.reset)
		return park(w, db, &form, w->user->steps, w->user->voicemail, err);
	if (wait)
		order.request.recycle = NULL;
	return carry_out(w, db, &form, &order, wait, a, err);
}

static enum err_code user_fn(struct txn *t, void *arg, struct err *err)
{
	struct work *w = arg;
	struct job_user_row now;
	struct arena a;
	enum err_code code;

	arena_init(&a, 0);
	code = w->user->user_id ? job_user_load(t->db, w->job->id, w->user->user_id, &a, &now, err) : ERR_OK;
	if (code == ERR_OK && w->user->user_id && now.ended_ms)
		; /* cancelled, or done by a run that a crash cut off */
	else if (code == ERR_OK && w->failed)
		code = end_user(w, t->db, "failed", w->failed, "{}", err);
	else if (code == ERR_OK)
		code = do_user(w, t->db, &a, err);
	arena_release(&a);
	return code;
}

/* One try for all, then a note for each that will never work. The first other fault ends the run; it is taken up again.
 */
static enum err_code run_batch(struct work *works, struct write *writes, size_t n, struct err *err)
{
	enum err_code code = ERR_OK;
	struct err first;
	size_t i;

	for (i = 0; i < n; i++)
		writes[i] = (struct write){ .fn = user_fn, .arg = &works[i] };
	if (store_write_many(works[0].rs->store, writes, n) == ERR_OK) {
		fault_point("after-apply");
		return ERR_OK;
	}
	for (i = 0; i < n && code == ERR_OK; i++) {
		if (writes[i].code == ERR_OK)
			continue;
		first = writes[i].err;
		if (!lasting(writes[i].code))
			return err_set(err, writes[i].code, "%s", first.text);
		works[i].failed = first.text;
		log_event(LOG_LEVEL_WARN, "reset-failed", "user", works[i].user->ext, "why", first.text, NULL);
		code = store_write(works[i].rs->store, user_fn, &works[i], err);
	}
	return code;
}

struct run {
	struct reset *rs;
	int64_t id;
	struct job_row job;
	struct domain_row domain;
	struct job_user_row *users;
	size_t nusers;
	struct arena arena;
};

static enum err_code load(struct run *r, struct err *err)
{
	struct snap snap;
	enum err_code code = store_snap(r->rs->store, &snap, err);

	if (code)
		return code;
	if ((code = job_row_load(snap.db, r->id, &r->arena, &r->job, err)) == ERR_OK &&
		(code = domain_load(snap.db, r->job.domain_id, &r->arena, &r->domain, err)) == ERR_OK)
		code = job_user_next(snap.db, r->id, BATCH, &r->arena, &r->users, &r->nusers, err);
	snap_end(&snap);
	return code;
}

static enum err_code running_fn(struct txn *t, void *arg, struct err *err)
{
	struct run *r = arg;

	return job_row_state(t->db, r->id, job_state_word(JOB_RUNNING), false, err);
}

static enum err_code end_fn(struct txn *t, void *arg, struct err *err)
{
	struct run *r = arg;
	int64_t moving = 0;
	struct job_row now;
	struct arena a;
	enum err_code code;

	arena_init(&a, 0);
	code = job_row_load(t->db, r->id, &a, &now, err);
	if (code == ERR_OK)
		code = job_user_moving(t->db, r->id, &moving, err);
	if (code == ERR_OK && now.ended_ms == 0 && moving == 0) /* else the last one that is called up ends it */
		code = job_row_state(t->db, r->id,
			job_state_word(now.failed                   ? JOB_DONE_WITH_ERRORS
				       : now.done == 0 && now.users ? JOB_CANCELLED
								    : JOB_DONE),
			true, err);
	arena_release(&a);
	return code;
}

static enum err_code run_users(struct run *r, struct err *err)
{
	struct work *works = arena_alloc(&r->arena, r->nusers * sizeof(*works));
	struct write *writes = arena_alloc(&r->arena, r->nusers * sizeof(*writes));
	size_t i;

	if (works == NULL || writes == NULL)
		return err_set(err, ERR_NOMEM, "There is no memory to go on with job %" PRId64 ".", r->id);
	for (i = 0; i < r->nusers; i++)
		works[i] = (struct work){ r->rs, &r->job, r->domain.name, &r->users[i],
			strcmp(r->job.kind, "recycle") ? sounds_look(r->rs, r->domain.name, r->users[i].ext, &r->arena)
						       : NULL,
			NULL };
	return run_batch(works, writes, r->nusers, err);
}

/* One batch; *more: there may be another one. */
static enum err_code run_some(struct run *r, bool *more, struct err *err)
{
	enum err_code code = load(r, err);

	*more = false;
	if (code || r->job.ended_ms)
		return code;
	if (r->nusers == 0)
		return store_write(r->rs->store, end_fn, r, err);
	if (strcmp(r->job.state, job_state_word(JOB_RUNNING)) != 0)
		code = store_write(r->rs->store, running_fn, r, err);
	if (code == ERR_OK)
		code = run_users(r, err);
	*more = code == ERR_OK;
	return code;
}

enum err_code job_run(struct reset *rs, const char *id, struct err *err)
{
	struct run r = { .rs = rs };
	bool more = true;
	enum err_code code = ERR_OK;

	if (!job_id_read(id, &r.id))
		return err_set(err, ERR_NOT_FOUND, "There is no job %s.", id);
	while (more && code == ERR_OK) {
		arena_init(&r.arena, 0);
		code = run_some(&r, &more, err);
		arena_release(&r.arena);
	}
	return code;
}

/* ---- cancel ---- */

struct cancellation {
	const char *domain, *id, *who, *from;
};

static enum err_code cancel(const struct cancellation *c, struct db *db, struct arena *a, struct err *err)
{
	struct job_view view;
	struct job_user_row *left;
	struct audit_row audit = { .who = c->who,
		.from = c->from,
		.client = "reset",
		.action = "cancel",
		.domain = c->domain,
		.object = c->id };
	int64_t id, n;
	size_t nleft;
	enum err_code code = job_view_load(db, c->domain, c->id, a, &view, err);

	if (code || !job_id_read(c->id, &id))
		return code;
	if ((code = job_cancel_waiting(db, id, &n, err)))
		return code;
	audit.before = job_state_word(view.state);
	audit.after = arena_printf(a, "%" PRId64 " of %zu users cancelled", n, view.nusers);
	if (n == 0)
		return err_set(err, ERR_CONFLICT, "Nothing of job %s is left to cancel: it is %s.", c->id,
			job_state_word(view.state));
	if ((code = job_user_next(db, id, 1, a, &left, &nleft, err)) || (code = audit_add(db, &audit, err)))
		return code;
	if (nleft)
		return ERR_OK; /* the run ends it */
	code = job_row_state(db, id, job_state_word(JOB_CANCELLED), true, err);
	return code ? code : outbox_cancel(db, "job", c->id, NULL, err);
}

static enum err_code cancel_fn(struct txn *t, void *arg, struct err *err)
{
	struct arena a;
	enum err_code code;

	arena_init(&a, 0);
	code = cancel(arg, t->db, &a, err);
	arena_release(&a);
	return code;
}

enum err_code job_cancel(
	struct reset *rs, const char *domain, const char *id, const char *who, const char *from, struct err *err)
{
	struct cancellation c = { domain, id, who, from };

	return store_write(rs->store, cancel_fn, &c, err);
}

/* ---- write off ---- */

struct writing_off {
	struct reset *rs;
	const char *domain, *reason, *who, *from;
	int64_t record;
};

static enum err_code write_off(struct writing_off *w, struct db *db, struct arena *a, struct err *err)
{
	struct record_row r;
	struct audit_row audit = { .who = w->who,
		.from = w->from,
		.client = "reset",
		.action = "write-off",
		.domain = w->domain,
		.after = "written-off",
		.detail = w->reason };
	enum err_code code = record_load(db, w->record, a, &r, err);

	if (code)
		return code;
	if (strcmp(r.domain, w->domain) != 0)
		return err_set(err, ERR_NOT_FOUND, "There is no record %" PRId64 " in %s.", w->record, w->domain);
	if (!r.open)
		return err_set(err, ERR_CONFLICT, "Record %" PRId64 " has ended: it is %s.", w->record, r.state);
	audit.user = r.ext;
	audit.object = r.mac;
	audit.before = r.state;
	code = record_note(
		db, w->record, FACT_WRITTEN_OFF, w->rs->now_ms(), w->reason, w->rs->registrar != NULL, a, NULL, err);
	if (code == ERR_OK)
		code = record_closed_by(db, w->record, w->who, err);
	return code ? code : audit_add(db, &audit, err);
}

static enum err_code write_off_fn(struct txn *t, void *arg, struct err *err)
{
	struct arena a;
	enum err_code code;

	arena_init(&a, 0);
	code = write_off(arg, t->db, &a, err);
	arena_release(&a);
	return code;
}

enum err_code record_write_off(struct reset *rs, const char *domain, int64_t record, const char *reason,
	const char *who, const char *from, struct err *err)
{
	struct writing_off w = { rs, domain, reason, who, from, record };

	if (reason == NULL || *reason == '\0')
		return err_set(err, ERR_INPUT, "Say why record %" PRId64 " is written off.", record);
	return store_write(rs->store, write_off_fn, &w, err);
}
