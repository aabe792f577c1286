#include "provisioning/store/alert.h"

#include "provisioning/store/db.h"

static const struct col alert_cols[] = {
	COL(alert_row, COL_INT, id),
	COL(alert_row, COL_INT, at_ms),
	COL(alert_row, COL_REF, domain_id),
	COL(alert_row, COL_REF, phone_id),
	COL(alert_row, COL_REF, record_id),
	COL(alert_row, COL_TEXT, kind),
	COL(alert_row, COL_TEXT, text),
	COL(alert_row, COL_TEXT, mark),
	COL(alert_row, COL_INT, times),
	COL(alert_row, COL_INT, last_ms),
	COL(alert_row, COL_INT, cleared_ms),
	COL(alert_row, COL_TEXT, cleared_by),
	COL(alert_row, COL_TEXT, cleared_why),
	COL(alert_row, COL_INT, seen_ms),
	COL(alert_row, COL_TEXT, seen_by),
	COL(alert_row, COL_TEXT, seen_why),
	COL(alert_row, COL_TEXT, domain),
	COL(alert_row, COL_TEXT, mac),
};
static const struct rowmap alert_map = ROWMAP(alert_row, "alerts", alert_cols, 1);

static const struct col event_cols[] = {
	COL(alert_event_row, COL_INT, id),
	COL(alert_event_row, COL_INT, alert_id),
	COL(alert_event_row, COL_REF, domain_id),
	COL(alert_event_row, COL_TEXT, what),
	COL(alert_event_row, COL_TEXT, who),
	COL(alert_event_row, COL_TEXT, why),
	COL(alert_event_row, COL_INT, at_ms),
};
static const struct rowmap event_map = ROWMAP(alert_event_row, "alert_events", event_cols, 1);

enum err_code alert_row_add(struct db *db, struct alert_row *row, struct err *err)
{
	enum err_code code = db_id(db, &row->id, err);

	row->at_ms = row->last_ms = db_now_ms(db);
	row->times = 1;
	row->cleared_ms = row->seen_ms = 0;
	if (code == ERR_OK)
		code = db_run(db, "alert_add", NO_ARGS, &alert_map, row, NULL, err);
	return err_say(code, ERR_CONFLICT, err, "an alert about this is uncleared already");
}

enum err_code alert_row_load(struct db *db, int64_t id, struct arena *a, struct alert_row *out, struct err *err)
{
	return err_say(db_get(db, "alert_load", ARGS(A_INT("id", id)), &alert_map, a, out, err), ERR_NOT_FOUND, err,
		"there is no such alert");
}

enum err_code alert_row_of_mark(struct db *db, const char *mark, int64_t *id, struct err *err)
{
	return db_int(db, "alert_of_mark", ARGS(A_TEXT("mark", mark)), id, err);
}

enum err_code alert_row_again(struct db *db, const char *mark, int64_t *id, struct err *err)
{
	enum err_code code = alert_row_of_mark(db, mark, id, err);

	if (code != ERR_OK || *id == 0)
		return code;
	return db_run(db, "alert_again", ARGS(A_INT("id", *id), A_INT("now_ms", db_now_ms(db))), NULL, NULL, NULL, err);
}

static enum err_code note(
	struct db *db, const char *block, int64_t id, const char *by, const char *why, bool *changed, struct err *err)
{
	int64_t n = 0;
	enum err_code code = db_run(db, block,
		ARGS(A_INT("id", id), A_TEXT("who", by), A_TEXT("why", why), A_INT("now_ms", db_now_ms(db))), NULL,
		NULL, &n, err);

	*changed = n > 0;
	return code;
}

enum err_code alert_row_clear(
	struct db *db, int64_t id, const char *by, const char *why, bool *changed, struct err *err)
{
	return note(db, "alert_clear", id, by, why, changed, err);
}

enum err_code alert_row_seen(struct db *db, int64_t id, const char *by, const char *why, bool *changed, struct err *err)
{
	return note(db, "alert_seen", id, by, why, changed, err);
}

#define FILTER(f)                                                                                                      \
	A_INT("domain_id", (f)->domain_id), A_INT("site_id", (f)->site_id), A_TEXT("kind", (f)->kind),                 \
		A_INT("open_only", (f)->open_only), A_INT("cleared_only", (f)->cleared_only),                          \
		A_INT("unseen_only", (f)->unseen_only), A_INT("seen_only", (f)->seen_only),                            \
		A_INT("from_ms", (f)->from_ms), A_INT("to_ms", (f)->to_ms ? (f)->to_ms : INT64_MAX),                   \
		A_INT("record_id", (f)->record_id)

/* Open ones are few, whatever has been cleared since: each list is read by its own index. */
static const char *list_block(const struct alert_filter *f)
{
	if (f->record_id != 0)
		return "alert_list_record";
	if (f->domain_id != 0)
		return f->open_only ? "alert_list_domain_open" : "alert_list_domain";
	return f->open_only ? "alert_list_open" : "alert_list";
}

enum err_code alert_row_list(struct db *db, const struct alert_filter *f, struct page page, struct arena *a,
	struct alert_row **out, size_t *n, struct err *err)
{
	return db_list(db, list_block(f), ARGS(FILTER(f), A_PAGE(page)), &alert_map, a, (void **)out, n, err);
}

enum err_code alert_row_count(struct db *db, const struct alert_filter *f, int64_t *out, struct err *err)
{
	return db_int(db, f->open_only ? "alert_count_open" : "alert_count", ARGS(FILTER(f)), out, err);
}

enum err_code alert_tally(struct db *db, struct arena *a, struct tally_row **out, size_t *n, struct err *err)
{
	return tally_list(db, "alert_tally", NO_ARGS, a, out, n, err);
}

enum err_code alert_event_add(struct db *db, struct alert_event_row *row, struct err *err)
{
	enum err_code code = db_id(db, &row->id, err);

	row->at_ms = db_now_ms(db);
	return code == ERR_OK ? db_run(db, "alert_event_add", NO_ARGS, &event_map, row, NULL, err) : code;
}

enum err_code alert_event_load(struct db *db, int64_t id, struct arena *a, struct alert_event_row *out, struct err *err)
{
	return db_get(db, "alert_event_load", ARGS(A_INT("id", id)), &event_map, a, out, err);
}

enum err_code alert_event_list(struct db *db, int64_t domain_id, int64_t site_id, int64_t after_id, int64_t limit,
	struct arena *a, struct alert_event_row **out, size_t *n, struct err *err)
{
	return db_list(db, domain_id ? "alert_event_list_domain" : "alert_event_list",
		ARGS(A_INT("domain_id", domain_id), A_INT("site_id", site_id), A_INT("after_id", after_id),
			A_INT("limit", limit)),
		&event_map, a, (void **)out, n, err);
}

enum err_code alert_event_last(struct db *db, int64_t *out, struct err *err)
{
	return db_int(db, "alert_event_last", NO_ARGS, out, err);
}

enum err_code alert_event_trim(struct db *db, int64_t before_ms, int64_t limit, struct err *err)
{
	return db_run(db, "alert_event_trim", ARGS(A_INT("before_ms", before_ms), A_INT("limit", limit)), NULL, NULL,
		NULL, err);
}
