#include "provisioning/store/timeline.h"

#include "provisioning/store/db.h"

enum { TIMELINE_KEEP = 500, TRIM_EVERY = 64 };

static const struct col timeline_cols[] = {
	COL(timeline_row, COL_INT, id),
	COL(timeline_row, COL_INT, at_ms),
	COL(timeline_row, COL_REF, phone_id),
	COL(timeline_row, COL_MAC, mac),
	COL(timeline_row, COL_TEXT, event),
	COL(timeline_row, COL_TEXT, detail),
	COL(timeline_row, COL_INT, generation),
	COL(timeline_row, COL_REF, record_id),
	COL(timeline_row, COL_REF, job_id),
};
static const struct rowmap timeline_map = ROWMAP(timeline_row, "timeline", timeline_cols, 1);

static const struct col alert_cols[] = {
	COL(alert_row, COL_INT, id),
	COL(alert_row, COL_INT, at_ms),
	COL(alert_row, COL_REF, domain_id),
	COL(alert_row, COL_REF, phone_id),
	COL(alert_row, COL_REF, record_id),
	COL(alert_row, COL_TEXT, kind),
	COL(alert_row, COL_TEXT, text),
	COL(alert_row, COL_INT, cleared_ms),
};
static const struct rowmap alert_map = ROWMAP(alert_row, "alerts", alert_cols, 1);

enum err_code timeline_add(struct db *db, struct timeline_row *row, struct err *err)
{
	enum err_code code = db_id(db, &row->id, err);

	if (row->at_ms == 0)
		row->at_ms = db_now_ms(db);
	if (code == ERR_OK)
		code = db_run(db, "timeline_add", NO_ARGS, &timeline_map, row, NULL, err);
	/* Not at every event: the trim reads as many rows as it keeps. */
	if (code == ERR_OK && row->phone_id != 0 && row->id % TRIM_EVERY == 0)
		code = db_run(db, "timeline_trim", ARGS(A_INT("phone_id", row->phone_id), A_INT("keep", TIMELINE_KEEP)),
			NULL, NULL, NULL, err);
	return err_say(code, ERR_CONFLICT, err, "there is no such phone");
}

enum err_code timeline_list(struct db *db, int64_t phone_id, struct page page, struct arena *a,
	struct timeline_row **out, size_t *n, struct err *err)
{
	return db_list(db, "timeline_list", ARGS(A_INT("phone_id", phone_id), A_PAGE(page)), &timeline_map, a,
		(void **)out, n, err);
}

enum err_code alert_add(struct db *db, struct alert_row *row, bool *added, struct err *err)
{
	int64_t there = 0;
	enum err_code code = db_int(db, "alert_there",
		ARGS(A_TEXT("kind", row->kind), A_INT("domain_id", row->domain_id), A_INT("phone_id", row->phone_id),
			A_INT("record_id", row->record_id)),
		&there, err);

	if (added != NULL)
		*added = code == ERR_OK && there == 0;
	if (code != ERR_OK || there != 0)
		return code;
	code = db_id(db, &row->id, err);
	if (row->at_ms == 0)
		row->at_ms = db_now_ms(db);
	return code == ERR_OK ? db_run(db, "alert_add", NO_ARGS, &alert_map, row, NULL, err) : code;
}

enum err_code alert_list(struct db *db, int64_t domain_id, int64_t site_id, bool uncleared_only, struct page page,
	struct arena *a, struct alert_row **out, size_t *n, struct err *err)
{
	return db_list(db, "alert_list",
		ARGS(A_INT("domain_id", domain_id), A_INT("site_id", site_id), A_INT("uncleared_only", uncleared_only),
			A_PAGE(page)),
		&alert_map, a, (void **)out, n, err);
}

enum err_code alert_clear_kind(struct db *db, const char *kind, struct err *err)
{
	return db_run(db, "alert_clear_kind", ARGS(A_TEXT("kind", kind), A_INT("now_ms", db_now_ms(db))), NULL, NULL,
		NULL, err);
}

enum err_code alert_clear(struct db *db, int64_t id, struct err *err)
{
	return db_change(db, "alert_clear", ARGS(A_INT("id", id), A_INT("now_ms", db_now_ms(db))), NULL, NULL,
		"there is no such alert, or it is cleared already", err);
}

enum err_code alert_clear_domain(struct db *db, const char *kind, int64_t domain_id, struct err *err)
{
	return db_run(db, "alert_clear_domain",
		ARGS(A_TEXT("kind", kind), A_INT("domain_id", domain_id), A_INT("now_ms", db_now_ms(db))), NULL, NULL,
		NULL, err);
}
