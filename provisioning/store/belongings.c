#include "provisioning/store/belongings.h"

#include "provisioning/store/db.h"

static const struct col belongings_cols[] = {
	COL(belongings, COL_INT, rules),
	COL(belongings, COL_INT, timeframes),
	COL(belongings, COL_INT, contacts),
};
static const struct rowmap belongings_map = ROWMAP(belongings, "users", belongings_cols, 1);

enum err_code belongings_count(struct db *db, int64_t user_id, struct belongings *out, struct err *err)
{
	return db_get(db, "belongings_count", ARGS(A_INT("user_id", user_id)), &belongings_map, NULL, out, err);
}
