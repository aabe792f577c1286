/* Records as rows of a table: for a spreadsheet, and for the report of a job. */
#include <stdio.h>
#include <string.h>

#include "provisioning/api/csv_out.h"
#include "provisioning/api/export.h"
#include "provisioning/api/record_parts.h"
#include "provisioning/reset/record.h"

void record_csv_head(struct buf *out)
{
	static const char *const names[] = { "handover", "kind", "state", "open", "device-provisioning-mac-address",
		"device-provisioning-line", "device", "user", "domain", "by-user", "why", "reset", "keeps-line",
		"generation-before", "generation-after", "created-datetime", "closed-datetime", "written-off-by-user" };
	char text[64];
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		csv_text(out, names[i]);
	for (i = 0; i < FACT_BITS; i++) {
		const char *fact = record_fact_word((enum record_fact)(1u << i));

		snprintf(text, sizeof(text), "%s-datetime", fact);
		csv_text(out, text);
		snprintf(text, sizeof(text), "%s-evidence", fact);
		csv_text(out, text);
	}
	csv_end(out);
}

static void fact(struct buf *out, const struct record_row *r, const char *word)
{
	size_t i = 0;

	while (i < r->nfacts && strcmp(r->facts[i].fact, word) != 0)
		i++;
	csv_time(out, i < r->nfacts ? r->facts[i].at_ms : 0);
	csv_text(out, i < r->nfacts ? r->facts[i].evidence : "");
}

void record_csv_row(struct buf *out, const struct record_row *r)
{
	unsigned i;

	csv_int(out, r->id);
	csv_text(out, r->kind);
	csv_text(out, r->state);
	csv_bool(out, r->open);
	csv_text(out, r->mac);
	csv_int(out, r->slot);
	csv_text(out, r->device);
	csv_text(out, r->ext);
	csv_text(out, r->domain);
	csv_text(out, r->who);
	csv_text(out, r->why);
	csv_int(out, r->job_id);
	csv_bool(out, r->keeps_line);
	csv_int(out, r->generation_before);
	csv_int(out, r->generation_after);
	csv_time(out, r->created_ms);
	csv_time(out, r->closed_ms);
	csv_text(out, r->closed_by);
	for (i = 0; i < FACT_BITS; i++)
		fact(out, r, record_fact_word((enum record_fact)(1u << i)));
	csv_end(out);
}

static enum err_code rows(struct export *ex, struct db *db, struct page page, struct arena *a, struct buf *out,
	size_t *n, struct err *err)
{
	struct record_filter f = *(const struct record_filter *)ex->filter;
	struct record_row *list;
	size_t i;
	enum err_code e;

	if (f.newest_first)
		f.before_id = ex->last;
	else
		f.after_id = ex->last;
	e = record_list(db, &f, page, a, &list, n, err);
	for (i = 0; e == ERR_OK && i < *n; i++)
		record_csv_row(out, &list[i]);
	if (e == ERR_OK && *n)
		ex->last = list[*n - 1].id;
	return e;
}

enum err_code record_export(struct call *c, const char *name, const struct record_filter *f, struct err *err)
{
	struct record_filter *mine = arena_alloc(c->a, sizeof(*mine));
	const struct export ex = { .name = name, .head = record_csv_head, .rows = rows, .filter = mine };

	if (mine == NULL)
		return call_no_memory(err);
	*mine = *f;
	return export_csv(c, &ex, err);
}
