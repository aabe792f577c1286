/* Text -> pointer, in the order of insertion, in an arena. Keys and values must outlive the map (or live in its arena).
 */
#ifndef PHONECFG_BASE_MAP_H
#define PHONECFG_BASE_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "phonecfg/base/arena.h"

struct map_entry {
	const char *key;
	void *value;
	size_t hash; /* of the key */
	size_t next; /* index + 1 in the same bucket */
};

struct map {
	struct arena *arena;
	struct map_entry *entries; /* insertion order; 0 <= i < count */
	size_t count, cap;
	size_t *buckets, nbuckets;
};

void map_init(struct map *m, struct arena *a);
/* Fills *m, which grows in *a, with the entries of from; their keys and values are shared. False when memory ran out.
 */
bool map_copy(struct map *m, struct arena *a, const struct map *from);
/* Adds or replaces; false when memory ran out. The key is not copied. */
bool map_put(struct map *m, const char *key, void *value);
/* Adds what is an entry of another map, by a key of the same text that *m does not hold: nothing is looked for. */
bool map_append(struct map *m, const struct map_entry *other, const char *key, void *value);
/* The value, or NULL. */
void *map_get(const struct map *m, const char *key);
bool map_has(const struct map *m, const char *key);

#endif
