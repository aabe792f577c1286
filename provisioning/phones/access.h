/* First access, and whether it was somebody's second: a first-access address gives a phone's files with its secrets to
 * whoever has it, so it may be used from one place alone. */
#ifndef PROVISIONING_PHONES_ACCESS_H
#define PROVISIONING_PHONES_ACCESS_H

#include <stdbool.h>
#include <stdint.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/err.h"
#include "phonecfg/base/mac.h"

struct db;

/* In a transaction: this token was shown from there ("192.0.2.7:4711"), while it was good or when the phone's own
 * password had ended it already. From another network than the first time, it raises an alert. named: the MAC that came
 * with it, or NULL; with another phone's it says nothing. */
enum err_code access_note(
	struct db *db, int64_t token_id, const struct mac *named, const char *from, struct arena *a, struct err *err);

/* Of one network as far as anybody outside can tell: the same /24, the same /64 (RFC 4291 §2.5.4). Texts with or
 * without a port; what cannot be read is of no network. */
bool access_same_network(const char *one, const char *two);

#endif
