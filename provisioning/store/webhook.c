#include "provisioning/store/webhook.h"

#include "provisioning/store/counter.h"
#include "provisioning/store/db.h"

static const struct col webhook_cols[] = {
	COL(webhook_row, COL_INT, id),
	COL(webhook_row, COL_REF, domain_id),
	COL(webhook_row, COL_SECRET, url),
	COL(webhook_row, COL_SECRET, secret),
	COL(webhook_row, COL_SECRET, secret_previous),
	COL(webhook_row, COL_INT, secret_until_ms),
	COL(webhook_row, COL_TEXT, description),
	COL(webhook_row, COL_TEXT, kinds),
	COL(webhook_row, COL_BOOL, enabled),
	COL(webhook_row, COL_TEXT, disabled_why),
	COL(webhook_row, COL_TEXT, created_by),
	COL(webhook_row, COL_INT, failures),
	COL(webhook_row, COL_INT, failing_since_ms),
	COL(webhook_row, COL_INT, last_ms),
	COL(webhook_row, COL_INT, last_status),
	COL(webhook_row, COL_TEXT, last_error),
	COL(webhook_row, COL_INT, last_took_ms),
	COL(webhook_row, COL_INT, last_good_ms),
	COL(webhook_row, COL_INT, created_ms),
	COL(webhook_row, COL_INT, modified_ms),
	COL(webhook_row, COL_TEXT, domain),
	COL(webhook_row, COL_INT, waiting),
};
static const struct rowmap webhook_map = ROWMAP(webhook_row, "webhooks", webhook_cols, 1);

static const struct col ear_cols[] = {
	COL(webhook_ear, COL_INT, id),
	COL(webhook_ear, COL_INT, failures),
	COL(webhook_ear, COL_TEXT, kinds),
};
static const struct rowmap ear_map = ROWMAP(webhook_ear, "webhooks", ear_cols, 1);

static const struct col call_cols[] = {
	COL(webhook_call_row, COL_INT, id),
	COL(webhook_call_row, COL_INT, webhook_id),
	COL(webhook_call_row, COL_INT, event_id),
	COL(webhook_call_row, COL_INT, tries),
	COL(webhook_call_row, COL_INT, at_ms),
};
static const struct rowmap call_map = ROWMAP(webhook_call_row, "webhook_calls", call_cols, 1);

#define MISSING "there is no such webhook"

enum err_code webhook_row_add(struct db *db, struct webhook_row *row, struct err *err)
{
	enum err_code code = db_id(db, &row->id, err);

	row->created_ms = row->modified_ms = db_now_ms(db);
	if (code == ERR_OK)
		code = db_run(db, "webhook_add", NO_ARGS, &webhook_map, row, NULL, err);
	return err_say(code, ERR_CONFLICT, err, "the domain of this webhook does not exist");
}

enum err_code webhook_row_load(struct db *db, int64_t id, struct arena *a, struct webhook_row *out, struct err *err)
{
	return err_say(db_get(db, "webhook_load", ARGS(A_INT("id", id)), &webhook_map, a, out, err), ERR_NOT_FOUND, err,
		MISSING);
}

enum err_code webhook_row_list(struct db *db, int64_t domain_id, struct page page, struct arena *a,
	struct webhook_row **out, size_t *n, struct err *err)
{
	return db_list(db, "webhook_list", ARGS(A_INT("domain_id", domain_id), A_PAGE(page)), &webhook_map, a,
		(void **)out, n, err);
}

enum err_code webhook_row_count(struct db *db, int64_t domain_id, int64_t *out, struct err *err)
{
	return db_int(db, "webhook_count", ARGS(A_INT("domain_id", domain_id)), out, err);
}

enum err_code webhook_row_save(struct db *db, struct webhook_row *row, struct err *err)
{
	row->modified_ms = db_now_ms(db);
	return db_change(db, "webhook_save", NO_ARGS, &webhook_map, row, MISSING, err);
}

enum err_code webhook_row_result(struct db *db, struct webhook_row *row, struct err *err)
{
	return db_change(db, "webhook_result", NO_ARGS, &webhook_map, row, MISSING, err);
}

enum err_code webhook_row_delete(struct db *db, int64_t id, struct err *err)
{
	return db_change(db, "webhook_delete", ARGS(A_INT("id", id)), NULL, NULL, MISSING, err);
}

enum err_code webhook_ears(
	struct db *db, int64_t domain_id, struct arena *a, struct webhook_ear **out, size_t *n, struct err *err)
{
	return db_list(db, "webhook_ears", ARGS(A_INT("domain_id", domain_id)), &ear_map, a, (void **)out, n, err);
}

enum err_code webhook_tally(struct db *db, struct arena *a, struct tally_row **out, size_t *n, struct err *err)
{
	return tally_list(db, "webhook_tally", NO_ARGS, a, out, n, err);
}

enum err_code webhook_call_add(struct db *db, struct webhook_call_row *row, struct err *err)
{
	enum err_code code = db_id(db, &row->id, err);

	row->at_ms = db_now_ms(db);
	if (code == ERR_OK)
		code = db_run(db, "webhook_call_add", NO_ARGS, &call_map, row, NULL, err);
	return err_say(code, ERR_CONFLICT, err, MISSING);
}

enum err_code webhook_call_first(
	struct db *db, int64_t webhook_id, struct arena *a, struct webhook_call_row *out, struct err *err)
{
	return db_get(db, "webhook_call_first", ARGS(A_INT("webhook_id", webhook_id)), &call_map, a, out, err);
}

enum err_code webhook_call_load(
	struct db *db, int64_t id, struct arena *a, struct webhook_call_row *out, struct err *err)
{
	return db_get(db, "webhook_call_load", ARGS(A_INT("id", id)), &call_map, a, out, err);
}

enum err_code webhook_call_tried(struct db *db, int64_t id, struct err *err)
{
	return db_run(db, "webhook_call_tried", ARGS(A_INT("id", id)), NULL, NULL, NULL, err);
}

enum err_code webhook_call_delete(struct db *db, int64_t id, struct err *err)
{
	return db_run(db, "webhook_call_delete", ARGS(A_INT("id", id)), NULL, NULL, NULL, err);
}

enum err_code webhook_call_drop(struct db *db, int64_t webhook_id, int64_t *n, struct err *err)
{
	return db_run(db, "webhook_call_drop", ARGS(A_INT("webhook_id", webhook_id)), NULL, NULL, n, err);
}

enum err_code webhook_call_count(struct db *db, int64_t *out, struct err *err)
{
	return db_int(db, "webhook_call_count", NO_ARGS, out, err);
}
