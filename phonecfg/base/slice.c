#include "phonecfg/base/slice.h"

#include <string.h>
#include <strings.h>

struct slice slice_str(const char *s)
{
	return s ? (struct slice){ s, strlen(s) } : (struct slice){ "", 0 };
}

bool slice_eq(struct slice a, struct slice b)
{
	return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

bool slice_eq_str(struct slice a, const char *b)
{
	return slice_eq(a, slice_str(b));
}

bool slice_ieq_str(struct slice a, const char *b)
{
	return a.n == strlen(b) && (a.n == 0 || strncasecmp(a.p, b, a.n) == 0);
}

bool slice_starts(struct slice s, const char *prefix)
{
	size_t n = strlen(prefix);

	return s.n >= n && (n == 0 || memcmp(s.p, prefix, n) == 0);
}

bool slice_ends(struct slice s, const char *suffix)
{
	size_t n = strlen(suffix);

	return s.n >= n && (n == 0 || memcmp(s.p + s.n - n, suffix, n) == 0);
}

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

struct slice slice_trim(struct slice s)
{
	while (s.n && blank(s.p[0])) {
		s.p++;
		s.n--;
	}
	while (s.n && blank(s.p[s.n - 1]))
		s.n--;
	return s;
}

struct slice slice_cut(struct slice *rest, char c)
{
	const char *at = rest->n ? memchr(rest->p, c, rest->n) : NULL;
	struct slice head = *rest;

	if (at == NULL) {
		*rest = (struct slice){ rest->p + rest->n, 0 };
		return head;
	}
	head.n = (size_t)(at - rest->p);
	*rest = (struct slice){ at + 1, rest->n - head.n - 1 };
	return head;
}

ptrdiff_t slice_find(struct slice s, struct slice needle)
{
	const char *at = s.p, *end = s.p + s.n;

	/* Needles are a few bytes. memmem would do, but a checker of threads then looks at all of s for each call. */
	while (needle.n && needle.n <= (size_t)(end - at) &&
		(at = memchr(at, needle.p[0], (size_t)(end - at) - needle.n + 1)) != NULL) {
		if (memcmp(at, needle.p, needle.n) == 0)
			return at - s.p;
		at++;
	}
	return -1;
}
