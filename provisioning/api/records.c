/* Handovers: the records of lines taken away, re-keyed and relabelled, with their facts. */
#include <string.h>

#include "provisioning/api/ask.h"
#include "provisioning/api/calls.h"
#include "provisioning/api/patch.h"
#include "provisioning/api/record_parts.h"
#include "provisioning/reset/job.h"
#include "provisioning/reset/record.h"
#include "provisioning/reset/reset.h"
#include "provisioning/store/phone.h"

json_t *shape_unproved(const struct call *c)
{
	return c->api->conf.reset->registrar ? json_null() : json_string(RECORD_NO_REGISTRAR);
}

json_t *record_shape_of(struct call *c, struct db *db, const struct record_row *r)
{
	json_t *v = record_shape(r, c->api->conf.reset->registrar != NULL, c->a);
	struct phone_row phone;
	bool there = r->phone_id && phone_by_id(db, r->phone_id, c->a, &phone, NULL) == ERR_OK;

	if (v)
		json_object_set_new(v, "device-models-model", json_string(there ? phone.model : ""));
	return v;
}

static json_t *shape(struct call *c, const struct record_row *r, struct err *err)
{
	struct db *db;

	return call_db(c, &db, err) ? NULL : record_shape_of(c, db, r);
}

json_t *record_shape(const struct record_row *r, bool registrar, struct arena *a)
{
	struct facts known = record_facts(r, registrar);
	const char *missing = record_missing(&known, a);
	json_t *facts = json_object(), *v;
	size_t i;

	for (i = 0; i < r->nfacts; i++)
		json_object_set_new(facts, r->facts[i].fact,
			json_pack("{s:o, s:s}", "datetime", shape_time(r->facts[i].at_ms), "evidence",
				r->facts[i].evidence));
	v = json_pack("{s:I, s:s, s:s, s:b, s:s, s:I, s:s, s:s, s:s, s:s, s:s}", "handover", (json_int_t)r->id, "kind",
		r->kind, "state", r->state, "open", (int)r->open, "device-provisioning-mac-address", r->mac,
		"device-provisioning-line", (json_int_t)r->slot, "device", r->device, "user", r->ext, "domain",
		r->domain, "by-user", r->who, "why", r->why);
	if (v) {
		json_object_set_new(v, "reset", json_integer(r->job_id));
		json_object_set_new(v, "keeps-line", json_boolean(r->keeps_line));
		json_object_set_new(v, "generation-before", json_integer(r->generation_before));
		json_object_set_new(v, "generation-after", json_integer(r->generation_after));
		json_object_set_new(v, "created-datetime", shape_time(r->created_ms));
		json_object_set_new(v, "closed-datetime", shape_time(r->closed_ms));
		json_object_set_new(v, "written-off-by-user", json_string(r->closed_by));
		json_object_set_new(v, "facts", facts);
		json_object_set_new(v, "missing", missing && *missing ? json_string(missing) : json_null());
	} else {
		json_decref(facts);
	}
	return v;
}

json_t *record_shapes(struct call *c, struct db *db, const struct record_filter *f, struct page page, struct err *err)
{
	struct record_row *rows;
	size_t i, n;
	json_t *out;

	if (record_list(db, f, page, c->a, &rows, &n, err))
		return NULL;
	out = json_array();
	for (i = 0; i < n; i++)
		json_array_append_new(out, record_shape_of(c, db, &rows[i]));
	if (out == NULL)
		call_no_memory(err);
	return out;
}

/* user, device-provisioning-mac-address, state, kind, open, and a range of time. What is open is worked off, so the
 * oldest comes first; everything else is looked up, newest first. */
static enum err_code filter_of(struct call *c, const char *kind, struct record_filter *f, struct err *err)
{
	static const char *const opens[] = { "any", "yes" };
	const char *mac = request_query(c->rq, "device-provisioning-mac-address");
	size_t open;
	struct mac parsed;
	char *text = arena_alloc(c->a, MAC_TEXT);
	enum record_state state;
	enum record_kind of_kind;
	enum err_code e = call_domain(c, err);

	if (e || (e = ask_word(c, "open", opens, 2, &open, err)))
		return e;
	if (mac == NULL)
		mac = request_query(c->rq, "mac");
	*f = (struct record_filter){ .domain_id = c->domain.id,
		.site_id = principal_own_site(c->who),
		.ext = request_query(c->rq, "user"),
		.state = request_query(c->rq, "state"),
		.kind = kind ? kind : request_query(c->rq, "kind"),
		.open_only = open == 1 };
	f->newest_first = !f->open_only;
	if (mac && *mac) {
		if (!mac_parse(slice_str(mac), &parsed) || text == NULL)
			return err_set(err, ERR_INPUT, "mac must be 12 hexadecimal digits");
		f->mac = mac_text(&parsed, text);
	}
	if ((f->state && *f->state && !record_state_read(f->state, &state)) ||
		(f->kind && *f->kind && !record_kind_read(f->kind, &of_kind)))
		return err_set(err, ERR_INPUT, "there is no such state or kind of handovers; the README lists them");
	return ask_range(c, &f->from_ms, &f->to_ms, err);
}

static enum err_code list(struct call *c, const char *kind, struct err *err)
{
	struct record_filter f;
	struct page page;
	struct db *db;
	enum form form;
	json_t *out;
	enum err_code e = ask_form(c, false, &form, err);

	if (e || (e = filter_of(c, kind, &f, err)))
		return e;
	if (form == FORM_CSV)
		return record_export(c, kind ? "unassignments" : "handovers", &f, err);
	if ((e = call_page(c, &page, err)) || (e = call_db(c, &db, err)))
		return e;
	out = record_shapes(c, db, &f, page, err);
	return out ? call_ok(c, out, err) : err->code;
}

static enum err_code count(struct call *c, const char *kind, struct err *err)
{
	struct record_filter f;
	struct db *db;
	int64_t n;
	enum err_code e = filter_of(c, kind, &f, err);

	if (e || (e = call_db(c, &db, err)) || (e = record_count(db, &f, &n, err)))
		return e;
	return call_count(c, n, err);
}

enum err_code handovers_list(struct call *c, struct err *err)
{
	return list(c, NULL, err);
}

enum err_code handovers_count(struct call *c, struct err *err)
{
	return count(c, NULL, err);
}

enum err_code unassignments_list(struct call *c, struct err *err)
{
	return list(c, record_kind_word(RECORD_UNASSIGNED), err);
}

enum err_code unassignments_count(struct call *c, struct err *err)
{
	return count(c, record_kind_word(RECORD_UNASSIGNED), err);
}

static enum err_code load(struct call *c, struct record_row *row, struct err *err)
{
	struct db *db;
	int64_t id;
	enum err_code e = call_domain(c, err);

	if (e || (e = call_number("the handover's id", request_param(c->rq, "id"), &id, err)) ||
		(e = call_db(c, &db, err)))
		return e;
	e = record_load(db, id, c->a, row, err);
	if (e && e != ERR_NOT_FOUND)
		return e;
	if (e || row->domain_id != c->domain.id || !ask_sees(c, db, row->phone_id, row->user_id))
		return err_set(err, ERR_NOT_FOUND, "There is no handover %lld in %s.", (long long)id, c->domain.name);
	return ERR_OK;
}

enum err_code handovers_get(struct call *c, struct err *err)
{
	struct record_row row;
	enum err_code e = load(c, &row, err);

	return e ? e : call_ok(c, shape(c, &row, err), err);
}

enum err_code handovers_write_off(struct call *c, struct err *err)
{
	struct record_row row;
	const char *reason;
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	if (e || (e = load(c, &row, err)) || (e = patch_text(body, "reason", 255, c->a, &reason, err)))
		return e;
	if (reason == NULL || *reason == '\0')
		return err_set(err, ERR_INPUT, "\"reason\" is missing: a record is written off for a reason");
	snap_end(&c->snap);
	c->reading = false;
	e = record_write_off(c->api->conf.reset, c->domain.name, row.id, reason, c->who->who, c->rq->peer->text, err);
	if (e || (e = load(c, &row, err)))
		return e;
	return call_changed(c, shape(c, &row, err), err);
}
