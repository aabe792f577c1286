/* Memory that dies together: one arena per request, per job, per render.
 *
 * An arena that once failed to grow stays failed (arena_failed); allocations after that return NULL. Code may therefore
 * build a whole structure and ask once at the end. Freed memory is wiped, because requests carry secrets. */
#ifndef PHONECFG_BASE_ARENA_H
#define PHONECFG_BASE_ARENA_H

#include <stdbool.h>
#include <stddef.h>

#include "phonecfg/base/slice.h"

struct arena_block;

struct arena {
	struct arena_block *head;
	size_t used;  /* bytes handed out */
	size_t limit; /* 0 = none */
	bool failed;
};

/* limit: the most bytes that this arena hands out, 0 for no limit. Allocates nothing. */
void arena_init(struct arena *a, size_t limit);
/* Wipes and frees all; the arena is as after arena_init with the same limit. */
void arena_release(struct arena *a);

/* n zeroed bytes aligned for any type, or NULL. */
void *arena_alloc(struct arena *a, size_t n);
/* NUL-terminated copies. NULL in gives NULL. */
char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t n);
char *arena_slice(struct arena *a, struct slice s);
char *arena_printf(struct arena *a, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool arena_failed(const struct arena *a);

/* A growing array in an arena: doubles *v when *count has reached *cap, then returns the address of a new zeroed
 * element and counts it; NULL when memory ran out. */
void *arena_push(struct arena *a, void **v, size_t *count, size_t *cap, size_t size);

#endif
