/* How a phone gets in for the first time; shared by the calls on phones. */
#ifndef PROVISIONING_API_MOVE_PARTS_H
#define PROVISIONING_API_MOVE_PARTS_H

#include "provisioning/api/local.h"

/* What a caller is told once. */
struct phone_access {
	struct secret token; /* unset: no address, only a window */
	int64_t expires_ms;
	int64_t pair_until_ms; /* 0 = the window is closed */
	const char *warning;   /* NULL = none */
};

/* In a transaction: a first-access address for this phone, an open pairing window, or both. ERR_CONFLICT: that way is
 * off. */
enum err_code phone_access_open(struct call *c, struct db *db, const struct mac *mac, bool address, bool pair,
	struct phone_access *out, struct err *err);
/* In c->domain, on this server: are there such addresses? */
bool phone_address_on(const struct call *c);
json_t *phone_access_shape(struct call *c, const struct phone_access *access);

/* "yealink-t46u", "Yealink T46U" or "T46U"; NULL when it is none. */
const struct profile *phone_model_of(const struct catalog *cat, const char *text);

#endif
