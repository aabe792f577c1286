/* How a receiver knows that a call is ours, is fresh, and came once: the scheme of Standard Webhooks, for which there
 * are libraries in every language (README.md has the three headers). Pure but for the random secret. */
#ifndef PROVISIONING_WEBHOOK_SIGN_H
#define PROVISIONING_WEBHOOK_SIGN_H

#include <stdint.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/err.h"
#include "phonecfg/base/secret.h"
#include "phonecfg/base/slice.h"

enum { SIGN_KEY = 32, SIGN_TEXT = 48 }; /* bytes of a key; "v1," and 44 characters and NUL */

/* A new secret, "whsec_" and 32 random bytes in base 64. */
enum err_code sign_secret(struct arena *a, struct secret *out, struct err *err);
/* "v1," and the HMAC-SHA256 over "<id>.<timestamp>.<body>" in base 64. timestamp: seconds since 1970. ERR_INPUT when
 * the secret is none of ours. */
enum err_code sign(const struct secret *secret, const char *id, int64_t timestamp, struct slice body,
	char out[SIGN_TEXT], struct err *err);

#endif
