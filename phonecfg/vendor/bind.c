/* Rows of parameters and lines of files: what a phone would not take is never served.
 *
 * When a program is made, each value's parameter is read from the text before it; the value is then held against its
 * row in every file. A line whose value is made of several parts is held against it when it is whole. */
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/text.h"
#include "phonecfg/vendor/renderer.h"

/* ---- lines ---- */

static struct slice between(const char *from, const char *to)
{
	return (struct slice){ from, (size_t)(to - from) };
}

/* name = value */
static bool line_equals(struct slice line, struct slice *name, struct slice *value)
{
	const char *at = line.n ? memchr(line.p, '=', line.n) : NULL;

	if (!at || line.p[0] == '#' || line.p[0] == '[' || slice_starts(line, "include:"))
		return false;
	*name = slice_trim(between(line.p, at));
	*value = slice_trim(between(at + 1, line.p + line.n));
	return true;
}

/* name="value", alone on its line */
static bool line_attribute(struct slice line, struct slice *name, struct slice *value)
{
	const char *at = line.n ? memchr(line.p, '=', line.n) : NULL, *end = line.p + line.n;

	if (!at || line.p[0] == '<' || at + 2 >= end || at[1] != '"' || end[-1] != '"' ||
		memchr(at + 2, '"', (size_t)(end - 1 - (at + 2))))
		return false;
	*name = slice_trim(between(line.p, at));
	*value = between(at + 2, end - 1);
	return true;
}

/* The name in `<item name="name"` or `<entry name="name"`, and what stands behind it. */
static bool named(struct slice line, struct slice *name, struct slice *rest)
{
	static const char *const all[] = { "<item name=\"", "<entry name=\"" };

	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		if (!slice_starts(line, all[i]))
			continue;
		*rest = between(line.p + strlen(all[i]), line.p + line.n);
		*name = slice_cut(rest, '"');
		return true;
	}
	return false;
}

/* <item name="name">value</item>, <entry name="name" overwrite="true">value</entry> */
static bool line_named(struct slice line, const char *end, struct slice *name, struct slice *value)
{
	struct slice rest;
	const char *at;

	if (!named(line, name, &rest) || !slice_ends(rest, end))
		return false;
	rest.n -= strlen(end);
	at = rest.n ? memchr(rest.p, '>', rest.n) : NULL;
	if (!at)
		return false;
	*value = between(at + 1, rest.p + rest.n);
	return true;
}

/* <name>value</name> */
static bool line_element(struct slice line, struct slice *name, struct slice *value)
{
	struct slice rest = line, tag = slice_cut(&rest, '>');

	if (!slice_starts(line, "<") || tag.n < 2 || rest.n < tag.n + 2 || !slice_ends(rest, ">"))
		return false;
	*name = between(tag.p + 1, tag.p + tag.n);
	*value = (struct slice){ rest.p, rest.n - name->n - 3 };
	return slice_starts((struct slice){ value->p + value->n, 2 }, "</");
}

bool bind_line(enum vendor_id vendor, struct slice line, struct slice *name, struct slice *value)
{
	line = slice_trim(line);
	if (slice_ends(line, "\r"))
		line.n--;
	switch (vendor) {
	case VENDOR_YEALINK:
		return line_equals(line, name, value);
	case VENDOR_POLYCOM:
		return line_attribute(line, name, value);
	case VENDOR_GRANDSTREAM:
		return line_named(line, "</item>", name, value) ||
		       (slice_starts(line, "<P") && line_element(line, name, value));
	case VENDOR_LINPHONE:
		return line_named(line, "</entry>", name, value);
	case VENDOR_ACROBITS:
	case VENDOR_ZOIPER:
		return line_element(line, name, value);
	default:
		return false;
	}
}

/* ---- values ---- */

/* The five entities that escape.c writes; text without one stays where it is. */
struct slice bind_unescape(struct slice in, char room[BIND_VALUE_MAX])
{
	static const struct {
		const char *entity;
		char c;
	} all[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&quot;", '"' }, { "&apos;", '\'' } };
	struct slice out = { room, 0 };

	if (!in.n || !memchr(in.p, '&', in.n) || in.n > BIND_VALUE_MAX)
		return in;
	while (in.n) {
		size_t skip = 1;
		char c = in.p[0];
		for (size_t i = 0; c == '&' && i < sizeof(all) / sizeof(all[0]); i++) {
			if (slice_starts(in, all[i].entity)) {
				c = all[i].c;
				skip = strlen(all[i].entity);
				break;
			}
		}
		room[out.n++] = c;
		in = (struct slice){ in.p + skip, in.n - skip };
	}
	return out;
}

static enum err_code refuse(struct slice name, const char *why, struct err *err)
{
	return err_set(err, ERR_INPUT, "%.*s %s; a phone would keep its old value", SLICE_ARG(name), why);
}

/* v is of digits only. */
static bool inside(const struct param_row *row, struct slice v)
{
	long long n = 0;

	for (size_t i = 0; i < v.n && v.n < 18; i++)
		n = n * 10 + (v.p[i] - '0');
	return v.n < 18 && n >= row->min && n <= row->max;
}

/* Most values are plain and well inside; this says yes to those, and nothing to the others. */
static bool plainly_fits(const struct param_row *row, struct slice v, unsigned classes)
{
	unsigned flags = row->flags | (row->same ? row->same->flags : 0);
	const unsigned never = TEXT_CONTROL | TEXT_HIGH, text = TEXT_BLANK | TEXT_PUNCT | TEXT_MARKUP | TEXT_LETTER;

	if (row->type == PARAM_ANY && row->same)
		row = row->same;
	if (!v.n || (classes & never) || ((flags & PARAM_PRINT) && (classes & TEXT_BLANK)) ||
		((flags & PARAM_ALNUM) && (classes & (text & ~TEXT_LETTER))) ||
		((flags & PARAM_DIGITS) && (classes & text)))
		return false;
	switch (row->type) {
	case PARAM_ANY:
	case PARAM_STRING:
		return true;
	case PARAM_BOOL:
		return v.n == 1 && (v.p[0] == '0' || v.p[0] == '1');
	case PARAM_INT:
		return classes == TEXT_DIGIT && inside(row, v);
	case PARAM_WORD:
		for (size_t i = 0; i < row->nwords; i++) {
			if (slice_eq_str(v, row->words[i]))
				return true;
		}
		return false;
	case PARAM_TEXT:
	case PARAM_BYTES:
		return (long long)v.n >= row->min && (long long)v.n <= row->max;
	default:
		return false;
	}
}

static size_t name_length(struct slice s)
{
	size_t n = 0;

	while (n < s.n && !strchr(" =\">", s.p[n]))
		n++;
	return n;
}

/* The parameter of a line that is cut before its value: `name = `, `name="`, `<item name="name">`, `<P271>`. */
static struct slice name_before(struct slice line)
{
	struct slice name, rest;

	line = slice_trim(line);
	if (named(line, &name, &rest))
		return name;
	if (slice_starts(line, "<"))
		line = between(line.p + 1, line.p + line.n);
	return (struct slice){ line.p, name_length(line) };
}

static enum err_code value(
	const void *arg, const void *rule, struct slice before, struct slice v, unsigned classes, struct err *err)
{
	const struct param_row *row = rule;
	char why[PARAM_WHY_MAX];
	struct slice name;
	const char *bad;

	(void)arg;
	if (plainly_fits(row, v, classes))
		return ERR_OK;
	bad = param_row_judge(row, v, why);
	if (!bad)
		return ERR_OK;
	if (!err)
		return ERR_INPUT;
	name = name_before(before);
	return refuse(name.n ? name : slice_str(row->name), bad, err);
}

/* A softphone's row is section and entry, and a line has the entry alone: where several sections have one of that name,
 * as with realm, their rows are of one type (tests/golden/render.t). */
static const struct param_row *row_of_entry(const struct param_book *book, struct slice entry)
{
	for (size_t i = 0; i < param_book_count(book); i++) {
		const struct param_row *row = param_book_at(book, i);
		const char *tail = strchr(row->name, '/');
		if (tail && slice_eq_str(entry, tail + 1))
			return row;
	}
	return NULL;
}

const struct param_row *bind_row(const struct param_book *book, struct slice name)
{
	char text[PARAM_NAME_MAX];
	const struct param_row *row;

	if (!name.n || name.n >= sizeof(text))
		return NULL;
	memcpy(text, name.p, name.n);
	text[name.n] = 0;
	row = param_book_row(book, text);
	return row || param_book_vendor(book) < VENDOR_LINPHONE ? row : row_of_entry(book, name);
}

static enum err_code whole(const void *arg, struct slice line, struct err *err)
{
	const struct param_book *book = arg;
	char room[BIND_VALUE_MAX], why[PARAM_WHY_MAX];
	const struct param_row *row;
	struct slice name, v;
	const char *bad;

	if (!bind_line(param_book_vendor(book), line, &name, &v))
		return ERR_OK;
	row = bind_row(book, name);
	bad = row ? param_row_judge(row, bind_unescape(v, room), why) : NULL;
	return bad ? refuse(name, bad, err) : ERR_OK;
}

/* ---- lines when a program is made ---- */

/* The name with {} for each value in it; false when a value is only a part of a part, or all of it. */
static bool pattern_of(const struct template_line *line, struct slice name, char out[PARAM_NAME_MAX], size_t *inside)
{
	size_t from = (size_t)(name.p - line->text.p), end = from + name.n, n = 0;

	*inside = 0;
	for (size_t i = 0; i <= name.n; i++) {
		size_t at = from + i;
		while (*inside < line->nholes && line->holes[*inside] == at) {
			if (n + 3 > PARAM_NAME_MAX || !name.n || (i && name.p[i - 1] != '.') ||
				(i < name.n && name.p[i] != '.'))
				return false;
			out[n++] = '{';
			out[n++] = '}';
			++*inside;
		}
		if (n + 2 > PARAM_NAME_MAX)
			return false;
		if (at < end)
			out[n++] = name.p[i];
	}
	out[n] = 0;
	return true;
}

bool bind_pattern(enum vendor_id vendor, const struct template_line *line, char pattern[PARAM_NAME_MAX], size_t *inside,
	struct slice *name, struct slice *v)
{
	return bind_line(vendor, line->text, name, v) && name->n && pattern_of(line, *name, pattern, inside);
}

static enum err_code line(const void *arg, const struct template_line *l, enum template_verdict *verdict,
	const void **rule, struct err *err)
{
	const struct param_book *book = arg;
	char pattern[PARAM_NAME_MAX], room[BIND_VALUE_MAX], why[PARAM_WHY_MAX];
	const struct param_row *row;
	struct slice name, v;
	const char *bad;
	size_t inside;

	*verdict = TEMPLATE_FREE;
	if (!bind_pattern(param_book_vendor(book), l, pattern, &inside, &name, &v))
		return ERR_OK;
	row = bind_row(book, slice_str(pattern));
	if (!row)
		return ERR_OK;
	if (inside == l->nholes) {
		bad = param_row_judge(row, bind_unescape(v, room), why);
		return bad ? refuse(name, bad, err) : ERR_OK;
	}
	*verdict = inside + 1 == l->nholes && !v.n ? TEMPLATE_VALUE : TEMPLATE_WHOLE;
	*rule = row;
	return ERR_OK;
}

bool bind_rules(const struct renderer *r, enum vendor_id vendor, enum file_kind kind, struct template_rules *out)
{
	/* Polycom's master file names files, it sets no parameters. */
	static const struct {
		enum vendor_id vendor;
		enum file_kind kind;
	} files[] = {
		{ VENDOR_YEALINK, FILE_MAC_CFG },
		{ VENDOR_YEALINK, FILE_YEALINK_COMMON },
		{ VENDOR_YEALINK, FILE_LATER_CFG },
		{ VENDOR_POLYCOM, FILE_LINES_CFG },
		{ VENDOR_GRANDSTREAM, FILE_GS_XML },
		{ VENDOR_LINPHONE, FILE_SOFTPHONE },
		{ VENDOR_ACROBITS, FILE_SOFTPHONE },
		{ VENDOR_ZOIPER, FILE_SOFTPHONE },
	};
	bool known = false;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		known = known || (files[i].vendor == vendor && files[i].kind == kind);
	if (!known || !r->books[vendor])
		return false;
	*out = (struct template_rules){ r->books[vendor], line, value, whole };
	return true;
}
