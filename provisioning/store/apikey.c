#include "provisioning/store/apikey.h"

#include "provisioning/store/db.h"

enum { PREFIX_LEN = 8 };

static const struct col apikey_cols[] = {
	COL(apikey_row, COL_INT, id),
	COL(apikey_row, COL_TEXT, name),
	COL(apikey_row, COL_TEXT, prefix),
	COL(apikey_row, COL_TEXT, scope),
	COL(apikey_row, COL_REF, domain_id),
	COL(apikey_row, COL_TEXT, reseller),
	COL(apikey_row, COL_TEXT, sites),
	COL(apikey_row, COL_REF, user_id),
	COL(apikey_row, COL_INT, created_ms),
	COL(apikey_row, COL_INT, expires_ms),
	COL(apikey_row, COL_INT, used_ms),
	COL(apikey_row, COL_INT, revoked_ms),
};
static const struct rowmap apikey_map = ROWMAP(apikey_row, "apikeys", apikey_cols, 1);

enum err_code apikey_add(struct db *db, struct apikey_row *row, struct arena *a, struct secret *key, struct err *err)
{
	struct hashed h;
	enum err_code code = token_make(a, key, &h, err);

	if (code == ERR_OK)
		code = db_id(db, &row->id, err);
	if (code != ERR_OK)
		return code;
	row->prefix = arena_strndup(a, secret_reveal(key).p, PREFIX_LEN);
	row->created_ms = db_now_ms(db);
	code = db_run(db, "apikey_add", ARGS(A_HASH("key_hash", h)), &apikey_map, row, NULL, err);
	return err_say(code, ERR_CONFLICT, err, "the domain or user of this API key does not exist");
}

enum err_code apikey_by_key(struct db *db, struct slice key, struct arena *a, struct apikey_row *out, struct err *err)
{
	struct hashed h = token_hashed(key);
	enum err_code code = db_get(db, "apikey_by_key", ARGS(A_HASH("key_hash", h), A_INT("now_ms", db_now_ms(db))),
		&apikey_map, a, out, err);

	return code == ERR_NOT_FOUND ? err_set(err, ERR_UNAUTHORIZED, "this API key is wrong, expired or revoked")
				     : code;
}

enum err_code apikey_load(struct db *db, int64_t id, struct arena *a, struct apikey_row *out, struct err *err)
{
	return err_say(db_get(db, "apikey_load", ARGS(A_INT("id", id)), &apikey_map, a, out, err), ERR_NOT_FOUND, err,
		"there is no such API key");
}

enum err_code apikey_list(struct db *db, int64_t domain_id, struct page page, struct arena *a, struct apikey_row **out,
	size_t *n, struct err *err)
{
	return db_list(db, "apikey_list", ARGS(A_INT("domain_id", domain_id), A_PAGE(page)), &apikey_map, a,
		(void **)out, n, err);
}

enum err_code apikey_touch(struct db *db, int64_t id, struct err *err)
{
	return db_run(db, "apikey_touch", ARGS(A_INT("id", id), A_INT("now_ms", db_now_ms(db))), NULL, NULL, NULL, err);
}

enum err_code apikey_revoke(struct db *db, int64_t id, struct err *err)
{
	return db_change(db, "apikey_revoke", ARGS(A_INT("id", id), A_INT("now_ms", db_now_ms(db))), NULL, NULL,
		"there is no such API key, or it is revoked already", err);
}

enum err_code apikey_revoke_user(struct db *db, int64_t user_id, struct err *err)
{
	return db_run(db, "apikey_revoke_user", ARGS(A_INT("user_id", user_id), A_INT("now_ms", db_now_ms(db))), NULL,
		NULL, NULL, err);
}
