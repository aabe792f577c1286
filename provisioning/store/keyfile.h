/* The keys of a key file, and the spelling of bytes in text. For seal.c and scrypt.c alone. */
#ifndef PROVISIONING_STORE_KEYFILE_H
#define PROVISIONING_STORE_KEYFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "phonecfg/base/slice.h"

struct sealer;

enum { SEAL_KEY_LEN = 32 };

struct seal_key {
	uint32_t id;
	unsigned char bytes[SEAL_KEY_LEN];
};

/* The one to seal with (the last of the file), and the one of this id or NULL. */
const struct seal_key *sealer_key(const struct sealer *s);
const struct seal_key *sealer_find(const struct sealer *s, uint32_t id);

/* base64url without padding (RFC 4648 §5). */
#define BASE64URL_LEN(n) (((n)*4 + 2) / 3)
size_t base64url_write(const unsigned char *in, size_t n, char *out); /* NUL-terminated; the length */
/* false when it is none or is not exactly n bytes. */
bool base64url_read(struct slice in, unsigned char *out, size_t n);

#endif
