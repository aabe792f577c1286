#include "phonecfg/base/text.h"

#include <stdint.h>
#include <string.h>

size_t text_letter(struct slice s, uint32_t *cp)
{
	static const uint32_t least[5] = { 0, 0, 0x80, 0x800, 0x10000 };
	const unsigned char *p = (const unsigned char *)s.p;
	size_t len, i, n = s.n;

	if (n == 0)
		return 0;
	if (p[0] < 0x80) {
		*cp = p[0];
		return 1;
	}
	len = p[0] >= 0xf0 ? 4 : p[0] >= 0xe0 ? 3 : p[0] >= 0xc2 ? 2 : 0;
	if (len == 0 || p[0] > 0xf4 || len > n)
		return 0;
	*cp = p[0] & (0x7fu >> len);
	for (i = 1; i < len; i++) {
		if ((p[i] & 0xc0) != 0x80)
			return 0;
		*cp = *cp << 6 | (p[i] & 0x3f);
	}
	if (*cp < least[len] || *cp > 0x10ffff || (*cp >= 0xd800 && *cp <= 0xdfff))
		return 0;
	return len;
}

bool text_letter_is_control(uint32_t cp)
{
	/* The last two: no XML may hold them (XML 1.0 section 2.2), and a file that cannot be made leaves the old one.
	 */
	return cp < 0x20 || (cp >= 0x7f && cp < 0xa0) || cp == 0x2028 || cp == 0x2029 || cp == 0xfffe || cp == 0xffff;
}

bool text_is_utf8(struct slice s)
{
	uint32_t cp;
	size_t i, len;

	for (i = 0; i < s.n; i += len) {
		len = text_letter((struct slice){ s.p + i, s.n - i }, &cp);
		if (len == 0)
			return false;
	}
	return true;
}

bool text_has_control(struct slice s)
{
	uint32_t cp;
	size_t i, len;

	for (i = 0; i < s.n; i += len) {
		len = text_letter((struct slice){ s.p + i, s.n - i }, &cp);
		if (len == 0) {
			len = 1;
			continue;
		}
		if (text_letter_is_control(cp))
			return true;
	}
	return false;
}

size_t text_length(struct slice s)
{
	size_t i, n = 0;

	for (i = 0; i < s.n; i++)
		n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
	return n;
}

#define D TEXT_DIGIT
#define L TEXT_LETTER
#define B TEXT_BLANK
#define M TEXT_MARKUP
#define P TEXT_PUNCT
#define C TEXT_CONTROL
#define H TEXT_HIGH
#define EIGHT(x) x, x, x, x, x, x, x, x
#define LETTERS EIGHT(L), EIGHT(L), EIGHT(L), L, L

static const unsigned char classes[256] = {
	EIGHT(C),
	EIGHT(C),
	EIGHT(C),
	EIGHT(C),
	B,
	P,
	M,
	P,
	P,
	P,
	M,
	M,
	EIGHT(P), /* !"#$%&' ()*+,-./ */
	EIGHT(D),
	D,
	D,
	P,
	P,
	M,
	P,
	M,
	P, /* 0-9 :;<=>? */
	P,
	LETTERS,
	P,
	P,
	P,
	P,
	P, /* @ A-Z [\]^_ */
	P,
	LETTERS,
	P,
	P,
	P,
	P,
	C, /* ` a-z {|}~ DEL */
	EIGHT(H),
	EIGHT(H),
	EIGHT(H),
	EIGHT(H),
	EIGHT(H),
	EIGHT(H),
	EIGHT(H),
	EIGHT(H),
	EIGHT(H),
	EIGHT(H),
	EIGHT(H),
	EIGHT(H),
	EIGHT(H),
	EIGHT(H),
	EIGHT(H),
	EIGHT(H),
};

#undef D
#undef L
#undef B
#undef M
#undef P
#undef C
#undef H

unsigned text_classes(struct slice s)
{
	unsigned all = 0;
	size_t i;

	for (i = 0; i < s.n; i++)
		all |= classes[(unsigned char)s.p[i]];
	return all;
}

bool text_in_word(char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c & 0x80);
}

struct slice text_cut_word(struct slice *rest)
{
	struct slice word;

	while (rest->n > 0 && !text_in_word(*rest->p)) {
		rest->p++;
		rest->n--;
	}
	for (word = (struct slice){ rest->p, 0 }; rest->n > 0 && text_in_word(*rest->p); word.n++) {
		rest->p++;
		rest->n--;
	}
	return word;
}

enum err_code text_check(const char *field, struct slice s, size_t max, struct err *err)
{
	if (!text_is_utf8(s))
		return err_set(err, ERR_INPUT, "%s is not valid UTF-8; send it as UTF-8 text", field);
	if (text_has_control(s))
		return err_set(err, ERR_INPUT, "%s holds a line break or another control character; remove it", field);
	if (text_length(s) > max)
		return err_set(
			err, ERR_INPUT, "%s has %zu characters; at most %zu are allowed", field, text_length(s), max);
	return ERR_OK;
}

size_t text_distance(const char *a, const char *b)
{
	size_t row[TEXT_DISTANCE_MAX], i, j, n = strlen(b);

	if (n >= TEXT_DISTANCE_MAX)
		return TEXT_DISTANCE_MAX;
	for (j = 0; j <= n; j++)
		row[j] = j;
	for (i = 0; a[i]; i++) {
		size_t diag = row[0];

		row[0] = i + 1;
		for (j = 0; j < n; j++) {
			size_t cost = diag + (a[i] != b[j]);

			diag = row[j + 1];
			row[j + 1] = cost < row[j] + 1 ? cost : row[j] + 1;
			if (diag + 1 < row[j + 1])
				row[j + 1] = diag + 1;
		}
	}
	return row[n];
}
