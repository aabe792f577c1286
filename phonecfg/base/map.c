#include "phonecfg/base/map.h"

#include <stdint.h>
#include <string.h>

static size_t hash(const char *s)
{
	uint64_t h = 1469598103934665603u;

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 1099511628211u;
	return (size_t)(h ^ (h >> 29));
}

void map_init(struct map *m, struct arena *a)
{
	*m = (struct map){ .arena = a };
}

bool map_copy(struct map *m, struct arena *a, const struct map *from)
{
	map_init(m, a);
	if (from->count == 0)
		return true;
	m->entries = arena_alloc(a, from->cap * sizeof(*m->entries));
	m->buckets = arena_alloc(a, from->nbuckets * sizeof(*m->buckets));
	if (m->entries == NULL || m->buckets == NULL)
		return false;
	memcpy(m->entries, from->entries, from->count * sizeof(*m->entries));
	memcpy(m->buckets, from->buckets, from->nbuckets * sizeof(*m->buckets));
	m->count = from->count;
	m->cap = from->cap;
	m->nbuckets = from->nbuckets;
	return true;
}

/* nbuckets is a power of two. */
static size_t *bucket_of(const struct map *m, size_t h)
{
	return &m->buckets[h & (m->nbuckets - 1)];
}

static struct map_entry *find(const struct map *m, const char *key, size_t h)
{
	size_t i = m->nbuckets ? *bucket_of(m, h) : 0;

	for (; i; i = m->entries[i - 1].next)
		if (m->entries[i - 1].hash == h && strcmp(m->entries[i - 1].key, key) == 0)
			return &m->entries[i - 1];
	return NULL;
}

static void link_entry(struct map *m, size_t i)
{
	size_t *bucket = bucket_of(m, m->entries[i].hash);

	m->entries[i].next = *bucket;
	*bucket = i + 1;
}

static bool rehash(struct map *m)
{
	size_t want = m->nbuckets ? m->nbuckets * 2 : 16;
	size_t *buckets = arena_alloc(m->arena, want * sizeof(*buckets));
	size_t i;

	if (buckets == NULL)
		return false;
	m->buckets = buckets;
	m->nbuckets = want;
	for (i = 0; i < m->count; i++)
		link_entry(m, i);
	return true;
}

static bool append(struct map *m, const char *key, void *value, size_t h)
{
	struct map_entry *e;

	if (m->count >= m->nbuckets && !rehash(m))
		return false;
	e = arena_push(m->arena, (void **)&m->entries, &m->count, &m->cap, sizeof(*e));
	if (e == NULL)
		return false;
	*e = (struct map_entry){ .key = key, .value = value, .hash = h };
	link_entry(m, m->count - 1);
	return true;
}

bool map_put(struct map *m, const char *key, void *value)
{
	size_t h = hash(key);
	struct map_entry *e = find(m, key, h);

	if (e) {
		e->value = value;
		return true;
	}
	return append(m, key, value, h);
}

bool map_append(struct map *m, const struct map_entry *other, const char *key, void *value)
{
	return append(m, key, value, other->hash);
}

void *map_get(const struct map *m, const char *key)
{
	const struct map_entry *e = find(m, key, hash(key));

	return e ? e->value : NULL;
}

bool map_has(const struct map *m, const char *key)
{
	return find(m, key, hash(key)) != NULL;
}
