/* Orders for many users: a body in, a job or a dry run out. */
#include <string.h>

#include "provisioning/api/calls.h"
#include "provisioning/api/order_parts.h"
#include "provisioning/api/patch.h"
#include "provisioning/api/record_parts.h"
#include "provisioning/conf/fault.h"
#include "provisioning/mail/address.h"
#include "provisioning/reset/inventory.h"
#include "provisioning/reset/job_kinds.h"
#include "provisioning/reset/when.h"

struct order_in {
	bool unused;
	json_t *users, *options, *recycle;
	bool welcome, cut_off, dry_run;
	const char *at, *action;
};

#define FIELD(name, kind, member, max)                                                                                 \
	{                                                                                                              \
		name, kind, false, offsetof(struct order_in, member), 0, max                                           \
	}
/* The lists are measured in check_lists(): a long one is a limit, no wrong input. */
static const struct json_input reset_fields[] = {
	FIELD("users", JSON_LIST, users, INT32_MAX),
	FIELD("options", JSON_MAP, options, 0),
	FIELD("recycle", JSON_LIST, recycle, INT32_MAX),
	FIELD("send-welcome-email", JSON_BOOL, welcome, 0),
	FIELD("cut-off", JSON_BOOL, cut_off, 0),
	FIELD("dry-run", JSON_BOOL, dry_run, 0),
	FIELD("at", JSON_TEXT, at, 40),
};
static const struct json_input recycle_fields[] = {
	FIELD("recycle", JSON_LIST, recycle, INT32_MAX),
	FIELD("send-welcome-email", JSON_BOOL, welcome, 0),
	FIELD("cut-off", JSON_BOOL, cut_off, 0),
	FIELD("dry-run", JSON_BOOL, dry_run, 0),
	FIELD("at", JSON_TEXT, at, 40),
};
static const struct json_input bulk_fields[] = {
	FIELD("action", JSON_TEXT, action, 40),
	FIELD("users", JSON_LIST, users, INT32_MAX),
	FIELD("cut-off", JSON_BOOL, cut_off, 0),
	FIELD("dry-run", JSON_BOOL, dry_run, 0),
	FIELD("at", JSON_TEXT, at, 40),
};

struct form_in {
	bool unused;
	const char *user, *first, *last, *email, *phone;
	bool welcome, later;
};

static const struct json_input form_fields[] = {
	{ "user", JSON_TEXT, false, offsetof(struct form_in, user), 0, 64 },
	{ "name-first-name", JSON_TEXT, false, offsetof(struct form_in, first), 0, 60 },
	{ "name-last-name", JSON_TEXT, false, offsetof(struct form_in, last), 0, 60 },
	{ "email-address", JSON_TEXT, false, offsetof(struct form_in, email), 0, 254 },
	{ "phone", JSON_TEXT, false, offsetof(struct form_in, phone), 0, 20 },
	{ "send-welcome-email", JSON_BOOL, false, offsetof(struct form_in, welcome), 0, 0 },
	{ "later", JSON_BOOL, false, offsetof(struct form_in, later), 0, 0 },
};
enum { FORM_FIELDS = sizeof(form_fields) / sizeof(form_fields[0]) };

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

/* ---- whom ---- */

enum err_code order_may_touch(struct call *c, struct db *db, const char *ext, struct err *err)
{
	struct user_row row;
	struct arena a;
	const char *why;
	enum err_code e;

	arena_init(&a, 0); /* ten thousand of them take the memory of one */
	e = user_load(db, c->domain.id, ext, &a, &row, err);
	why = e ? NULL : scope_refusal(c->who, row.id, row.scope);
	arena_release(&a);
	return why ? err_set(err, ERR_FORBIDDEN, "%s: %s", ext, why) : e;
}

static enum err_code check_lists(const struct order_in *in, struct err *err)
{
	size_t users = in->users ? json_array_size(in->users) : 0;
	size_t forms = in->recycle ? json_array_size(in->recycle) : 0;

	if (users > JOB_USERS_MAX || forms > JOB_USERS_MAX)
		return err_set(err, ERR_LIMIT, "One order takes at most %d users; give them in several orders.",
			JOB_USERS_MAX);
	if (users == 0 && forms == 0)
		return err_set(err, ERR_INPUT, "The order names nobody; give at least one extension.");
	return ERR_OK;
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
		e = order_may_touch(c, db, ext, err);
	}
	order->users = users;
	order->nusers = json_array_size(list);
	return e;
}

/* ---- what ---- */

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

/* What stands in a form, complete or not, is what the next person's phones can show and a mail can reach. */
static enum err_code check_form(struct call *c, struct form_in *in, struct err *err)
{
	struct mac mac;
	char *text;

	if (in->email && *in->email && address_check("email-address", in->email, err))
		return err->code;
	if (in->phone && *in->phone) {
		text = arena_alloc(c->a, MAC_TEXT);
		if (!mac_parse(slice_str(in->phone), &mac) || text == NULL)
			return err_set(err, ERR_INPUT, "\"phone\" must be a MAC of 12 hexadecimal digits");
		in->phone = mac_text(&mac, text);
	}
	return inventory_name_check(c->api->conf.reset, in->first, in->last, err);
}

static enum err_code missing(const char *field, const char *user, struct err *err)
{
	return err_set(err, ERR_INPUT,
		"\"%s\" is missing for %s: give the next person's first and last name, or \"later\": true to fill the form "
		"in when the reset is done.",
		field, user);
}

enum err_code order_read_form(struct call *c, json_t *v, const char *user, struct order_form *out, struct err *err)
{
	struct form_in in;
	enum err_code e;

	if (!json_is_object(v))
		return err_set(err, ERR_INPUT, "\"recycle\" must be a list of objects");
	e = json_inputs(v, form_fields, FORM_FIELDS, c->a, &in, sizeof(in), err);
	if (e)
		return e;
	out->user = user ? user : in.user;
	if (out->user == NULL || *out->user == '\0')
		return err_set(err, ERR_INPUT, "\"user\" is missing in \"recycle\"");
	if (!in.later && (in.first == NULL || *in.first == '\0'))
		return missing("name-first-name", out->user, err);
	if (!in.later && (in.last == NULL || *in.last == '\0'))
		return missing("name-last-name", out->user, err);
	e = check_form(c, &in, err);
	out->form = (struct recycle_form){ in.first, in.last, in.email, in.phone, in.welcome, in.later };
	return e;
}

static enum err_code read_forms(struct call *c, struct db *db, json_t *list, struct job_order *order, struct err *err)
{
	size_t i, n = json_array_size(list);
	struct recycle_form *forms = arena_alloc(c->a, (n + 1) * sizeof(*forms));
	const char **users = arena_alloc(c->a, (n + 1) * sizeof(*users));
	struct order_form one;
	json_t *v;
	enum err_code e = ERR_OK;

	if (forms == NULL || users == NULL)
		return call_no_memory(err);
	json_array_foreach (list, i, v) {
		if ((e = order_read_form(c, v, NULL, &one, err)) || (e = order_may_touch(c, db, one.user, err)))
			return e;
		forms[i] = one.form;
		users[i] = one.user;
	}
	order->recycles = forms;
	order->recycle_users = users;
	order->nrecycles = n;
	return ERR_OK;
}

static enum err_code read_time(struct call *c, const char *text, int64_t *out, struct err *err)
{
	if (text == NULL || *text == '\0' || when_read(text, c->domain.timezone, out))
		return ERR_OK;
	return err_set(err, ERR_INPUT,
		"\"at\" must be a time such as 2026-11-30T18:00:00+01:00; without the offset it is local time of the "
		"domain, if that has a time zone.");
}

static enum err_code read_order(struct call *c, json_t *body, const struct json_input *table, size_t n,
	struct job_order *order, bool *dry_run, struct err *err)
{
	struct order_in in;
	struct db *db;
	enum err_code e = json_inputs(body, table, n, c->a, &in, sizeof(in), err);

	if (e || (e = call_domain(c, err)) || (e = call_db(c, &db, err)) || (e = check_lists(&in, err)))
		return e;
	*order = (struct job_order){ .domain = c->domain.name,
		.kind = in.action,
		.send_welcome_email = in.welcome,
		.cut_off = in.cut_off,
		.who = c->who->who,
		.from = c->rq->peer->text };
	*dry_run = in.dry_run;
	if ((in.options && (e = read_options(in.options, order, err))) ||
		(e = read_time(c, in.at, &order->at_ms, err)) ||
		(in.users && (e = read_users(c, db, in.users, order, err))) ||
		(in.recycle && (e = read_forms(c, db, in.recycle, order, err))))
		return e;
	return ERR_OK;
}

/* ---- the dry run ---- */

/* Counts over all, and the plans of one page. */
struct dry_run {
	struct page page;
	size_t users, refused, already_reset, above_basic, phones, records;
	size_t steps[STEP_KIND_COUNT];
	json_t *plans, *problems;
};

static void tally(struct dry_run *d, const struct plan *p)
{
	unsigned i;

	d->already_reset += p->already_reset;
	d->above_basic += p->scope_above_basic;
	d->phones += p->nphones;
	d->records += p->nrecords;
	for (i = 0; i < STEP_KIND_COUNT; i++)
		d->steps[i] += plan_count(p, (enum step_kind)i);
}

static enum err_code plan_fn(
	const char *user, const struct plan *plan, const struct err *why, void *arg, struct err *err)
{
	struct dry_run *d = arg;
	size_t at = d->users++;

	if (plan)
		tally(d, plan);
	else if (d->refused++ < (size_t)d->page.limit)
		json_array_append_new(d->problems, json_pack("{s:s, s:s}", "user", user, "error", why->text));
	if (plan && at >= (size_t)d->page.start && at < (size_t)(d->page.start + d->page.limit) &&
		json_array_append_new(d->plans, plan_shape(plan)))
		return call_no_memory(err);
	return ERR_OK;
}

static json_t *shape_dry_run(const struct call *c, struct dry_run *d)
{
	json_t *counts = json_object();
	unsigned i;

	for (i = 0; i < STEP_KIND_COUNT; i++)
		json_object_set_new(counts, step_word((enum step_kind)i), json_integer((json_int_t)d->steps[i]));
	return json_pack("{s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:o, s:I, s:I, s:o, s:o, s:o}", "dry-run", 1,
		"users-total", (json_int_t)d->users, "users-refused", (json_int_t)d->refused, "users-already-reset",
		(json_int_t)d->already_reset, "users-above-basic", (json_int_t)d->above_basic, "phones-total",
		(json_int_t)d->phones, "handovers-total", (json_int_t)d->records, "counts", counts, "start",
		(json_int_t)d->page.start, "limit", (json_int_t)d->page.limit, "problems", d->problems, "plans",
		d->plans, "cannot-be-proved", shape_unproved(c));
}

static enum err_code show_plans(struct call *c, const struct job_order *order, struct err *err)
{
	struct dry_run d = { .plans = json_array(), .problems = json_array() };
	struct db *db;
	enum err_code e = call_page(c, &d.page, err);

	if (e == ERR_OK)
		e = call_db(c, &db, err);
	if (e == ERR_OK)
		e = job_plan(c->api->conf.reset, db, order, plan_fn, &d, err);
	if (e == ERR_OK)
		return call_ok(c, shape_dry_run(c, &d), err);
	json_decref(d.plans);
	json_decref(d.problems);
	return e;
}

/* ---- the job ---- */

/* The answer, inside the transaction that makes the job. */
static enum err_code made_fn(struct db *db, const char *id, void *arg, struct err *err)
{
	struct call *c = arg;

	json_decref(c->out); /* of a run that was undone */
	c->location = arena_printf(c->a, "%s/domains/%s/resets/%s", c->rq->prefix, c->domain.name, id);
	c->status = 202;
	c->out = json_pack("{s:s}", "reset", id);
	if (c->out == NULL || c->location == NULL)
		return call_no_memory(err);
	return idempotency_keep(c, db, true, err);
}

static enum err_code carry_out(struct call *c, struct job_order *order, struct err *err)
{
	char id[JOB_ID_TEXT];
	enum err_code e;

	call_stop_reading(c);
	order->made = made_fn;
	order->made_arg = c;
	e = job_create(c->api->conf.reset, order, id, err);
	c->committed |= e == ERR_OK;
	fault_point("before-answer");
	return e;
}

static enum err_code order_of(struct call *c, const struct json_input *table, size_t n, struct err *err)
{
	struct job_order order;
	bool dry_run = false;
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	if (e == ERR_OK)
		e = read_order(c, body, table, n, &order, &dry_run, err);
	if (e)
		return e;
	return dry_run ? show_plans(c, &order, err) : carry_out(c, &order, err);
}

enum err_code resets_add(struct call *c, struct err *err)
{
	return order_of(c, reset_fields, COUNT(reset_fields), err);
}

enum err_code recycles_add(struct call *c, struct err *err)
{
	return order_of(c, recycle_fields, COUNT(recycle_fields), err);
}

static enum err_code check_action(json_t *body, struct err *err)
{
	const char *action = json_string_value(json_object_get(body, "action"));
	const struct job_kind *kind = action ? job_kind_find(action) : NULL;

	return kind && kind->bulk ? ERR_OK
				  : err_set(err, ERR_INPUT,
					    "\"action\" must be \"send-welcome-email\", \"force-password-reset\" or "
					    "\"delete\"; resets and recycles have calls of their own.");
}

enum err_code bulk_add(struct call *c, struct err *err)
{
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	if (e == ERR_OK)
		e = check_action(body, err);
	return e ? e : order_of(c, bulk_fields, COUNT(bulk_fields), err);
}

/* One user, one form. */
enum err_code users_recycle(struct call *c, struct err *err)
{
	struct order_form one;
	struct job_order order;
	const char *why;
	struct user_row row;
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
	e = order_read_form(c, body, row.ext, &one, err);
	if (e)
		return e;
	order = (struct job_order){ .domain = c->domain.name,
		.recycles = &one.form,
		.recycle_users = &one.user,
		.nrecycles = 1,
		.who = c->who->who,
		.from = c->rq->peer->text };
	return dry_run ? show_plans(c, &order, err) : carry_out(c, &order, err);
}
