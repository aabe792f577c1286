/* How many connections each address has: IPv4 by the address, IPv6 by its /64, which is one household. As many entries
 * as there are addresses with connections. Any thread. */
#ifndef PROVISIONING_EDGE_ADDRESSES_H
#define PROVISIONING_EDGE_ADDRESSES_H

#include <pthread.h>
#include <stdint.h>
#include <sys/socket.h>

enum { ADDRESS_BUCKETS = 4096 };

struct address {
	struct address *next;
	uint64_t prefix; /* unique over both families */
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
uint64_t address_prefix(const struct sockaddr_storage *addr);
/* NULL: it has max connections already, or memory has run out. */
struct address *addresses_enter(struct addresses *a, uint64_t prefix, unsigned max);
void addresses_leave(struct addresses *a, struct address *one);

#endif
