/* Phones whose last pull found nothing to do: what their next one needs, good under one mark of the store.
 *
 * A small entry per phone, forgotten when the place is wanted; never a secret. Any thread. */
#ifndef PROVISIONING_PHONES_READY_H
#define PROVISIONING_PHONES_READY_H

#include <stdbool.h>
#include <stdint.h>

#include "phonecfg/base/mac.h"

struct profile;
struct ready_index;

enum { READY_FILES = 4 };

struct ready {
	uint64_t mark; /* store_mark() from before the snapshot that showed it */
	int64_t phone_id, domain_id, generation;
	const struct profile *profile;
	struct mac mac;
	bool tell_login; /* its files carry its login */
	bool prepared;   /* its generation needs no flip and no preparation */
	struct {
		uint32_t kind, tag; /* of its hash; 0 = none */
	} told[READY_FILES];        /* files of this generation whose whole delivery is no news */
};

struct ready_index *ready_new(void);
void ready_free(struct ready_index *ix);
/* A copy of what is known under that mark; false: nothing. */
bool ready_get(struct ready_index *ix, const struct mac *mac, uint64_t mark, struct ready *out);
/* hash as text. */
void ready_tell(struct ready *r, unsigned kind, const char *hash);
bool ready_told(const struct ready *r, unsigned kind, const char *hash);
/* Adds to what is known under the same mark, else replaces it. Mark 0 is not kept. */
void ready_put(struct ready_index *ix, const struct ready *r);

#endif
