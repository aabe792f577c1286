/* What a phone holds: the model of each served generation from the last acknowledged one on, sealed. */
#ifndef PROVISIONING_STORE_SNAPSHOT_H
#define PROVISIONING_STORE_SNAPSHOT_H

#include "phonecfg/base/slice.h"
#include "provisioning/store/store.h"

struct snapshot_row {
	int64_t phone_id;
	const char *kind; /* "model": what was served; "handset": the state that it left */
	int64_t generation;
	struct slice body; /* 1 to 64 KB */
	int64_t created_ms;
};

/* Sets or replaces the one of this kind and generation. */
enum err_code snapshot_put(struct db *db, struct snapshot_row *row, struct err *err);
/* The newest of a kind with generation <= at_most. */
enum err_code snapshot_load(struct db *db, int64_t phone_id, const char *kind, int64_t at_most, struct arena *a,
	struct snapshot_row *out, struct err *err);
/* Drops those of both kinds below generation. INT64_MAX drops all (confirmed: nothing to compare any more). */
enum err_code snapshot_prune(struct db *db, int64_t phone_id, int64_t generation, struct err *err);

#endif
