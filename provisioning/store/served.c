#include "provisioning/store/served.h"

#include "provisioning/store/db.h"

static const struct col served_cols[] = {
	COL(served_row, COL_INT, phone_id),
	COL(served_row, COL_INT, slot),
	COL(served_row, COL_INT, device_id),
	COL(served_row, COL_INT, revision),
	COL(served_row, COL_TEXT, device),
	COL(served_row, COL_TEXT, domain),
	COL(served_row, COL_SECRET, password),
	COL(served_row, COL_INT, generation_first),
	COL(served_row, COL_INT, generation_last),
	COL(served_row, COL_INT, first_ms),
	COL(served_row, COL_INT, last_ms),
};
static const struct rowmap served_map = ROWMAP(served_row, "served", served_cols, 4);

enum err_code served_note(struct db *db, struct served_row *row, int64_t generation, struct err *err)
{
	row->generation_first = row->generation_last = generation;
	row->first_ms = row->last_ms = db_now_ms(db);
	return err_say(db_run(db, "served_note", NO_ARGS, &served_map, row, NULL, err), ERR_CONFLICT, err,
		"there is no such phone");
}

enum err_code served_list(struct db *db, int64_t phone_id, int64_t slot, struct arena *a, struct served_row **out,
	size_t *n, struct err *err)
{
	return db_list(db, "served_list", ARGS(A_INT("phone_id", phone_id), A_INT("slot", slot)), &served_map, a,
		(void **)out, n, err);
}

enum err_code served_prune(struct db *db, int64_t phone_id, int64_t acked, struct err *err)
{
	return db_run(
		db, "served_prune", ARGS(A_INT("phone_id", phone_id), A_INT("acked", acked)), NULL, NULL, NULL, err);
}
