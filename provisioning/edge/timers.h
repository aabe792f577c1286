/* A heap of alarms, embedded in what they are about; one per loop, no lock. */
#ifndef PROVISIONING_EDGE_TIMERS_H
#define PROVISIONING_EDGE_TIMERS_H

#include "provisioning/http/link.h"

struct timers {
	struct http_alarm **heap; /* heap[1] is the next one */
	size_t count, cap;
};

void timers_release(struct timers *t);
/* Room for one more alarm, so that timers_set cannot fail; false when memory ran out. */
bool timers_reserve(struct timers *t, size_t alarms);
/* at_ms 0 switches it off. */
void timers_set(struct timers *t, struct http_alarm *a, int64_t at_ms);
/* When the next one is due, or INT64_MAX. */
int64_t timers_next(const struct timers *t);
/* Takes the next one that is due out of the heap, or NULL. */
struct http_alarm *timers_due(struct timers *t, int64_t now_ms);

#endif
