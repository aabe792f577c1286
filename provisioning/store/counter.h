/* Words and how many: counters that survive a restart and only ever count up, and what a query groups. */
#ifndef PROVISIONING_STORE_COUNTER_H
#define PROVISIONING_STORE_COUNTER_H

#include "provisioning/store/store.h"

struct tally_row {
	const char *name;
	int64_t n;
};

/* One more of that name, "alerts residue": what is counted, a blank, and which. */
enum err_code counter_bump(struct db *db, const char *name, struct err *err);
/* Those of one thing, by which: counter_list(db, "alerts", …) gives "residue" and its like. */
enum err_code counter_list(
	struct db *db, const char *what, struct arena *a, struct tally_row **out, size_t *n, struct err *err);

struct arg;
/* For the verbs: a block that gives the columns name and n. */
enum err_code tally_list(struct db *db, const char *block, const struct arg *args, size_t nargs, struct arena *a,
	struct tally_row **out, size_t *n, struct err *err);

#endif
