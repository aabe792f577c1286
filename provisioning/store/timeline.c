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

enum err_code timeline_list(struct db *db, int64_t phone_id, int64_t since_ms, struct page page, struct arena *a,
	struct timeline_row **out, size_t *n, struct err *err)
{
	return db_list(db, "timeline_list",
		ARGS(A_INT("phone_id", phone_id), A_INT("since_ms", since_ms), A_PAGE(page)), &timeline_map, a,
		(void **)out, n, err);
}
