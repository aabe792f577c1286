#include "provisioning/store/projection.h"

#include "provisioning/store/db.h"

static const struct col projection_cols[] = {
	COL(projection_row, COL_TEXT, identity),
	COL(projection_row, COL_REF, domain_id),
	COL(projection_row, COL_REF, device_id),
	COL(projection_row, COL_TEXT, realm),
	COL(projection_row, COL_SECRET, ha1),
	COL(projection_row, COL_INT, revision),
	COL(projection_row, COL_SECRET, wanted_ha1),
	COL(projection_row, COL_INT, wanted_revision),
	COL(projection_row, COL_BOOL, waiting),
	COL(projection_row, COL_INT, wanted_ms),
	COL(projection_row, COL_INT, flipped_ms),
};
static const struct rowmap projection_map = ROWMAP(projection_row, "projection", projection_cols, 1);

enum err_code projection_load(
	struct db *db, const char *identity, struct arena *a, struct projection_row *out, struct err *err)
{
	return err_say(db_get(db, "projection_load", ARGS(A_TEXT("identity", identity)), &projection_map, a, out, err),
		ERR_NOT_FOUND, err, "the registrar is not to know %s", identity);
}

enum err_code projection_list(struct db *db, bool waiting_only, struct page page, struct arena *a,
	struct projection_row **out, size_t *n, struct err *err)
{
	return db_list(db, "projection_list", ARGS(A_INT("waiting_only", waiting_only), A_PAGE(page)), &projection_map,
		a, (void **)out, n, err);
}

enum err_code projection_want(struct db *db, struct projection_row *row, struct err *err)
{
	struct projection_row want = *row;

	/* What is in force is not the caller's to say: an existing row keeps it, a new one has none. */
	want.ha1 = (struct secret){ NULL, 0 };
	want.revision = 0;
	want.waiting = true;
	want.wanted_ms = db_now_ms(db);
	want.flipped_ms = 0;
	return db_run(db, "projection_want", NO_ARGS, &projection_map, &want, NULL, err);
}

enum err_code projection_begin(struct db *db, const char *identity, int64_t revision, int64_t at_ms, struct err *err)
{
	return db_run(db, "projection_begin",
		ARGS(A_TEXT("identity", identity), A_INT("revision", revision), A_INT("at_ms", at_ms)), NULL, NULL,
		NULL, err);
}

enum err_code projection_flipped(
	struct db *db, const char *identity, int64_t revision, int64_t at_ms, bool *changed, struct err *err)
{
	struct projection_row row;
	struct arena a;
	enum err_code code;

	*changed = false;
	arena_init(&a, 0);
	code = db_get(db, "projection_load", ARGS(A_TEXT("identity", identity)), &projection_map, &a, &row, err);
	if (code == ERR_NOT_FOUND && revision == 0) {
		code = ERR_OK; /* removed by an earlier run of the same step */
	} else if (code == ERR_OK && row.waiting && row.wanted_revision != revision) {
		code = err_set(err, ERR_CONFLICT, "the registrar is to have another secret of %s by now", identity);
	} else if (code == ERR_OK && row.waiting && revision == 0) {
		code = db_run(db, "projection_delete", ARGS(A_TEXT("identity", identity)), NULL, NULL, NULL, err);
		*changed = code == ERR_OK;
	} else if (code == ERR_OK && row.waiting) {
		row.ha1 = row.wanted_ha1;
		row.revision = revision;
		row.flipped_ms = at_ms;
		code = db_run(db, "projection_flip", NO_ARGS, &projection_map, &row, NULL, err);
		*changed = code == ERR_OK;
	}
	arena_release(&a);
	return err_say(code, ERR_NOT_FOUND, err, "the registrar is not to know %s", identity);
}
