#include "provisioning/api/export.h"

#include <string.h>
#include <time.h>

enum { ROWS = 100 };

void export_name(struct call *c, const char *name, const char *ending)
{
	time_t now = (time_t)(store_clock_ms() / 1000);
	struct tm tm;
	char day[16] = "";

	if (gmtime_r(&now, &tm))
		strftime(day, sizeof(day), "%Y-%m-%d", &tm);
	response_header(c->rs, "Content-Disposition",
		arena_printf(c->a, "attachment; filename=\"%s%s%s-%s.%s\"", name, c->domain.id ? "-" : "",
			c->domain.id ? c->domain.name : "", day, ending));
}

/* A few rows; *more: there may be others. */
static enum err_code some(struct export *ex, struct db *db, struct buf *out, bool *more, struct err *err)
{
	struct page page = { ex->page.start, ROWS };
	struct arena a;
	size_t n = 0;
	enum err_code e;

	if (ex->limited && ex->page.limit < ROWS)
		page.limit = ex->page.limit;
	arena_init(&a, 0);
	e = page.limit ? ex->rows(ex, db, page, &a, out, &n, err) : ERR_OK;
	arena_release(&a);
	ex->page.start = 0; /* from now on behind the last one */
	ex->page.limit -= (int64_t)n;
	*more = e == ERR_OK && n == ROWS;
	return e;
}

static enum err_code piece(void *arg, struct buf *out, bool *more, struct err *err)
{
	struct export *ex = arg;
	struct snap snap;
	enum err_code e = store_snap(ex->store, &snap, err);

	if (e)
		return e;
	if (!ex->begun) {
		if (ex->bom)
			buf_str(out, "\xef\xbb\xbf");
		ex->head(out);
	}
	ex->begun = true;
	do
		e = some(ex, snap.db, out, more, err);
	while (e == ERR_OK && *more && out->len < STREAM_PIECE);
	snap_end(&snap);
	return e;
}

static enum err_code range(struct call *c, struct export *ex, struct err *err)
{
	const char *limit = request_query(c->rq, "limit"), *start = request_query(c->rq, "start"),
		   *bom = request_query(c->rq, "bom");
	enum err_code e = ERR_OK;

	ex->limited = limit && *limit;
	ex->bom = bom && strcmp(bom, "yes") == 0;
	if (ex->limited)
		e = call_number("limit", limit, &ex->page.limit, err);
	if (e == ERR_OK && start && *start)
		e = call_number("start", start, &ex->page.start, err);
	return e;
}

enum err_code export_csv(struct call *c, const struct export *ex, struct err *err)
{
	struct export *mine = arena_alloc(c->a, sizeof(*mine));
	enum err_code e;

	if (mine == NULL)
		return call_no_memory(err);
	*mine = *ex;
	mine->store = c->api->conf.store;
	call_stop_reading(c);
	if ((e = range(c, mine, err)))
		return e;
	e = response_stream(c->rs, "text/csv; charset=utf-8; header=present", piece, mine, NULL, err);
	if (e)
		return e;
	export_name(c, ex->name, "csv");
	c->written = true;
	return ERR_OK;
}
