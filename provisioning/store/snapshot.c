#include "provisioning/store/snapshot.h"

#include "provisioning/store/db.h"

static const struct col snapshot_cols[] = {
	COL(snapshot_row, COL_INT, phone_id),
	COL(snapshot_row, COL_TEXT, kind),
	COL(snapshot_row, COL_INT, generation),
	COL(snapshot_row, COL_SEALED, body),
	COL(snapshot_row, COL_INT, created_ms),
};
static const struct rowmap snapshot_map = ROWMAP(snapshot_row, "snapshots", snapshot_cols, 3);

enum err_code snapshot_put(struct db *db, struct snapshot_row *row, struct err *err)
{
	row->created_ms = db_now_ms(db);
	return err_say(db_run(db, "snapshot_put", NO_ARGS, &snapshot_map, row, NULL, err), ERR_CONFLICT, err,
		"there is no such phone");
}

enum err_code snapshot_load(struct db *db, int64_t phone_id, const char *kind, int64_t at_most, struct arena *a,
	struct snapshot_row *out, struct err *err)
{
	return err_say(db_get(db, "snapshot_load",
			       ARGS(A_INT("phone_id", phone_id), A_TEXT("kind", kind), A_INT("at_most", at_most)),
			       &snapshot_map, a, out, err),
		ERR_NOT_FOUND, err, "nothing is known of what this phone held at that generation");
}

enum err_code snapshot_prune(struct db *db, int64_t phone_id, int64_t generation, struct err *err)
{
	return db_run(db, "snapshot_prune", ARGS(A_INT("phone_id", phone_id), A_INT("generation", generation)), NULL,
		NULL, NULL, err);
}
