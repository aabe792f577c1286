#include "provisioning/reset/importer.h"

#include <string.h>

#include "provisioning/store/audit.h"

/* ---- the header ---- */

static int column_of(const struct import_kind *kind, const char *name)
{
	int i;

	for (i = 0; kind->columns[i]; i++)
		if (strcmp(kind->columns[i], name) == 0)
			return i;
	return -1;
}

static bool in_header(const struct csv_row *header, const char *name)
{
	size_t i;

	for (i = 0; i < header->n; i++)
		if (strcmp(header->v[i], name) == 0)
			return true;
	return false;
}

static const struct import_kind *kind_of(const struct csv_row *header)
{
	size_t i, k;

	for (i = 0; i < import_kind_count; i++) {
		for (k = 0; k < import_kinds[i].required; k++)
			if (!in_header(header, import_kinds[i].columns[k]))
				break;
		if (k == import_kinds[i].required)
			return &import_kinds[i];
	}
	return NULL;
}

static enum err_code read_header(struct importer *im, const struct csv_row *header, struct err *err)
{
	size_t i;
	int at;

	im->kind = kind_of(header);
	if (im->kind == NULL)
		return err_set(err, ERR_INPUT,
			"line 1 must name the columns: mac,model for phones, user,device for devices, user for users, or "
			"phonenumber for phone numbers; see the README for the others");
	for (i = 0; i < IMPORT_COLUMNS_MAX; i++)
		im->at[i] = -1;
	for (i = 0; i < header->n; i++) {
		at = column_of(im->kind, header->v[i]);
		if (at < 0)
			return err_set(
				err, ERR_INPUT, "line 1: %s have no column \"%.40s\"", im->kind->what, header->v[i]);
		if (im->at[at] >= 0)
			return err_set(err, ERR_INPUT, "line 1: the column \"%s\" stands there twice", header->v[i]);
		im->at[at] = (int)i;
	}
	return ERR_OK;
}

const char *import_value(const struct importer *im, size_t row, size_t column)
{
	int at = im->at[column];

	/* A row may be shorter than the header: its own turn says so, others may look at it before. */
	return at < 0 || (size_t)at >= im->rows[row].n ? NULL : im->rows[row].v[at];
}

/* ---- the rows ---- */

struct import {
	struct importer im;
	const char *domain;
	bool dry_run;
	size_t columns;
	struct csv_row *rows;
	size_t nrows, rows_cap;
	struct import_report *report;
	size_t row; /* in hand */
};

static enum err_code read_rows(struct import *i, struct slice text, struct err *err)
{
	struct csv csv;
	struct csv_row row, *slot;
	enum err_code code;

	csv_open(&csv, text, i->im.in.arena);
	if ((code = csv_next(&csv, &row, err)))
		return code;
	if ((code = read_header(&i->im, &row, err)))
		return code;
	i->columns = row.n;
	while ((code = csv_next(&csv, &row, err)) == ERR_OK && row.n) {
		slot = arena_push(i->im.in.arena, (void **)&i->rows, &i->nrows, &i->rows_cap, sizeof(*slot));
		if (slot == NULL)
			return err_set(err, ERR_NOMEM, "There is no memory for this file; import it in parts.");
		*slot = row;
	}
	i->im.rows = i->rows;
	i->im.nrows = i->nrows;
	return code || i->im.kind->prepare == NULL ? code : i->im.kind->prepare(&i->im, err);
}

static enum err_code row_fn(struct txn *t, void *arg, struct err *err)
{
	static const char *const words[] = { "created", "changed", "same" };
	struct import *i = arg;
	enum import_result result = IMPORT_SAME;
	const struct csv_row *row = &i->rows[i->row];
	struct arena *whole = i->im.in.arena,
		     one; /* what a row needs dies with it, or a large file would want all memory */
	enum err_code code;

	i->im.in.db = t->db;
	if (row->n != i->columns)
		return err_set(err, ERR_INPUT, "it has %zu fields, and the header has %zu", row->n, i->columns);
	arena_init(&one, 0);
	i->im.in.arena = &one;
	code = i->im.kind->row(&i->im, i->row, &result, err);
	i->im.in.arena = whole;
	arena_release(&one);
	i->report->rows[i->row].result = words[result];
	return code;
}

/* The order of the file's fault: what is wrong with this row. A fault of the machine ends the whole import. */
static enum err_code one_row(struct import *i, struct txn *t, struct err *err)
{
	struct import_row *out = &i->report->rows[i->row];
	const struct csv_row *row = &i->rows[i->row];
	struct err why = { 0 };
	int key = i->im.at[i->im.kind->key];
	enum err_code code;

	*out = (struct import_row){ .line = row->line, .result = "same" };
	if (key >= 0 && (size_t)key < row->n)
		out->key = row->v[key];
	code = txn_nested(t, row_fn, i, &why);
	if (code == ERR_OK)
		return ERR_OK;
	if (code == ERR_IO || code == ERR_NOMEM || code == ERR_BUSY || code == ERR_BUG)
		return err_set(err, code, "%s", why.text);
	out->result = "error";
	out->error = arena_strdup(i->im.in.arena, why.text);
	i->report->nerrors++;
	return out->error ? ERR_OK : err_set(err, ERR_NOMEM, "There is no memory for the report.");
}

static enum err_code first_error(const struct import_report *r, struct err *err)
{
	size_t k;

	for (k = 0; k < r->nrows; k++)
		if (r->rows[k].error)
			return err_set(err, ERR_INPUT, "line %u: %s%s; nothing was imported", r->rows[k].line,
				r->rows[k].error, r->nerrors > 1 ? " (and more lines are wrong)" : "");
	return ERR_OK;
}

static enum err_code note(struct import *i, struct db *db, struct err *err)
{
	struct audit_row row = { .who = i->im.in.who,
		.from = i->im.in.from,
		.client = "import",
		.action = "import",
		.domain = i->domain,
		.object = i->report->what,
		.detail = arena_printf(i->im.in.arena, "%zu rows", i->report->nrows) };

	return audit_add(db, &row, err);
}

static enum err_code import_fn(struct txn *t, void *arg, struct err *err)
{
	struct import *i = arg;
	enum err_code code;

	i->report->nerrors = 0;
	i->report->nrows = i->nrows;
	i->im.in.db = t->db;
	if ((code = domain_by_name(t->db, i->domain, i->im.in.arena, &i->im.domain, err)))
		return code;
	for (i->row = 0; i->row < i->nrows; i->row++)
		if ((code = one_row(i, t, err)))
			return code;
	if (i->report->nerrors)
		return first_error(i->report, err);
	if (i->dry_run) /* undoes it all; told apart from an error below */
		return err_set(err, ERR_CONFLICT, "a dry run");
	return note(i, t->db, err);
}

enum err_code import_csv(struct reset *rs, const char *domain, struct slice text, bool dry_run, bool add_numbers,
	const char *who, const char *from, struct arena *a, struct import_report *out, struct err *err)
{
	struct import i = { .im.in = { .rs = rs, .arena = a, .who = who, .from = from, .why = "import" },
		.im.may_add_numbers = add_numbers,
		.domain = domain,
		.dry_run = dry_run,
		.report = out };
	struct err why = { 0 };
	enum err_code code;

	*out = (struct import_report){ .what = "" };
	if ((code = read_rows(&i, text, err)))
		return code;
	out->what = i.im.kind->what;
	out->rows = arena_alloc(a, (i.nrows + 1) * sizeof(*out->rows));
	if (out->rows == NULL)
		return err_set(err, ERR_NOMEM, "There is no memory for the report; import the file in parts.");
	code = store_write(rs->store, import_fn, &i, &why);
	out->written = code == ERR_OK;
	while (out->nrows && out->rows[out->nrows - 1].result == NULL) /* it ended before these */
		out->nrows--;
	if (code == ERR_OK || (dry_run && code == ERR_CONFLICT && out->nerrors == 0))
		return ERR_OK;
	return err_set(err, code, "%s", why.text);
}
