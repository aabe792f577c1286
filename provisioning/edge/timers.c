#include "provisioning/edge/timers.h"

#include <string.h>

#include "phonecfg/base/mem.h"

void timers_release(struct timers *t)
{
	mem_free(t->heap);
	memset(t, 0, sizeof(*t));
}

bool timers_reserve(struct timers *t, size_t alarms)
{
	size_t cap = t->cap ? t->cap : 64;
	struct http_alarm **heap;

	while (cap < alarms + 1)
		cap *= 2;
	if (cap == t->cap)
		return true;
	heap = mem_realloc(t->heap, cap * sizeof(struct http_alarm *));
	if (heap == NULL)
		return false;
	t->heap = heap;
	t->cap = cap;
	return true;
}

static void place(struct timers *t, size_t i, struct http_alarm *a)
{
	t->heap[i] = a;
	a->slot = i;
}

static void settle(struct timers *t, size_t i, struct http_alarm *a)
{
	while (i > 1 && t->heap[i / 2]->at_ms > a->at_ms) {
		place(t, i, t->heap[i / 2]);
		i /= 2;
	}
	for (;;) {
		size_t child = i * 2;

		if (child > t->count)
			break;
		if (child < t->count && t->heap[child + 1]->at_ms < t->heap[child]->at_ms)
			child++;
		if (t->heap[child]->at_ms >= a->at_ms)
			break;
		place(t, i, t->heap[child]);
		i = child;
	}
	place(t, i, a);
}

static void take(struct timers *t, struct http_alarm *a)
{
	size_t i = a->slot;
	struct http_alarm *last = t->heap[t->count--];

	a->slot = 0;
	if (last != a)
		settle(t, i, last);
}

void timers_set(struct timers *t, struct http_alarm *a, int64_t at_ms)
{
	if (at_ms == 0) {
		if (a->slot)
			take(t, a);
		return;
	}
	a->at_ms = at_ms;
	if (a->slot == 0) {
		if (!timers_reserve(t, t->count + 1))
			return;
		a->slot = ++t->count;
	}
	settle(t, a->slot, a);
}

int64_t timers_next(const struct timers *t)
{
	return t->count ? t->heap[1]->at_ms : INT64_MAX;
}

struct http_alarm *timers_due(struct timers *t, int64_t now_ms)
{
	struct http_alarm *a;

	if (timers_next(t) > now_ms)
		return NULL;
	a = t->heap[1];
	take(t, a);
	return a;
}
