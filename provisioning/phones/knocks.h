/* Who came without a proof, on the way to the notes. Who comes is put here, whoever it is, and looked up at the second
 * tick that follows: neither what is known of that MAC nor what is then written falls together with its answer,
 * whenever the tick may be. Each MAC waits once, and of a first-access address each network that shows it. */
#ifndef PROVISIONING_PHONES_KNOCKS_H
#define PROVISIONING_PHONES_KNOCKS_H

#include <stdbool.h>
#include <stddef.h>

#include "phonecfg/base/mac.h"
#include "provisioning/phones/identify.h"
#include "provisioning/store/seal.h"

enum { KNOCKS_MAX = 2048 }; /* that wait for one tick; further ones are lost, and come again */

struct knock {
	struct mac mac;
	bool named; /* the path or a certificate names it: a phone that wants a file */
	bool login; /* a login or certificate of it was refused */
	bool token; /* it came by a first-access address that opens nothing, of this hash */
	uint8_t hash[TOKEN_HASH];
	struct said said;
};

struct knocks;

/* NULL when memory ran out. */
struct knocks *knocks_new(void);
void knocks_free(struct knocks *k);

/* Any thread. False: so many wait that this one is lost. */
bool knocks_put(struct knocks *k, const struct knock *knock);
/* Does any wait? */
bool knocks_wait(struct knocks *k);

/* A tick, by one thread alone: *out are those that came before the tick before, in their order, good until
 * knocks_turn(). */
size_t knocks_ripe(struct knocks *k, const struct knock **out);
/* Lets them go; those that came since are next. */
void knocks_turn(struct knocks *k);

#endif
