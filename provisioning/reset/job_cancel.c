/* Cancelling what has not begun: a whole job, or one user's part of it. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "provisioning/outbox/outbox.h"
#include "provisioning/reset/job.h"
#include "provisioning/reset/reset.h"
#include "provisioning/store/audit.h"
#include "provisioning/store/job.h"

struct cancellation {
	const char *domain, *id, *user; /* user NULL = all */
	const char *who, *from;
	struct job_view view;
	int64_t n; /* of its users */
};

static enum err_code note(const struct cancellation *c, struct db *db, struct arena *a, struct err *err)
{
	struct audit_row row = { .who = c->who,
		.from = c->from,
		.client = "reset",
		.action = "cancel",
		.domain = c->domain,
		.user = c->user ? c->user : "",
		.object = c->id,
		.before = job_state_word(c->view.state),
		.after = arena_printf(a, "%" PRId64 " of %zu users cancelled", c->n, c->view.nusers) };

	return audit_add(db, &row, err);
}

static enum err_code cancel_users(struct cancellation *c, struct db *db, struct err *err)
{
	enum err_code code = job_cancel_waiting(db, c->view.number, &c->n, err);

	if (code)
		return code;
	if (c->n == 0)
		return err_set(err, ERR_CONFLICT, "Nothing of job %s is left to cancel: it is %s.", c->id,
			job_state_word(c->view.state));
	return ERR_OK;
}

static enum err_code cancel_user(struct cancellation *c, struct db *db, struct arena *a, struct err *err)
{
	struct job_user_row row;
	enum err_code code = job_user_by_ext(db, c->view.number, c->user, a, &row, err);

	if (code)
		return code;
	if (row.ended_ms)
		return err_set(
			err, ERR_CONFLICT, "User %s of job %s has had his turn: it is %s.", c->user, c->id, row.state);
	if (strcmp(row.state, "moving") == 0)
		row.error = JOB_HALF_CANCELLED;
	c->n = 1;
	row.state = "cancelled";
	row.form_pending = false;
	row.ended_ms = db_now_ms(db);
	return job_user_save(db, &row, err);
}

/* With nobody left the job has ended. A run that is under way finds nothing more to do. */
static enum err_code end(struct cancellation *c, struct db *db, struct arena *a, struct err *err)
{
	struct job_row now;
	int64_t left;
	enum err_code code = job_user_left(db, c->view.number, &left, err);

	if (code || left)
		return code;
	if ((code = job_row_load(db, c->view.number, a, &now, err)) ||
		(code = outbox_cancel(db, "job", c->id, NULL, err)))
		return code;
	return job_row_state(db, c->view.number,
		job_state_word(c->user == NULL || now.done + now.failed == 0 ? JOB_CANCELLED
			       : now.failed                                  ? JOB_DONE_WITH_ERRORS
									     : JOB_DONE),
		true, err);
}

static enum err_code cancel_fn(struct txn *t, void *arg, struct err *err)
{
	struct cancellation *c = arg;
	struct arena a;
	enum err_code code;

	arena_init(&a, 0);
	code = job_view_load(t->db, c->domain, c->id, &a, &c->view, err);
	if (code == ERR_OK)
		code = c->user ? cancel_user(c, t->db, &a, err) : cancel_users(c, t->db, err);
	if (code == ERR_OK)
		code = note(c, t->db, &a, err);
	if (code == ERR_OK)
		code = end(c, t->db, &a, err);
	arena_release(&a);
	return code;
}

enum err_code job_cancel(
	struct reset *rs, const char *domain, const char *id, const char *who, const char *from, struct err *err)
{
	struct cancellation c = { .domain = domain, .id = id, .who = who, .from = from };

	return store_write(rs->store, cancel_fn, &c, err);
}

enum err_code job_cancel_user(struct reset *rs, const char *domain, const char *id, const char *user, const char *who,
	const char *from, struct err *err)
{
	struct cancellation c = { .domain = domain, .id = id, .user = user, .who = who, .from = from };

	return store_write(rs->store, cancel_fn, &c, err);
}
