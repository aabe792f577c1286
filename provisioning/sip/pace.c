#include "provisioning/sip/pace.h"

#include <stdio.h>
#include <string.h>

#include "phonecfg/base/mem.h"

/* A sender that was held up may catch up for so long, not more. */
enum { CATCH_UP_US = 20000, SOURCES_KEPT = 4096 };

struct pace_source {
	struct pace_source *chain;
	struct pace_source *prev, *next; /* ring; NULL when nothing waits */
	struct pace_item *first, *last;
	uint64_t next_us;
	char name[PACE_NAME_MAX];
};

void pace_init(struct pace *p, unsigned rate, unsigned rate_source)
{
	memset(p, 0, sizeof *p);
	p->gap_us = rate ? 1000000u / rate : 0;
	p->source_gap_us = rate_source ? 1000000u / rate_source : 0;
}

void pace_release(struct pace *p)
{
	for (size_t i = 0; i < PACE_BUCKETS; i++)
		while (p->bucket[i]) {
			struct pace_source *s = p->bucket[i];

			p->bucket[i] = s->chain;
			mem_free(s);
		}
	memset(p, 0, sizeof *p);
}

static size_t hash(const char *s)
{
	uint32_t h = 2166136261u; /* FNV-1a */

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	return h % PACE_BUCKETS;
}

/* Sources with nothing waiting whose gap is over hold no information. */
static void forget_idle(struct pace *p, uint64_t now_us)
{
	for (size_t i = 0; i < PACE_BUCKETS; i++)
		for (struct pace_source **at = &p->bucket[i]; *at;) {
			struct pace_source *s = *at;

			if (s->first || s->next_us > now_us) {
				at = &s->chain;
				continue;
			}
			*at = s->chain;
			mem_free(s);
			p->sources--;
		}
}

static struct pace_source *source_of(struct pace *p, const char *name, uint64_t now_us)
{
	char cut[PACE_NAME_MAX];
	struct pace_source *s;
	size_t i;

	(void)snprintf(cut, sizeof cut, "%s", name);
	i = hash(cut);
	for (s = p->bucket[i]; s; s = s->chain)
		if (strcmp(s->name, cut) == 0)
			return s;
	if (p->sources >= SOURCES_KEPT)
		forget_idle(p, now_us);
	s = mem_zalloc(sizeof *s);
	if (!s)
		return NULL;
	memcpy(s->name, cut, sizeof cut);
	s->chain = p->bucket[i];
	p->bucket[i] = s;
	p->sources++;
	return s;
}

static void enter_ring(struct pace *p, struct pace_source *s)
{
	if (!p->turn) {
		s->prev = s->next = s;
		p->turn = s;
		return;
	}
	s->next = p->turn; /* the end of the ring is just before whose turn it is */
	s->prev = p->turn->prev;
	s->prev->next = s;
	p->turn->prev = s;
}

static void leave_ring(struct pace *p, struct pace_source *s)
{
	if (s->next == s) {
		p->turn = NULL;
	} else {
		s->prev->next = s->next;
		s->next->prev = s->prev;
		if (p->turn == s)
			p->turn = s->next;
	}
	s->prev = s->next = NULL;
}

bool pace_push(struct pace *p, struct pace_item *item, const char *source, uint64_t now_us)
{
	struct pace_source *s = source_of(p, source, now_us);

	if (!s)
		return false;
	item->next = NULL;
	item->since_us = now_us;
	if (s->last)
		s->last->next = item;
	else
		s->first = item;
	s->last = item;
	if (!s->next)
		enter_ring(p, s);
	p->waiting++;
	return true;
}

static struct pace_item *pop(struct pace *p, struct pace_source *s)
{
	struct pace_item *item = s->first;

	s->first = item->next;
	if (!s->first) {
		s->last = NULL;
		leave_ring(p, s);
	} else {
		p->turn = s->next;
	}
	p->waiting--;
	item->next = NULL;
	return item;
}

static uint64_t step(uint64_t next_us, uint64_t gap_us, uint64_t now_us)
{
	uint64_t from = next_us + CATCH_UP_US < now_us ? now_us : next_us;

	return gap_us ? from + gap_us : 0;
}

struct pace_item *pace_next(struct pace *p, uint64_t now_us, uint64_t *wait_us)
{
	struct pace_source *s = p->turn;

	*wait_us = UINT64_MAX;
	if (!s)
		return NULL;
	if (p->next_us > now_us) {
		*wait_us = p->next_us - now_us;
		return NULL;
	}
	do {
		if (s->next_us <= now_us) {
			p->next_us = step(p->next_us, p->gap_us, now_us);
			/* no catching up here: the site's line is what this rate protects */
			s->next_us = p->source_gap_us ? now_us + p->source_gap_us : 0;
			*wait_us = 0;
			return pop(p, s);
		}
		if (s->next_us - now_us < *wait_us)
			*wait_us = s->next_us - now_us;
		s = s->next;
	} while (s != p->turn);
	return NULL;
}

struct pace_item *pace_take(struct pace *p)
{
	return p->turn ? pop(p, p->turn) : NULL;
}
