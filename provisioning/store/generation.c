#include "provisioning/store/generation.h"

#include "provisioning/store/db.h"

enum err_code generation_next(struct db *db, int64_t *out, struct err *err)
{
	if (!db->write)
		return err_set(err, ERR_BUG, "a generation is wanted outside a transaction; use store_write");
	return db_int(db, "counter_add", ARGS(A_TEXT("name", "generation"), A_INT("n", 1)), out, err);
}

enum err_code generation_last(struct db *db, int64_t *out, struct err *err)
{
	return db_int(db, "counter_get", ARGS(A_TEXT("name", "generation")), out, err);
}

static enum err_code layer_put(
	struct db *db, const char *layer, const char *name, const char *mark, int64_t generation, struct err *err)
{
	return db_run(db, "generation_layer",
		ARGS(A_TEXT("layer", layer), A_TEXT("name", name), A_TEXT("mark", mark),
			A_INT("generation", generation)),
		NULL, NULL, NULL, err);
}

enum err_code generation_bump(
	struct db *db, enum generation_layer layer, int64_t id, const char *name, int64_t *out, struct err *err)
{
	enum err_code code = generation_next(db, out, err);

	if (code != ERR_OK)
		return code;
	switch (layer) {
	case GENERATION_DOMAIN:
		return db_change(db, "generation_domain", ARGS(A_INT("id", id), A_INT("generation", *out)), NULL, NULL,
			"there is no such domain", err);
	case GENERATION_SITE:
		return db_change(db, "generation_site", ARGS(A_INT("id", id), A_INT("generation", *out)), NULL, NULL,
			"there is no such site", err);
	case GENERATION_BRAND:
		return layer_put(db, "brand", name, "", *out, err);
	case GENERATION_MODEL:
		return layer_put(db, "model", name, "", *out, err);
	case GENERATION_BUILD:
		return layer_put(db, "build", "", "", *out, err);
	}
	return ERR_BUG;
}

enum err_code generation_build(struct db *db, const char *mark, bool *changed, struct err *err)
{
	int64_t same = 0, generation;
	enum err_code code = db_int(db, "generation_mark", ARGS(A_TEXT("mark", mark)), &same, err);

	*changed = code == ERR_OK && same == 0;
	if (code != ERR_OK || same != 0)
		return code;
	code = generation_next(db, &generation, err);
	return code == ERR_OK ? layer_put(db, "build", "", mark, generation, err) : code;
}
