#include "provisioning/store/counter.h"

#include <string.h>

#include "provisioning/store/db.h"

static const struct col tally_cols[] = {
	COL(tally_row, COL_TEXT, name),
	COL(tally_row, COL_INT, n),
};
static const struct rowmap tally_map = ROWMAP(tally_row, "counters", tally_cols, 1);

enum err_code tally_list(struct db *db, const char *block, const struct arg *args, size_t nargs, struct arena *a,
	struct tally_row **out, size_t *n, struct err *err)
{
	return db_list(db, block, args, nargs, &tally_map, a, (void **)out, n, err);
}

enum err_code counter_bump(struct db *db, const char *name, struct err *err)
{
	return db_run(db, "counter_bump", ARGS(A_TEXT("name", name)), NULL, NULL, NULL, err);
}

enum err_code counter_list(
	struct db *db, const char *what, struct arena *a, struct tally_row **out, size_t *n, struct err *err)
{
	size_t i, all, len = strlen(what);
	enum err_code code = tally_list(db, "counter_list", NO_ARGS, a, out, &all, err);

	*n = 0;
	for (i = 0; code == ERR_OK && i < all; i++) {
		const char *name = (*out)[i].name;

		if (strncmp(name, what, len) == 0 && name[len] == ' ')
			(*out)[(*n)++] = (struct tally_row){ name + len + 1, (*out)[i].n };
	}
	return code;
}
