/* Idempotency-Key: the answer that was given to a POST, for its repetition. */
#ifndef PROVISIONING_STORE_IDEMPOTENCY_H
#define PROVISIONING_STORE_IDEMPOTENCY_H

#include "phonecfg/base/slice.h"
#include "provisioning/store/store.h"

/* Before there is an answer. */
enum {
	IDEMPOTENCY_TAKEN = 0,    /* nothing has been changed yet */
	IDEMPOTENCY_COMMITTED = 1 /* what it asks for is done; the answer is on its way */
};

struct idempotency_row {
	const char *principal, *key; /* who sent it, and the header's value */
	const char *request;         /* hex hash of method, path and body */
	int64_t status;              /* IDEMPOTENCY_… or the answer's */
	const char *location;
	struct slice body; /* sealed at rest */
	int64_t created_ms;
};

/* Takes the key. *found: the key was there already, and row is what is stored. ERR_CONFLICT when it was used for
 * another request. */
enum err_code idempotency_take(
	struct db *db, struct idempotency_row *row, struct arena *a, bool *found, struct err *err);
/* In the transaction that does the work: IDEMPOTENCY_COMMITTED. */
enum err_code idempotency_commit(struct db *db, const char *principal, const char *key, struct err *err);
enum err_code idempotency_finish(struct db *db, struct idempotency_row *row, struct err *err);
/* At the start: keys that a crash left taken, with nothing changed, are free again. */
enum err_code idempotency_recover(struct db *db, struct err *err);
/* The request failed before it changed anything: the key is free again. */
enum err_code idempotency_drop(struct db *db, const char *principal, const char *key, struct err *err);
/* Forgets those older than this. */
enum err_code idempotency_expire(struct db *db, int64_t before_ms, struct err *err);

#endif
