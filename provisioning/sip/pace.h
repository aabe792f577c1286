/* Who is told next: a queue per source address, served in turn so that no site starves another, within a rate overall
 * and one per source. Both are bounds for any second, counted when the first datagram of each item really leaves: so
 * whoever is told tells the sender, by pace_sent(). Pure but for the clock, which the caller reads. */
#ifndef PROVISIONING_SIP_PACE_H
#define PROVISIONING_SIP_PACE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { PACE_BUCKETS = 1024, PACE_NAME_MAX = 64 };

struct pace_source;

struct pace_item { /* first member of what waits */
	struct pace_item *next;
	uint64_t since_us;
	struct pace_source *from; /* while it has been given out and not sent */
	size_t slot;
	bool out;
};

struct pace {
	struct pace_source *bucket[PACE_BUCKETS];
	struct pace_source *turn; /* ring of the sources that have something waiting; turn is served next */
	unsigned rate, bears;
	uint64_t *sent; /* when the last `rate` items went; the oldest at head */
	size_t head;
	uint64_t gap_us, slowed_us, source_gap_us; /* slowed_us: 0, or the gap under pressure */
	uint64_t last_us;                          /* when the last one was to go */
	size_t waiting, sources;
};

/* Rates a second, 0 = none. bears: so much pressure changes nothing, 0 = no pressure does. False: no memory. */
bool pace_init(struct pace *p, unsigned rate, unsigned rate_source, unsigned bears);
void pace_release(struct pace *p); /* the items are the caller's: take them out first */

/* How much the receivers are behind by now: beyond what is borne the overall rate falls in proportion, but never below
 * one a second. */
void pace_press(struct pace *p, unsigned pressure);

/* False when memory ran out. source is cut to PACE_NAME_MAX - 1 bytes. */
bool pace_push(struct pace *p, struct pace_item *item, const char *source, uint64_t now_us);
/* The item whose turn it is, or NULL with *wait_us = how long until one may go (UINT64_MAX: nothing waits). */
struct pace_item *pace_next(struct pace *p, uint64_t now_us, uint64_t *wait_us);
/* It left just now, or never will. Once more changes nothing. */
void pace_sent(struct pace *p, struct pace_item *item, uint64_t now_us);
/* Any item, whatever the rates: to empty the queue. */
struct pace_item *pace_take(struct pace *p);

#endif
