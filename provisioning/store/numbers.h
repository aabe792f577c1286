/* How much there is: for /metrics. */
#ifndef PROVISIONING_STORE_NUMBERS_H
#define PROVISIONING_STORE_NUMBERS_H

#include "provisioning/store/counter.h"

/* Work that waits, by kind. */
struct outbox_number_row {
	const char *kind;
	int64_t waiting, due, failing;
	int64_t oldest_due_ms; /* due time of the one that has waited longest; 0 = none is due */
};
enum err_code numbers_outbox(
	struct db *db, struct arena *a, struct outbox_number_row **out, size_t *n, struct err *err);
/* Jobs by state. */
enum err_code numbers_jobs(struct db *db, struct arena *a, struct tally_row **out, size_t *n, struct err *err);

#endif
