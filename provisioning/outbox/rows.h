/* The outbox's table, for outbox.c alone. */
#ifndef PROVISIONING_OUTBOX_ROWS_H
#define PROVISIONING_OUTBOX_ROWS_H

#include "provisioning/outbox/outbox.h"

struct outbox_entry_row {
	int64_t id;
	const char *kind, *key, *payload;
	int64_t due_ms, attempts;
};

/* Claims up to limit rows that are due and whose key is free. In a transaction. */
enum err_code outbox_claim(
	struct db *db, int64_t limit, struct arena *a, struct outbox_entry_row **out, size_t *n, struct err *err);
/* The next due time after now, 0 = none. */
enum err_code outbox_next_due(struct db *db, int64_t *out, struct err *err);
/* How many are due and nobody's yet. */
enum err_code outbox_due_now(struct db *db, int64_t *out, struct err *err);
/* How many are due or at work. */
enum err_code outbox_busy(struct db *db, int64_t *out, struct err *err);
enum err_code outbox_delete(struct db *db, int64_t id, struct err *err);
/* Due again, with this many attempts counted. */
enum err_code outbox_again(
	struct db *db, int64_t id, int64_t due_ms, int64_t attempts, const char *error, struct err *err);
/* All claimed rows are due again: at start. */
enum err_code outbox_recover(struct db *db, struct err *err);

#endif
