/* Each parameter stands once in a file, whichever of two a phone would believe. */
#include <string.h>

#include "phonecfg/template/tval.h"
#include "phonecfg/vendor/renderer.h"

struct hit {
	struct slice line; /* with its line break */
	size_t name;       /* which override, from 0 */
};

struct names {
	struct arena arena;
	const struct tval *overrides;
	size_t *table; /* name's number + 1, 0 = free */
	size_t mask;
	size_t *last; /* per name: number of the last hit + 1 */
	struct hit *hits;
	size_t nhits, cap;
};

static struct slice name_at(const struct names *s, size_t i)
{
	return tval_get(s->overrides->as.list.items[i], "name")->as.text;
}

/* Names of one file begin alike and end differently. */
static size_t hash(struct slice name)
{
	size_t h = name.n, from = name.n > 12 ? name.n - 12 : 0;

	for (size_t i = from; i < name.n; i++)
		h = h * 31 + (unsigned char)name.p[i];
	return h;
}

static bool open_names(struct names *s, const struct tval *overrides)
{
	size_t n = overrides->as.list.count, size = 16;

	arena_init(&s->arena, 0);
	s->overrides = overrides;
	while (size < 2 * n)
		size *= 2;
	s->mask = size - 1;
	s->table = arena_alloc(&s->arena, size * sizeof(*s->table));
	s->last = arena_alloc(&s->arena, (n + 1) * sizeof(*s->last));
	if (!s->table || !s->last)
		return false;
	for (size_t i = 0; i < n; i++) {
		size_t at = hash(name_at(s, i)) & s->mask;
		while (s->table[at])
			at = (at + 1) & s->mask;
		s->table[at] = i + 1;
	}
	return true;
}

static bool find(const struct names *s, struct slice name, size_t *out)
{
	for (size_t at = hash(name) & s->mask; s->table[at]; at = (at + 1) & s->mask) {
		*out = s->table[at] - 1;
		if (slice_eq(name_at(s, *out), name))
			return true;
	}
	return false;
}

static void look(struct names *s, enum vendor_id vendor, struct slice text)
{
	while (text.n) {
		const char *start = text.p;
		struct slice line = slice_cut(&text, '\n'), name, value;
		struct hit *hit;
		size_t which;
		if (!bind_line(vendor, line, &name, &value) || !find(s, name, &which))
			continue;
		hit = arena_push(&s->arena, (void **)&s->hits, &s->nhits, &s->cap, sizeof(*hit));
		if (!hit)
			return;
		*hit = (struct hit){ { start, (size_t)(text.p - start) }, which };
		s->last[which] = s->nhits;
	}
}

enum err_code once_add(
	enum vendor_id vendor, struct slice text, const struct tval *overrides, struct buf *out, struct err *err)
{
	const char *from = text.p, *end = text.p + text.n;
	struct names s = { 0 };
	bool ok = open_names(&s, overrides);

	if (ok)
		look(&s, vendor, text);
	for (size_t i = 0; i < s.nhits; i++) {
		if (s.last[s.hits[i].name] == i + 1)
			continue;
		buf_add(out, from, (size_t)(s.hits[i].line.p - from));
		from = s.hits[i].line.p + s.hits[i].line.n;
	}
	buf_add(out, from, (size_t)(end - from));
	ok = ok && !arena_failed(&s.arena);
	arena_release(&s.arena);
	return ok ? ERR_OK : err_set(err, ERR_NOMEM, "no memory to merge overrides into a file");
}
