#include "provisioning/store/idempotency.h"

#include <string.h>

#include "provisioning/store/db.h"

static const struct col idempotency_cols[] = {
	COL(idempotency_row, COL_TEXT, principal),
	COL(idempotency_row, COL_TEXT, key),
	COL(idempotency_row, COL_TEXT, request),
	COL(idempotency_row, COL_INT, status),
	COL(idempotency_row, COL_TEXT, location),
	COL(idempotency_row, COL_SEALED, body),
	COL(idempotency_row, COL_INT, created_ms),
};
static const struct rowmap idempotency_map = ROWMAP(idempotency_row, "idempotency", idempotency_cols, 2);

enum err_code idempotency_take(
	struct db *db, struct idempotency_row *row, struct arena *a, bool *found, struct err *err)
{
	struct idempotency_row there;
	int64_t n = 0;
	enum err_code code;

	row->created_ms = db_now_ms(db);
	row->status = IDEMPOTENCY_TAKEN;
	code = db_run(db, "idempotency_take", NO_ARGS, &idempotency_map, row, &n, err);
	*found = code == ERR_OK && n == 0;
	if (!*found)
		return code;
	code = db_get(db, "idempotency_load", ARGS(A_TEXT("principal", row->principal), A_TEXT("key", row->key)),
		&idempotency_map, a, &there, err);
	if (code == ERR_OK && strcmp(there.request, row->request) != 0)
		code = err_set(err, ERR_CONFLICT, "this Idempotency-Key was used for another request; use a new one");
	if (code == ERR_OK)
		*row = there;
	return code;
}

enum err_code idempotency_commit(struct db *db, const char *principal, const char *key, struct err *err)
{
	return db_change(db, "idempotency_commit",
		ARGS(A_TEXT("principal", principal), A_TEXT("key", key), A_INT("committed", IDEMPOTENCY_COMMITTED)),
		NULL, NULL, "this Idempotency-Key was not taken", err);
}

enum err_code idempotency_recover(struct db *db, struct err *err)
{
	return db_run(db, "idempotency_recover", ARGS(A_INT("taken", IDEMPOTENCY_TAKEN)), NULL, NULL, NULL, err);
}

enum err_code idempotency_finish(struct db *db, struct idempotency_row *row, struct err *err)
{
	return db_change(
		db, "idempotency_finish", NO_ARGS, &idempotency_map, row, "this Idempotency-Key was not taken", err);
}

enum err_code idempotency_drop(struct db *db, const char *principal, const char *key, struct err *err)
{
	return db_run(db, "idempotency_drop", ARGS(A_TEXT("principal", principal), A_TEXT("key", key)), NULL, NULL,
		NULL, err);
}

enum err_code idempotency_expire(struct db *db, int64_t before_ms, struct err *err)
{
	return db_run(db, "idempotency_expire", ARGS(A_INT("before_ms", before_ms)), NULL, NULL, NULL, err);
}
