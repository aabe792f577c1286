/* A row of parameters.txt read. */
#include "phonecfg/vendor/row.h"

#include <limits.h>
#include <string.h>

#include "phonecfg/base/text.h"

static const struct {
	const char *word;
	unsigned flag;
} flags[] = {
	{ "mandatory", PARAM_MANDATORY },
	{ "empty", PARAM_EMPTY },
	{ "ascii", PARAM_ASCII },
	{ "print", PARAM_PRINT },
	{ "alnum", PARAM_ALNUM },
	{ "digits", PARAM_DIGITS },
	{ "lines", PARAM_LINES },
	{ "reboot", PARAM_REBOOT },
	{ "secret", PARAM_SECRET },
	{ "repeats", PARAM_REPEATS },
	{ "boot", PARAM_BOOT },
};

static const struct {
	const char *word;
	enum param_type type;
	bool limits;
} types[] = {
	{ "bool", PARAM_BOOL, false },
	{ "int", PARAM_INT, true },
	{ "text", PARAM_TEXT, true },
	{ "bytes", PARAM_BYTES, true },
	{ "url", PARAM_URL, true },
	{ "string", PARAM_STRING, false },
	{ "word", PARAM_WORD, false },
	{ "enum", PARAM_WORD, false },
};

enum { NFLAGS = sizeof(flags) / sizeof(*flags), NTYPES = sizeof(types) / sizeof(*types) };

struct row_reader {
	struct arena *a;
	struct param_row *row;
	struct err *err;
};

static unsigned holes(const char *name)
{
	unsigned n = 0;

	for (const char *p = name; (p = strstr(p, "{}")); p += 2)
		n++;
	return n;
}

static enum err_code read_name(struct row_reader *r, struct slice name)
{
	char pattern[PARAM_NAME_MAX];

	for (size_t i = 0; i < name.n; i++) {
		if (name.p[i] <= 32 || name.p[i] > 126)
			return err_set(r->err, ERR_INPUT, "a parameter's name is of visible ASCII characters");
	}
	r->row->name = arena_slice(r->a, name);
	if (!r->row->name)
		return ERR_OK; /* the arena is asked at the end */
	if (!name.n || !param_pattern(r->row->name, pattern))
		return err_set(r->err, ERR_INPUT, "a row begins with a name of at most %d characters", PARAM_NAME_MAX);
	if (strcmp(pattern, r->row->name) != 0)
		return err_set(r->err, ERR_INPUT, "%s has a number as a part; write %s and its range in column 2",
			r->row->name, pattern);
	return ERR_OK;
}

static enum err_code read_ranges(struct row_reader *r, struct slice text)
{
	struct param_row *row = r->row;
	unsigned want = holes(row->name);

	if (!text.n || slice_eq_str(text, "-"))
		return ERR_OK;
	while (text.n) {
		struct slice to = slice_cut(&text, ','), from = slice_cut(&to, '.');
		long long a, b;
		if (to.n && to.p[0] == '.')
			to = (struct slice){ to.p + 1, to.n - 1 };
		else
			to = from;
		if (!param_integer(from, &a) || !param_integer(to, &b) || a < 0 || a > b || b > INT_MAX)
			return err_set(
				r->err, ERR_INPUT, "%s: the ranges in column 2 are written 1..34,1..4", row->name);
		if (row->nranges == PARAM_RANGES_MAX)
			return err_set(r->err, ERR_INPUT, "%s: more than %d ranges", row->name, PARAM_RANGES_MAX);
		row->ranges[row->nranges++] = (struct param_range){ (unsigned)a, (unsigned)b };
	}
	if (row->nranges != want)
		return err_set(r->err, ERR_INPUT, "%s has %u numbers and %u ranges in column 2", row->name, want,
			row->nranges);
	return ERR_OK;
}

/* An empty word, as the schema of Polycom has them, says that the value may be empty. */
static enum err_code read_words(struct row_reader *r, struct slice text)
{
	const char **words = NULL;
	size_t cap = 0;

	if (text.n && text.p[text.n - 1] == '|')
		r->row->flags |= PARAM_EMPTY;
	while (text.n) {
		struct slice word = slice_cut(&text, '|');
		const char **slot;
		if (!word.n) {
			r->row->flags |= PARAM_EMPTY;
			continue;
		}
		slot = arena_push(r->a, (void **)&words, &r->row->nwords, &cap, sizeof(*slot));
		if (slot)
			*slot = arena_slice(r->a, word);
	}
	r->row->words = words;
	return words || arena_failed(r->a) ? ERR_OK
					   : err_set(r->err, ERR_INPUT, "%s: its type names no word", r->row->name);
}

static enum err_code read_limits(struct row_reader *r, struct slice text)
{
	struct param_row *row = r->row;
	struct slice min = slice_cut(&text, ' '), max = slice_cut(&text, ' ');

	if (!param_integer(min, &row->min) || !param_integer(max, &row->max) || row->min > row->max ||
		(row->type != PARAM_INT && row->min < 0))
		return err_set(r->err, ERR_INPUT, "%s: the limits of its type are two numbers, the smaller one first",
			row->name);
	if (slice_eq_str(text, "empty"))
		row->flags |= PARAM_EMPTY;
	else if (text.n)
		return err_set(
			r->err, ERR_INPUT, "%s: \"%.*s\" behind the limits of its type", row->name, SLICE_ARG(text));
	return ERR_OK;
}

static enum err_code read_type(struct row_reader *r, struct slice text)
{
	struct slice word = slice_cut(&text, ' ');

	if (!word.n || slice_eq_str(word, "-"))
		return ERR_OK;
	for (size_t i = 0; i < NTYPES; i++) {
		if (!slice_eq_str(word, types[i].word))
			continue;
		r->row->type = types[i].type;
		if (types[i].limits)
			return read_limits(r, text);
		if (types[i].type == PARAM_WORD)
			return read_words(r, text);
		if (!text.n)
			return ERR_OK;
		break;
	}
	return err_set(r->err, ERR_INPUT,
		"%s: there is no type \"%.*s%s%.*s\"; README.md of firmware-profiles lists them", r->row->name,
		SLICE_ARG(word), text.n ? " " : "", SLICE_ARG(text));
}

static enum err_code read_flag(struct row_reader *r, struct slice word)
{
	struct slice value = word, key = slice_cut(&value, '=');

	for (size_t i = 0; i < NFLAGS; i++) {
		if (slice_eq_str(word, flags[i].word)) {
			r->row->flags |= flags[i].flag;
			return ERR_OK;
		}
	}
	if (value.n && slice_eq_str(key, "unit"))
		r->row->unit = arena_slice(r->a, value);
	else if (value.n && slice_eq_str(key, "needs"))
		r->row->needs = arena_slice(r->a, value);
	else if (value.n && slice_eq_str(key, "alias"))
		r->row->alias = arena_slice(r->a, value);
	else
		return err_set(r->err, ERR_INPUT,
			"%s: there is no flag \"%.*s\"; README.md of firmware-profiles lists them", r->row->name,
			SLICE_ARG(word));
	return ERR_OK;
}

static enum err_code read_flags(struct row_reader *r, struct slice text)
{
	enum err_code rc = ERR_OK;

	if (slice_eq_str(text, "-"))
		return ERR_OK;
	while (!rc && text.n)
		rc = read_flag(r, slice_trim(slice_cut(&text, ',')));
	if (!rc && (r->row->flags & PARAM_MANDATORY) && (r->row->flags & PARAM_EMPTY))
		rc = err_set(r->err, ERR_INPUT, "%s cannot be mandatory and empty", r->row->name);
	return rc;
}

static const char *optional(struct row_reader *r, struct slice text)
{
	return !text.n || slice_eq_str(text, "-") ? NULL : arena_slice(r->a, text);
}

static enum err_code read_since(struct row_reader *r, struct slice text)
{
	for (size_t i = 0; i < text.n && !slice_eq_str(text, "-"); i++) {
		if ((text.p[i] < '0' || text.p[i] > '9') && text.p[i] != '.')
			return err_set(r->err, ERR_INPUT,
				"%s: since \"%.*s\": a firmware version is of digits and dots", r->row->name,
				SLICE_ARG(text));
	}
	r->row->since = optional(r, text);
	return ERR_OK;
}

static enum err_code read_default(struct row_reader *r, struct slice text)
{
	char why[PARAM_WHY_MAX];
	const char *bad;

	r->row->fallback = slice_eq_str(text, "\"\"") ? "" : optional(r, text);
	/* A phone's own default may be empty where a file may not say so. */
	if (!r->row->fallback || !*r->row->fallback)
		return ERR_OK;
	bad = param_row_judge(r->row, slice_str(r->row->fallback), why);
	return bad ? err_set(r->err, ERR_INPUT, "%s: its own default \"%.*s\" %s", r->row->name, SLICE_ARG(text), bad)
		   : ERR_OK;
}

enum err_code param_row_parse(
	struct slice line, enum vendor_id vendor, struct arena *a, struct param_row *out, struct err *err)
{
	struct row_reader r = { a, out, err };
	struct slice rest = line;
	enum err_code rc;

	memset(out, 0, sizeof(*out));
	out->vendor = vendor;
	if (!text_is_utf8(line))
		return err_set(err, ERR_INPUT, "this line is not valid UTF-8");
	rc = read_name(&r, slice_cut(&rest, '\t'));
	if (rc || !out->name)
		return rc;
	if ((rc = read_ranges(&r, slice_cut(&rest, '\t'))) || (rc = read_type(&r, slice_cut(&rest, '\t'))) ||
		(rc = read_flags(&r, slice_cut(&rest, '\t'))) || (rc = read_default(&r, slice_cut(&rest, '\t'))) ||
		(rc = read_since(&r, slice_cut(&rest, '\t'))))
		return rc;
	out->meaning = optional(&r, slice_cut(&rest, '\t'));
	if (rest.n)
		return err_set(err, ERR_INPUT, "%s: there are more than 7 columns", out->name);
	return ERR_OK;
}
