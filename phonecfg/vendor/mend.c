/* A file without what its phone would not take. Only where a value broke its row: nothing here runs for the others. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/text.h"
#include "phonecfg/vendor/renderer.h"

enum { BLANKS = 5 };

void left_note(struct vendor_left *left, const char *fmt, ...)
{
	va_list ap;

	if (left->n++)
		return;
	va_start(ap, fmt);
	vsnprintf(left->first, sizeof(left->first), fmt, ap);
	va_end(ap);
}

/* What stands for nothing, best first: the vendor's own blank, then what the phone has by itself, then what means
 * nothing. None of them needs an escaper. */
static void blanks_of(const struct mender *m, const struct param_row *row, const char *out[BLANKS])
{
	const char *fallback = row->fallback ? row->fallback : row->same ? row->same->fallback : NULL;
	const unsigned never = TEXT_CONTROL | TEXT_HIGH | TEXT_MARKUP;

	out[0] = m->vendor == VENDOR_YEALINK ? "%NULL%" : "";
	out[1] = fallback && !(text_classes(slice_str(fallback)) & never) ? fallback : "";
	out[2] = "0";
	out[3] = m->filler;
	out[4] = m->digits;
}

static bool mend_line(
	const struct mender *m, struct slice line, struct slice value, const struct param_row *row, struct buf *out)
{
	const char *blanks[BLANKS];
	char why[PARAM_WHY_MAX];

	blanks_of(m, row, blanks);
	for (size_t i = 0; i < BLANKS; i++) {
		if (param_row_judge(row, slice_str(blanks[i]), why))
			continue;
		buf_add(out, line.p, (size_t)(value.p - line.p));
		buf_str(out, blanks[i]);
		buf_add(out, value.p + value.n, line.n - (size_t)(value.p - line.p) - value.n);
		return true;
	}
	return false;
}

void mend_text(const struct mender *m, struct slice text, struct buf *out, struct vendor_left *left)
{
	char room[BIND_VALUE_MAX], why[PARAM_WHY_MAX];

	while (text.n) {
		const char *start = text.p;
		struct slice line = slice_cut(&text, '\n'), name, value;
		bool ended = (size_t)(text.p - start) > line.n, is = bind_line(m->vendor, line, &name, &value);
		const struct param_row *row = is ? bind_row(m->book, name) : NULL;
		const char *bad = row ? param_row_judge(row, bind_unescape(value, room), why) : NULL;
		if (bad)
			left_note(left, "%.*s %s", SLICE_ARG(name), bad);
		if (bad && !mend_line(m, line, value, row, out))
			continue; /* nothing that the phone would take: it keeps its own */
		if (!bad)
			buf_slice(out, line);
		if (ended)
			buf_char(out, '\n');
	}
}
