/* How many connections each caller (net_caller) has. As many entries as there are callers with connections. Any thread.
 */
#ifndef PROVISIONING_EDGE_ADDRESSES_H
#define PROVISIONING_EDGE_ADDRESSES_H

#include <pthread.h>
#include <stdint.h>

#include "provisioning/conf/net.h"

enum { ADDRESS_BUCKETS = 4096 };

struct address {
	struct address *next;
	struct net_addr caller;
	unsigned count;
};

struct addresses {
	pthread_mutex_t lock;
	uint64_t seed;
	struct address *buckets[ADDRESS_BUCKETS];
};

void addresses_open(struct addresses *a);
/* Once every connection has left. */
void addresses_close(struct addresses *a);
/* NULL: it has max connections already, or memory has run out. */
struct address *addresses_enter(struct addresses *a, const struct net_addr *caller, unsigned max);
void addresses_leave(struct addresses *a, struct address *one);

#endif
