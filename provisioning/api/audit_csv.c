/* The audit log as a file. */
#include "provisioning/api/audit_csv.h"

#include "provisioning/api/csv_out.h"
#include "provisioning/api/export.h"

static void head(struct buf *out)
{
	static const char *const names[] = { "id", "timestamp-datetime", "by-domain", "by-user", "by-ip", "by-client",
		"action-type", "target-domain", "target-user", "target-object", "before", "after", "detail" };
	size_t i;

	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		csv_text(out, names[i]);
	csv_end(out);
}

static void row(struct buf *out, const struct audit_row *r, struct arena *a)
{
	csv_int(out, r->id);
	csv_time(out, r->at_ms);
	csv_text(out, r->who_domain);
	csv_text(out, r->who);
	csv_text(out, audit_host(a, r->from));
	csv_text(out, r->client);
	csv_text(out, r->action);
	csv_text(out, r->domain);
	csv_text(out, r->user);
	csv_text(out, r->object);
	csv_text(out, r->before);
	csv_text(out, r->after);
	csv_text(out, r->detail);
	csv_end(out);
}

static enum err_code rows(struct export *ex, struct db *db, struct page page, struct arena *a, struct buf *out,
	size_t *n, struct err *err)
{
	struct audit_filter f = *(const struct audit_filter *)ex->filter;
	struct audit_row *list;
	size_t i;
	enum err_code e;

	f.before_id = ex->last;
	e = audit_list(db, &f, page, a, &list, n, err);
	for (i = 0; e == ERR_OK && i < *n; i++)
		row(out, &list[i], a);
	if (e == ERR_OK && *n)
		ex->last = list[*n - 1].id;
	return e;
}

enum err_code audit_export(struct call *c, const struct audit_filter *f, struct err *err)
{
	struct audit_filter *mine = arena_alloc(c->a, sizeof(*mine));
	const struct export ex = { .name = "auditlog", .head = head, .rows = rows, .filter = mine };

	if (mine == NULL)
		return call_no_memory(err);
	*mine = *f;
	return export_csv(c, &ex, err);
}
