/* What must be there before a phone's new generation leaves: the history of its secrets, the snapshot of what it will
 * hold, and the search for what of the last person it would keep. On a worker, once per phone and generation. */
#ifndef PROVISIONING_RESET_SERVING_H
#define PROVISIONING_RESET_SERVING_H

#include <stdbool.h>
#include <stdint.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/err.h"
#include "phonecfg/base/mac.h"

struct reset;
struct db;
struct user_row;
struct plan_rows;

/* Does nothing when this generation was prepared. */
enum err_code serving_prepare(struct reset *rs, const struct mac *mac, struct err *err);

/* An alert that a file was made without something; text names the phone and what, and holds no value. On a worker. */
enum err_code serving_note_left(
	struct reset *rs, int64_t domain_id, int64_t phone_id, const char *text, struct err *err);

/* In a transaction: when the flip of this device waits, it is due at due_ms at the latest. */
enum err_code serving_flip_waiting(
	struct db *db, const char *device, const char *domain, int64_t due_ms, struct arena *a, struct err *err);

#endif
