/* The keys of a key file. For seal.c alone. */
#ifndef PROVISIONING_STORE_KEYFILE_H
#define PROVISIONING_STORE_KEYFILE_H

#include <stdint.h>

struct sealer;

enum { SEAL_KEY_LEN = 32 };

struct seal_key {
	uint32_t id;
	unsigned char bytes[SEAL_KEY_LEN];
};

/* The one to seal with (the last of the file), and the one of this id or NULL. */
const struct seal_key *sealer_key(const struct sealer *s);
const struct seal_key *sealer_find(const struct sealer *s, uint32_t id);

#endif
