/* Rendered files, by phone, kind and generation, within a budget of bytes; the least recently used go first. What the
 * files of one sort have in common is kept once: of a phone's 235 KB some hundred bytes are its own.
 *
 * An entry that is being sent stays alive until its last reference is dropped. Bytes are wiped when they go: they hold
 * secrets. Any thread. */
#ifndef PROVISIONING_PHONES_CACHE_H
#define PROVISIONING_PHONES_CACHE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "phonecfg/base/buf.h"

struct cache_key {
	uint64_t who;        /* MAC, or the address of the profile for files that belong to no phone */
	uint64_t generation; /* 0 for those */
	uint64_t firmware;   /* a hash of what the phone says that it runs; 0 = not believed, or not looked at */
	uint32_t kind;       /* enum file_kind */
	uint32_t variant;
	const void *sort; /* other phones' files of one sort are nearly alike: the profile. NULL: nothing is like it */
};

enum { CACHE_HASH_TEXT = 65, CACHE_ETAG_TEXT = 48 };

struct cached {
	size_t bytes;
	char hash[CACHE_HASH_TEXT]; /* SHA-256 in hexadecimal */
	char etag[CACHE_ETAG_TEXT]; /* g<generation>-<first half of the hash> */
};

struct cache;

struct cache_counts {
	uint64_t hits, misses, bytes;
};

struct cache *cache_new(size_t budget);
void cache_free(struct cache *c); /* all references must be back */

/* A reference, or NULL. */
const struct cached *cache_get(struct cache *c, const struct cache_key *key);
/* Copies the bytes, keeps them if the budget allows, and returns a reference; NULL when memory ran out. */
const struct cached *cache_put(struct cache *c, const struct cache_key *key, struct slice bytes);
/* Its bytes, in pieces; good as long as the reference. */
size_t cache_pieces(const struct cached *out);
struct slice cache_piece(const struct cached *out, size_t i);
bool cached_is(const struct cached *out, struct slice bytes);
/* Gives a reference back. arg is the struct cached. */
void cache_release(void *arg);
void cache_counts(struct cache *c, struct cache_counts *out);

#endif
