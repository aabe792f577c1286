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
	COL(job_row, COL_INT, records),
	COL(job_row, COL_INT, records_open),
	COL(job_row, COL_INT, news),
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
	COL(job_user_row, COL_TEXT, mail),
	COL(job_user_row, COL_SEALED, form),
	COL(job_user_row, COL_BOOL, form_pending),
	COL(job_user_row, COL_INT, begun_ms),
	COL(job_user_row, COL_INT, ended_ms),
	COL(job_user_row, COL_INT, hold),
	COL(job_user_row, COL_INT, person),
	COL(job_user_row, COL_INT, news),
};
static const struct rowmap job_user_map = ROWMAP(job_user_row, "job_users", job_user_cols, 1);

/* ---- jobs ---- */

enum err_code job_row_add(struct db *db, struct job_row *row, struct err *err)
{
	enum err_code code = db_id(db, &row->id, err);

	row->news = row->id;
	row->created_ms = db_now_ms(db);
	if (code == ERR_OK)
		code = db_run(db, "job_add", NO_ARGS, &job_map, row, NULL, err);
	return err_say(code, ERR_CONFLICT, err, "the domain of this job does not exist");
}

static enum err_code no_job(enum err_code code, int64_t id, struct err *err)
{
	return err_say(code, ERR_NOT_FOUND, err, "there is no job %lld", (long long)id);
}

enum err_code job_row_load(struct db *db, int64_t id, struct arena *a, struct job_row *out, struct err *err)
{
	return no_job(db_get(db, "job_load", ARGS(A_INT("id", id)), &job_map, a, out, err), id, err);
}

enum err_code job_row_brief(struct db *db, int64_t id, struct arena *a, struct job_row *out, struct err *err)
{
	return no_job(db_get(db, "job_brief", ARGS(A_INT("id", id)), &job_map, a, out, err), id, err);
}

#define FILTER(f)                                                                                                      \
	A_INT("domain_id", (f)->domain_id), A_TEXT("state", (f)->state ? (f)->state : ""),                             \
		A_TEXT("kind", (f)->kind ? (f)->kind : "")

enum err_code job_row_list(struct db *db, const struct job_filter *f, struct page page, struct arena *a,
	struct job_row **out, size_t *n, struct err *err)
{
	return db_list(db, "job_list", ARGS(FILTER(f), A_PAGE(page)), &job_map, a, (void **)out, n, err);
}

enum err_code job_row_count(struct db *db, const struct job_filter *f, int64_t *out, struct err *err)
{
	return db_int(db, "job_count", ARGS(FILTER(f)), out, err);
}

struct span_row {
	int64_t n, first;
};

static const struct col span_cols[] = { COL(span_row, COL_INT, n), COL(span_row, COL_INT, first) };
static const struct rowmap span_map = ROWMAP(span_row, "job_users", span_cols, 0);

enum err_code job_cancel_waiting(struct db *db, int64_t job_id, int64_t *n, struct err *err)
{
	struct span_row span;
	int64_t news = 0;
	enum err_code code = db_get(db, "job_user_span", ARGS(A_INT("job_id", job_id)), &span_map, NULL, &span, err);

	*n = 0;
	if (code == ERR_OK && span.n > 0)
		code = db_ids(db, span.n, &news, err);
	if (code != ERR_OK || span.n == 0)
		return code;
	return db_run(db, "job_cancel_users",
		ARGS(A_INT("job_id", job_id), A_INT("now_ms", db_now_ms(db)), A_INT("news", news),
			A_INT("first", span.first), A_TEXT("half", JOB_HALF_CANCELLED)),
		NULL, NULL, n, err);
}

enum err_code job_row_state(struct db *db, int64_t id, const char *state, bool ended, struct err *err)
{
	int64_t news, left;
	enum err_code code = ended ? job_cancel_waiting(db, id, &left, err) : ERR_OK;

	if (code == ERR_OK)
		code = db_id(db, &news, err);
	if (code != ERR_OK)
		return code;
	return db_change(db, ended ? "job_end" : "job_state",
		ARGS(A_INT("id", id), A_TEXT("state", state), A_INT("now_ms", db_now_ms(db)), A_INT("news", news)),
		NULL, NULL, "there is no such job", err);
}

/* ---- their users ---- */

enum err_code job_user_holder(struct db *db, int64_t user_id, enum job_hold least, int64_t *job_id, struct err *err)
{
	enum err_code code =
		db_int(db, "job_user_holder", ARGS(A_INT("user_id", user_id), A_INT("hold", least)), job_id, err);

	if (code != ERR_NOT_FOUND)
		return code;
	*job_id = 0;
	return ERR_OK;
}

enum err_code job_user_add(
	struct db *db, struct job_user_row *row, enum job_hold against, int64_t *holder, struct err *err)
{
	int64_t by = 0;
	enum err_code code = against == HOLD_NONE ? ERR_OK : job_user_holder(db, row->user_id, against, &by, err);

	if (holder != NULL)
		*holder = by;
	if (code == ERR_OK && by != 0)
		return err_set(err, ERR_CONFLICT, "user %s is held by job %lld; wait for it or cancel it", row->ext,
			(long long)by);
	if (code == ERR_OK)
		code = db_id(db, &row->id, err);
	row->news = row->id;
	if (code == ERR_OK)
		code = db_run(db, "job_user_add", NO_ARGS, &job_user_map, row, NULL, err);
	return err_say(code, ERR_CONFLICT, err, "user %s is in a job already, or the job does not exist", row->ext);
}

enum err_code job_user_list(struct db *db, int64_t job_id, const char *state, struct page page, struct arena *a,
	struct job_user_row **out, size_t *n, struct err *err)
{
	return db_list(db, "job_user_list",
		ARGS(A_INT("job_id", job_id), A_TEXT("state", state ? state : ""), A_PAGE(page)), &job_user_map, a,
		(void **)out, n, err);
}

enum err_code job_user_count(struct db *db, int64_t job_id, const char *state, int64_t *out, struct err *err)
{
	return db_int(
		db, "job_user_count", ARGS(A_INT("job_id", job_id), A_TEXT("state", state ? state : "")), out, err);
}

enum err_code job_user_news(struct db *db, int64_t job_id, int64_t after, int64_t limit, struct arena *a,
	struct job_user_row **out, size_t *n, struct err *err)
{
	return db_list(db, "job_user_news", ARGS(A_INT("job_id", job_id), A_INT("after", after), A_INT("limit", limit)),
		&job_user_map, a, (void **)out, n, err);
}

enum err_code job_user_next(struct db *db, int64_t job_id, int64_t limit, struct arena *a, struct job_user_row **out,
	size_t *n, struct err *err)
{
	return db_list(db, "job_user_next", ARGS(A_INT("job_id", job_id), A_INT("limit", limit)), &job_user_map, a,
		(void **)out, n, err);
}

enum err_code job_user_parked(
	struct db *db, int64_t user_id, struct arena *a, struct job_user_row *out, struct err *err)
{
	return err_say(db_get(db, "job_user_parked", ARGS(A_INT("user_id", user_id)), &job_user_map, a, out, err),
		ERR_NOT_FOUND, err, "no part of a job waits for this user's voicemail");
}

enum err_code job_user_moving(struct db *db, int64_t job_id, int64_t *n, struct err *err)
{
	return db_int(db, "job_user_moving", ARGS(A_INT("job_id", job_id)), n, err);
}

enum err_code job_user_load(struct db *db, int64_t id, struct arena *a, struct job_user_row *out, struct err *err)
{
	return err_say(db_get(db, "job_user_load", ARGS(A_INT("id", id)), &job_user_map, a, out, err), ERR_NOT_FOUND,
		err, "this user is not in the job");
}

enum err_code job_user_by_ext(
	struct db *db, int64_t job_id, const char *ext, struct arena *a, struct job_user_row *out, struct err *err)
{
	return err_say(db_get(db, "job_user_by_ext", ARGS(A_INT("job_id", job_id), A_TEXT("ext", ext)), &job_user_map,
			       a, out, err),
		ERR_NOT_FOUND, err, "user %s is not in job %lld", ext, (long long)job_id);
}

enum err_code job_user_save(struct db *db, struct job_user_row *row, struct err *err)
{
	enum err_code code = db_id(db, &row->news, err);

	if (row->ended_ms != 0 && !row->form_pending)
		row->form = (struct slice){ NULL, 0 };
	if (code == ERR_OK)
		code = db_change(db, "job_user_save", NO_ARGS, &job_user_map, row, "this user is not in the job", err);
	return err_say(code, ERR_CONFLICT, err, "user %s is held by another job", row->ext);
}

enum err_code job_user_touch(struct db *db, int64_t job_id, int64_t user_id, struct err *err)
{
	int64_t news;
	enum err_code code = db_id(db, &news, err);

	return code ? code
		    : db_run(db, "job_user_touch",
			      ARGS(A_INT("job_id", job_id), A_INT("user_id", user_id), A_INT("news", news)), NULL, NULL,
			      NULL, err);
}

enum err_code job_user_take(struct db *db, int64_t job_id, struct err *err)
{
	return db_run(db, "job_user_take", ARGS(A_INT("job_id", job_id)), NULL, NULL, NULL, err);
}

enum err_code job_user_left(struct db *db, int64_t job_id, int64_t *n, struct err *err)
{
	return db_int(db, "job_user_left", ARGS(A_INT("job_id", job_id)), n, err);
}

/* ---- forms that wait ---- */

enum err_code job_form_list(struct db *db, int64_t domain_id, struct page page, struct arena *a,
	struct job_user_row **out, size_t *n, struct err *err)
{
	return db_list(db, "job_form_list", ARGS(A_INT("domain_id", domain_id), A_PAGE(page)), &job_user_map, a,
		(void **)out, n, err);
}

enum err_code job_form_count(struct db *db, int64_t domain_id, int64_t *out, struct err *err)
{
	return db_int(db, "job_form_count", ARGS(A_INT("domain_id", domain_id)), out, err);
}

enum err_code job_form_load(struct db *db, int64_t user_id, struct arena *a, struct job_user_row *out, struct err *err)
{
	return err_say(db_get(db, "job_form_load", ARGS(A_INT("user_id", user_id)), &job_user_map, a, out, err),
		ERR_NOT_FOUND, err, "no recycle form waits for this user");
}

enum err_code job_form_clear(struct db *db, int64_t user_id, struct err *err)
{
	return db_run(db, "job_form_clear", ARGS(A_INT("user_id", user_id)), NULL, NULL, NULL, err);
}
