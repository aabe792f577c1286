#include "phonecfg/base/mac.h"

#include <string.h>

#include "phonecfg/base/hex.h"

static bool separator(char c)
{
	return c == ':' || c == '-' || c == '.';
}

bool mac_parse(struct slice s, struct mac *out)
{
	struct mac m = { { 0 } };
	int digits = 0;
	size_t i;

	for (i = 0; i < s.n; i++) {
		int v = hex_digit(s.p[i]);

		if (v < 0) {
			if (!separator(s.p[i]) || digits == 0 || digits % 2 || i + 1 == s.n || separator(s.p[i - 1]))
				return false;
			continue;
		}
		if (digits == 12)
			return false;
		m.b[digits / 2] = (uint8_t)(m.b[digits / 2] << 4 | v);
		digits++;
	}
	if (digits != 12)
		return false;
	*out = m;
	return true;
}

const char *mac_text(const struct mac *m, char out[MAC_TEXT])
{
	return hex_write(m->b, sizeof(m->b), out);
}

bool mac_eq(const struct mac *a, const struct mac *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}
