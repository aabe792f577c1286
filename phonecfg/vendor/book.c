/* The list of known parameters of one vendor. */
#include "phonecfg/vendor/book.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phonecfg/base/file.h"
#include "phonecfg/base/map.h"
#include "phonecfg/base/mem.h"
#include "phonecfg/base/text.h"
#include "phonecfg/vendor/row.h"

enum { BOOK_MAX = 8 * 1024 * 1024, PATH_LEN = 1024, LETTERS = 32 };

/* How often each letter stands in a name: the sum of what one name has more of is a lower bound of the distance. */
struct letters {
	unsigned char n[LETTERS];
	size_t len;
};

struct param_book {
	enum vendor_id vendor;
	struct arena arena;
	struct param_row *v;
	size_t n, cap;
	struct map rows; /* pattern -> row */
	struct letters *letters;
	struct param_range *numbers; /* Grandstream: "P 2-3 8 28-31" lines, in order */
	size_t nnumbers, capnumbers;
};

static int by_name(const void *a, const void *b)
{
	return strcmp(((const struct param_row *)a)->name, ((const struct param_row *)b)->name);
}

static int by_first(const void *a, const void *b)
{
	const struct param_range *x = a, *y = b;

	return x->first < y->first ? -1 : x->first > y->first;
}

/* "2-3 8 28-31" */
static enum err_code add_numbers(struct param_book *b, struct slice text, struct err *err)
{
	while (text.n) {
		struct slice to = slice_cut(&text, ' '), from = slice_cut(&to, '-');
		struct param_range *run;
		long long first, last;
		if (!param_integer(from, &first) || !param_integer(to.n ? to : from, &last) || first < 0 ||
			first > last || last > 999999999)
			return err_set(err, ERR_INPUT, "behind P stand numbers and runs: P 2-3 8 28-31");
		run = arena_push(&b->arena, (void **)&b->numbers, &b->nnumbers, &b->capnumbers, sizeof(*run));
		if (run)
			*run = (struct param_range){ (unsigned)first, (unsigned)last };
	}
	return ERR_OK;
}

static enum err_code add_line(struct param_book *b, struct slice text, unsigned line, struct err *err)
{
	struct param_row *row;
	enum err_code rc;

	if (!text.n || text.p[0] == '#')
		return ERR_OK;
	if (slice_starts(text, "P "))
		return add_numbers(b, (struct slice){ text.p + 2, text.n - 2 }, err);
	row = arena_push(&b->arena, (void **)&b->v, &b->n, &b->cap, sizeof(*row));
	if (!row)
		return ERR_OK; /* the arena is asked at the end */
	rc = param_row_parse(text, b->vendor, &b->arena, row, err);
	row->line = line;
	return rc;
}

static void count_letters(const char *name, struct letters *out)
{
	memset(out, 0, sizeof(*out));
	for (; name[out->len]; out->len++) {
		unsigned char *k = &out->n[(unsigned char)name[out->len] % LETTERS];
		*k = *k < 255 ? (unsigned char)(*k + 1) : 255;
	}
}

/* Rows by name, each name once, what an alias stands for, and the letters for the search of near names. */
static enum err_code index_rows(struct param_book *b, const char *file, struct err *err)
{
	b->letters = arena_alloc(&b->arena, (b->n + 1) * sizeof(*b->letters));
	if (arena_failed(&b->arena))
		return ERR_OK;
	if (b->n)
		qsort(b->v, b->n, sizeof(*b->v), by_name);
	if (b->nnumbers)
		qsort(b->numbers, b->nnumbers, sizeof(*b->numbers), by_first);
	for (size_t i = 0; i < b->n; i++) {
		if (i && strcmp(b->v[i].name, b->v[i - 1].name) == 0)
			return err_set(err, ERR_INPUT, "%s:%u: %s stands in line %u already; keep one", file,
				b->v[i].line > b->v[i - 1].line ? b->v[i].line : b->v[i - 1].line, b->v[i].name,
				b->v[i].line > b->v[i - 1].line ? b->v[i - 1].line : b->v[i].line);
		map_put(&b->rows, b->v[i].name, &b->v[i]);
		count_letters(b->v[i].name, &b->letters[i]);
	}
	for (size_t i = 0; i < b->n; i++) {
		if (b->v[i].needs && !param_book_row(b, b->v[i].needs))
			return err_set(err, ERR_INPUT, "%s:%u: %s needs %s, which has no row", file, b->v[i].line,
				b->v[i].name, b->v[i].needs);
		if (!b->v[i].alias)
			continue;
		b->v[i].same = param_book_row(b, b->v[i].alias);
		if (!b->v[i].same || b->v[i].same->alias)
			return err_set(err, ERR_INPUT, "%s:%u: %s: its alias %s has no row of its own", file,
				b->v[i].line, b->v[i].name, b->v[i].alias);
	}
	return ERR_OK;
}

enum err_code param_book_read(
	struct slice text, const char *file, enum vendor_id vendor, struct param_book **out, struct err *err)
{
	struct param_book *b = mem_zalloc(sizeof(*b));
	enum err_code rc = ERR_OK;
	unsigned line = 0;

	*out = NULL;
	if (!b)
		return err_set(err, ERR_NOMEM, "no memory for the parameter list");
	arena_init(&b->arena, 0);
	map_init(&b->rows, &b->arena);
	b->vendor = vendor;
	while (!rc && text.n) {
		rc = add_line(b, slice_cut(&text, '\n'), ++line, err);
		if (rc)
			err_prefix(err, "%s:%u", file, line);
	}
	if (!rc)
		rc = index_rows(b, file, err);
	if (!rc && arena_failed(&b->arena))
		rc = err_set(err, ERR_NOMEM, "no memory for %s", file);
	if (rc)
		param_book_free(b);
	else
		*out = b;
	return rc;
}

static bool book_path(const char *profiles_dir, enum vendor_id vendor, char out[PATH_LEN])
{
	return snprintf(out, PATH_LEN, "%s/%s/parameters.txt", profiles_dir, vendor_word(vendor)) < PATH_LEN;
}

bool param_book_exists(const char *profiles_dir, enum vendor_id vendor)
{
	char path[PATH_LEN];
	FILE *f = book_path(profiles_dir, vendor, path) ? fopen(path, "rb") : NULL;

	if (f)
		fclose(f);
	return f != NULL;
}

enum err_code param_book_open(const char *profiles_dir, enum vendor_id vendor, struct param_book **out, struct err *err)
{
	char path[PATH_LEN];
	struct buf text;
	enum err_code rc;

	*out = NULL;
	if (!book_path(profiles_dir, vendor, path))
		return err_set(err, ERR_LIMIT, "the path of the firmware profiles is too long");
	buf_init(&text, BOOK_MAX);
	rc = file_read(path, &text, err);
	if (!rc)
		rc = param_book_read(buf_view(&text), path, vendor, out, err);
	buf_release(&text);
	return rc;
}

void param_book_free(struct param_book *b)
{
	if (!b)
		return;
	arena_release(&b->arena);
	mem_free(b);
}

enum vendor_id param_book_vendor(const struct param_book *b)
{
	return b->vendor;
}

size_t param_book_count(const struct param_book *b)
{
	return b->n;
}

const struct param_row *param_book_at(const struct param_book *b, size_t i)
{
	return i < b->n ? &b->v[i] : NULL;
}

const struct param_row *param_book_row(const struct param_book *b, const char *name)
{
	char pattern[PARAM_NAME_MAX];

	return param_pattern(name, pattern) ? map_get(&b->rows, pattern) : NULL;
}

bool param_book_number(const struct param_book *b, const char *name)
{
	size_t digits = name[0] == 'P' ? strspn(name + 1, "0123456789") : 0, from = 0, to = b->nnumbers;
	unsigned long want;

	/* P035 is another name than P35, to the vendor's parser too. */
	if (!digits || digits > 9 || name[1 + digits] || (digits > 1 && name[1] == '0'))
		return false;
	want = strtoul(name + 1, NULL, 10);
	while (from < to) {
		size_t mid = (from + to) / 2;
		if (want < b->numbers[mid].first)
			to = mid;
		else if (want > b->numbers[mid].last)
			from = mid + 1;
		else
			return true;
	}
	return false;
}

/* At least so many edits lie between the two. */
static size_t at_least(const struct letters *a, const struct letters *b)
{
	size_t more = 0, less = 0;

	for (size_t i = 0; i < LETTERS; i++) {
		if (a->n[i] > b->n[i])
			more += (size_t)(a->n[i] - b->n[i]);
		else
			less += (size_t)(b->n[i] - a->n[i]);
	}
	return more > less ? more : less;
}

/* Of two that are as near the one with the same letters: "lable" is label, not enable. */
const char *param_book_nearest(const struct param_book *b, const char *name)
{
	char pattern[PARAM_NAME_MAX];
	const char *best = NULL;
	struct letters mine;
	size_t least, strange = SIZE_MAX;

	if (!param_pattern(name, pattern) || strlen(pattern) >= TEXT_DISTANCE_MAX)
		return NULL;
	count_letters(pattern, &mine);
	/* Farther than a third of its length is another name, not a slip. */
	least = mine.len / 3 + 1;
	for (size_t i = 0; i < b->n; i++) {
		size_t other = at_least(&mine, &b->letters[i]), d;
		if (other > least || (other == least && other >= strange))
			continue;
		d = text_distance(pattern, b->v[i].name);
		if (d < least || (d == least && other < strange)) {
			least = d;
			strange = other;
			best = b->v[i].name;
		}
	}
	return best;
}
