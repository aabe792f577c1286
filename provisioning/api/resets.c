/* Resets and recycles: the order in, the job out. */
#include <stdio.h>
#include <string.h>

#include "provisioning/api/calls.h"
#include "provisioning/api/patch.h"
#include "provisioning/api/record_parts.h"
#include "provisioning/reset/inventory.h"
#include "provisioning/reset/job.h"
#include "provisioning/store/mail.h"

enum { USERS_MAX = 10000, EVENT_WAIT_MS = 25 * 1000, EVENT_POLL_MS = 500, RETRY_MS = 1000 };

struct reset_in {
	bool unused;
	json_t *users, *options, *recycle;
	bool welcome, cut_off, dry_run;
	const char *at;
};

static const struct json_input reset_fields[] = {
	{ "users", JSON_LIST, false, offsetof(struct reset_in, users), 0, USERS_MAX },
	{ "options", JSON_MAP, false, offsetof(struct reset_in, options), 0, 0 },
	{ "recycle", JSON_LIST, false, offsetof(struct reset_in, recycle), 0, USERS_MAX },
	{ "send-welcome-email", JSON_BOOL, false, offsetof(struct reset_in, welcome), 0, 0 },
	{ "cut-off", JSON_BOOL, false, offsetof(struct reset_in, cut_off), 0, 0 },
	{ "dry-run", JSON_BOOL, false, offsetof(struct reset_in, dry_run), 0, 0 },
	{ "at", JSON_TEXT, false, offsetof(struct reset_in, at), 0, 32 },
};

struct form_in {
	bool unused;
	const char *user, *first, *last, *email, *phone;
	bool welcome;
};

static const struct json_input form_fields[] = {
	{ "user", JSON_TEXT, false, offsetof(struct form_in, user), 0, 64 },
	{ "name-first-name", JSON_TEXT, true, offsetof(struct form_in, first), 0, 60 },
	{ "name-last-name", JSON_TEXT, true, offsetof(struct form_in, last), 0, 60 },
	{ "email-address", JSON_TEXT, false, offsetof(struct form_in, email), 0, 254 },
	{ "phone", JSON_TEXT, false, offsetof(struct form_in, phone), 0, 20 },
	{ "send-welcome-email", JSON_BOOL, false, offsetof(struct form_in, welcome), 0, 0 },
};
enum {
	RESET_FIELDS = sizeof(reset_fields) / sizeof(reset_fields[0]),
	FORM_FIELDS = sizeof(form_fields) / sizeof(form_fields[0])
};

/* ---- the order ---- */

/* Nobody does this to himself or to a higher scope. */
static enum err_code may_touch(struct call *c, struct db *db, const char *ext, struct err *err)
{
	struct user_row row;
	const char *why;
	enum err_code e = user_load(db, c->domain.id, ext, c->a, &row, err);

	if (e)
		return e;
	why = scope_refusal(c->who, row.id, row.scope);
	return why ? err_set(err, ERR_FORBIDDEN, "%s: %s", ext, why) : ERR_OK;
}

static enum err_code read_users(struct call *c, struct db *db, json_t *list, struct job_order *order, struct err *err)
{
	const char **users = arena_alloc(c->a, (json_array_size(list) + 1) * sizeof(*users));
	size_t i;
	json_t *v;
	enum err_code e = users ? ERR_OK : call_no_memory(err);

	json_array_foreach (list, i, v) {
		const char *ext = json_string_value(v);

		if (e)
			break;
		if (ext == NULL || *ext == '\0')
			return err_set(err, ERR_INPUT, "\"users\" must be a list of extensions as text");
		users[i] = ext;
		e = may_touch(c, db, ext, err);
	}
	order->users = users;
	order->nusers = json_array_size(list);
	return e;
}

static enum err_code read_options(json_t *map, struct job_order *order, struct err *err)
{
	const char *name;
	json_t *v;

	json_object_foreach (map, name, v) {
		enum reset_option option;

		if (!reset_option_read(name, &option))
			return err_set(err, ERR_INPUT, "\"%.60s\" is no option of a reset", name);
		if (json_is_true(v) || (json_is_string(v) && strcmp(json_string_value(v), "yes") == 0))
			order->options |= 1u << option;
		else if (!json_is_false(v) && !(json_is_string(v) && strcmp(json_string_value(v), "no") == 0))
			return err_set(err, ERR_INPUT, "option \"%.60s\" must be true or false", name);
	}
	return ERR_OK;
}

static enum err_code read_form(struct call *c, json_t *v, const char *user, struct job_order *order,
	struct recycle_form *form, struct err *err)
{
	struct form_in in;
	struct mac mac;
	enum err_code e;

	if (!json_is_object(v))
		return err_set(err, ERR_INPUT, "\"recycle\" must be a list of objects");
	e = json_inputs(v, form_fields, FORM_FIELDS, c->a, &in, sizeof(in), err);
	if (e == ERR_OK)
		e = inventory_name_check(c->api->conf.reset, in.first, in.last, err);
	if (e)
		return e;
	if (user == NULL && (in.user == NULL || *in.user == '\0'))
		return err_set(err, ERR_INPUT, "\"user\" is missing in \"recycle\"");
	if (in.phone && *in.phone) {
		char *text = arena_alloc(c->a, MAC_TEXT);

		if (!mac_parse(slice_str(in.phone), &mac) || text == NULL)
			return err_set(err, ERR_INPUT, "\"phone\" must be a MAC of 12 hexadecimal digits");
		in.phone = mac_text(&mac, text);
	}
	*form = (struct recycle_form){ in.first, in.last, in.email, in.phone, in.welcome };
	((const char **)(uintptr_t)order->recycle_users)[order->nrecycles] = user ? user : in.user;
	order->nrecycles++;
	return ERR_OK;
}

static enum err_code read_forms(struct call *c, struct db *db, json_t *list, struct job_order *order, struct err *err)
{
	size_t i, n = json_array_size(list);
	struct recycle_form *forms = arena_alloc(c->a, (n + 1) * sizeof(*forms));
	json_t *v;
	enum err_code e = ERR_OK;

	order->recycle_users = arena_alloc(c->a, (n + 1) * sizeof(*order->recycle_users));
	order->recycles = forms;
	if (forms == NULL || order->recycle_users == NULL)
		return call_no_memory(err);
	json_array_foreach (list, i, v) {
		e = read_form(c, v, NULL, order, &forms[i], err);
		if (e == ERR_OK)
			e = may_touch(c, db, order->recycle_users[i], err);
		if (e)
			return e;
	}
	return ERR_OK;
}

static void start_order(struct call *c, struct job_order *order)
{
	*order = (struct job_order){ .domain = c->domain.name, .who = c->who->who, .from = c->rq->peer->text };
}

static enum err_code read_order(struct call *c, json_t *body, struct job_order *order, bool *dry_run, struct err *err)
{
	struct reset_in in;
	struct db *db;
	enum err_code e = json_inputs(body, reset_fields, RESET_FIELDS, c->a, &in, sizeof(in), err);

	if (e || (e = call_domain(c, err)) || (e = call_db(c, &db, err)))
		return e;
	start_order(c, order);
	order->send_welcome_email = in.welcome;
	order->cut_off = in.cut_off;
	*dry_run = in.dry_run;
	if ((in.users && (e = read_users(c, db, in.users, order, err))) ||
		(in.options && (e = read_options(in.options, order, err))) ||
		(in.recycle && (e = read_forms(c, db, in.recycle, order, err))) ||
		(e = call_time("\"at\"", in.at, &order->at_ms, err)))
		return e;
	if (order->nusers == 0 && order->nrecycles == 0)
		return err_set(err, ERR_INPUT, "\"users\" names nobody; give at least one extension");
	return ERR_OK;
}

/* ---- the answer ---- */

static enum err_code show_plan(struct call *c, const struct job_order *order, struct err *err)
{
	struct plan **plans;
	struct db *db;
	json_t *list;
	size_t i, n;
	enum err_code e = call_db(c, &db, err);

	if (e == ERR_OK)
		e = job_plan(c->api->conf.reset, db, order, c->a, &plans, &n, err);
	if (e)
		return e;
	list = json_array();
	for (i = 0; i < n; i++)
		json_array_append_new(list, plan_shape(plans[i]));
	return call_ok(c,
		json_pack("{s:b, s:o, s:o}", "dry-run", 1, "plans", list, "cannot-be-proved", shape_unproved(c)), err);
}

static enum err_code carry_out(struct call *c, const struct job_order *order, struct err *err)
{
	char id[JOB_ID_TEXT];
	enum err_code e;

	snap_end(&c->snap);
	c->reading = false;
	e = job_create(c->api->conf.reset, order, id, err);
	if (e)
		return e;
	c->location = arena_printf(c->a, "%s/domains/%s/resets/%s", c->rq->prefix, c->domain.name, id);
	c->status = 202;
	c->out = json_pack("{s:s}", "reset", id);
	return c->out ? ERR_OK : call_no_memory(err);
}

enum err_code resets_add(struct call *c, struct err *err)
{
	struct job_order order;
	bool dry_run = false;
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	if (e == ERR_OK)
		e = read_order(c, body, &order, &dry_run, err);
	if (e)
		return e;
	return dry_run ? show_plan(c, &order, err) : carry_out(c, &order, err);
}

/* {"recycle": [forms]}: as a reset without users. */
enum err_code recycles_add(struct call *c, struct err *err)
{
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	if (e)
		return e;
	if (json_object_get(body, "users") || json_object_get(body, "options"))
		return err_set(err, ERR_INPUT, "A recycle takes \"recycle\" alone; use resets to clear as well.");
	return resets_add(c, err);
}

enum err_code users_recycle(struct call *c, struct err *err)
{
	struct recycle_form form;
	const char *user, *why;
	struct user_row row;
	struct job_order order;
	bool dry_run;
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	if (e || (e = call_user(c, &row, err)))
		return e;
	why = scope_refusal(c->who, row.id, row.scope);
	if (why)
		return err_set(err, ERR_FORBIDDEN, "%s", why);
	dry_run = json_is_true(json_object_get(body, "dry-run"));
	json_object_del(body, "dry-run");
	user = row.ext;
	start_order(c, &order);
	order.recycles = &form;
	order.recycle_users = arena_alloc(c->a, sizeof(*order.recycle_users));
	if (order.recycle_users == NULL)
		return call_no_memory(err);
	e = read_form(c, body, user, &order, &form, err);
	if (e)
		return e;
	return dry_run ? show_plan(c, &order, err) : carry_out(c, &order, err);
}

/* ---- jobs ---- */

static json_t *shape_job_user(const struct job_user_view *u)
{
	json_t *steps = *u->steps ? json_loads(u->steps, 0, NULL) : NULL;

	return json_pack("{s:s, s:s, s:s?, s:s?, s:o}", "user", u->user, "state", u->state, "error", u->error,
		"voicemail", u->voicemail, "steps", steps ? steps : json_null());
}

static json_t *shape_job(const struct call *c, const struct job_view *v)
{
	json_t *users = json_array();
	size_t i;

	for (i = 0; v->users && i < v->nusers; i++) /* a list of jobs comes without */
		json_array_append_new(users, shape_job_user(&v->users[i]));
	return json_pack("{s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:I, s:o, s:I, s:I, s:o}", "reset", v->id, "domain",
		v->domain, "state", job_state_word(v->state), "by-user", v->who, "created-datetime",
		shape_time(v->created_ms), "at-datetime", shape_time(v->at_ms), "ended-datetime",
		shape_time(v->ended_ms), "users-total", (json_int_t)v->nusers, "users", users, "handovers-total",
		(json_int_t)v->records, "handovers-open", (json_int_t)v->open, "cannot-be-proved", shape_unproved(c));
}

enum err_code resets_list(struct call *c, struct err *err)
{
	struct job_view *rows;
	struct page page;
	struct db *db;
	size_t i, n;
	json_t *out;
	enum err_code e = call_page(c, &page, err);

	if (e || (e = call_domain(c, err)) || (e = call_db(c, &db, err)) ||
		(e = job_list(db, c->domain.name, (size_t)page.start, (size_t)page.limit, c->a, &rows, &n, err)))
		return e;
	out = json_array();
	for (i = 0; i < n; i++)
		json_array_append_new(out, shape_job(c, &rows[i]));
	return call_ok(c, out, err);
}

static enum err_code view(struct call *c, json_t **out, struct err *err)
{
	const char *id = request_param(c->rq, "id");
	struct record_filter f = { 0 };
	struct mail_filter mails = { 0 };
	struct job_view job;
	struct db *db;
	json_t *records, *sent;
	enum err_code e = call_domain(c, err);

	if (e || (e = call_db(c, &db, err)) || (e = job_view_load(db, c->domain.name, id, c->a, &job, err)) ||
		(e = call_number("the reset's id", id, &f.job_id, err)))
		return e;
	f.domain_id = c->domain.id;
	mails.job_id = f.job_id;
	records = record_shapes(c, db, &f, (struct page){ 0, 0 }, err);
	sent = records ? mail_shapes(c, db, &mails, (struct page){ 0, 0 }, err) : NULL;
	if (sent == NULL) {
		json_decref(records);
		return err->code;
	}
	*out = json_pack("{s:o, s:o}", "handovers", records, "mails", sent);
	return *out && json_object_update_new(*out, shape_job(c, &job)) == 0 ? ERR_OK : call_no_memory(err);
}

enum err_code resets_get(struct call *c, struct err *err)
{
	json_t *out;
	enum err_code e = view(c, &out, err);

	return e ? e : call_ok(c, out, err);
}

enum err_code resets_cancel(struct call *c, struct err *err)
{
	enum err_code e = call_domain(c, err);

	if (e == ERR_OK) {
		snap_end(&c->snap);
		c->reading = false;
		e = job_cancel(c->api->conf.reset, c->domain.name, request_param(c->rq, "id"), c->who->who,
			c->rq->peer->text, err);
	}
	return e ? e : call_deleted(c, err);
}

/* An event is the whole view; its id is made from its bytes, so that any repetition can tell whether anything is new.
 */
static void event_id(const char *text, char out[20])
{
	uint64_t h = 14695981039346656037u; /* FNV-1a */

	for (; *text; text++)
		h = (h ^ (unsigned char)*text) * 1099511628211u;
	snprintf(out, 20, "%016llx", (unsigned long long)h);
}

enum err_code resets_events(struct call *c, struct err *err)
{
	const char *last = request_header(c->rq, "Last-Event-ID"), *text;
	char id[20];
	json_t *out;
	enum err_code e = view(c, &out, err);

	if (e)
		return e;
	text = call_text_whole(c, out);
	event_id(text, id);
	c->written = true;
	if (last && strcmp(last, id) == 0 && request_age_ms(c->rq) < EVENT_WAIT_MS && !c->rq->stopping) {
		c->later = true;
		request_later(c->rq, EVENT_POLL_MS);
		return ERR_OK;
	}
	if (last && strcmp(last, id) == 0)
		response_events(c->rs, RETRY_MS); /* nothing new: the browser comes again */
	else
		event_add(response_events(c->rs, RETRY_MS), id, "reset", slice_str(text));
	return ERR_OK;
}
