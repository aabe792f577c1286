#include "provisioning/store/override.h"

#include <inttypes.h>

#include "provisioning/store/db.h"

static const char *layer_word(unsigned i)
{
	return i < LAYER_COUNT ? override_layer_word((enum override_layer)i) : NULL;
}

static const struct col override_cols[] = {
	COL(override_row, COL_INT, id),
	COL_ENUM(override_row, layer, layer_word),
	COL(override_row, COL_TEXT, target),
	COL(override_row, COL_TEXT, name),
	COL(override_row, COL_TEXT, value),
	COL(override_row, COL_INT, created_ms),
};
static const struct rowmap override_map = ROWMAP(override_row, "overrides", override_cols, 1);

const char *override_target(struct arena *a, int64_t id)
{
	return arena_printf(a, "%" PRId64, id);
}

#define PLACE(layer_, target_) A_TEXT("layer", override_layer_word(layer_)), A_TEXT("target", target_)

enum err_code override_list(struct db *db, enum override_layer layer, const char *target, struct arena *a,
	struct override_row **out, size_t *n, struct err *err)
{
	return db_list(db, "override_list", ARGS(PLACE(layer, target)), &override_map, a, (void **)out, n, err);
}

enum err_code override_list_phone(struct db *db, const struct override_place *at, struct arena *a,
	struct override_row **out, size_t *n, struct err *err)
{
	const char *domain = override_target(a, at->domain_id);
	const char *site = override_target(a, at->site_id);
	const char *phone = override_target(a, at->phone_id);

	if (domain == NULL || site == NULL || phone == NULL)
		return err_set(err, ERR_NOMEM, "no memory to list overrides");
	return db_list(db, "override_list_phone",
		ARGS(A_TEXT("brand", at->brand), A_TEXT("model", at->model), A_TEXT("domain", domain),
			A_TEXT("site", site), A_TEXT("phone", phone)),
		&override_map, a, (void **)out, n, err);
}

enum err_code override_put(struct db *db, struct override_row *row, struct err *err)
{
	enum err_code code = db_id(db, &row->id, err);

	row->created_ms = db_now_ms(db);
	return code == ERR_OK ? db_run(db, "override_put", NO_ARGS, &override_map, row, NULL, err) : code;
}

enum err_code override_delete(
	struct db *db, enum override_layer layer, const char *target, const char *name, struct err *err)
{
	return db_change(db, "override_delete", ARGS(PLACE(layer, target), A_TEXT("name", name)), NULL, NULL,
		"there is no such override", err);
}

enum err_code override_clear(struct db *db, enum override_layer layer, const char *target, struct err *err)
{
	return db_run(db, "override_clear", ARGS(PLACE(layer, target)), NULL, NULL, NULL, err);
}
