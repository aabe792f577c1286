#include "provisioning/store/job.h"

#include "provisioning/store/db.h"

static const struct col job_cols[] = {
	COL(job_row, COL_INT, id),
	COL(job_row, COL_INT, domain_id),
	COL(job_row, COL_TEXT, kind),
	COL(job_row, COL_TEXT, state),
	COL(job_row, COL_TEXT, options),
	COL(job_row, COL_SEALED, payload),
	COL(job_row, COL_TEXT, who),
	COL_AS(job_row, COL_TEXT, from, "address"),
	COL(job_row, COL_INT, at_ms),
	COL(job_row, COL_INT, created_ms),
	COL(job_row, COL_INT, started_ms),
	COL(job_row, COL_INT, ended_ms),
	COL(job_row, COL_INT, users),
	COL(job_row, COL_INT, done),
	COL(job_row, COL_INT, failed),
};
static const struct rowmap job_map = ROWMAP(job_row, "jobs", job_cols, 1);

static const struct col job_user_cols[] = {
	COL(job_user_row, COL_INT, id),
	COL(job_user_row, COL_INT, job_id),
	COL(job_user_row, COL_INT, domain_id),
	COL(job_user_row, COL_REF, user_id),
	COL(job_user_row, COL_TEXT, ext),
	COL(job_user_row, COL_TEXT, state),
	COL(job_user_row, COL_TEXT, error),
	COL(job_user_row, COL_TEXT, steps),
	COL(job_user_row, COL_TEXT, voicemail),
	COL(job_user_row, COL_SEALED, form),
	COL(job_user_row, COL_BOOL, form_pending),
	COL(job_user_row, COL_INT, begun_ms),
	COL(job_user_row, COL_INT, ended_ms),
};
static const struct rowmap job_user_map = ROWMAP(job_user_row, "job_users", job_user_cols, 1);

enum err_code job_row_add(struct db *db, struct job_row *row, struct err *err)
{
	enum err_code code = db_id(db, &row->id, err);

	row->created_ms = db_now_ms(db);
	if (code == ERR_OK)
		code = db_run(db, "job_add", NO_ARGS, &job_map, row, NULL, err);
	return err_say(code, ERR_CONFLICT, err, "the domain of this job does not exist");
}

enum err_code job_row_load(struct db *db, int64_t id, struct arena *a, struct job_row *out, struct err *err)
{
	return err_say(db_get(db, "job_load", ARGS(A_INT("id", id)), &job_map, a, out, err), ERR_NOT_FOUND, err,
		"there is no job %lld", (long long)id);
}

enum err_code job_row_list(struct db *db, int64_t domain_id, struct page page, struct arena *a, struct job_row **out,
	size_t *n, struct err *err)
{
	return db_list(
		db, "job_list", ARGS(A_INT("domain_id", domain_id), A_PAGE(page)), &job_map, a, (void **)out, n, err);
}

enum err_code job_row_list_open(struct db *db, struct arena *a, struct job_row **out, size_t *n, struct err *err)
{
	return db_list(db, "job_list_open", NO_ARGS, &job_map, a, (void **)out, n, err);
}

enum err_code job_row_state(struct db *db, int64_t id, const char *state, bool ended, struct err *err)
{
	enum err_code code;

	code = db_change(db, ended ? "job_end" : "job_state",
		ARGS(A_INT("id", id), A_TEXT("state", state), A_INT("now_ms", db_now_ms(db))), NULL, NULL,
		"there is no such job", err);
	if (code != ERR_OK || !ended)
		return code;
	return db_run(
		db, "job_end_users", ARGS(A_INT("job_id", id), A_INT("now_ms", db_now_ms(db))), NULL, NULL, NULL, err);
}

enum err_code job_user_add(struct db *db, struct job_user_row *row, int64_t *holder, struct err *err)
{
	int64_t by = 0;
	enum err_code code = job_user_holder(db, row->user_id, &by, err);

	if (holder != NULL)
		*holder = by;
	if (code == ERR_OK && by != 0)
		return err_set(err, ERR_CONFLICT, "user %s is held by job %lld; wait for it or cancel it", row->ext,
			(long long)by);
	if (code == ERR_OK)
		code = db_id(db, &row->id, err);
	if (code == ERR_OK)
		code = db_run(db, "job_user_add", NO_ARGS, &job_user_map, row, NULL, err);
	return err_say(code, ERR_CONFLICT, err, "user %s is in a job already, or the job does not exist", row->ext);
}

enum err_code job_user_list(struct db *db, int64_t job_id, struct page page, struct arena *a, struct job_user_row **out,
	size_t *n, struct err *err)
{
	return db_list(db, "job_user_list", ARGS(A_INT("job_id", job_id), A_PAGE(page)), &job_user_map, a, (void **)out,
		n, err);
}

enum err_code job_user_next(struct db *db, int64_t job_id, int64_t limit, struct arena *a, struct job_user_row **out,
	size_t *n, struct err *err)
{
	return db_list(db, "job_user_next", ARGS(A_INT("job_id", job_id), A_INT("limit", limit)), &job_user_map, a,
		(void **)out, n, err);
}

enum err_code job_user_moving(struct db *db, int64_t job_id, int64_t *n, struct err *err)
{
	return db_int(db, "job_user_moving", ARGS(A_INT("job_id", job_id)), n, err);
}

enum err_code job_user_load(
	struct db *db, int64_t job_id, int64_t user_id, struct arena *a, struct job_user_row *out, struct err *err)
{
	return err_say(db_get(db, "job_user_load", ARGS(A_INT("job_id", job_id), A_INT("user_id", user_id)),
			       &job_user_map, a, out, err),
		ERR_NOT_FOUND, err, "this user is not in job %lld", (long long)job_id);
}

enum err_code job_user_save(struct db *db, struct job_user_row *row, struct err *err)
{
	if (row->ended_ms != 0 && !row->form_pending)
		row->form = (struct slice){ NULL, 0 };
	return err_say(db_change(db, "job_user_save", NO_ARGS, &job_user_map, row, "this user is not in the job", err),
		ERR_CONFLICT, err, "user %s is held by another job", row->ext);
}

enum err_code job_user_holder(struct db *db, int64_t user_id, int64_t *job_id, struct err *err)
{
	enum err_code code = db_int(db, "job_user_holder", ARGS(A_INT("user_id", user_id)), job_id, err);

	if (code != ERR_NOT_FOUND)
		return code;
	*job_id = 0;
	return ERR_OK;
}

enum err_code job_cancel_waiting(struct db *db, int64_t job_id, int64_t *n, struct err *err)
{
	return db_run(db, "job_cancel_waiting", ARGS(A_INT("job_id", job_id), A_INT("now_ms", db_now_ms(db))), NULL,
		NULL, n, err);
}
