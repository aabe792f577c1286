#include "provisioning/store/numbers.h"

#include "provisioning/store/db.h"

static const struct col outbox_cols[] = {
	COL(outbox_number_row, COL_TEXT, kind),
	COL(outbox_number_row, COL_INT, waiting),
	COL(outbox_number_row, COL_INT, due),
	COL(outbox_number_row, COL_INT, failing),
	COL(outbox_number_row, COL_INT, oldest_due_ms),
};
static const struct rowmap outbox_map = ROWMAP(outbox_number_row, "outbox", outbox_cols, 1);

enum err_code numbers_outbox(struct db *db, struct arena *a, struct outbox_number_row **out, size_t *n, struct err *err)
{
	return db_list(
		db, "numbers_outbox", ARGS(A_INT("now_ms", db_now_ms(db))), &outbox_map, a, (void **)out, n, err);
}

enum err_code numbers_jobs(struct db *db, struct arena *a, struct tally_row **out, size_t *n, struct err *err)
{
	return tally_list(db, "numbers_jobs", NO_ARGS, a, out, n, err);
}
