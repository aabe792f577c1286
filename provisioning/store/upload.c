#include "provisioning/store/upload.h"

#include "provisioning/store/db.h"

static const struct col upload_cols[] = {
	COL(upload_row, COL_INT, phone_id),
	COL(upload_row, COL_TEXT, kind),
	COL(upload_row, COL_SEALED, body),
	COL(upload_row, COL_INT, generation),
	COL(upload_row, COL_INT, created_ms),
};
static const struct rowmap upload_map = ROWMAP(upload_row, "uploads", upload_cols, 2);

enum err_code upload_put(struct db *db, struct upload_row *row, struct err *err)
{
	row->created_ms = db_now_ms(db);
	return err_say(db_run(db, "upload_put", NO_ARGS, &upload_map, row, NULL, err), ERR_CONFLICT, err,
		"there is no such phone");
}

enum err_code upload_load(
	struct db *db, int64_t phone_id, const char *kind, struct arena *a, struct upload_row *out, struct err *err)
{
	return err_say(db_get(db, "upload_load", ARGS(A_INT("phone_id", phone_id), A_TEXT("kind", kind)), &upload_map,
			       a, out, err),
		ERR_NOT_FOUND, err, "this phone has not sent its %s", kind);
}

enum err_code upload_list(
	struct db *db, int64_t phone_id, struct arena *a, struct upload_row **out, size_t *n, struct err *err)
{
	return db_list(db, "upload_list", ARGS(A_INT("phone_id", phone_id)), &upload_map, a, (void **)out, n, err);
}

enum err_code upload_delete(struct db *db, int64_t phone_id, const char *kind, int64_t *n, struct err *err)
{
	return db_run(db, "upload_delete", ARGS(A_INT("phone_id", phone_id), A_TEXT("kind", kind)), NULL, NULL, n, err);
}
