/* Where calls to a user's numbers and extension lead: brought from the store to the registrar, after the commit. */
#ifndef PROVISIONING_RESET_ALIASES_H
#define PROVISIONING_RESET_ALIASES_H

#include <stdbool.h>
#include <stdint.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/err.h"

struct reset;
struct db;

/* In a transaction: the user's numbers or devices have changed, so calls may ring something else. due_ms: as in
 * outbox_put(). */
enum err_code aliases_changed(
	struct db *db, const char *ext, const char *domain, int64_t due_ms, struct arena *a, struct err *err);

/* The outbox's "alias": the registrar routes the calls of this user ("1001@example.test") as the store says now. Safe
 * to repeat. A user that is gone has none. */
enum err_code aliases_bring(struct reset *rs, const char *owner, struct err *err);

/* At start: the whole table. *mended: it differed. */
enum err_code aliases_compare_all(struct reset *rs, bool *mended, struct err *err);

#endif
