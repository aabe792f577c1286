/* Between rows of the database and C structs, by a struct rowmap. */
#ifndef PROVISIONING_STORE_ROW_H
#define PROVISIONING_STORE_ROW_H

#include "provisioning/store/db.h"
#include "provisioning/store/sql_text.h"

/* Binds every parameter of the block: first from args, else from the row. tmp must live until the statement is reset.
 */
enum err_code row_bind(struct db *db, struct prepared *p, const struct sql_block *block, const struct arg *args,
	size_t nargs, const struct rowmap *map, const void *row, struct arena *tmp, struct err *err);
/* Fills the members whose columns the statement has; others stay as they are. */
enum err_code row_read(
	struct db *db, struct prepared *p, const struct rowmap *map, struct arena *a, void *row, struct err *err);

#endif
