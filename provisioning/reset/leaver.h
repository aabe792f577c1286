/* What a phone may not hold any more: the words of the person who left it, kept sealed beside the phone until its
 * records have ended. */
#ifndef PROVISIONING_RESET_LEAVER_H
#define PROVISIONING_RESET_LEAVER_H

#include <stdint.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/err.h"
#include "phonecfg/handset/residue.h"

struct db;
struct user_row;

/* In the transaction of the reset, before the row is cleared: for this phone, from this generation on. */
enum err_code leaver_put(struct db *db, int64_t phone_id, int64_t generation, const struct user_row *user,
	struct arena *a, struct err *err);
/* The words, or n = 0 when nobody left. */
enum err_code leaver_words(struct db *db, int64_t phone_id, int64_t generation, struct arena *a,
	struct residue_word **words, size_t *n, struct err *err);
/* Every record of the phone has ended. */
enum err_code leaver_wipe(struct db *db, int64_t phone_id, int64_t generation, struct arena *a, struct err *err);

#endif
