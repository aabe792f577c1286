/* Jobs as they go: lists, one with its users and records, what is new as server-sent events, cancelling. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "provisioning/api/calls.h"
#include "provisioning/api/record_parts.h"
#include "provisioning/reset/job.h"
#include "provisioning/store/counter.h"
#include "provisioning/store/mail.h"

enum { EVENT_WAIT_MS = 25 * 1000, EVENT_POLL_MS = 500, RETRY_MS = 1000 };

/* ---- shapes ---- */

static json_t *shape_part(const struct job_user_view *u)
{
	json_t *steps = *u->steps ? json_loads(u->steps, 0, NULL) : NULL;

	return json_pack("{s:s, s:s, s:s?, s:s?, s:s?, s:o, s:o, s:b}", "user", u->user, "state", u->state, "error",
		u->error, "voicemail", u->voicemail, "mail", u->mail, "steps", steps ? steps : json_object(),
		"ended-datetime", shape_time(u->ended_ms), "recycle-pending", (int)u->form_pending);
}

static json_t *shape_users(const struct job_user_view *users, size_t n)
{
	json_t *out = json_array();
	size_t i;

	for (i = 0; i < n; i++)
		json_array_append_new(out, shape_part(&users[i]));
	return out;
}

static json_t *shape_options(unsigned options)
{
	json_t *out = json_array();
	unsigned i;

	for (i = 0; i < OPTION_COUNT; i++)
		if (options & 1u << i)
			json_array_append_new(out, json_string(reset_option_row((enum reset_option)i)->name));
	return out;
}

static json_t *shape_job(const struct call *c, const struct job_view *v)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:b, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:o}",
		"reset", v->id, "domain", v->domain, "kind", v->kind, "state", job_state_word(v->state), "by-user",
		v->who, "options", shape_options(v->options), "cut-off", (int)v->cut_off, "created-datetime",
		shape_time(v->created_ms), "at-datetime", shape_time(v->at_ms), "started-datetime",
		shape_time(v->started_ms), "ended-datetime", shape_time(v->ended_ms), "users-total",
		(json_int_t)v->nusers, "users-done", (json_int_t)v->done, "users-failed", (json_int_t)v->failed,
		"handovers-total", (json_int_t)v->records, "handovers-open", (json_int_t)v->open, "cannot-be-proved",
		shape_unproved(c));
}

/* ---- lists ---- */

enum err_code resets_list(struct call *c, struct err *err)
{
	struct job_view *rows;
	struct page page;
	struct db *db;
	size_t i, n;
	json_t *out;
	enum err_code e = call_page(c, &page, err);

	if (e || (e = call_domain(c, err)) || (e = call_db(c, &db, err)) ||
		(e = job_list(db, c->domain.name, request_query(c->rq, "state"), request_query(c->rq, "kind"),
			 (size_t)page.start, (size_t)page.limit, c->a, &rows, &n, err)))
		return e;
	out = json_array();
	for (i = 0; i < n; i++)
		json_array_append_new(out, shape_job(c, &rows[i]));
	return call_ok(c, out, err);
}

enum err_code resets_count(struct call *c, struct err *err)
{
	struct db *db;
	int64_t n;
	enum err_code e = call_domain(c, err);

	if (e || (e = call_db(c, &db, err)) ||
		(e = job_count(
			 db, c->domain.name, request_query(c->rq, "state"), request_query(c->rq, "kind"), &n, err)))
		return e;
	return call_count(c, n, err);
}

/* {id} of the path. */
static enum err_code find(struct call *c, struct db **db, struct job_view *job, struct err *err)
{
	enum err_code e = call_domain(c, err);

	if (e == ERR_OK)
		e = call_db(c, db, err);
	return e ? e : job_view_load(*db, c->domain.name, request_param(c->rq, "id"), c->a, job, err);
}

static enum err_code users_page(
	struct call *c, struct db *db, const struct job_view *job, const char *state, json_t **out, struct err *err)
{
	struct job_user_view *users;
	struct page page;
	size_t n;
	enum err_code e = call_page(c, &page, err);

	if (e == ERR_OK)
		e = job_view_users(
			db, job->number, state, (size_t)page.start, (size_t)page.limit, c->a, &users, &n, err);
	if (e == ERR_OK)
		*out = shape_users(users, n);
	return e;
}

static enum err_code records_page(
	struct call *c, struct db *db, const struct record_filter *f, json_t **out, struct err *err)
{
	struct page page;
	enum err_code e = call_page(c, &page, err);

	if (e)
		return e;
	*out = record_shapes(c, db, f, page, err);
	return *out ? ERR_OK : err->code;
}

static enum err_code mails_page(
	struct call *c, struct db *db, const struct mail_filter *f, json_t **out, struct err *err)
{
	struct page page;
	enum err_code e = call_page(c, &page, err);

	if (e)
		return e;
	*out = mail_shapes(c, db, f, page, err);
	return *out ? ERR_OK : err->code;
}

/* The first page of each list stands in the job itself; the rest is asked for by limit and start, here or below it. */
enum err_code resets_get(struct call *c, struct err *err)
{
	struct record_filter f = { 0 };
	struct mail_filter mails = { 0 };
	struct job_view job;
	struct db *db;
	struct tally_row *tally;
	json_t *users, *records, *sent, *states;
	size_t i, n;
	enum err_code e = find(c, &db, &job, err);

	if (e || (e = record_tally_job(db, job.number, c->a, &tally, &n, err)) ||
		(e = users_page(c, db, &job, NULL, &users, err)))
		return e;
	f.domain_id = c->domain.id;
	f.job_id = mails.job_id = job.number;
	e = records_page(c, db, &f, &records, err);
	if (e == ERR_OK)
		e = mails_page(c, db, &mails, &sent, err);
	else
		records = NULL;
	if (e) {
		json_decref(users);
		json_decref(records);
		return e;
	}
	states = json_object();
	for (i = 0; i < n; i++)
		json_object_set_new(states, tally[i].name, json_integer(tally[i].n));
	c->out = shape_job(c, &job);
	if (json_object_set_new(c->out, "handovers-by-state", states) | json_object_set_new(c->out, "users", users) |
		json_object_set_new(c->out, "handovers", records) | json_object_set_new(c->out, "mails", sent))
		return call_no_memory(err);
	return call_ok(c, c->out, err);
}

enum err_code resets_users(struct call *c, struct err *err)
{
	struct job_view job;
	struct db *db;
	json_t *out;
	enum err_code e = find(c, &db, &job, err);

	if (e == ERR_OK)
		e = users_page(c, db, &job, request_query(c->rq, "state"), &out, err);
	return e ? e : call_ok(c, out, err);
}

enum err_code resets_handovers(struct call *c, struct err *err)
{
	const char *open = request_query(c->rq, "open");
	struct record_filter f = { .state = request_query(c->rq, "state"),
		.kind = request_query(c->rq, "kind"),
		.open_only = open && strcmp(open, "yes") == 0 };
	struct job_view job;
	struct db *db;
	json_t *out;
	enum err_code e = find(c, &db, &job, err);

	f.domain_id = c->domain.id;
	f.job_id = job.number;
	if (e == ERR_OK)
		e = records_page(c, db, &f, &out, err);
	return e ? e : call_ok(c, out, err);
}

/* What a reset can clear, so that no client needs a list of its own. */
enum err_code resets_options(struct call *c, struct err *err)
{
	json_t *out = json_array();
	unsigned i;

	for (i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *row = reset_option_row((enum reset_option)i);
		bool here = reset_option_here(&c->api->conf.reset->conf, (enum reset_option)i);

		json_array_append_new(out, json_pack("{s:s, s:s, s:b}", "option", row->name, "description", row->label,
						   "supported", (int)here));
	}
	return call_ok(c, out, err);
}

/* ---- cancelling ---- */

enum err_code resets_cancel(struct call *c, struct err *err)
{
	enum err_code e = call_domain(c, err);

	if (e)
		return e;
	call_stop_reading(c);
	e = job_cancel(
		c->api->conf.reset, c->domain.name, request_param(c->rq, "id"), c->who->who, c->rq->peer->text, err);
	return e ? e : call_deleted(c, err);
}

enum err_code resets_cancel_user(struct call *c, struct err *err)
{
	enum err_code e = call_domain(c, err);

	if (e)
		return e;
	call_stop_reading(c);
	e = job_cancel_user(c->api->conf.reset, c->domain.name, request_param(c->rq, "id"),
		request_param(c->rq, "user"), c->who->who, c->rq->peer->text, err);
	return e ? e : call_deleted(c, err);
}

/* ---- events ---- */

/* Where the one who asks has got to: the id of the last event that he was given. What is no such id is a new start. */
static int64_t last_seen(const struct request *rq)
{
	const char *text = request_header(rq, "Last-Event-ID");
	char *end;
	long long n = text ? strtoll(text, &end, 10) : 0;

	return text && n > 0 && *end == '\0' ? n : 0;
}

static enum err_code write_event(
	struct call *c, struct db *db, const struct job_view *job, const struct job_news *news, struct err *err)
{
	json_t *out = shape_job(c, job), *records = json_array();
	const char *text;
	char id[24];
	size_t i;

	for (i = 0; i < news->nrecords; i++)
		json_array_append_new(records, record_shape_of(c, db, &news->records[i]));
	if (json_object_set_new(out, "users", shape_users(news->users, news->nusers)) |
		json_object_set_new(out, "handovers", records)) {
		json_decref(out);
		return call_no_memory(err);
	}
	text = call_text_whole(c, out);
	snprintf(id, sizeof(id), "%" PRId64, news->upto);
	event_add(response_events(c->rs, RETRY_MS), id, "reset", slice_str(text));
	return ERR_OK;
}

/* An event has the job's counts, and the users and records that have changed since the last one: as they are now, so
 * that a client lays them over what it has. Nothing of it lives in memory, so a restart loses nobody's place. */
enum err_code resets_events(struct call *c, struct err *err)
{
	int64_t after = last_seen(c->rq);
	struct job_view job;
	struct job_news news;
	struct db *db;
	enum err_code e = find(c, &db, &job, err);

	if (e || (e = job_news_load(db, job.number, after, c->a, &news, err)))
		return e;
	c->written = true;
	if (news.upto > after)
		return write_event(c, db, &job, &news, err);
	if (request_age_ms(c->rq) < EVENT_WAIT_MS && !c->rq->stopping) {
		c->later = true;
		request_later(c->rq, EVENT_POLL_MS);
		return ERR_OK;
	}
	response_events(c->rs, RETRY_MS); /* nothing new: the browser comes again */
	return ERR_OK;
}
