#include "provisioning/outbox/rows.h"

#include <string.h>

#include "provisioning/store/db.h"

struct put_row {
	int64_t id;
	const char *kind, *key, *payload, *state, *error;
	int64_t due_ms, attempts, created_ms;
};

static const struct col put_cols[] = {
	COL(put_row, COL_INT, id),
	COL(put_row, COL_TEXT, kind),
	COL(put_row, COL_TEXT, key),
	COL(put_row, COL_TEXT, payload),
	COL(put_row, COL_TEXT, state),
	COL(put_row, COL_INT, due_ms),
	COL(put_row, COL_INT, attempts),
	COL(put_row, COL_TEXT, error),
	COL(put_row, COL_INT, created_ms),
};
static const struct rowmap put_map = ROWMAP(put_row, "outbox", put_cols, 1);

static const struct col list_cols[] = {
	COL(outbox_row, COL_INT, id),
	COL(outbox_row, COL_TEXT, kind),
	COL(outbox_row, COL_TEXT, key),
	COL(outbox_row, COL_TEXT, state),
	COL(outbox_row, COL_INT, due_ms),
	COL(outbox_row, COL_INT, attempts),
	COL(outbox_row, COL_INT, created_ms),
	COL(outbox_row, COL_TEXT, error),
};
static const struct rowmap list_map = ROWMAP(outbox_row, "outbox", list_cols, 1);

static const struct col entry_cols[] = {
	COL(outbox_entry_row, COL_INT, id),
	COL(outbox_entry_row, COL_TEXT, kind),
	COL(outbox_entry_row, COL_TEXT, key),
	COL(outbox_entry_row, COL_TEXT, payload),
	COL(outbox_entry_row, COL_INT, due_ms),
	COL(outbox_entry_row, COL_INT, attempts),
};
static const struct rowmap entry_map = ROWMAP(outbox_entry_row, "outbox", entry_cols, 1);

static enum err_code check(const char *kind, const char *key, const char *payload, struct err *err)
{
	if (strlen(key) > OUTBOX_KEY_MAX)
		return err_set(
			err, ERR_LIMIT, "the key of a %s work item is longer than %d bytes", kind, OUTBOX_KEY_MAX);
	if (payload != NULL && strlen(payload) > OUTBOX_PAYLOAD_MAX)
		return err_set(err, ERR_LIMIT, "the payload of a %s work item is longer than %d bytes", kind,
			OUTBOX_PAYLOAD_MAX);
	return ERR_OK;
}

enum err_code outbox_put(struct db *db, const char *kind, const char *key, const char *payload, int64_t due_ms,
	int64_t *id, struct err *err)
{
	struct put_row row = { .kind = kind,
		.key = key,
		.payload = payload,
		.state = "due",
		.due_ms = due_ms ? due_ms : db_now_ms(db),
		.created_ms = db_now_ms(db) };
	enum err_code code = check(kind, key, payload, err);

	if (code == ERR_OK)
		code = db_id(db, &row.id, err);
	if (code == ERR_OK)
		code = db_run(db, "outbox_put", NO_ARGS, &put_map, &row, NULL, err);
	if (code != ERR_OK)
		return code;
	db->work_put = true;
	if (id != NULL)
		*id = row.id;
	return ERR_OK;
}

enum err_code outbox_put_once(struct db *db, const char *kind, const char *key, const char *payload, int64_t due_ms,
	bool *merged, struct err *err)
{
	int64_t n = 0;
	enum err_code code = check(kind, key, payload, err);

	if (code == ERR_OK)
		code = db_run(db, "outbox_merge",
			ARGS(A_TEXT("kind", kind), A_TEXT("key", key), A_TEXT("payload", payload),
				A_INT("due_ms", due_ms ? due_ms : db_now_ms(db))),
			NULL, NULL, &n, err);
	if (merged != NULL)
		*merged = n > 0;
	if (code != ERR_OK)
		return code;
	if (n == 0)
		return outbox_put(db, kind, key, payload, due_ms, NULL, err);
	db->work_put = true;
	return ERR_OK;
}

enum err_code outbox_cancel(struct db *db, const char *kind, const char *key, int64_t *n, struct err *err)
{
	return db_run(db, "outbox_cancel", ARGS(A_TEXT("kind", kind), A_TEXT("key", key)), NULL, NULL, n, err);
}

enum err_code outbox_waits(struct db *db, const char *kind, const char *key, bool *out, struct err *err)
{
	int64_t n = 0;
	enum err_code code = db_int(db, "outbox_waits",
		ARGS(A_TEXT("kind", kind), A_TEXT("key", key), A_INT("now_ms", db_now_ms(db))), &n, err);

	*out = n > 0;
	return code;
}

enum err_code outbox_there(struct db *db, const char *kind, const char *key, bool *out, struct err *err)
{
	int64_t n = 0;
	enum err_code code = db_int(db, "outbox_there", ARGS(A_TEXT("kind", kind), A_TEXT("key", key)), &n, err);

	*out = n > 0;
	return code;
}

enum err_code outbox_list(struct db *db, const char *kind, struct page page, struct arena *a, struct outbox_row **out,
	size_t *n, struct err *err)
{
	return db_list(db, "outbox_list", ARGS(A_TEXT("kind", kind), A_PAGE(page)), &list_map, a, (void **)out, n, err);
}

enum err_code outbox_count(struct db *db, const char *kind, int64_t *out, struct err *err)
{
	return db_int(db, "outbox_count", ARGS(A_TEXT("kind", kind)), out, err);
}

enum err_code outbox_claim(
	struct db *db, int64_t limit, struct arena *a, struct outbox_entry_row **out, size_t *n, struct err *err)
{
	if (!db->write)
		return err_set(err, ERR_BUG, "work is claimed outside a transaction; use store_write");
	return db_list(db, "outbox_claim", ARGS(A_INT("now_ms", db_now_ms(db)), A_INT("limit", limit)), &entry_map, a,
		(void **)out, n, err);
}

enum err_code outbox_next_due(struct db *db, int64_t *out, struct err *err)
{
	return db_int(db, "outbox_next_due", ARGS(A_INT("now_ms", db_now_ms(db))), out, err);
}

enum err_code outbox_due_now(struct db *db, int64_t *out, struct err *err)
{
	return db_int(db, "outbox_due_now", ARGS(A_INT("now_ms", db_now_ms(db))), out, err);
}

enum err_code outbox_busy(struct db *db, int64_t *out, struct err *err)
{
	return db_int(db, "outbox_busy", ARGS(A_INT("now_ms", db_now_ms(db))), out, err);
}

enum err_code outbox_delete(struct db *db, int64_t id, struct err *err)
{
	return db_run(db, "outbox_delete", ARGS(A_INT("id", id)), NULL, NULL, NULL, err);
}

enum err_code outbox_again(
	struct db *db, int64_t id, int64_t due_ms, int64_t attempts, const char *error, struct err *err)
{
	db->work_put = true;
	return db_run(db, "outbox_again",
		ARGS(A_INT("id", id), A_INT("due_ms", due_ms), A_INT("attempts", attempts), A_TEXT("error", error)),
		NULL, NULL, NULL, err);
}

enum err_code outbox_recover(struct db *db, struct err *err)
{
	return db_run(db, "outbox_recover", NO_ARGS, NULL, NULL, NULL, err);
}
