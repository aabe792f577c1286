/* Webhooks: of a domain, or of the server, whose calls tell about every domain. */
#include <string.h>

#include "provisioning/alert/alert.h"
#include "provisioning/api/ask.h"
#include "provisioning/api/calls.h"
#include "provisioning/api/patch.h"
#include "provisioning/webhook/sign.h"
#include "provisioning/webhook/url.h"
#include "provisioning/webhook/webhook.h"

enum { WEBHOOKS_MAX = 20, DESCRIPTION_MAX = 120 };

struct hook_change {
	struct call *call;
	struct webhook_row row;
	bool was_enabled, moved; /* moved: it has another URL */
	const char *before;      /* for the audit log */
	const char *action;
};

static json_t *kinds_shape(const char *kinds)
{
	struct slice rest = slice_str(kinds);
	json_t *list = json_array();

	while (rest.n) {
		struct slice word = slice_cut(&rest, ' ');

		if (word.n)
			json_array_append_new(list, json_stringn(word.p, word.n));
	}
	return list;
}

/* What an admin sets. The path of a URL is as good as a password, so it is masked everywhere. */
static json_t *settings_shape(struct call *c, const struct webhook_row *r)
{
	return json_pack("{s:s, s:s, s:o, s:b}", "url", url_masked(secret_reveal(&r->url).p, c->a), "description",
		r->description, "kinds", kinds_shape(r->kinds), "enabled", (int)r->enabled);
}

static const char *audit_of(struct call *c, const struct webhook_row *r)
{
	return call_text(c, settings_shape(c, r));
}

static json_t *shape(struct call *c, const struct webhook_row *r)
{
	json_t *v = settings_shape(c, r), *last = json_null();

	if (r->last_ms)
		last = json_pack("{s:o, s:I, s:s, s:I}", "timestamp-datetime", shape_time(r->last_ms), "status",
			(json_int_t)r->last_status, "error", r->last_error, "milliseconds",
			(json_int_t)r->last_took_ms);
	if (v == NULL || last == NULL) {
		json_decref(v);
		json_decref(last);
		return NULL;
	}
	json_object_set_new(v, "webhook", json_integer(r->id));
	json_object_set_new(v, "domain", *r->domain ? json_string(r->domain) : json_null());
	json_object_set_new(v, "disabled-reason", *r->disabled_why ? json_string(r->disabled_why) : json_null());
	json_object_set_new(v, "last-call", last);
	json_object_set_new(v, "last-success-datetime", shape_time(r->last_good_ms));
	json_object_set_new(v, "failures", json_integer(r->failures));
	json_object_set_new(v, "failing-since-datetime", shape_time(r->failing_since_ms));
	json_object_set_new(v, "waiting", json_integer(r->waiting));
	json_object_set_new(v, "created-by-user", json_string(r->created_by));
	json_object_set_new(v, "created-datetime", shape_time(r->created_ms));
	json_object_set_new(v, "last-modified-datetime", shape_time(r->modified_ms));
	return v;
}

static enum err_code load(struct call *c, struct webhook_row *row, struct err *err)
{
	struct db *db;
	int64_t id;
	enum err_code e = ask_domain(c, err);

	if (e || (e = call_number("the webhook's id", request_param(c->rq, "id"), &id, err)) ||
		(e = call_db(c, &db, err)))
		return e;
	e = webhook_row_load(db, id, c->a, row, err);
	if (e == ERR_NOT_FOUND || (e == ERR_OK && row->domain_id != c->domain.id))
		return err_set(err, ERR_NOT_FOUND, "There is no webhook %lld here.", (long long)id);
	return e;
}

enum err_code webhooks_list(struct call *c, struct err *err)
{
	struct webhook_row *rows;
	struct page page;
	struct db *db;
	size_t i, n;
	json_t *out;
	enum err_code e = call_page(c, &page, err);

	if (e || (e = ask_domain(c, err)) || (e = call_db(c, &db, err)) ||
		(e = webhook_row_list(db, c->domain.id, page, c->a, &rows, &n, err)))
		return e;
	out = json_array();
	for (i = 0; i < n; i++)
		json_array_append_new(out, shape(c, &rows[i]));
	return call_ok(c, out, err);
}

enum err_code webhooks_get(struct call *c, struct err *err)
{
	struct webhook_row row;
	enum err_code e = load(c, &row, err);

	return e ? e : call_ok(c, shape(c, &row), err);
}

/* ---- what is given ---- */

static enum err_code read_kinds(struct call *c, json_t *body, struct webhook_row *row, struct err *err)
{
	json_t *list = json_object_get(body, "kinds"), *v;
	const char *text = "";
	enum alert_kind kind;
	size_t i;

	if (list == NULL)
		return ERR_OK;
	if (!json_is_array(list))
		return err_set(err, ERR_INPUT, "\"kinds\" must be a list of words; empty: every kind");
	json_array_foreach (list, i, v) {
		if (!json_is_string(v) || !alert_kind_read(json_string_value(v), &kind))
			return err_set(err, ERR_INPUT, "\"kinds\" holds a word that is no kind of alerts");
		text = arena_printf(c->a, "%s%s ", *text ? text : " ", json_string_value(v));
		if (text == NULL)
			return call_no_memory(err);
	}
	row->kinds = text;
	return ERR_OK;
}

static enum err_code read_url(struct call *c, json_t *body, struct hook_change *ch, struct err *err)
{
	const char *url, *shown = secret_set(&ch->row.url) ? url_masked(secret_reveal(&ch->row.url).p, c->a) : NULL;
	enum err_code e = patch_text(body, "url", URL_MAX, c->a, &url, err);

	if (e || url == NULL || (shown && strcmp(url, shown) == 0)) /* as it was shown: unchanged */
		return e;
	if ((e = webhooks_check_url(c->api->conf.webhooks, url, err)))
		return e;
	ch->row.url = secret_copy(c->a, slice_str(url));
	ch->moved = true;
	return secret_set(&ch->row.url) ? ERR_OK : call_no_memory(err);
}

static enum err_code read_body(struct call *c, struct hook_change *ch, struct err *err)
{
	static const char *const known[] = { "url", "description", "kinds", "enabled" };
	const char *text, *name;
	json_t *body, *v;
	size_t i;
	enum err_code e = call_body(c, &body, err);

	if (e)
		return e;
	json_object_foreach (body, name, v) {
		for (i = 0; i < sizeof(known) / sizeof(known[0]) && strcmp(known[i], name) != 0; i++)
			;
		if (i == sizeof(known) / sizeof(known[0]))
			return err_set(err, ERR_INPUT,
				"\"%.60s\" is not known here; url, description, kinds and enabled are", name);
	}
	v = json_object_get(body, "enabled");
	if (v && !json_is_boolean(v))
		return err_set(err, ERR_INPUT, "\"enabled\" must be true or false");
	if (v)
		ch->row.enabled = json_is_true(v);
	if ((e = read_url(c, body, ch, err)) || (e = read_kinds(c, body, &ch->row, err)) ||
		(e = patch_text(body, "description", DESCRIPTION_MAX, c->a, &text, err)))
		return e;
	if (text)
		ch->row.description = text;
	return ERR_OK;
}

static enum err_code note(struct hook_change *ch, struct db *db, const char *after, struct err *err)
{
	struct call *c = ch->call;

	return call_audit(c, db, ch->action, "", arena_printf(c->a, "webhook %lld", (long long)ch->row.id), ch->before,
		after, err);
}

/* ---- add ---- */

static enum err_code add_fn(struct txn *t, void *arg, struct err *err)
{
	struct hook_change *ch = arg;
	struct webhook_row row = ch->row;
	int64_t n;
	enum err_code e = webhook_row_count(t->db, row.domain_id, &n, err);

	if (e)
		return e;
	if (n >= WEBHOOKS_MAX)
		return err_set(err, ERR_LIMIT, "There are %d webhooks here already; delete one first.", WEBHOOKS_MAX);
	if ((e = webhook_row_add(t->db, &row, err)))
		return e;
	ch->row.id = row.id;
	return note(ch, t->db, audit_of(ch->call, &row), err);
}

/* With the secret, this once. */
static enum err_code show(struct hook_change *ch, bool with_secret, json_t **out, struct err *err)
{
	struct call *c = ch->call;
	struct secret secret = ch->row.secret;
	struct db *db;
	enum err_code e = call_db(c, &db, err);

	if (e == ERR_OK)
		e = webhook_row_load(db, ch->row.id, c->a, &ch->row, err);
	if (e)
		return e;
	*out = shape(c, &ch->row);
	if (*out && with_secret)
		json_object_set_new(*out, "secret", json_string(secret_reveal(&secret).p));
	return *out ? ERR_OK : call_no_memory(err);
}

enum err_code webhooks_add(struct call *c, struct err *err)
{
	struct hook_change ch = { .call = c,
		.action = "webhook-add",
		.row = { .description = "",
			.kinds = "",
			.enabled = true,
			.disabled_why = "",
			.created_by = c->who->who,
			.last_error = "" } };
	json_t *out;
	enum err_code e = ask_domain(c, err);

	ch.row.domain_id = c->domain.id;
	if (e || (e = read_body(c, &ch, err)))
		return e;
	if (!secret_set(&ch.row.url))
		return err_set(err, ERR_INPUT, "\"url\" is missing: where shall the calls go?");
	if ((e = sign_secret(c->a, &ch.row.secret, err)) || (e = call_write(c, add_fn, &ch, err)) ||
		(e = show(&ch, true, &out, err)))
		return e;
	return call_created(c,
		arena_printf(c->a, "%s%s%s/webhooks/%lld", c->rq->prefix, c->domain.id ? "/domains/" : "",
			c->domain.id ? c->domain.name : "", (long long)ch.row.id),
		out, err);
}

/* ---- change ---- */

static enum err_code set_fn(struct txn *t, void *arg, struct err *err)
{
	struct hook_change *ch = arg;
	struct webhook_row row = ch->row;
	enum err_code e = ERR_OK;

	if (row.enabled != ch->was_enabled || ch->moved)
		e = webhook_enable(t->db, &row, row.enabled, row.enabled ? "it was set anew" : "by hand", err);
	if (e == ERR_OK)
		e = webhook_row_save(t->db, &row, err);
	return e ? e : note(ch, t->db, audit_of(ch->call, &row), err);
}

enum err_code webhooks_set(struct call *c, struct err *err)
{
	struct hook_change ch = { .call = c, .action = "webhook-change" };
	json_t *out;
	enum err_code e = load(c, &ch.row, err);

	if (e)
		return e;
	ch.was_enabled = ch.row.enabled;
	ch.before = audit_of(c, &ch.row);
	if ((e = read_body(c, &ch, err)) || (e = call_write(c, set_fn, &ch, err)) || (e = show(&ch, false, &out, err)))
		return e;
	return call_changed(c, out, err);
}

static enum err_code secret_fn(struct txn *t, void *arg, struct err *err)
{
	struct hook_change *ch = arg;
	struct webhook_row row = ch->row;
	enum err_code e;

	row.secret_until_ms = db_now_ms(t->db) + WEBHOOK_OVERLAP_MS;
	e = webhook_row_save(t->db, &row, err);
	return e ? e
		 : note(ch, t->db,
			   call_text(ch->call, json_pack("{s:o}", "previous-secret-until-datetime",
						       shape_time(row.secret_until_ms))),
			   err);
}

/* The old one goes on signing beside the new one for a day. */
enum err_code webhooks_secret(struct call *c, struct err *err)
{
	struct hook_change ch = { .call = c, .action = "webhook-secret" };
	json_t *out;
	enum err_code e = load(c, &ch.row, err);

	if (e)
		return e;
	ch.row.secret_previous = ch.row.secret;
	if ((e = sign_secret(c->a, &ch.row.secret, err)) || (e = call_write(c, secret_fn, &ch, err)) ||
		(e = show(&ch, true, &out, err)))
		return e;
	return call_created(c, NULL, out, err);
}

static enum err_code delete_fn(struct txn *t, void *arg, struct err *err)
{
	struct hook_change *ch = arg;
	struct webhook_row row = ch->row;
	enum err_code e = webhook_enable(t->db, &row, false, "it was deleted", err);

	if (e == ERR_OK)
		e = webhook_row_delete(t->db, row.id, err);
	return e ? e : note(ch, t->db, NULL, err);
}

enum err_code webhooks_delete(struct call *c, struct err *err)
{
	struct hook_change ch = { .call = c, .action = "webhook-delete" };
	enum err_code e = load(c, &ch.row, err);

	if (e)
		return e;
	ch.before = audit_of(c, &ch.row);
	e = call_write(c, delete_fn, &ch, err);
	return e ? e : call_deleted(c, err);
}

/* ---- try it ---- */

static enum err_code test_fn(struct txn *t, void *arg, struct err *err)
{
	struct hook_change *ch = arg;
	enum err_code e = webhook_test(t->db, &ch->row, err);

	return e ? e : note(ch, t->db, NULL, err);
}

/* The call is made by the thread that makes all of them; its end stands in last-call. */
enum err_code webhooks_test(struct call *c, struct err *err)
{
	struct hook_change ch = { .call = c, .action = "webhook-test" };
	enum err_code e = load(c, &ch.row, err);

	if (e)
		return e;
	if (!ch.row.enabled)
		return err_set(err, ERR_CONFLICT, "This webhook is disabled; enable it first.");
	if ((e = call_write(c, test_fn, &ch, err)))
		return e;
	c->status = 202;
	c->out = json_pack("{s:i, s:s}", "code", 202, "message", "The call is made; last-call says how it ended.");
	return c->out ? ERR_OK : call_no_memory(err);
}
