/* Would a phone take this name with this value? */
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/text.h"
#include "phonecfg/vendor/row.h"

enum { INT_DIGITS_MAX = 18 };

/* The number of a softphone's section, "proxy_3/realm": how many characters stand before it, 0 = none. */
static size_t section_number(const char *name)
{
	size_t at = strcspn(name, "/"), from = at;

	while (name[at] && from > 1 && name[from - 1] >= '0' && name[from - 1] <= '9')
		from--;
	return name[at] && from < at && from > 1 && name[from - 1] == '_' ? from : 0;
}

bool param_pattern(const char *name, char out[PARAM_NAME_MAX])
{
	size_t n = 0, before = section_number(name);

	if (before) {
		if (before + 4 > PARAM_NAME_MAX)
			return false;
		memcpy(out, name, before);
		memcpy(out + before, "{}", 2);
		n = before + 2;
		name += strcspn(name, "/");
	}
	while (*name) {
		size_t len = strcspn(name, "."), digits = strspn(name, "0123456789");
		bool number = len && digits == len && len < 10;
		const char *part = number ? "{}" : name;
		size_t add = number ? 2 : len;
		if (n + add + 2 > PARAM_NAME_MAX)
			return false;
		memcpy(out + n, part, add);
		n += add;
		name += len;
		if (*name == '.')
			out[n++] = *name++;
	}
	out[n] = 0;
	return true;
}

bool param_integer(struct slice s, long long *out)
{
	bool minus = s.n && s.p[0] == '-';
	size_t i = minus ? 1 : 0;
	long long v = 0;

	if (i == s.n || s.n - i > INT_DIGITS_MAX)
		return false;
	for (; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		v = v * 10 + (s.p[i] - '0');
	}
	*out = minus ? -v : v;
	return true;
}

static const char *bad_length(size_t n, long long min, long long max, const char *what, char why[PARAM_WHY_MAX])
{
	if ((long long)n >= min && (long long)n <= max)
		return NULL;
	if ((long long)n > max)
		snprintf(why, PARAM_WHY_MAX, "may have at most %lld %s and has %zu", max, what, n);
	else
		snprintf(why, PARAM_WHY_MAX, "must have at least %lld %s and has %zu", min, what, n);
	return why;
}

static bool alnum(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static const char *bad_alphabet(unsigned flags, struct slice v)
{
	bool breaks = false, print = true, ascii = true, letters = true, digits = true;

	for (size_t i = 0; i < v.n; i++) {
		unsigned char c = (unsigned char)v.p[i];
		bool lines = (flags & PARAM_LINES) && (c == '\n' || c == '\r' || c == '\t');
		breaks = breaks || (!lines && (c < 32 || c == 127));
		ascii = ascii && c < 127 && (c >= 32 || lines);
		print = print && c > 32 && c < 127;
		letters = letters && alnum(c);
		digits = digits && c >= '0' && c <= '9';
	}
	if (breaks || (!ascii && !(flags & PARAM_LINES) && text_has_control(v)))
		return "holds a line break or another control character";
	if (!ascii && !text_is_utf8(v))
		return "is not valid UTF-8";
	if ((flags & PARAM_DIGITS) && !digits)
		return "may hold digits only";
	if ((flags & PARAM_ALNUM) && !letters)
		return "may hold letters and digits only";
	if ((flags & PARAM_PRINT) && !print)
		return "may hold visible ASCII characters only, no blank";
	if ((flags & PARAM_ASCII) && !ascii)
		return "may hold ASCII characters only";
	return NULL;
}

static const char *bad_word(const struct param_row *row, struct slice v, char why[PARAM_WHY_MAX])
{
	size_t n = 0;

	for (size_t i = 0; i < row->nwords; i++) {
		if (row->vendor == VENDOR_GRANDSTREAM ? slice_ieq_str(v, row->words[i])
						      : slice_eq_str(v, row->words[i]))
			return NULL;
	}
	n += (size_t)snprintf(why, PARAM_WHY_MAX, "must be one of");
	for (size_t i = 0; i < row->nwords; i++) {
		size_t len = strlen(row->words[i]);
		if (n + len + 8 > PARAM_WHY_MAX) {
			snprintf(why + n, PARAM_WHY_MAX - n, ", …");
			break;
		}
		n += (size_t)snprintf(why + n, PARAM_WHY_MAX - n, "%s %s", i ? "," : "", row->words[i]);
	}
	return why;
}

static bool is_url(struct slice v)
{
	ptrdiff_t at = slice_find(v, SLICE_LIT("://"));

	for (ptrdiff_t i = 0; i < at; i++) {
		if (!alnum((unsigned char)v.p[i]) && v.p[i] != '+' && v.p[i] != '-' && v.p[i] != '.')
			return false;
	}
	return at > 0 && memchr(v.p, ' ', v.n) == NULL && (size_t)at + 3 < v.n;
}

static bool truth(const struct param_row *row, struct slice v)
{
	if (slice_eq_str(v, "0") || slice_eq_str(v, "1"))
		return true;
	return row->vendor == VENDOR_POLYCOM && (slice_eq_str(v, "true") || slice_eq_str(v, "false"));
}

static const char *bad_type(const struct param_row *row, struct slice v, char why[PARAM_WHY_MAX])
{
	const char *bad;
	long long n;

	switch (row->type) {
	case PARAM_BOOL:
		return truth(row, v) ? NULL : "must be 0 or 1";
	case PARAM_INT:
		if (param_integer(v, &n) && n >= row->min && n <= row->max)
			return NULL;
		snprintf(why, PARAM_WHY_MAX, "must be a number from %lld to %lld", row->min, row->max);
		return why;
	case PARAM_TEXT:
		return bad_length(text_length(v), row->min, row->max, "characters", why);
	case PARAM_BYTES:
		return bad_length(v.n, row->min, row->max, "bytes", why);
	case PARAM_URL:
		bad = bad_length(v.n, row->min, row->max, "characters", why);
		return bad ? bad : !v.n || is_url(v) ? NULL : "must be an address that begins with http:// or the like";
	case PARAM_WORD:
		return bad_word(row, v, why);
	default:
		return NULL;
	}
}

const char *param_row_judge(const struct param_row *row, struct slice value, char why[PARAM_WHY_MAX])
{
	const struct param_row *typed = row->type == PARAM_ANY && row->same ? row->same : row;
	unsigned flags = row->flags | (row->same ? row->same->flags : 0);
	const char *bad;

	/* Yealink's clear fits every parameter (vendor guide). */
	if (row->vendor == VENDOR_YEALINK && slice_eq_str(value, "%NULL%"))
		return NULL;
	if (!value.n && (flags & PARAM_MANDATORY))
		return "may not be empty: a phone would keep the old one";
	if (!value.n && (flags & PARAM_EMPTY))
		return NULL;
	bad = value.n ? bad_alphabet(flags, value) : NULL;
	return bad ? bad : bad_type(typed, value, why);
}

const char *param_row_numbers(const struct param_row *row, const char *name, char why[PARAM_WHY_MAX])
{
	struct slice rest = slice_str(name);
	unsigned k = 0;

	while (rest.n && k < row->nranges) {
		struct slice part = slice_cut(&rest, '.');
		const struct param_range *range = &row->ranges[k];
		long long v;
		if (!part.n || part.p[0] == '-' || part.n > 9 || !param_integer(part, &v))
			continue;
		if (v < range->first || v > range->last) {
			snprintf(why, PARAM_WHY_MAX, "has the number %lld in its name, which must be %u to %u", v,
				range->first, range->last);
			return why;
		}
		k++;
	}
	return NULL;
}

void param_row_type(const struct param_row *row, char *out, size_t size)
{
	const struct param_row *t = row->type == PARAM_ANY && row->same ? row->same : row;
	const char *unit = row->unit ? row->unit : t->unit;
	size_t n = 0;

	out[0] = 0;
	switch (t->type) {
	case PARAM_BOOL:
		snprintf(out, size, "0 or 1");
		break;
	case PARAM_INT:
		snprintf(
			out, size, "a number from %lld to %lld%s%s", t->min, t->max, unit ? " " : "", unit ? unit : "");
		break;
	case PARAM_TEXT:
	case PARAM_BYTES:
	case PARAM_URL:
		snprintf(out, size, "%s of %lld to %lld %s", t->type == PARAM_URL ? "an address" : "text", t->min,
			t->max, t->type == PARAM_TEXT ? "characters" : "bytes");
		break;
	case PARAM_WORD:
		for (size_t i = 0; i < t->nwords && n < size; i++)
			n += (size_t)snprintf(out + n, size - n, "%s%s", i ? " | " : "", t->words[i]);
		break;
	case PARAM_STRING:
		snprintf(out, size, "text; its limit is not known");
		break;
	default:
		snprintf(out, size, "not known");
		break;
	}
}

bool param_secret(const struct param_row *row, const char *name)
{
	static const char *const sounds[] = { "pass", "pwd", "secret", "psk", "privatekey", "private_key" };

	if (row && ((row->flags | (row->same ? row->same->flags : 0)) & PARAM_SECRET))
		return true;
	for (size_t i = 0; i < sizeof(sounds) / sizeof(*sounds); i++) {
		if (strcasestr(name, sounds[i]))
			return true;
	}
	return false;
}

enum param_verdict param_judge(const struct param_book *b, const char *name, struct slice value,
	const struct param_row **row, char why[PARAM_WHY_MAX])
{
	const struct param_row *r = param_book_row(b, name);
	const char *bad;

	if (row)
		*row = r;
	why[0] = 0;
	if (!r) {
		if (param_book_number(b, name))
			return PARAM_FINE;
		snprintf(why, PARAM_WHY_MAX, "is not known");
		return PARAM_UNKNOWN;
	}
	bad = param_row_numbers(r, name, why);
	if (bad)
		return PARAM_NUMBER;
	bad = param_row_judge(r, value, why);
	if (bad && bad != why)
		snprintf(why, PARAM_WHY_MAX, "%s", bad);
	else if (!bad)
		why[0] = 0;
	return bad ? PARAM_VALUE : PARAM_FINE;
}
