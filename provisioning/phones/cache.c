#include "provisioning/phones/cache.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/hex.h"
#include "phonecfg/base/mem.h"

enum { CACHE_BUCKETS = 4096 };

struct entry {
	struct cached out; /* first: what callers hold */
	atomic_uint refs;
	struct cache_key key;
	struct entry *chain;       /* in its bucket */
	struct entry *next, *prev; /* by use, newest first; while it is kept */
	size_t size;
	char data[];
};

struct cache {
	pthread_mutex_t lock;
	struct entry *buckets[CACHE_BUCKETS];
	struct entry *newest, *oldest;
	size_t budget, used;
	uint64_t hits, misses;
};

struct cache *cache_new(size_t budget)
{
	struct cache *c = mem_zalloc(sizeof(*c));

	if (c && pthread_mutex_init(&c->lock, NULL)) {
		mem_free(c);
		return NULL;
	}
	if (c)
		c->budget = budget;
	return c;
}

static struct entry **bucket_of(struct cache *c, const struct cache_key *k)
{
	uint64_t h = (k->who ^ (k->generation << 17) ^ ((uint64_t)k->kind << 3) ^ k->variant ^ k->firmware) *
		     0x9e3779b97f4a7c15u;

	return &c->buckets[(h >> 40) % CACHE_BUCKETS];
}

static bool same_key(const struct cache_key *a, const struct cache_key *b)
{
	return a->who == b->who && a->generation == b->generation && a->kind == b->kind && a->variant == b->variant &&
	       a->firmware == b->firmware;
}

static struct entry *find(struct cache *c, const struct cache_key *key)
{
	struct entry *e = *bucket_of(c, key);

	while (e && !same_key(&e->key, key))
		e = e->chain;
	return e;
}

static void unlink_use(struct cache *c, struct entry *e)
{
	if (e->prev)
		e->prev->next = e->next;
	else
		c->newest = e->next;
	if (e->next)
		e->next->prev = e->prev;
	else
		c->oldest = e->prev;
	e->prev = e->next = NULL;
}

static void link_newest(struct cache *c, struct entry *e)
{
	e->next = c->newest;
	if (c->newest)
		c->newest->prev = e;
	else
		c->oldest = e;
	c->newest = e;
}

static void forget(struct cache *c, struct entry *e)
{
	struct entry **at = bucket_of(c, &e->key);

	while (*at != e)
		at = &(*at)->chain;
	*at = e->chain;
	unlink_use(c, e);
	c->used -= e->size;
	cache_release(e);
}

void cache_free(struct cache *c)
{
	if (c == NULL)
		return;
	while (c->oldest)
		forget(c, c->oldest);
	pthread_mutex_destroy(&c->lock);
	mem_free(c);
}

void cache_release(void *arg)
{
	struct entry *e = arg;

	if (e == NULL || atomic_fetch_sub(&e->refs, 1) != 1)
		return;
	explicit_bzero(e->data, e->out.bytes.n);
	mem_free(e);
}

const struct cached *cache_get(struct cache *c, const struct cache_key *key)
{
	struct entry *e;

	pthread_mutex_lock(&c->lock);
	e = find(c, key);
	if (e) {
		c->hits++;
		atomic_fetch_add(&e->refs, 1);
		unlink_use(c, e);
		link_newest(c, e);
	} else {
		c->misses++;
	}
	pthread_mutex_unlock(&c->lock);
	return e ? &e->out : NULL;
}

static void name_bytes(struct entry *e)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	memset(md, 0, sizeof(md));
	EVP_Digest(e->data, e->out.bytes.n, md, &n, EVP_sha256(), NULL);
	hex_write(md, sizeof(e->out.hash) / 2, e->out.hash);
	snprintf(e->out.etag, sizeof(e->out.etag), "g%llu-%.16s", (unsigned long long)e->key.generation, e->out.hash);
}

static struct entry *make(const struct cache_key *key, struct slice bytes)
{
	struct entry *e = mem_zalloc(sizeof(*e) + bytes.n + 1);

	if (e == NULL)
		return NULL;
	e->key = *key;
	e->size = sizeof(*e) + bytes.n + 1;
	if (bytes.n)
		memcpy(e->data, bytes.p, bytes.n);
	e->out.bytes = (struct slice){ e->data, bytes.n };
	atomic_init(&e->refs, 1);
	name_bytes(e);
	return e;
}

const struct cached *cache_put(struct cache *c, const struct cache_key *key, struct slice bytes)
{
	struct entry *e = make(key, bytes), *old;

	if (e == NULL)
		return NULL;
	pthread_mutex_lock(&c->lock);
	if (e->size <= c->budget) {
		old = find(c, key);
		if (old)
			forget(c, old);
		while (c->oldest && c->used + e->size > c->budget)
			forget(c, c->oldest);
		atomic_fetch_add(&e->refs, 1); /* the cache's own */
		e->chain = *bucket_of(c, key);
		*bucket_of(c, key) = e;
		link_newest(c, e);
		c->used += e->size;
	}
	pthread_mutex_unlock(&c->lock);
	return &e->out;
}

void cache_counts(struct cache *c, struct cache_counts *out)
{
	pthread_mutex_lock(&c->lock);
	*out = (struct cache_counts){ c->hits, c->misses, c->used };
	pthread_mutex_unlock(&c->lock);
}
