#include "provisioning/sip/book.h"

#include <stdio.h>
#include <string.h>

#include "phonecfg/base/mem.h"

enum { NAME_MAX_BYTES = 64, SECOND_US = 1000000, KEPT = 4096, LATE_US = 60 * SECOND_US };

/* next_us: the first moment that nobody has. */
struct book_source {
	struct book_source *chain;
	int64_t next_us;
	char name[NAME_MAX_BYTES];
};

struct book_place {
	struct book_place *chain;
	uint64_t id;
	int64_t at_us;
};

void book_init(struct book *b, unsigned rate, unsigned rate_source)
{
	memset(b, 0, sizeof *b);
	b->rate = rate;
	b->source_gap_us = rate_source ? SECOND_US / rate_source : 0;
}

void book_release(struct book *b)
{
	for (size_t i = 0; i < BOOK_BUCKETS; i++) {
		while (b->source[i]) {
			struct book_source *s = b->source[i];

			b->source[i] = s->chain;
			mem_free(s);
		}
		while (b->place[i]) {
			struct book_place *p = b->place[i];

			b->place[i] = p->chain;
			mem_free(p);
		}
	}
	memset(b, 0, sizeof *b);
}

static size_t hash(const char *s)
{
	uint32_t h = 2166136261u; /* FNV-1a */

	for (; *s; s++)
		h = (h ^ (unsigned char)*s) * 16777619u;
	return h % BOOK_BUCKETS;
}

/* A source whose moment has passed knows nothing any more. */
static void forget_sources(struct book *b, int64_t now_us)
{
	for (size_t i = 0; i < BOOK_BUCKETS; i++)
		for (struct book_source **at = &b->source[i]; *at;) {
			struct book_source *s = *at;

			if (s->next_us > now_us) {
				at = &s->chain;
				continue;
			}
			*at = s->chain;
			mem_free(s);
			b->sources--;
		}
}

/* A place whose owner has not come: the phone came by itself, or its work was merged with another. */
static void forget_places(struct book *b, int64_t now_us)
{
	for (size_t i = 0; i < BOOK_BUCKETS; i++)
		for (struct book_place **at = &b->place[i]; *at;) {
			struct book_place *p = *at;

			if (p->at_us + LATE_US > now_us) {
				at = &p->chain;
				continue;
			}
			*at = p->chain;
			mem_free(p);
			b->places--;
		}
}

static struct book_source *source_of(struct book *b, const char *name, int64_t now_us)
{
	char cut[NAME_MAX_BYTES];
	struct book_source *s;
	size_t i;

	(void)snprintf(cut, sizeof cut, "%s", name);
	i = hash(cut);
	for (s = b->source[i]; s; s = s->chain)
		if (strcmp(s->name, cut) == 0)
			return s;
	if (b->sources && b->sources % KEPT == 0)
		forget_sources(b, now_us);
	s = mem_zalloc(sizeof *s);
	if (!s)
		return NULL;
	memcpy(s->name, cut, sizeof cut);
	s->chain = b->source[i];
	b->source[i] = s;
	b->sources++;
	return s;
}

/* True: id had a place, and has used it. */
static bool take_place(struct book *b, uint64_t id)
{
	struct book_place **at = &b->place[id % BOOK_BUCKETS], *p;

	while (*at && (*at)->id != id)
		at = &(*at)->chain;
	p = *at;
	if (!p)
		return false;
	*at = p->chain;
	mem_free(p);
	b->places--;
	return true;
}

static bool keep_place(struct book *b, uint64_t id, int64_t at_us, int64_t now_us)
{
	struct book_place *p;

	if (b->places && b->places % KEPT == 0)
		forget_places(b, now_us);
	p = mem_zalloc(sizeof *p);
	if (!p)
		return false;
	p->id = id;
	p->at_us = at_us;
	p->chain = b->place[id % BOOK_BUCKETS];
	b->place[id % BOOK_BUCKETS] = p;
	b->places++;
	return true;
}

/* The first second from that moment on that is not full; a source's turn in ten minutes takes nothing from now. */
static int64_t find_second(struct book *b, int64_t at_us, int64_t now_us)
{
	int64_t second = at_us / SECOND_US, end = now_us / SECOND_US + BOOK_SECONDS - 1;
	size_t i;

	if (!b->rate)
		return at_us;
	for (;; second++) {
		i = (size_t)(second % BOOK_SECONDS);
		if (b->load[i].second != second) {
			b->load[i].second = second;
			b->load[i].n = 0;
		}
		if (b->load[i].n < b->rate || second >= end)
			break;
	}
	b->load[i].n++;
	return second * SECOND_US > at_us ? second * SECOND_US : at_us;
}

bool book_room(struct book *b, uint64_t id, const char *source, int64_t now_us, int64_t *wait_ms)
{
	struct book_source *s;
	int64_t at;

	*wait_ms = 0;
	if (take_place(b, id))
		return true;
	s = source_of(b, source, now_us);
	if (!s)
		return true;
	at = find_second(b, s->next_us > now_us ? s->next_us : now_us, now_us);
	s->next_us = at + b->source_gap_us;
	if (at - now_us <= BOOK_AHEAD_MS * 1000 || !keep_place(b, id, at, now_us))
		return true;
	*wait_ms = (at - now_us) / 1000 - BOOK_AHEAD_MS / 2;
	return false;
}
