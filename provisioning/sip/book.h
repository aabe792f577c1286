/* When a NOTIFY may come to the queue at all: only so much of each source is kept waiting here that its rate is used up
 * for a short while. Whoever comes when that is full gets a time, and a place that is kept until then; so that work
 * which merely waits holds nothing but a row in a table. Pure but for the clock. */
#ifndef PROVISIONING_SIP_BOOK_H
#define PROVISIONING_SIP_BOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { BOOK_BUCKETS = 1024, BOOK_SECONDS = 1024, BOOK_AHEAD_MS = 2000 };

struct book_source;
struct book_place;

struct book {
	struct book_source *source[BOOK_BUCKETS];
	struct book_place *place[BOOK_BUCKETS];
	unsigned rate;
	int64_t source_gap_us;
	/* How many come in each of the next seconds; second says which one a cell is about. */
	struct {
		int64_t second;
		unsigned n;
	} load[BOOK_SECONDS];
	size_t sources, places;
};

/* Rates a second, 0 = none. */
void book_init(struct book *b, unsigned rate, unsigned rate_source);
void book_release(struct book *b);

/* True: come in now. False: come again in *wait_ms; id has a place then. Without memory everybody comes in. */
bool book_room(struct book *b, uint64_t id, const char *source, int64_t now_us, int64_t *wait_ms);

#endif
