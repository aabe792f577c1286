#include "provisioning/reset/csv.h"

#include <stdbool.h>
#include <string.h>

struct reader {
	const char *p, *end;
	unsigned line;
	struct arena *a;
};

static bool at_end_of_row(const struct reader *r)
{
	return r->p == r->end || *r->p == '\n' || (*r->p == '\r' && r->p + 1 < r->end && r->p[1] == '\n');
}

static void skip_end_of_row(struct reader *r)
{
	if (r->p < r->end && *r->p == '\r')
		r->p++;
	if (r->p < r->end)
		r->p++;
	r->line++;
}

static enum err_code quoted(struct reader *r, const char **out, struct err *err)
{
	unsigned from = r->line;
	char *text = arena_alloc(r->a, (size_t)(r->end - r->p) + 1), *w = text;

	if (text == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	for (r->p++;; r->p++) {
		if (r->p == r->end)
			return err_set(err, ERR_INPUT, "row %u opens a quote and never closes it", from);
		if (*r->p == '"') {
			if (r->p + 1 == r->end || r->p[1] != '"')
				break;
			r->p++;
		}
		if (*r->p == '\n')
			r->line++;
		*w++ = *r->p;
	}
	r->p++;
	*w = '\0';
	*out = text;
	if (!at_end_of_row(r) && *r->p != ',')
		return err_set(err, ERR_INPUT, "row %u has text behind a closing quote; put a comma between", from);
	return ERR_OK;
}

static enum err_code cell(struct reader *r, const char **out, struct err *err)
{
	const char *from = r->p;

	if (r->p < r->end && *r->p == '"')
		return quoted(r, out, err);
	while (!at_end_of_row(r) && *r->p != ',')
		r->p++;
	*out = arena_slice(r->a, slice_trim((struct slice){ from, (size_t)(r->p - from) }));
	return *out ? ERR_OK : err_set(err, ERR_NOMEM, "out of memory");
}

static enum err_code row(struct reader *r, struct csv_row *out, struct err *err)
{
	const char *cells[CSV_COLUMNS_MAX];
	enum err_code e;

	out->line = r->line;
	for (;;) {
		if (out->n == CSV_COLUMNS_MAX)
			return err_set(err, ERR_INPUT, "row %u has more than %d columns", out->line, CSV_COLUMNS_MAX);
		e = cell(r, &cells[out->n], err);
		if (e)
			return e;
		out->n++;
		if (at_end_of_row(r))
			break;
		r->p++;
	}
	skip_end_of_row(r);
	out->cells = arena_alloc(r->a, out->n * sizeof(*cells));
	if (out->cells == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	memcpy(out->cells, cells, out->n * sizeof(*cells));
	return ERR_OK;
}

static bool blank(const struct csv_row *row)
{
	return row->n == 1 && row->cells[0][0] == '\0';
}

enum err_code csv_parse(struct slice text, struct arena *a, struct csv_row **out, size_t *n, struct err *err)
{
	struct reader r = { text.p, text.p + text.n, 1, a };
	size_t cap = 0;

	if (slice_starts(text, "\xef\xbb\xbf"))
		r.p += 3;
	*out = NULL;
	*n = 0;
	while (r.p < r.end) {
		struct csv_row one = { 0 }, *kept;
		enum err_code e = row(&r, &one, err);

		if (e)
			return e;
		if (blank(&one))
			continue;
		if (*n == CSV_ROWS_MAX)
			return err_set(err, ERR_INPUT, "the file has more than %d rows; divide it", CSV_ROWS_MAX);
		kept = arena_push(a, (void **)out, n, &cap, sizeof(one));
		if (kept == NULL)
			return err_set(err, ERR_NOMEM, "out of memory");
		*kept = one;
	}
	return ERR_OK;
}
