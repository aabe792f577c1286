#include "phonecfg/base/secret.h"

struct secret secret_copy(struct arena *a, struct slice s)
{
	char *p = arena_slice(a, s);

	return (struct secret){ p, p ? s.n : 0 };
}

bool secret_set(const struct secret *s)
{
	return s->bytes != NULL && s->n > 0;
}

bool secret_eq(const struct secret *a, const struct secret *b)
{
	unsigned char diff = 0;
	size_t i;

	if (a->n != b->n)
		return false;
	for (i = 0; i < a->n; i++)
		diff |= (unsigned char)(a->bytes[i] ^ b->bytes[i]);
	return diff == 0;
}

struct slice secret_reveal(const struct secret *s)
{
	return (struct slice){ s->bytes ? s->bytes : "", s->n };
}

const char *secret_mask(const struct secret *s)
{
	return secret_set(s) ? "***" : "(none)";
}
