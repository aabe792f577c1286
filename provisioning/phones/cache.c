#include "provisioning/phones/cache.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/hex.h"
#include "phonecfg/base/mem.h"
#include "provisioning/phones/delta.h"

/* Files shorter than CACHE_WORTH are kept whole. CACHE_SORTS bases: as a rule one for each kind of file of a model, as
 * its firmware wants it. */
enum { CACHE_BUCKETS = 65536, CACHE_SORTS = 32, CACHE_WORTH = 2048 };

/* What the files of one sort have in common. */
struct base {
	atomic_uint refs;
	size_t n;
	char data[];
};

struct entry;

struct sort {
	struct cache_key key; /* of whose file it was made */
	struct base *base;
	struct entry *seed; /* until there is a base */
	uint64_t used;
};

struct entry {
	struct cached out; /* first: what callers hold */
	atomic_uint refs;
	struct cache_key key;
	struct entry *chain;       /* in its bucket */
	struct entry *next, *prev; /* by use, newest first; while it is kept */
	size_t size, nown;
	struct cache *cache;
	struct base *base;
	uint32_t npieces;                         /* 0: whole */
	_Alignas(struct delta_piece) char data[]; /* the pieces, then the bytes of its own */
};

struct cache {
	pthread_mutex_t lock;
	struct entry *buckets[CACHE_BUCKETS];
	struct entry *newest, *oldest;
	struct sort sorts[CACHE_SORTS];
	uint64_t clock; /* of the sorts' use */
	size_t budget;
	atomic_size_t used, base_bytes;
	uint64_t hits, misses;
};

static void entry_release(struct entry *e);
static void base_release(struct cache *c, struct base *b);
static void sort_empty(struct cache *c, struct sort *s);

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
	atomic_fetch_sub(&c->used, e->size);
	entry_release(e);
}

void cache_free(struct cache *c)
{
	size_t i;

	if (c == NULL)
		return;
	while (c->oldest)
		forget(c, c->oldest);
	for (i = 0; i < CACHE_SORTS; i++)
		sort_empty(c, &c->sorts[i]);
	pthread_mutex_destroy(&c->lock);
	mem_free(c);
}

static void entry_release(struct entry *e)
{
	if (atomic_fetch_sub(&e->refs, 1) != 1)
		return;
	base_release(e->cache, e->base);
	explicit_bzero(e->data, e->npieces * sizeof(struct delta_piece) + e->nown);
	mem_free(e);
}

void cache_release(void *arg)
{
	if (arg)
		entry_release(arg);
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

/* ---- bases ---- */

static bool same_sort(const struct cache_key *a, const struct cache_key *b)
{
	return a->sort == b->sort && a->kind == b->kind && a->variant == b->variant && a->firmware == b->firmware;
}

static void base_release(struct cache *c, struct base *b)
{
	if (b == NULL || atomic_fetch_sub(&b->refs, 1) != 1)
		return;
	atomic_fetch_sub(&c->used, sizeof(*b) + b->n);
	atomic_fetch_sub(&c->base_bytes, sizeof(*b) + b->n);
	explicit_bzero(b->data, b->n);
	mem_free(b);
}

/* A seed counts beside its entry, which may go before it. */
static void count_seed(struct cache *c, const struct entry *e)
{
	atomic_fetch_add(&c->used, e->size);
	atomic_fetch_add(&c->base_bytes, e->size);
}

static void sort_empty(struct cache *c, struct sort *s)
{
	base_release(c, s->base);
	if (s->seed) {
		atomic_fetch_sub(&c->used, s->seed->size);
		atomic_fetch_sub(&c->base_bytes, s->seed->size);
		entry_release(s->seed);
	}
	*s = (struct sort){ 0 };
}

/* Locked. */
static struct sort *oldest_sort(struct cache *c)
{
	struct sort *best = c->sorts;
	size_t i;

	for (i = 1; i < CACHE_SORTS; i++)
		if (c->sorts[i].used < best->used)
			best = &c->sorts[i];
	return best;
}

/* What two phones' files of one sort have in common, and nothing that only one of them has. */
static struct base *base_make(struct cache *c, const struct entry *one, struct slice two)
{
	struct slice whole = { one->data, one->out.bytes };
	struct delta d;
	struct base *b;
	size_t i, at;

	if (one->base || !delta_make(whole, two, &d) || d.own > two.n / 4 ||
		atomic_load(&c->base_bytes) + sizeof(*b) + whole.n > c->budget / 4 + one->size)
		return NULL; /* it takes the seed's place */
	b = mem_zalloc(sizeof(*b) + whole.n);
	if (b == NULL)
		return NULL;
	b->n = whole.n;
	atomic_init(&b->refs, 1);
	for (i = 0; i < whole.n; i++)
		if (whole.p[i] == '\n')
			b->data[i] = '\n';
	for (i = 0; i < d.n; i++)
		if (!d.v[i].own) {
			at = d.v[i].off;
			memcpy(b->data + at, whole.p + at, d.v[i].n);
		}
	atomic_fetch_add(&c->used, sizeof(*b) + b->n);
	atomic_fetch_add(&c->base_bytes, sizeof(*b) + b->n);
	return b;
}

/* References to all bases of that sort. */
static size_t bases_of(struct cache *c, const struct cache_key *key, struct base *out[CACHE_SORTS])
{
	size_t i, n = 0;

	pthread_mutex_lock(&c->lock);
	for (i = 0; i < CACHE_SORTS; i++)
		if (c->sorts[i].base && same_sort(&c->sorts[i].key, key)) {
			c->sorts[i].used = ++c->clock;
			atomic_fetch_add(&c->sorts[i].base->refs, 1);
			out[n++] = c->sorts[i].base;
		}
	pthread_mutex_unlock(&c->lock);
	return n;
}

/* References to other phones' seeds of that sort. */
static size_t seeds_of(struct cache *c, const struct cache_key *key, struct entry *out[CACHE_SORTS])
{
	size_t i, n = 0;

	pthread_mutex_lock(&c->lock);
	for (i = 0; i < CACHE_SORTS; i++) {
		struct entry *seed = c->sorts[i].seed;

		if (seed && same_sort(&seed->key, key) && seed->key.who != key->who) {
			atomic_fetch_add(&seed->refs, 1);
			out[n++] = seed;
		}
	}
	pthread_mutex_unlock(&c->lock);
	return n;
}

/* Locked. The place of that seed, or where this phone's own seed stands: a phone has one of a sort. */
static struct sort *place_of(struct cache *c, const struct entry *seed, const struct cache_key *key)
{
	size_t i;

	for (i = 0; i < CACHE_SORTS; i++) {
		const struct entry *had = c->sorts[i].seed;

		if (had && (seed ? had == seed : same_sort(&had->key, key) && had->key.who == key->who))
			return &c->sorts[i];
	}
	return oldest_sort(c);
}

/* Keeps the base that was made of a seed, or else the entry as a seed of its own. */
static void keep_sort(struct cache *c, struct entry *e, struct base *b, const struct entry *seed)
{
	struct sort *s;

	pthread_mutex_lock(&c->lock);
	s = place_of(c, seed, &e->key);
	if (b || atomic_load(&c->base_bytes) + e->size <= c->budget / 4) {
		sort_empty(c, s);
		s->key = e->key;
		s->base = b;
		s->seed = b ? NULL : e;
		atomic_fetch_add(b ? &b->refs : &e->refs, 1);
		if (s->seed)
			count_seed(c, e);
		s->used = ++c->clock;
	}
	pthread_mutex_unlock(&c->lock);
}

/* A file that no base fits becomes the seed of one; the next phone's like it makes the base. Returns a reference. */
static struct base *grow_base(struct cache *c, struct entry *e, struct slice bytes)
{
	struct entry *seeds[CACHE_SORTS], *of = NULL;
	size_t n = seeds_of(c, &e->key, seeds), i;
	struct base *b = NULL;

	for (i = 0; i < n && b == NULL; i++) {
		of = seeds[i];
		b = base_make(c, of, bytes);
	}
	keep_sort(c, e, b, b ? of : NULL);
	for (i = 0; i < n; i++)
		entry_release(seeds[i]);
	return b;
}

/* ---- entries ---- */

static void name_bytes(struct entry *e, struct slice bytes)
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned n = 0;

	memset(md, 0, sizeof(md));
	EVP_Digest(bytes.p, bytes.n, md, &n, EVP_sha256(), NULL);
	hex_write(md, sizeof(e->out.hash) / 2, e->out.hash);
	snprintf(e->out.etag, sizeof(e->out.etag), "g%llu-%.16s", (unsigned long long)e->key.generation, e->out.hash);
}

static struct entry *make(struct cache *c, const struct cache_key *key, struct slice bytes, const struct delta *d)
{
	size_t own = d ? d->own : bytes.n, pieces = d ? d->n * sizeof(struct delta_piece) : 0, i, at = 0;
	struct entry *e = mem_zalloc(sizeof(*e) + pieces + own + 1);

	if (e == NULL)
		return NULL;
	e->cache = c;
	e->key = *key;
	e->nown = own;
	e->npieces = d ? (uint32_t)d->n : 0;
	e->size = sizeof(*e) + pieces + own + 1;
	e->out.bytes = bytes.n;
	atomic_init(&e->refs, 1);
	if (d)
		memcpy(e->data, d->v, pieces);
	for (i = 0; d && i < d->n; i++)
		if (d->v[i].own) {
			memcpy(e->data + pieces + at, bytes.p + d->v[i].off, d->v[i].n);
			at += d->v[i].n;
		}
	if (d == NULL && bytes.n)
		memcpy(e->data, bytes.p, bytes.n);
	return e;
}

/* As a difference from a base that fits, or NULL. */
static struct entry *make_small(struct cache *c, const struct cache_key *key, struct slice bytes)
{
	struct base *bases[CACHE_SORTS];
	size_t n = bases_of(c, key, bases), i;
	struct entry *e = NULL;
	struct delta d;

	for (i = 0; i < n; i++) {
		if (e == NULL && delta_make((struct slice){ bases[i]->data, bases[i]->n }, bytes, &d) &&
			d.own <= bytes.n / 4)
			e = make(c, key, bytes, &d);
		if (e && e->base == NULL)
			e->base = bases[i];
		else
			base_release(c, bases[i]);
	}
	return e;
}

static struct entry *make_any(struct cache *c, const struct cache_key *key, struct slice bytes)
{
	struct entry *e, *small;
	struct base *b;

	if (key->sort == NULL || bytes.n < CACHE_WORTH || bytes.n > c->budget)
		return make(c, key, bytes, NULL);
	e = make_small(c, key, bytes);
	if (e)
		return e;
	e = make(c, key, bytes, NULL);
	b = e ? grow_base(c, e, bytes) : NULL;
	if (b == NULL)
		return e;
	base_release(c, b);
	small = make_small(c, key, bytes);
	if (small)
		entry_release(e);
	return small ? small : e;
}

const struct cached *cache_put(struct cache *c, const struct cache_key *key, struct slice bytes)
{
	struct entry *e = make_any(c, key, bytes), *old;

	if (e == NULL)
		return NULL;
	name_bytes(e, bytes);
	pthread_mutex_lock(&c->lock);
	if (e->size <= c->budget) {
		old = find(c, key);
		if (old)
			forget(c, old);
		while (c->oldest && atomic_load(&c->used) + e->size > c->budget)
			forget(c, c->oldest);
		atomic_fetch_add(&e->refs, 1); /* the cache's own */
		e->chain = *bucket_of(c, key);
		*bucket_of(c, key) = e;
		link_newest(c, e);
		atomic_fetch_add(&c->used, e->size);
	}
	pthread_mutex_unlock(&c->lock);
	return &e->out;
}

/* ---- reading ---- */

struct slice cache_piece(const struct cached *out, size_t i)
{
	const struct entry *e = (const struct entry *)out;
	const struct delta_piece *v = (const struct delta_piece *)e->data;
	const char *own = e->data + e->npieces * sizeof(*v);
	size_t k;

	if (e->npieces == 0)
		return (struct slice){ e->data, e->nown };
	if (!v[i].own)
		return (struct slice){ e->base->data + v[i].off, v[i].n };
	for (k = 0; k < i; k++)
		own += v[k].own ? v[k].n : 0;
	return (struct slice){ own, v[i].n };
}

size_t cache_pieces(const struct cached *out)
{
	const struct entry *e = (const struct entry *)out;

	return e->npieces ? e->npieces : 1;
}

bool cached_is(const struct cached *out, struct slice bytes)
{
	size_t i, at = 0;

	if (out->bytes != bytes.n)
		return false;
	for (i = 0; i < cache_pieces(out); i++) {
		struct slice s = cache_piece(out, i);

		if (memcmp(s.p, bytes.p + at, s.n) != 0)
			return false;
		at += s.n;
	}
	return true;
}

void cache_counts(struct cache *c, struct cache_counts *out)
{
	pthread_mutex_lock(&c->lock);
	*out = (struct cache_counts){ c->hits, c->misses, atomic_load(&c->used) };
	pthread_mutex_unlock(&c->lock);
}
