/* The audit log, with NetSapiens' fields and filters. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "provisioning/api/ask.h"
#include "provisioning/api/audit_csv.h"
#include "provisioning/api/calls.h"
#include "provisioning/store/audit.h"

enum { HOST_MAX = 256 };

/* "192.0.2.7:4711" -> "192.0.2.7", "[2001:db8::1]:4711" -> "2001:db8::1" */
const char *audit_host(struct arena *a, const char *peer)
{
	const char *colon = strrchr(peer, ':'), *out;

	if (*peer == '[')
		out = arena_strndup(a, peer + 1, strcspn(peer + 1, "]"));
	else
		out = colon && strchr(peer, ':') == colon ? arena_strndup(a, peer, (size_t)(colon - peer)) : peer;
	return out ? out : "";
}

/* This machine: every change that the log holds was made on it. */
static const char *here(struct call *c)
{
	char name[HOST_MAX] = "";

	gethostname(name, sizeof(name) - 1);
	return arena_strdup(c->a, name);
}

static json_t *shape(struct call *c, const struct audit_row *r, const char *host)
{
	return json_pack("{s:I, s:s, s:o, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:{s:s, s:s, s:s}}", "id",
		(json_int_t)r->id, "by-ip", audit_host(c->a, r->from), "timestamp-datetime", shape_time(r->at_ms),
		"by-domain", r->who_domain, "by-user", r->who, "by-client", r->client, "action-type", r->action,
		"target-host", host, "target-domain", r->domain, "target-user", r->user, "target-object", r->object,
		"auditlog-details", "before", r->before, "after", r->after, "detail", r->detail);
}

static enum err_code read_filter(struct call *c, struct audit_filter *f, struct err *err)
{
	enum err_code e = *request_param(c->rq, "domain") ? call_domain(c, err) : ERR_OK;

	*f = (struct audit_filter){ .user = request_query(c->rq, "target-user"),
		.who = request_query(c->rq, "by-user"),
		.action = request_query(c->rq, "action-type"),
		.domain = request_query(c->rq, "target-domain"),
		.object = request_query(c->rq, "target-object"),
		.from = request_query(c->rq, "by-ip"),
		.client = request_query(c->rq, "by-client"),
		.who_domain = request_query(c->rq, "by-domain") };
	if (e == ERR_OK)
		e = call_time("datetime-start", request_query(c->rq, "datetime-start"), &f->from_ms, err);
	if (e == ERR_OK)
		e = call_time("datetime-end", request_query(c->rq, "datetime-end"), &f->to_ms, err);
	if (c->domain.id) { /* of the path: no query looks out of it */
		if (f->domain && *f->domain && strcmp(f->domain, c->domain.name) != 0)
			return err_set(err, ERR_FORBIDDEN, "This domain is outside of the log that you asked for.");
		f->domain = c->domain.name;
	}
	return e;
}

enum err_code audit_get(struct call *c, struct err *err)
{
	const char *host = here(c), *asked = request_query(c->rq, "target-host");
	struct audit_filter f;
	struct audit_row *rows;
	struct page page;
	struct db *db;
	enum form form;
	size_t i, n = 0;
	json_t *out;
	enum err_code e = ask_form(c, false, &form, err);

	if (e || (e = read_filter(c, &f, err)))
		return e;
	if (form == FORM_CSV)
		return audit_export(c, &f, err);
	if ((e = call_page(c, &page, err)) || (e = call_db(c, &db, err)))
		return e;
	if (asked == NULL || *asked == '\0' || (host && strcmp(asked, host) == 0))
		e = audit_list(db, &f, page, c->a, &rows, &n, err);
	if (e)
		return e;
	out = json_array();
	for (i = 0; i < n; i++)
		json_array_append_new(out, shape(c, &rows[i], host));
	return call_ok(c, out, err);
}

enum err_code audit_total(struct call *c, struct err *err)
{
	struct audit_filter f;
	struct db *db;
	int64_t n;
	enum err_code e = read_filter(c, &f, err);

	if (e || (e = call_db(c, &db, err)) || (e = audit_count(db, &f, &n, err)))
		return e;
	return call_count(c, n, err);
}
