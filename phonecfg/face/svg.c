#include "phonecfg/face/svg.h"

#include <stdint.h>
#include <string.h>

#include "phonecfg/base/text.h"

/* Advance of U+0020 to U+007E in DejaVu Sans, in hundredths of the size, rounded up (the font's own table). */
static const unsigned char ascii[95] = { 32, 41, 47, 84, 64, 96, 79, 28, 40, 40, 51, 84, 32, 37, 32, 34, 64, 64, 64, 64,
	64, 64, 64, 64, 64, 64, 34, 34, 84, 84, 84, 54, 101, 69, 69, 70, 78, 64, 58, 78, 76, 30, 30, 66, 56, 87, 75, 79,
	61, 79, 70, 64, 62, 74, 69, 99, 69, 62, 69, 40, 34, 40, 84, 51, 51, 62, 64, 56, 64, 62, 36, 64, 64, 28, 28, 58,
	28, 98, 64, 62, 64, 64, 42, 53, 40, 64, 60, 82, 60, 60, 53, 64, 34, 64, 84 };
enum { ELLIPSIS = 101 };

/* One character from the front; malformed bytes are one U+FFFD each. */
static uint32_t take(struct slice *s)
{
	const unsigned char *p = (const unsigned char *)s->p;
	size_t n = p[0] < 0x80 ? 1 : (p[0] & 0xe0) == 0xc0 ? 2 : (p[0] & 0xf0) == 0xe0 ? 3 : 4;
	uint32_t c;

	if (n > s->n || !text_is_utf8((struct slice){ s->p, n }))
		n = 1;
	c = n == 1 ? (p[0] < 0x80 ? p[0] : 0xfffd) : p[0] & (0xff >> (n + 1));
	for (size_t i = 1; i < n; i++)
		c = c << 6 | (p[i] & 0x3f);
	s->p += n;
	s->n -= n;
	return c;
}

static bool bad(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xfffe || c == 0xffff || c == 0xfffd || c == 0x200e ||
	       c == 0x200f || c == 0x061c || (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
}

void svg_escape(struct buf *b, struct slice text)
{
	while (text.n) {
		struct slice at = text;
		uint32_t c = take(&text);

		if (bad(c))
			buf_str(b, "\xef\xbf\xbd");
		else if (c == '&')
			buf_str(b, "&amp;");
		else if (c == '<')
			buf_str(b, "&lt;");
		else if (c == '>')
			buf_str(b, "&gt;");
		else if (c == '"')
			buf_str(b, "&quot;");
		else if (c == '\'')
			buf_str(b, "&#39;");
		else
			buf_add(b, at.p, at.n - text.n);
	}
}

/* Hundredths of the size. Beyond ASCII by script: marks that stand on another letter, letters, ideographs. */
static unsigned advance(uint32_t c)
{
	if (c >= 0x20 && c < 0x7f)
		return ascii[c - 0x20];
	if ((c >= 0x300 && c < 0x370) || (c >= 0x200b && c < 0x200e))
		return 0;
	return c < 0x590 && !bad(c) ? 100 : 130;
}

double svg_width(struct slice text, double size)
{
	unsigned long sum = 0;

	while (text.n)
		sum += advance(take(&text));
	return (double)sum * size / 100;
}

size_t svg_fit(struct slice text, double size, double width)
{
	struct slice rest = text;
	double sum = 0;
	size_t fits = 0;

	if (svg_width(text, size) <= width)
		return text.n;
	while (rest.n) {
		sum += advance(take(&rest)) * size / 100;
		if (sum + ELLIPSIS * size / 100 > width)
			break;
		fits = text.n - rest.n;
	}
	return fits;
}

static void one_line(struct buf *b, const struct svg_text *at, unsigned line, struct slice text, bool cut)
{
	buf_printf(b, "<text class=\"%s\" x=\"%.1f\" y=\"%.1f\" font-size=\"%g\"%s>", at->cls, at->x,
		at->y + line * at->line_height, at->size, at->right ? " text-anchor=\"end\"" : "");
	svg_escape(b, text);
	buf_str(b, cut ? "\xe2\x80\xa6</text>" : "</text>");
}

/* The bytes of one more line that is not the last: up to the last blank that fits, else as many letters as fit. */
static size_t break_at(struct slice text, double size, double width)
{
	struct slice rest = text;
	double sum = 0;
	size_t fits = 0, blank = 0;

	while (rest.n) {
		uint32_t c = take(&rest);

		sum += advance(c) * size / 100;
		if (sum > width)
			break;
		fits = text.n - rest.n;
		if (c == ' ' && fits > 1)
			blank = fits;
	}
	return blank ? blank : fits;
}

unsigned svg_text(struct buf *b, const struct svg_text *at, struct slice text)
{
	unsigned line = 0;
	size_t n;

	while (line + 1 < at->lines && svg_width(text, at->size) > at->width) {
		n = break_at(text, at->size, at->width);
		if (!n)
			break;
		one_line(b, at, line++, slice_trim((struct slice){ text.p, n }), false);
		text = (struct slice){ text.p + n, text.n - n };
	}
	n = svg_fit(text, at->size, at->width);
	one_line(b, at, line++, (struct slice){ text.p, n }, n < text.n);
	return line;
}
