#include "provisioning/edge/addresses.h"

#include <netinet/in.h>
#include <openssl/rand.h>
#include <string.h>

#include "phonecfg/base/mem.h"

/* Above an IPv4 address; no IPv6 /64 of the net begins so (RFC 4291 §2.4: global unicast is 2000::/3). */
static const uint64_t v4_mark = 0xffffffff00000000u;

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

uint64_t address_prefix(const struct sockaddr_storage *addr)
{
	const struct in6_addr *v6 = &((const struct sockaddr_in6 *)addr)->sin6_addr;
	uint64_t prefix = 0;
	uint32_t v4;
	int i;

	if (addr->ss_family == AF_INET)
		return v4_mark | ntohl(((const struct sockaddr_in *)addr)->sin_addr.s_addr);
	if (IN6_IS_ADDR_V4MAPPED(v6)) {
		memcpy(&v4, &v6->s6_addr[12], sizeof(v4));
		return v4_mark | ntohl(v4);
	}
	for (i = 0; i < 8; i++)
		prefix = prefix << 8 | v6->s6_addr[i];
	return prefix;
}

static struct address **bucket(struct addresses *a, uint64_t prefix)
{
	uint64_t h = (prefix ^ a->seed) * 0x9e3779b97f4a7c15u;

	h = (h ^ h >> 32 ^ a->seed >> 7) * 0xd6e8feb86659fd93u;
	return &a->buckets[(h >> 40) % ADDRESS_BUCKETS];
}

static struct address *find(struct addresses *a, uint64_t prefix)
{
	struct address **at = bucket(a, prefix), *one;

	for (one = *at; one; one = one->next)
		if (one->prefix == prefix)
			return one;
	one = mem_zalloc(sizeof(*one));
	if (one) {
		*one = (struct address){ *at, prefix, 0 };
		*at = one;
	}
	return one;
}

struct address *addresses_enter(struct addresses *a, uint64_t prefix, unsigned max)
{
	struct address *one;

	pthread_mutex_lock(&a->lock);
	one = find(a, prefix);
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
		for (at = bucket(a, one->prefix); *at != one;)
			at = &(*at)->next;
		*at = one->next;
		mem_free(one);
	}
	pthread_mutex_unlock(&a->lock);
}
