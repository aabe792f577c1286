#include "provisioning/store/session.h"

#include "provisioning/store/db.h"

static const struct col session_cols[] = {
	COL(session_row, COL_INT, id),
	COL(session_row, COL_INT, user_id),
	COL(session_row, COL_TEXT, address),
	COL(session_row, COL_TEXT, client),
	COL(session_row, COL_INT, created_ms),
	COL(session_row, COL_INT, seen_ms),
	COL(session_row, COL_INT, expires_ms),
};
static const struct rowmap session_map = ROWMAP(session_row, "sessions", session_cols, 1);

static const struct col link_cols[] = {
	COL(link_row, COL_INT, id),
	COL(link_row, COL_INT, user_id),
	COL(link_row, COL_TEXT, purpose),
	COL(link_row, COL_TEXT, mark),
	COL(link_row, COL_INT, created_ms),
	COL(link_row, COL_INT, expires_ms),
	COL(link_row, COL_INT, used_ms),
};
static const struct rowmap link_map = ROWMAP(link_row, "links", link_cols, 1);

enum err_code session_add(
	struct db *db, struct session_row *row, struct arena *a, struct secret *token, struct err *err)
{
	struct hashed h;
	enum err_code code = token_make(a, token, &h, err);

	if (code == ERR_OK)
		code = db_id(db, &row->id, err);
	row->created_ms = row->seen_ms = db_now_ms(db);
	if (code == ERR_OK)
		code = db_run(db, "session_add", ARGS(A_HASH("token_hash", h)), &session_map, row, NULL, err);
	return err_say(code, ERR_CONFLICT, err, "the user of this session does not exist");
}

enum err_code session_by_token(
	struct db *db, struct slice token, struct arena *a, struct session_row *out, struct err *err)
{
	struct hashed h = token_hashed(token);
	enum err_code code = db_get(db, "session_by_token",
		ARGS(A_HASH("token_hash", h), A_INT("now_ms", db_now_ms(db))), &session_map, a, out, err);

	return code == ERR_NOT_FOUND ? err_set(err, ERR_UNAUTHORIZED, "log in first") : code;
}

enum err_code session_touch(struct db *db, int64_t id, int64_t expires_ms, struct err *err)
{
	return db_change(db, "session_touch",
		ARGS(A_INT("id", id), A_INT("now_ms", db_now_ms(db)), A_INT("expires_ms", expires_ms)), NULL, NULL,
		"there is no such session", err);
}

enum err_code session_delete(struct db *db, int64_t id, struct err *err)
{
	return db_run(db, "session_delete", ARGS(A_INT("id", id)), NULL, NULL, NULL, err);
}

enum err_code session_delete_user(struct db *db, int64_t user_id, struct err *err)
{
	return db_run(db, "session_delete_user", ARGS(A_INT("user_id", user_id)), NULL, NULL, NULL, err);
}

enum err_code session_delete_others(struct db *db, int64_t user_id, int64_t keep_id, struct err *err)
{
	return db_run(db, "session_delete_others", ARGS(A_INT("user_id", user_id), A_INT("keep_id", keep_id)), NULL,
		NULL, NULL, err);
}

enum err_code session_expire(struct db *db, struct err *err)
{
	return db_run(db, "session_expire", ARGS(A_INT("now_ms", db_now_ms(db))), NULL, NULL, NULL, err);
}

enum err_code link_add(struct db *db, struct link_row *row, struct arena *a, struct secret *token, struct err *err)
{
	struct hashed h;
	enum err_code code = token_make(a, token, &h, err);

	if (code == ERR_OK)
		code = db_id(db, &row->id, err);
	row->created_ms = db_now_ms(db);
	if (code == ERR_OK)
		code = db_run(db, "link_add", ARGS(A_HASH("token_hash", h)), &link_map, row, NULL, err);
	return err_say(code, ERR_CONFLICT, err, "the user of this link does not exist");
}

enum err_code link_by_token(
	struct db *db, struct slice token, const char *purpose, struct arena *a, struct link_row *out, struct err *err)
{
	struct hashed h = token_hashed(token);
	enum err_code code = db_get(db, "link_by_token",
		ARGS(A_HASH("token_hash", h), A_TEXT("purpose", purpose), A_INT("now_ms", db_now_ms(db))), &link_map, a,
		out, err);

	return err_say(code, ERR_NOT_FOUND, err, "this link was used, has expired or never was; ask for a new one");
}

enum err_code link_use(struct db *db, int64_t id, struct err *err)
{
	int64_t n = 0;
	enum err_code code =
		db_run(db, "link_use", ARGS(A_INT("id", id), A_INT("now_ms", db_now_ms(db))), NULL, NULL, &n, err);

	return code == ERR_OK && n == 0 ? err_set(err, ERR_CONFLICT, "this link was used already; ask for a new one")
					: code;
}

enum err_code link_extend(struct db *db, int64_t id, int64_t expires_ms, struct err *err)
{
	return db_run(db, "link_extend", ARGS(A_INT("id", id), A_INT("expires_ms", expires_ms)), NULL, NULL, NULL, err);
}

enum err_code link_delete(struct db *db, int64_t id, struct err *err)
{
	return db_change(db, "link_delete", ARGS(A_INT("id", id)), NULL, NULL, "this was used already", err);
}

enum err_code link_expire(struct db *db, const char *purpose, struct err *err)
{
	return db_run(db, "link_expire", ARGS(A_TEXT("purpose", purpose), A_INT("now_ms", db_now_ms(db))), NULL, NULL,
		NULL, err);
}

enum err_code link_delete_purpose(struct db *db, int64_t user_id, const char *purpose, struct err *err)
{
	return db_run(db, "link_delete_purpose", ARGS(A_INT("user_id", user_id), A_TEXT("purpose", purpose)), NULL,
		NULL, NULL, err);
}

enum err_code link_delete_user(struct db *db, int64_t user_id, struct err *err)
{
	return db_run(db, "link_delete_user", ARGS(A_INT("user_id", user_id)), NULL, NULL, NULL, err);
}
