#include "provisioning/edge/addresses.h"

#include <openssl/rand.h>
#include <string.h>

#include "phonecfg/base/mem.h"

void addresses_open(struct addresses *a)
{
	memset(a, 0, sizeof(*a));
	pthread_mutex_init(&a->lock, NULL);
	/* Without a seed nobody is let in or out wrongly; a bucket may then be made long on purpose. */
	if (RAND_bytes((unsigned char *)&a->seed, sizeof(a->seed)) != 1)
		a->seed = (uintptr_t)a;
}

void addresses_close(struct addresses *a)
{
	size_t i;

	for (i = 0; i < ADDRESS_BUCKETS; i++)
		while (a->buckets[i]) {
			struct address *one = a->buckets[i];

			a->buckets[i] = one->next;
			mem_free(one);
		}
	pthread_mutex_destroy(&a->lock);
}

static struct address **bucket(struct addresses *a, const struct net_addr *caller)
{
	uint64_t h = a->seed;
	size_t i;

	for (i = 0; i < NET_BYTES; i++)
		h = (h ^ caller->b[i]) * 0x9e3779b97f4a7c15u;
	h = (h ^ h >> 32 ^ a->seed >> 7) * 0xd6e8feb86659fd93u;
	return &a->buckets[(h >> 40) % ADDRESS_BUCKETS];
}

static struct address *find(struct addresses *a, const struct net_addr *caller)
{
	struct address **at = bucket(a, caller), *one;

	for (one = *at; one; one = one->next)
		if (net_addr_eq(&one->caller, caller))
			return one;
	one = mem_zalloc(sizeof(*one));
	if (one) {
		*one = (struct address){ *at, *caller, 0 };
		*at = one;
	}
	return one;
}

struct address *addresses_enter(struct addresses *a, const struct net_addr *caller, unsigned max)
{
	struct address *one;

	pthread_mutex_lock(&a->lock);
	one = find(a, caller);
	if (one && one->count < max)
		one->count++;
	else
		one = NULL;
	pthread_mutex_unlock(&a->lock);
	return one;
}

void addresses_leave(struct addresses *a, struct address *one)
{
	struct address **at;

	pthread_mutex_lock(&a->lock);
	if (--one->count == 0) {
		for (at = bucket(a, &one->caller); *at != one;)
			at = &(*at)->next;
		*at = one->next;
		mem_free(one);
	}
	pthread_mutex_unlock(&a->lock);
}
