/* Who is told next: a queue per source address, served in turn so that no site starves another, with a rate overall and
 * one per source. Pure but for the clock, which the caller reads. */
#ifndef PROVISIONING_SIP_PACE_H
#define PROVISIONING_SIP_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PACE_BUCKETS = 1024, PACE_NAME_MAX = 64 };

struct pace_item { /* first member of what waits */
	struct pace_item *next;
	uint64_t since_us;
};

struct pace_source;

struct pace {
	struct pace_source *bucket[PACE_BUCKETS];
	struct pace_source *turn; /* ring of the sources that have something waiting; turn is served next */
	uint64_t gap_us, source_gap_us;
	uint64_t next_us; /* no sending before */
	size_t waiting, sources;
};

/* Rates a second, 0 = none. */
void pace_init(struct pace *p, unsigned rate, unsigned rate_source);
void pace_release(struct pace *p); /* the items are the caller's: take them out first */

/* False when memory ran out. source is cut to PACE_NAME_MAX - 1 bytes. */
bool pace_push(struct pace *p, struct pace_item *item, const char *source, uint64_t now_us);
/* The item whose turn it is, or NULL with *wait_us = how long until one may go (UINT64_MAX: nothing waits). */
struct pace_item *pace_next(struct pace *p, uint64_t now_us, uint64_t *wait_us);
/* Any item, whatever the rates: to empty the queue. */
struct pace_item *pace_take(struct pace *p);

#endif
