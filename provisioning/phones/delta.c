#include "provisioning/phones/delta.h"

#include <string.h>

enum { LOOK = 48, LEAST = 16 }; /* lines to look ahead for where both go on alike; a piece worth having */

struct ends { /* where the next lines begin */
	size_t at[LOOK];
	size_t n;
};

static void next_lines(struct slice s, size_t from, struct ends *out)
{
	for (out->n = 0; out->n < LOOK && from < s.n; out->n++) {
		const char *nl = memchr(s.p + from, '\n', s.n - from);

		from = nl ? (size_t)(nl - s.p) + 1 : s.n;
		out->at[out->n] = from;
	}
}

static size_t alike(struct slice a, size_t i, struct slice b, size_t j)
{
	size_t max = a.n - i < b.n - j ? a.n - i : b.n - j, n = 0;

	for (; n + 8 <= max && memcmp(a.p + i + n, b.p + j + n, 8) == 0; n += 8)
		;
	while (n < max && a.p[i + n] == b.p[j + n])
		n++;
	return n;
}

/* The nearest pair of lines, one of each, that go on alike; else the text's end. */
static void go_on(struct slice base, struct slice text, size_t *i, size_t *j)
{
	struct ends a, b;
	size_t sum, k;

	next_lines(base, *i, &a);
	next_lines(text, *j, &b);
	for (sum = 0; sum < a.n + b.n; sum++)
		for (k = sum < b.n ? 0 : sum - b.n + 1; k <= sum && k < a.n; k++)
			if (alike(base, a.at[k], text, b.at[sum - k]) >= LEAST ||
				(a.at[k] == base.n && b.at[sum - k] == text.n)) {
				*i = a.at[k];
				*j = b.at[sum - k];
				return;
			}
	*i = base.n;
	*j = text.n;
}

static bool push(struct delta *d, size_t off, size_t n, bool own)
{
	if (n == 0)
		return true;
	if (d->n == DELTA_PIECES)
		return false;
	d->v[d->n++] = (struct delta_piece){ (uint32_t)off, (uint32_t)n & 0x7fffffffu, own };
	d->own += own ? n : 0;
	return true;
}

bool delta_make(struct slice base, struct slice text, struct delta *out)
{
	size_t i = 0, j = 0, from;

	out->n = out->own = 0;
	while (j < text.n) {
		size_t n = alike(base, i, text, j);

		if (!push(out, i, n, false))
			return false;
		i += n;
		j += n;
		from = j;
		if (j < text.n)
			go_on(base, text, &i, &j);
		if (!push(out, from, j - from, true))
			return false;
	}
	return true;
}
