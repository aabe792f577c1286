/* What a user has that an option of a reset clears: how many rows of each. */
#ifndef PROVISIONING_STORE_BELONGINGS_H
#define PROVISIONING_STORE_BELONGINGS_H

#include "provisioning/store/store.h"

struct belongings {
	int64_t rules, timeframes, contacts;
};

enum err_code belongings_count(struct db *db, int64_t user_id, struct belongings *out, struct err *err);

#endif
