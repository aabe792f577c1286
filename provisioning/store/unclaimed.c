#include "provisioning/store/unclaimed.h"

#include "provisioning/store/db.h"

static const struct col unclaimed_cols[] = {
	COL(unclaimed_row, COL_MAC, mac),
	COL(unclaimed_row, COL_TEXT, vendor),
	COL(unclaimed_row, COL_TEXT, model),
	COL(unclaimed_row, COL_TEXT, user_agent),
	COL(unclaimed_row, COL_TEXT, address),
	COL(unclaimed_row, COL_INT, first_ms),
	COL(unclaimed_row, COL_INT, last_ms),
	COL(unclaimed_row, COL_INT, knocks),
};
static const struct rowmap unclaimed_map = ROWMAP(unclaimed_row, "unclaimed", unclaimed_cols, 1);

enum err_code unclaimed_note(struct db *db, struct unclaimed_row *row, int64_t max, struct err *err)
{
	int64_t n = 0;
	enum err_code code =
		db_run(db, "unclaimed_note", ARGS(A_INT("now_ms", db_now_ms(db))), &unclaimed_map, row, NULL, err);

	if (code == ERR_OK)
		code = db_int(db, "unclaimed_count", NO_ARGS, &n, err);
	if (code == ERR_OK && n > max)
		code = db_run(db, "unclaimed_trim", ARGS(A_INT("n", n - max)), NULL, NULL, NULL, err);
	return code;
}

enum err_code unclaimed_list(
	struct db *db, struct page page, struct arena *a, struct unclaimed_row **out, size_t *n, struct err *err)
{
	return db_list(db, "unclaimed_list", ARGS(A_PAGE(page)), &unclaimed_map, a, (void **)out, n, err);
}

enum err_code unclaimed_load(
	struct db *db, const struct mac *mac, struct arena *a, struct unclaimed_row *out, struct err *err)
{
	char text[MAC_TEXT];

	return err_say(
		db_get(db, "unclaimed_load", ARGS(A_TEXT("mac", mac_text(mac, text))), &unclaimed_map, a, out, err),
		ERR_NOT_FOUND, err, "no phone %s has knocked", text);
}

enum err_code unclaimed_delete(struct db *db, const struct mac *mac, struct err *err)
{
	char text[MAC_TEXT];

	return db_run(db, "unclaimed_delete", ARGS(A_TEXT("mac", mac_text(mac, text))), NULL, NULL, NULL, err);
}
