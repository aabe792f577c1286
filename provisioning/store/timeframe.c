#include "provisioning/store/timeframe.h"

#include "provisioning/store/db.h"

static const struct col timeframe_cols[] = {
	COL(timeframe_row, COL_INT, id),
	COL(timeframe_row, COL_INT, domain_id),
	COL(timeframe_row, COL_REF, user_id),
	COL(timeframe_row, COL_TEXT, name),
	COL(timeframe_row, COL_TEXT, type),
	COL(timeframe_row, COL_TEXT, body),
	COL(timeframe_row, COL_INT, created_ms),
	COL(timeframe_row, COL_INT, modified_ms),
};
static const struct rowmap timeframe_map = ROWMAP(timeframe_row, "timeframes", timeframe_cols, 1);

enum err_code timeframe_list(struct db *db, int64_t domain_id, int64_t user_id, struct page page, struct arena *a,
	struct timeframe_row **out, size_t *n, struct err *err)
{
	return db_list(db, user_id ? "timeframe_list" : "timeframe_list_shared",
		ARGS(A_INT("domain_id", domain_id), A_INT("user_id", user_id), A_PAGE(page)), &timeframe_map, a,
		(void **)out, n, err);
}

enum err_code timeframe_count(struct db *db, int64_t domain_id, int64_t user_id, int64_t *out, struct err *err)
{
	return db_int(db, user_id ? "timeframe_count" : "timeframe_count_shared",
		ARGS(A_INT("domain_id", domain_id), A_INT("user_id", user_id)), out, err);
}

enum err_code timeframe_load(struct db *db, int64_t id, struct arena *a, struct timeframe_row *out, struct err *err)
{
	return err_say(db_get(db, "timeframe_load", ARGS(A_INT("id", id)), &timeframe_map, a, out, err), ERR_NOT_FOUND,
		err, "there is no such time frame");
}

enum err_code timeframe_by_name(struct db *db, int64_t domain_id, int64_t user_id, const char *name, struct arena *a,
	struct timeframe_row *out, struct err *err)
{
	return err_say(db_get(db, "timeframe_by_name",
			       ARGS(A_INT("domain_id", domain_id), A_INT("user_id", user_id), A_TEXT("name", name)),
			       &timeframe_map, a, out, err),
		ERR_NOT_FOUND, err, "there is no time frame \"%s\"", name);
}

enum err_code timeframe_add(struct db *db, struct timeframe_row *row, struct err *err)
{
	int64_t n = 0, max = row->user_id ? TIMEFRAMES_MAX : TIMEFRAMES_SHARED_MAX;
	enum err_code code = timeframe_count(db, row->domain_id, row->user_id, &n, err);

	if (code == ERR_OK && n >= max)
		return err_set(err, ERR_CONFLICT,
			"there are %lld time frames already, which is the most; delete one first", (long long)max);
	if (code == ERR_OK)
		code = db_id(db, &row->id, err);
	row->created_ms = row->modified_ms = db_now_ms(db);
	if (code == ERR_OK)
		code = db_run(db, "timeframe_add", NO_ARGS, &timeframe_map, row, NULL, err);
	return err_say(code, ERR_CONFLICT, err, "the time frame \"%s\" exists already", row->name);
}

enum err_code timeframe_save(struct db *db, struct timeframe_row *row, struct err *err)
{
	row->modified_ms = db_now_ms(db);
	return err_say(
		db_change(db, "timeframe_save", NO_ARGS, &timeframe_map, row, "there is no such time frame", err),
		ERR_CONFLICT, err, "the time frame \"%s\" exists already", row->name);
}

enum err_code timeframe_delete(struct db *db, int64_t id, struct err *err)
{
	int64_t n = 0;
	enum err_code code = db_int(db, "timeframe_used", ARGS(A_INT("id", id)), &n, err);

	if (code == ERR_OK && n)
		return err_set(err, ERR_CONFLICT, "%lld answering rules stand on this time frame; delete those first",
			(long long)n);
	return code ? code
		    : db_change(db, "timeframe_delete", ARGS(A_INT("id", id)), NULL, NULL,
			      "there is no such time frame", err);
}

enum err_code timeframe_delete_user(struct db *db, int64_t user_id, int64_t *n, struct err *err)
{
	return db_run(db, "timeframe_delete_user", ARGS(A_INT("user_id", user_id)), NULL, NULL, n, err);
}
