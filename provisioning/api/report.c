/* The report of one job, for somebody who keeps it: a page, the same as JSON, or its records as CSV. However many users
 * the job has, a few rows are in memory at a time. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "provisioning/api/ask.h"
#include "provisioning/api/calls.h"
#include "provisioning/api/export.h"
#include "provisioning/api/record_parts.h"
#include "provisioning/api/report_page.h"
#include "provisioning/api/report_words.h"
#include "provisioning/reset/job.h"
#include "provisioning/reset/payload.h"
#include "provisioning/store/job.h"

enum { ROWS = 100 };

/* The parts in order; each but the frames runs until its list has ended. */
enum phase { HEAD, OPEN, USERS, PHONES, PROOFS, WRITTEN, FOOT };

struct report {
	struct api *api;
	struct report_page *page; /* NULL: JSON */
	struct report_head head;
	struct report_view view;
	struct record_filter filter; /* of the job's records */
	enum phase phase;
	bool begun;   /* the head of this phase is written */
	int64_t last; /* id of the last row, or how many were written */
	/* All phones of the job, 40 bytes each: by MAC, which no index of records has. */
	struct arena arena;
	struct record_phone_row *phones;
	size_t nphones;
};

/* One piece on its way. */
struct turn {
	struct report *r;
	struct db *db;
	struct arena *a;
	struct buf *out;
	size_t n; /* rows that were written */
};

/* ---- JSON: the same parts ---- */

static const char *const names[] = {
	[OPEN] = NULL, [USERS] = "users", [PHONES] = "phones", [PROOFS] = "handovers", [WRITTEN] = NULL
};

/* Takes the reference over. */
static enum err_code add_json(struct turn *t, json_t *v, struct err *err)
{
	char *text = v ? json_dumps(v, JSON_COMPACT) : NULL;

	json_decref(v);
	if (text == NULL)
		return call_no_memory(err);
	if (t->n++ || t->r->last)
		buf_char(t->out, ',');
	buf_str(t->out, text);
	json_free_text(text);
	return ERR_OK;
}

static json_t *head_json(const struct report *r, const struct job_row *job)
{
	const struct report_head *h = &r->head;
	json_t *options = json_array(), *v;
	size_t i;

	for (i = 0; i < h->noptions; i++)
		json_array_append_new(options, json_string(h->options[i]));
	v = json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:b}", "reset", (json_int_t)h->job, "domain", h->domain,
		"kind", job->kind, "state", job->state, "by-user", h->who, "by-ip", h->from, "time-zone", h->zone,
		"options", options, "cut-off", (int)h->cut_off);
	if (v == NULL)
		return NULL;
	json_object_set_new(v, "created-datetime", shape_time(job->created_ms));
	json_object_set_new(v, "at-datetime", shape_time(job->at_ms));
	json_object_set_new(v, "started-datetime", shape_time(job->started_ms));
	json_object_set_new(v, "ended-datetime", shape_time(job->ended_ms));
	json_object_set_new(v, "report-datetime", shape_time(store_clock_ms()));
	json_object_set_new(v, "users-total", json_integer(h->users));
	json_object_set_new(v, "users-done", json_integer(h->users_done));
	json_object_set_new(v, "users-failed", json_integer(h->users_failed));
	json_object_set_new(v, "users-cancelled", json_integer(h->users_cancelled));
	json_object_set_new(v, "handovers-total", json_integer(h->handovers));
	json_object_set_new(v, "handovers-confirmed", json_integer(h->confirmed));
	json_object_set_new(v, "handovers-open", json_integer(h->open));
	json_object_set_new(v, "handovers-written-off", json_integer(h->written_off));
	return v;
}

static json_t *user_json(const struct job_user_row *u)
{
	json_t *steps = *u->steps ? json_loads(u->steps, 0, NULL) : NULL;

	return json_pack("{s:s, s:s, s:o, s:o, s:s?}", "user", u->ext, "state", u->state, "ended-datetime",
		shape_time(u->ended_ms), "steps", steps ? steps : json_object(), "error", *u->error ? u->error : NULL);
}

/* ---- the lists ---- */

static enum err_code users(struct turn *t, struct err *err)
{
	struct report *r = t->r;
	struct job_user_row *rows;
	size_t n, i;
	enum err_code e = job_user_list(t->db, r->head.job, NULL, (struct page){ r->last, ROWS }, t->a, &rows, &n, err);

	if (e == ERR_OK && r->page)
		e = report_users(r->page, &r->view, rows, n, t->a, t->out, err);
	for (i = 0; e == ERR_OK && r->page == NULL && i < n; i++)
		e = add_json(t, user_json(&rows[i]), err);
	t->n = n;
	r->last += (int64_t)n;
	return e;
}

static enum err_code phone_of(
	struct turn *t, const struct record_phone_row *row, struct report_phone *out, struct err *err)
{
	const struct catalog *catalog = t->r->api->conf.catalog;
	const struct profile *pf;
	struct phone_row phone;
	enum err_code e = row->phone_id ? phone_by_id(t->db, row->phone_id, t->a, &phone, err) : ERR_NOT_FOUND;

	*out = (struct report_phone){ row->mac, "", "", "" };
	if (e)
		return e == ERR_NOT_FOUND ? ERR_OK : e;
	pf = catalog ? catalog_find(catalog, phone.model) : NULL;
	out->model = pf ? pf->display : phone.model;
	out->site = phone.site;
	out->reach = row->lines && pf ? plan_cannot_reach(pf) : "";
	if (out->reach == NULL)
		out->reach = "";
	return ERR_OK;
}

static enum err_code phones(struct turn *t, struct err *err)
{
	struct report *r = t->r;
	struct report_phone *list = arena_alloc(t->a, ROWS * sizeof(*list));
	size_t n, i;
	enum err_code e = ERR_OK;

	if (list == NULL)
		return call_no_memory(err);
	if (r->phones == NULL)
		e = record_phones(t->db, r->head.job, &r->arena, &r->phones, &r->nphones, err);
	if (e)
		return e;
	n = r->nphones - (size_t)r->last < ROWS ? r->nphones - (size_t)r->last : ROWS;
	for (i = 0; e == ERR_OK && i < n; i++) {
		e = phone_of(t, &r->phones[(size_t)r->last + i], &list[i], err);
		if (e == ERR_OK && r->page == NULL)
			e = add_json(t,
				json_pack("{s:s, s:s, s:s, s:s}", "device-provisioning-mac-address", list[i].mac,
					"device-models-model", list[i].model, "site", list[i].site, "cannot-reach",
					list[i].reach),
				err);
	}
	if (e == ERR_OK && r->page)
		e = report_phones(r->page, list, n, t->a, t->out, err);
	t->n = n;
	r->last += (int64_t)n;
	return e;
}

static enum err_code records(struct turn *t, enum report_part part, struct err *err)
{
	struct report *r = t->r;
	struct record_filter f = r->filter;
	struct record_row *rows;
	size_t n, i;
	enum err_code e;

	f.after_id = r->last;
	f.open_only = part == REPORT_OPEN;
	f.state = part == REPORT_WRITTEN ? record_state_word(STATE_WRITTEN_OFF) : NULL;
	e = record_list(t->db, &f, (struct page){ 0, ROWS }, t->a, &rows, &n, err);
	if (e == ERR_OK && r->page)
		e = report_records(r->page, part, &r->view, rows, n, t->a, t->out, err);
	for (i = 0; e == ERR_OK && r->page == NULL && i < n; i++)
		e = add_json(t, record_shape(&rows[i], r->view.registrar, t->a), err);
	t->n = n;
	if (e == ERR_OK && n)
		r->last = rows[n - 1].id;
	return e;
}

static enum err_code rows_of(struct turn *t, struct err *err)
{
	switch (t->r->phase) {
	case OPEN:
		return records(t, REPORT_OPEN, err);
	case USERS:
		return users(t, err);
	case PHONES:
		return phones(t, err);
	case PROOFS:
		return records(t, REPORT_PROOFS, err);
	case WRITTEN:
		return records(t, REPORT_WRITTEN, err);
	default:
		return ERR_OK;
	}
}

/* ---- the whole, piece by piece ---- */

static const enum report_part heads[] = {
	[OPEN] = REPORT_OPEN_HEAD,
	[USERS] = REPORT_USERS_HEAD,
	[PHONES] = REPORT_PHONES_HEAD,
	[PROOFS] = REPORT_PROOFS_HEAD,
	[WRITTEN] = REPORT_WRITTEN_HEAD,
};

/* A section that would be empty is left out, but for the one that says that nothing is open. */
static bool left_out(const struct report *r)
{
	if (r->page == NULL)
		return names[r->phase] == NULL;
	return (r->phase == PROOFS || r->phase == PHONES) ? r->head.handovers == 0
							  : r->phase == WRITTEN && r->head.written_off == 0;
}

static enum err_code begin(struct turn *t, struct err *err)
{
	struct report *r = t->r;

	r->begun = true;
	r->last = 0;
	if (r->page)
		return report_frame(r->page, heads[r->phase], r->head.open, r->view.registrar, t->a, t->out, err);
	buf_printf(t->out, ",\"%s\":[", names[r->phase]);
	return ERR_OK;
}

static enum err_code end(struct turn *t, struct err *err)
{
	struct report *r = t->r;
	bool table = r->phase != OPEN || r->head.open > 0;

	r->begun = false;
	r->phase++;
	if (r->page)
		return report_frame(r->page, REPORT_SECTION_END, table, true, t->a, t->out, err);
	buf_char(t->out, ']');
	return ERR_OK;
}

static enum err_code part_of(struct turn *t, struct err *err)
{
	struct report *r = t->r;
	enum err_code e = ERR_OK;

	if (left_out(r)) {
		r->phase++;
		return ERR_OK;
	}
	if (!r->begun)
		e = begin(t, err);
	if (e == ERR_OK)
		e = rows_of(t, err);
	/* Fewer than asked for: that was all. */
	return e || t->n == ROWS ? e : end(t, err);
}

static enum err_code foot(struct report *r, struct buf *out, struct err *err)
{
	struct arena a;
	enum err_code e;

	if (r->page == NULL) {
		buf_str(out, "}\n");
		return ERR_OK;
	}
	arena_init(&a, 0);
	e = report_frame(r->page, REPORT_FOOT, 0, true, &a, out, err);
	arena_release(&a);
	return e;
}

static enum err_code piece(struct report *r, struct buf *out, bool *more, struct err *err)
{
	struct snap snap;
	enum err_code e = store_snap(r->api->conf.store, &snap, err);

	if (e)
		return e;
	while (e == ERR_OK && r->phase < FOOT && out->len < STREAM_PIECE) {
		struct arena a;
		struct turn t = { .r = r, .db = snap.db, .a = &a, .out = out };

		arena_init(&a, 0);
		e = part_of(&t, err);
		arena_release(&a);
	}
	snap_end(&snap);
	*more = e == ERR_OK && r->phase < FOOT;
	return e || *more ? e : foot(r, out, err);
}

/* ---- the head ---- */

static enum err_code read_options(struct call *c, struct report *r, const struct job_row *job, struct err *err)
{
	unsigned mask = (unsigned)payload_number(job->options, "mask"), i;
	const char **list = arena_alloc(c->a, OPTION_COUNT * sizeof(*list));

	if (list == NULL)
		return call_no_memory(err);
	for (i = 0; i < OPTION_COUNT; i++)
		if (mask & 1u << i) {
			const struct option_row *row = reset_option_row((enum reset_option)i);

			list[r->head.noptions++] = r->page ? row->label : row->name;
		}
	r->head.options = list;
	r->head.cut_off = payload_number(job->options, "cut-off") != 0;
	return ERR_OK;
}

static enum err_code count(struct db *db, struct report *r, const char *state, bool open, int64_t *out, struct err *err)
{
	struct record_filter f = r->filter;

	f.state = state;
	f.open_only = open;
	return record_count(db, &f, out, err);
}

static enum err_code read_head(
	struct call *c, struct report *r, const struct job_row *job, struct db *db, struct err *err)
{
	struct report_head *h = &r->head;
	const char *zone = c->domain.timezone;
	bool named = *zone && strcmp(zone, "UTC") != 0;
	enum err_code e;

	*h = (struct report_head){ .title = arena_printf(c->a, "%s, job", report_state(c->a, job->kind)),
		.domain = c->domain.name,
		.state = report_state(c->a, job->state),
		.who = job->who,
		.from = job->from,
		.zone = named ? zone : "",
		.viewer = c->who->who,
		.now = report_time(c->a, store_clock_ms(), zone),
		.ordered = report_time(c->a, job->created_ms, zone),
		.scheduled = report_time(c->a, job->at_ms, zone),
		.started = report_time(c->a, job->started_ms, zone),
		.ended = report_time(c->a, job->ended_ms, zone),
		.job = job->id,
		.users = job->users,
		.users_done = job->done,
		.users_failed = job->failed };
	h->users_cancelled = job->ended_ms ? job->users - job->done - job->failed : 0;
	r->view = (struct report_view){ h->zone, c->api->conf.reset && c->api->conf.reset->registrar != NULL };
	if ((e = count(db, r, NULL, false, &h->handovers, err)) ||
		(e = count(db, r, record_state_word(STATE_CONFIRMED), false, &h->confirmed, err)) ||
		(e = count(db, r, record_state_word(STATE_WRITTEN_OFF), false, &h->written_off, err)) ||
		(e = count(db, r, NULL, true, &h->open, err)))
		return e;
	return read_options(c, r, job, err);
}

static enum err_code load(struct call *c, struct job_row *job, struct db **db, struct err *err)
{
	const char *id = request_param(c->rq, "id");
	int64_t number;
	enum err_code e = call_domain(c, err);

	if (e || (e = call_db(c, db, err)))
		return e;
	e = job_id_read(id, &number) ? job_row_load(*db, number, c->a, job, err) : ERR_NOT_FOUND;
	if (e == ERR_NOT_FOUND || (e == ERR_OK && job->domain_id != c->domain.id))
		return err_set(err, ERR_NOT_FOUND, "There is no job %.20s in %s.", id, c->domain.name);
	return e;
}

/* The first piece is the head, and what of the lists still fits. */
struct whole {
	struct report r;
	struct job_row job;
	bool begun;
};

static enum err_code begin_whole(struct whole *w, struct buf *out, struct err *err)
{
	struct arena a;
	json_t *head;
	char *text;
	enum err_code e = ERR_OK;

	if (w->r.page) {
		arena_init(&a, 0);
		e = report_head(w->r.page, &w->r.head, &a, out, err);
		arena_release(&a);
		return e;
	}
	head = head_json(&w->r, &w->job);
	text = head ? json_dumps(head, JSON_COMPACT) : NULL;
	json_decref(head);
	if (text == NULL)
		return call_no_memory(err);
	buf_add(out, text, strlen(text) - 1); /* the object goes on */
	json_free_text(text);
	return e;
}

static enum err_code whole_piece(void *arg, struct buf *out, bool *more, struct err *err)
{
	struct whole *w = arg;
	enum err_code e = w->begun ? ERR_OK : begin_whole(w, out, err);

	w->begun = true;
	return e ? e : piece(&w->r, out, more, err);
}

static void release(void *arg)
{
	struct whole *w = arg;

	arena_release(&w->r.arena);
}

/* A page that is kept must not reach out: no script, nothing from elsewhere. */
static const char policy[] = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
			     "frame-ancestors 'none'";

static enum err_code answer(struct call *c, struct whole *w, struct err *err)
{
	const char *name = arena_printf(c->a, "inline; filename=\"report-%s-%lld.%s\"", c->domain.name,
		(long long)w->job.id, w->r.page ? "html" : "json");
	enum err_code e;

	call_stop_reading(c);
	e = response_stream(
		c->rs, w->r.page ? "text/html; charset=utf-8" : "application/json", whole_piece, w, release, err);
	if (e)
		return e;
	response_header(c->rs, "Content-Disposition", name ? name : "inline");
	if (w->r.page)
		response_header(c->rs, "Content-Security-Policy", policy);
	c->written = true;
	return ERR_OK;
}

enum err_code resets_report(struct call *c, struct err *err)
{
	struct whole *w = arena_alloc(c->a, sizeof(*w));
	struct db *db;
	enum form form;
	enum err_code e = ask_form(c, true, &form, err);

	if (w == NULL)
		return call_no_memory(err);
	if (e || (e = load(c, &w->job, &db, err)))
		return e;
	w->r = (struct report){ .api = c->api,
		.page = form == FORM_HTML ? c->api->report : NULL,
		.filter = { .domain_id = c->domain.id, .job_id = w->job.id },
		.phase = OPEN };
	if (form == FORM_CSV)
		return record_export(c, arena_printf(c->a, "report-%lld", (long long)w->job.id), &w->r.filter, err);
	if (form == FORM_HTML && c->api->report == NULL)
		return err_set(err, ERR_UNSUPPORTED, "This server has no templates for reports; ask for format=json.");
	if ((e = read_head(c, &w->r, &w->job, db, err)))
		return e;
	arena_init(&w->r.arena, 0);
	return answer(c, w, err);
}
