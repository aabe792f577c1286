#include "provisioning/api/csv_out.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

/* A cell ends with a quote, a digit or a letter; the end of a row and a byte order mark do not. */
static void part(struct buf *out)
{
	char last = out->len ? out->data[out->len - 1] : '\n';

	if (last == '"' || (last >= '0' && last <= '9') || (last >= 'a' && last <= 'z'))
		buf_char(out, ',');
}

/* What a spreadsheet may take for the beginning of a formula; the wide forms are what a Japanese one takes too. */
static bool is_formula(const char *text)
{
	static const char *const wide[] = { "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d",
		"\xef\xbc\xa0" }; /* ＝＋－＠ */
	size_t i;

	if (*text && strchr("=+-@'\t\r\n", *text))
		return true;
	for (i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
		if (strncmp(text, wide[i], 3) == 0)
			return true;
	return false;
}

void csv_text(struct buf *out, const char *text)
{
	const char *quote;

	part(out);
	text = text ? text : "";
	buf_char(out, '"');
	if (is_formula(text))
		buf_char(out, '\'');
	for (; (quote = strchr(text, '"')) != NULL; text = quote + 1) {
		buf_add(out, text, (size_t)(quote - text));
		buf_str(out, "\"\"");
	}
	buf_str(out, text);
	buf_char(out, '"');
}

void csv_int(struct buf *out, int64_t n)
{
	part(out);
	buf_printf(out, "%" PRId64, n);
}

void csv_bool(struct buf *out, bool yes)
{
	part(out);
	buf_str(out, yes ? "yes" : "no");
}

void csv_time(struct buf *out, int64_t ms)
{
	time_t t = (time_t)(ms / 1000);
	struct tm tm;
	char text[32] = "";

	if (ms && gmtime_r(&t, &tm))
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	csv_text(out, text);
}

void csv_end(struct buf *out)
{
	buf_str(out, "\r\n");
}
