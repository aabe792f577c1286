/* The list of known parameters of one vendor, and what a name or value is worth by it. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phonecfg/base/buf.h"
#include "phonecfg/base/mem.h"
#include "phonecfg/base/text.h"
#include "phonecfg/vendor/params.h"

enum { BOOK_MAX = 1024 * 1024, PATH_LEN = 1024 };

struct known {
	const char *name;   /* pattern */
	const char *ranges; /* "1..34,1..4" or "" */
	const char *type;   /* "bool", "int MIN MAX [empty]", "text MIN MAX", "enum A|B", "" */
};

struct param_book {
	enum vendor_id vendor;
	struct arena arena;
	struct known *v;
	const char **names;
	size_t n, cap;
	struct slice *numbers; /* Grandstream: "P 2-3 8 28-31" lines */
	size_t nnumbers, capnumbers;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct known *)a)->name, ((const struct known *)b)->name);
}

static void add_line(struct param_book *b, struct slice line)
{
	struct known *k;
	struct slice rest = line, name, ranges, *run;

	if (!line.n || line.p[0] == '#')
		return;
	if (slice_starts(line, "P ")) {
		run = arena_push(&b->arena, (void **)&b->numbers, &b->nnumbers, &b->capnumbers, sizeof(*run));
		if (run)
			*run = slice_str(arena_strndup(&b->arena, line.p + 2, line.n - 2));
		return;
	}
	name = slice_cut(&rest, '\t');
	ranges = slice_cut(&rest, '\t');
	k = arena_push(&b->arena, (void **)&b->v, &b->n, &b->cap, sizeof(*k));
	if (k)
		*k = (struct known){ arena_slice(&b->arena, name),
			slice_eq_str(ranges, "-") ? "" : arena_slice(&b->arena, ranges),
			slice_eq_str(rest, "-") ? "" : arena_slice(&b->arena, rest) };
}

static enum err_code read_book(struct param_book *b, const char *path, struct err *err)
{
	struct buf text;
	struct slice rest;
	char chunk[4096];
	size_t n;
	FILE *f = fopen(path, "rb");
	enum err_code rc;

	if (!f)
		return err_set(err, ERR_IO, "%s cannot be opened: %s", path, strerror(errno));
	buf_init(&text, BOOK_MAX);
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(&text, chunk, n);
	fclose(f);
	rc = buf_check(&text, path, err);
	for (rest = buf_view(&text); !rc && rest.n;)
		add_line(b, slice_cut(&rest, '\n'));
	buf_release(&text);
	return rc;
}

enum err_code param_book_open(const char *profiles_dir, enum vendor_id vendor, struct param_book **out, struct err *err)
{
	struct param_book *b = mem_zalloc(sizeof(*b));
	char path[PATH_LEN];
	enum err_code rc;

	*out = NULL;
	if (!b)
		return err_set(err, ERR_NOMEM, "no memory for the parameter list");
	arena_init(&b->arena, 0);
	b->vendor = vendor;
	if (snprintf(path, sizeof(path), "%s/%s/parameters.txt", profiles_dir, vendor_word(vendor)) >=
		(int)sizeof(path))
		rc = err_set(err, ERR_LIMIT, "the path of the firmware profiles is too long");
	else
		rc = read_book(b, path, err);
	if (!rc)
		b->names = arena_alloc(&b->arena, (b->n + 1) * sizeof(*b->names));
	if (!rc && arena_failed(&b->arena))
		rc = err_set(err, ERR_NOMEM, "no memory for %s", path);
	if (rc) {
		param_book_free(b);
		return rc;
	}
	qsort(b->v, b->n, sizeof(*b->v), by_name);
	for (size_t i = 0; i < b->n; i++)
		b->names[i] = b->v[i].name;
	*out = b;
	return ERR_OK;
}

void param_book_free(struct param_book *b)
{
	if (!b)
		return;
	arena_release(&b->arena);
	mem_free(b);
}

const char *const *param_book_names(const struct param_book *b, size_t *n)
{
	*n = b->n;
	return b->names;
}

static bool number(struct slice s)
{
	for (size_t i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	}
	return s.n > 0 && s.n < 10;
}

const char *param_pattern(struct arena *a, const char *name)
{
	struct slice rest = slice_str(name);
	struct buf b;
	char *out;

	buf_init(&b, 4 * rest.n + 16);
	while (rest.n) {
		struct slice part = slice_cut(&rest, '.');
		if (number(part))
			buf_str(&b, "{}");
		else
			buf_slice(&b, part);
		if (rest.n)
			buf_char(&b, '.');
	}
	out = arena_slice(a, buf_view(&b));
	buf_release(&b);
	return out;
}

/* Is the n-th number of the name inside the n-th range? */
static const char *bad_number(const struct known *k, const char *name, struct arena *a)
{
	struct slice rest = slice_str(name), ranges = slice_str(k->ranges);

	while (rest.n && ranges.n) {
		struct slice part = slice_cut(&rest, '.'), range;
		unsigned long v, from, to;
		char *end;
		if (!number(part))
			continue;
		range = slice_cut(&ranges, ',');
		v = strtoul(part.p, NULL, 10);
		from = strtoul(range.p, &end, 10);
		to = *end == '.' ? strtoul(end + 2, NULL, 10) : from;
		if (v < from || v > to)
			return arena_printf(a, "the number %lu in its name must be %lu to %lu", v, from, to);
	}
	return NULL;
}

static const char *bad_int(const char *type, const char *value, struct arena *a)
{
	char *end, *at;
	long long min = strtoll(type, &at, 10), max = strtoll(at, &at, 10), v = strtoll(value, &end, 10);

	if (!*value && slice_ends(slice_str(type), "empty"))
		return NULL;
	if (end == value || *end || v < min || v > max)
		return arena_printf(a, "the value must be a number from %lld to %lld", min, max);
	return NULL;
}

static const char *bad_value(const struct known *k, const char *value, struct arena *a)
{
	struct slice type = slice_str(k->type), word = slice_cut(&type, ' ');
	char *at;

	if (slice_eq_str(word, "bool")) {
		if (strcmp(value, "0") != 0 && strcmp(value, "1") != 0)
			return "the value must be 0 or 1";
	} else if (slice_eq_str(word, "int")) {
		return bad_int(type.p, value, a);
	} else if (slice_eq_str(word, "text") && type.n) {
		unsigned long min = strtoul(type.p, &at, 10), max = strtoul(at, NULL, 10);
		size_t n = text_length(slice_str(value));
		if (n < min || n > max)
			return arena_printf(a, "the value must have %lu to %lu characters", min, max);
	} else if (slice_eq_str(word, "enum")) {
		const char *all = type.p;
		while (type.n) {
			if (slice_eq_str(slice_cut(&type, '|'), value))
				return NULL;
		}
		return arena_printf(a, "the value must be one of %s", all);
	}
	return NULL;
}

static bool in_runs(const struct param_book *b, unsigned long want)
{
	for (size_t i = 0; i < b->nnumbers; i++) {
		struct slice rest = b->numbers[i];
		while (rest.n) {
			struct slice run = slice_cut(&rest, ' ');
			char *end;
			unsigned long from = strtoul(run.p, &end, 10), to = from;
			if (*end == '-')
				to = strtoul(end + 1, NULL, 10);
			if (want >= from && want <= to)
				return true;
		}
	}
	return false;
}

enum param_verdict param_judge(
	const struct param_book *b, const char *name, const char *value, struct arena *a, const char **why)
{
	struct known want = { param_pattern(a, name), NULL, NULL };
	const struct known *k;

	*why = "";
	if (b->nnumbers && name[0] == 'P' && number(slice_str(name + 1))) {
		if (in_runs(b, strtoul(name + 1, NULL, 10)))
			return PARAM_FINE;
		*why = "this P-value is not known";
		return PARAM_UNKNOWN;
	}
	k = want.name ? bsearch(&want, b->v, b->n, sizeof(*b->v), by_name) : NULL;
	if (!k) {
		*why = "this parameter is not known";
		return PARAM_UNKNOWN;
	}
	*why = bad_number(k, name, a);
	if (*why)
		return PARAM_NUMBER;
	/* Yealink's clear fits every parameter. */
	*why = b->vendor == VENDOR_YEALINK && strcmp(value, "%NULL%") == 0 ? NULL : bad_value(k, value, a);
	if (*why)
		return PARAM_VALUE;
	*why = "";
	return PARAM_FINE;
}
