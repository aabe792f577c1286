#include "provisioning/store/token.h"

#include <string.h>

#include "provisioning/store/db.h"

static const struct col token_cols[] = {
	COL(token_row, COL_INT, id),
	COL(token_row, COL_INT, phone_id),
	COL(token_row, COL_INT, created_ms),
	COL(token_row, COL_INT, expires_ms),
	COL(token_row, COL_INT, used_ms),
	COL(token_row, COL_INT, uses),
	COL(token_row, COL_TEXT, first_address),
	COL(token_row, COL_INT, dead_ms),
};
static const struct rowmap token_map = ROWMAP(token_row, "tokens", token_cols, 1);

struct hashed token_hashed(struct slice token)
{
	struct hashed h = { { 0 } };

	token_hash(token, h.bytes);
	return h;
}

enum err_code token_make(struct arena *a, struct secret *token, struct hashed *hash, struct err *err)
{
	enum err_code code = random_token(a, token, err);

	if (code == ERR_OK)
		*hash = token_hashed(secret_reveal(token));
	return code;
}

static enum err_code token_expire(struct db *db, struct err *err)
{
	return db_run(db, "token_expire", ARGS(A_INT("now_ms", db_now_ms(db))), NULL, NULL, NULL, err);
}

enum err_code token_add(struct db *db, struct token_row *row, struct arena *a, struct secret *token, struct err *err)
{
	struct hashed h;
	enum err_code code = token_expire(db, err);

	if (code == ERR_OK)
		code = token_make(a, token, &h, err);
	if (code == ERR_OK)
		code = db_id(db, &row->id, err);
	row->created_ms = db_now_ms(db);
	row->dead_ms = 0;
	if (code == ERR_OK)
		code = db_run(db, "token_add", ARGS(A_HASH("token_hash", h)), &token_map, row, NULL, err);
	return err_say(code, ERR_CONFLICT, err, "the phone of this token does not exist");
}

static enum err_code by_hash(
	struct db *db, const char *statement, struct hashed h, struct arena *a, struct token_row *out, struct err *err)
{
	return err_say(db_get(db, statement, ARGS(A_HASH("token_hash", h), A_INT("now_ms", db_now_ms(db))), &token_map,
			       a, out, err),
		ERR_NOT_FOUND, err, "there is no such token");
}

enum err_code token_open(struct db *db, struct slice token, struct arena *a, struct token_row *out, struct err *err)
{
	return by_hash(db, "token_open", token_hashed(token), a, out, err);
}

enum err_code token_shown(
	struct db *db, const uint8_t hash[TOKEN_HASH], struct arena *a, struct token_row *out, struct err *err)
{
	struct hashed h;

	memcpy(h.bytes, hash, TOKEN_HASH);
	return by_hash(db, "token_shown", h, a, out, err);
}

enum err_code token_load(struct db *db, int64_t id, struct arena *a, struct token_row *out, struct err *err)
{
	return db_get(db, "token_load", ARGS(A_INT("id", id)), &token_map, a, out, err);
}

enum err_code token_used(struct db *db, int64_t id, const char *address, struct err *err)
{
	return db_run(db, "token_used",
		ARGS(A_INT("id", id), A_TEXT("address", address), A_INT("now_ms", db_now_ms(db))), NULL, NULL, NULL,
		err);
}

enum err_code token_list(
	struct db *db, int64_t phone_id, struct arena *a, struct token_row **out, size_t *n, struct err *err)
{
	return db_list(db, "token_list", ARGS(A_INT("phone_id", phone_id)), &token_map, a, (void **)out, n, err);
}

enum err_code token_kill(struct db *db, int64_t phone_id, struct err *err)
{
	return db_run(db, "token_kill", ARGS(A_INT("phone_id", phone_id), A_INT("now_ms", db_now_ms(db))), NULL, NULL,
		NULL, err);
}

enum err_code token_kill_used(struct db *db, int64_t phone_id, struct err *err)
{
	return db_run(db, "token_kill_used", ARGS(A_INT("phone_id", phone_id), A_INT("now_ms", db_now_ms(db))), NULL,
		NULL, NULL, err);
}
