/* The pairing window: for a few minutes whoever names a phone's MAC and says to be of its model is believed, once, and
 * for no more than leads to the phone's first file. Everybody else, and afterwards everybody, gets what any stranger
 * gets. */
#ifndef PROVISIONING_PHONES_PAIRING_H
#define PROVISIONING_PHONES_PAIRING_H

#include "provisioning/phones/authorise.h"

struct target;
struct phones;

/* Is this GET without any login one that an open window lets in? Fills mac, phone_id and proof of the caller. */
bool pairing_admits(struct request *rq, struct caller *c);

/* Of an admitted caller: is this the file that the window gives once? */
bool pairing_once(const struct caller *c, const struct target *t);
/* Takes it, before anything is served: the phone's login is a new one then. False: somebody else was first, or the
 * window has closed. Waits: on a worker alone. */
bool pairing_take(struct request *rq, struct caller *c);
/* Nothing was served after all: gives it back. */
void pairing_give_back(struct request *rq, const struct caller *c);
/* Watches the answer, from before it is made: what is not given, or does not arrive whole, was not given. */
void pairing_watch(struct request *rq, struct response *rs, const struct caller *c);

/* Of a refused caller: it looks like a phone that was given its first file already. */
void pairing_suspect(struct request *rq, const struct caller *c);

#endif
