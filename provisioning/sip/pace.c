#include "provisioning/sip/pace.h"

#include <stdio.h>
#include <string.h>

#include "phonecfg/base/mem.h"

/* CATCH_UP: a sender that was held up may catch up for so long, within the bound of the second. MARGIN: what the way to
 * the receiver may take off the time between two of them. BLIND: until what was given out has been sent, nobody knows
 * when the next may go. */
enum {
	SECOND_US = 1000000,
	CATCH_UP_US = 20000,
	MARGIN_US = 5000,
	BLIND_US = 2000,
	UNBOUND_US = 1000, /* the gap that pressure works on where there is no rate */
	SOURCES_KEPT = 4096
};
#define NOT_YET UINT64_MAX

struct pace_source {
	struct pace_source *chain;
	struct pace_source *prev, *next; /* ring; NULL when nothing waits */
	struct pace_item *first, *last;
	uint64_t next_us;
	char name[PACE_NAME_MAX];
};

bool pace_init(struct pace *p, unsigned rate, unsigned rate_source, unsigned bears)
{
	memset(p, 0, sizeof *p);
	p->rate = rate;
	p->bears = bears;
	p->gap_us = rate ? SECOND_US / rate : 0;
	p->source_gap_us = rate_source ? (SECOND_US + MARGIN_US) / rate_source + 1 : 0;
	p->sent = rate ? mem_zalloc(rate * sizeof *p->sent) : NULL;
	return !rate || p->sent;
}

void pace_release(struct pace *p)
{
	for (size_t i = 0; i < PACE_BUCKETS; i++)
		while (p->bucket[i]) {
			struct pace_source *s = p->bucket[i];

			p->bucket[i] = s->chain;
			mem_free(s);
		}
	mem_free(p->sent);
	memset(p, 0, sizeof *p);
}

void pace_press(struct pace *p, unsigned pressure)
{
	uint64_t gap = p->gap_us ? p->gap_us : UNBOUND_US;

	p->slowed_us = p->bears && pressure > p->bears ? gap * pressure / p->bears : 0;
	if (p->slowed_us > SECOND_US)
		p->slowed_us = SECOND_US;
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

static uint64_t gap(const struct pace *p)
{
	return p->slowed_us ? p->slowed_us : p->gap_us;
}

/* When the overall bound lets the next one go. */
static uint64_t free_at(const struct pace *p, uint64_t now_us)
{
	uint64_t at = p->last_us ? p->last_us + gap(p) : 0, oldest = p->sent ? p->sent[p->head] : 0;

	if (oldest == NOT_YET)
		return now_us + BLIND_US;
	if (oldest && oldest + SECOND_US + MARGIN_US > at)
		at = oldest + SECOND_US + MARGIN_US;
	return at;
}

static struct pace_item *give_out(struct pace *p, struct pace_source *s, uint64_t now_us)
{
	uint64_t due = p->last_us + gap(p);
	struct pace_item *item = pop(p, s);

	p->last_us = due + CATCH_UP_US < now_us ? now_us : due;
	item->from = s;
	item->out = true;
	/* No catching up for a source: the site's line is what its rate protects. */
	s->next_us = p->source_gap_us ? NOT_YET : 0;
	if (p->sent) {
		item->slot = p->head;
		p->sent[p->head] = NOT_YET;
		p->head = (p->head + 1) % p->rate;
	}
	return item;
}

struct pace_item *pace_next(struct pace *p, uint64_t now_us, uint64_t *wait_us)
{
	uint64_t at = free_at(p, now_us), first = NOT_YET;
	struct pace_source *s = p->turn;

	*wait_us = UINT64_MAX;
	if (!s)
		return NULL;
	if (at > now_us) {
		*wait_us = at - now_us;
		return NULL;
	}
	do {
		uint64_t next = s->next_us == NOT_YET ? now_us + BLIND_US : s->next_us;

		if (next <= now_us) {
			*wait_us = 0;
			return give_out(p, s, now_us);
		}
		first = next < first ? next : first;
		s = s->next;
	} while (s != p->turn);
	*wait_us = first - now_us;
	return NULL;
}

void pace_sent(struct pace *p, struct pace_item *item, uint64_t now_us)
{
	if (!item->out)
		return;
	item->out = false;
	if (p->sent)
		p->sent[item->slot] = now_us;
	if (p->source_gap_us)
		item->from->next_us = now_us + p->source_gap_us;
	item->from = NULL;
}

struct pace_item *pace_take(struct pace *p)
{
	return p->turn ? pop(p, p->turn) : NULL;
}
