/* What needs a person's eye: the alerts of a domain, or of the whole server, and their feed. */
#include <stdio.h>
#include <string.h>

#include "provisioning/alert/alert.h"
#include "provisioning/api/ask.h"
#include "provisioning/api/calls.h"
#include "provisioning/api/patch.h"
#include "provisioning/store/alert.h"
#include "provisioning/store/record.h"

enum { REASON_MAX = 255, EVENTS_MAX = 200, EVENT_WAIT_MS = 25 * 1000, EVENT_POLL_MS = 500, RETRY_MS = 1000 };

static json_t *text_or_null(const char *text)
{
	return *text ? json_string(text) : json_null();
}

static json_t *shape(const struct alert_row *r)
{
	enum alert_kind kind;
	bool known = alert_kind_read(r->kind, &kind);
	json_t *v = json_pack("{s:I, s:o, s:s, s:s, s:s, s:s, s:I, s:o, s:s}", "alert", (json_int_t)r->id,
		"timestamp-datetime", shape_time(r->at_ms), "kind", r->kind, "title",
		known ? alert_kind_title(kind) : "", "text", r->text, "state", r->cleared_ms ? "cleared" : "open",
		"times", (json_int_t)r->times, "last-datetime", shape_time(r->last_ms), "domain", r->domain);

	if (v == NULL)
		return NULL;
	json_object_set_new(v, "device-provisioning-mac-address", text_or_null(r->mac));
	json_object_set_new(v, "handover", json_integer(r->record_id));
	json_object_set_new(v, "acknowledged-datetime", shape_time(r->seen_ms));
	json_object_set_new(v, "acknowledged-by-user", text_or_null(r->seen_by));
	json_object_set_new(v, "acknowledged-reason", text_or_null(r->seen_why));
	json_object_set_new(v, "cleared-datetime", shape_time(r->cleared_ms));
	json_object_set_new(v, "cleared-by-user", text_or_null(r->cleared_by));
	json_object_set_new(v, "cleared-reason", text_or_null(r->cleared_why));
	return v;
}

/* state, kind, acknowledged, and a range of time. */
static enum err_code filter_of(struct call *c, struct alert_filter *f, struct err *err)
{
	static const char *const states[] = { "open", "cleared", "all" }, *const yes_no[] = { "any", "yes", "no" };
	enum alert_kind kind;
	size_t state, seen;
	enum err_code e = ask_domain(c, err);

	*f = (struct alert_filter){ .kind = request_query(c->rq, "kind") };
	if (e || (e = ask_word(c, "state", states, 3, &state, err)) ||
		(e = ask_word(c, "acknowledged", yes_no, 3, &seen, err)) ||
		(e = ask_range(c, &f->from_ms, &f->to_ms, err)))
		return e;
	if (f->kind && *f->kind && !alert_kind_read(f->kind, &kind))
		return err_set(err, ERR_INPUT, "there is no kind \"%.40s\" of alerts", f->kind);
	f->open_only = state == 0;
	f->cleared_only = state == 1;
	f->unseen_only = seen == 2;
	f->seen_only = seen == 1;
	f->domain_id = c->domain.id;
	f->site_id = c->domain.id ? principal_own_site(c->who) : 0;
	return ERR_OK;
}

enum err_code alerts_list(struct call *c, struct err *err)
{
	struct alert_filter f;
	struct alert_row *rows;
	struct page page;
	struct db *db;
	size_t i, n;
	json_t *out;
	enum err_code e = call_page(c, &page, err);

	if (e || (e = filter_of(c, &f, err)) || (e = call_db(c, &db, err)) ||
		(e = alert_row_list(db, &f, page, c->a, &rows, &n, err)))
		return e;
	out = json_array();
	for (i = 0; i < n; i++)
		json_array_append_new(out, shape(&rows[i]));
	return call_ok(c, out, err);
}

enum err_code alerts_count(struct call *c, struct err *err)
{
	struct alert_filter f;
	struct db *db;
	int64_t n;
	enum err_code e = filter_of(c, &f, err);

	if (e || (e = call_db(c, &db, err)) || (e = alert_row_count(db, &f, &n, err)))
		return e;
	return call_count(c, n, err);
}

static bool may_see(struct call *c, struct db *db, const struct alert_row *row)
{
	struct record_row record = { 0 };

	if (c->domain.id && row->domain_id != c->domain.id)
		return false;
	if (principal_sited(c->who) && row->record_id)
		record_load(db, row->record_id, c->a, &record, NULL);
	return ask_sees(c, db, row->phone_id, record.user_id);
}

static enum err_code load(struct call *c, struct alert_row *row, struct err *err)
{
	struct db *db;
	int64_t id;
	enum err_code e = ask_domain(c, err);

	if (e || (e = call_number("the alert's id", request_param(c->rq, "id"), &id, err)) ||
		(e = call_db(c, &db, err)))
		return e;
	e = alert_row_load(db, id, c->a, row, err);
	if (e == ERR_NOT_FOUND || (e == ERR_OK && !may_see(c, db, row)))
		return err_set(err, ERR_NOT_FOUND, "There is no alert %lld here.", (long long)id);
	return e;
}

enum err_code alerts_get(struct call *c, struct err *err)
{
	struct alert_row row;
	enum err_code e = load(c, &row, err);

	return e ? e : call_ok(c, shape(&row), err);
}

/* ---- a person has seen to it ---- */

struct decision {
	struct call *call;
	struct alert_row row;
	const char *reason;
	bool clear;
};

static enum err_code decide_fn(struct txn *t, void *arg, struct err *err)
{
	struct decision *d = arg;
	struct call *c = d->call;
	const char *what = arena_printf(c->a, "alert %lld", (long long)d->row.id);
	const char *state = d->row.cleared_ms ? "cleared" : d->row.seen_ms ? "acknowledged" : "open";
	enum err_code e = d->clear ? alert_clear(t->db, d->row.id, c->who->who, d->reason, err)
				   : alert_acknowledge(t->db, d->row.id, c->who->who, d->reason, err);

	return e ? e
		 : call_audit(c, t->db, d->clear ? "alert-clear" : "alert-acknowledge", "", what,
			   call_text(c, json_pack("{s:s, s:s}", "kind", d->row.kind, "state", state)),
			   call_text(c, json_pack("{s:s, s:s}", "state", d->clear ? "cleared" : "acknowledged",
						"reason", d->reason)),
			   err);
}

static enum err_code decide(struct call *c, bool clear, struct err *err)
{
	struct decision d = { .call = c, .clear = clear };
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	if (e || (e = load(c, &d.row, err)) || (e = patch_text(body, "reason", REASON_MAX, c->a, &d.reason, err)))
		return e;
	if (d.reason == NULL || *d.reason == '\0')
		return err_set(
			err, ERR_INPUT, "\"reason\" is missing: say what was done about it, or why nothing need be");
	if ((e = call_write(c, decide_fn, &d, err)) || (e = load(c, &d.row, err)))
		return e;
	return call_changed(c, shape(&d.row), err);
}

enum err_code alerts_acknowledge(struct call *c, struct err *err)
{
	return decide(c, false, err);
}

enum err_code alerts_clear(struct call *c, struct err *err)
{
	return decide(c, true, err);
}

/* ---- the feed ---- */

static enum err_code add_event(
	struct call *c, struct db *db, const struct alert_event_row *e, struct buf *out, struct err *err)
{
	struct alert_row row;
	char id[24];
	json_t *v;
	enum err_code code = alert_row_load(db, e->alert_id, c->a, &row, err);

	if (code)
		return code;
	snprintf(id, sizeof(id), "%lld", (long long)e->id);
	v = json_pack("{s:s, s:o, s:o, s:o, s:o}", "what", e->what, "timestamp-datetime", shape_time(e->at_ms),
		"by-user", text_or_null(e->who), "reason", text_or_null(e->why), "alert", shape(&row));
	event_add(out, id, "alert", slice_str(call_text_whole(c, v)));
	return ERR_OK;
}

/* How things stand, and from where on to listen. */
static enum err_code add_state(struct call *c, struct db *db, int64_t last, struct buf *out, struct err *err)
{
	struct alert_filter f = {
		.domain_id = c->domain.id, .site_id = c->domain.id ? principal_own_site(c->who) : 0, .open_only = true
	};
	int64_t open, unseen;
	char id[24];
	enum err_code e = alert_row_count(db, &f, &open, err);

	f.unseen_only = true;
	if (e || (e = alert_row_count(db, &f, &unseen, err)))
		return e;
	snprintf(id, sizeof(id), "%lld", (long long)last);
	event_add(out, id, "state",
		slice_str(call_text_whole(
			c, json_pack("{s:I, s:I}", "open", (json_int_t)open, "unacknowledged", (json_int_t)unseen))));
	return ERR_OK;
}

/* Without Last-Event-ID, or with one of another database: how things stand. */
static bool heard_until(const char *header, int64_t last, int64_t *out)
{
	return header && *header && call_number("Last-Event-ID", header, out, NULL) == ERR_OK && *out <= last;
}

enum err_code alerts_events(struct call *c, struct err *err)
{
	struct alert_event_row *rows;
	int64_t last, after = 0;
	struct db *db;
	size_t i, n = 0;
	bool listening;
	struct buf *out;
	enum err_code e = ask_domain(c, err);

	if (e || (e = call_db(c, &db, err)) || (e = alert_event_last(db, &last, err)))
		return e;
	listening = heard_until(request_header(c->rq, "Last-Event-ID"), last, &after);
	if (listening && (e = alert_event_list(db, c->domain.id, c->domain.id ? principal_own_site(c->who) : 0, after,
				  EVENTS_MAX, c->a, &rows, &n, err)))
		return e;
	c->written = true;
	if (listening && n == 0 && request_age_ms(c->rq) < EVENT_WAIT_MS && !c->rq->stopping) {
		c->later = true;
		request_later(c->rq, EVENT_POLL_MS);
		return ERR_OK;
	}
	out = response_events(c->rs, RETRY_MS);
	if (!listening)
		return add_state(c, db, last, out, err);
	for (i = 0; e == ERR_OK && i < n; i++)
		e = add_event(c, db, &rows[i], out, err);
	return e;
}
