/* MACs that knock, on their way to the notes. A refusal must cost the same whether its MAC is known or not, so each one
 * is put here, and which are known is looked up later, on a worker. */
#ifndef PROVISIONING_PHONES_KNOCKS_H
#define PROVISIONING_PHONES_KNOCKS_H

#include "provisioning/phones/authorise.h"

struct phones;
struct knocks;

enum { KNOCKS_MAX = 256 }; /* that wait for a worker; further ones are lost, and come again */

struct knocks *knocks_new(void);
void knocks_free(struct knocks *k);
void knocks_add(struct phones *ph, const struct mac *mac, const struct caller *c, const char *from);

#endif
