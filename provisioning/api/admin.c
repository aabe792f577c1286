/* Keys of programs, the audit log, unclaimed phones, import. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "provisioning/api/auth.h"
#include "provisioning/api/calls.h"
#include "provisioning/api/patch.h"
#include "provisioning/api/phone_parts.h"
#include "provisioning/reset/import.h"
#include "provisioning/store/apikey.h"
#include "provisioning/store/unclaimed.h"

/* ---- keys of programs ---- */

static json_t *shape_key(const struct apikey_row *k)
{
	return json_pack("{s:I, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "apikey", (json_int_t)k->id, "name", k->name,
		"key-prefix", k->prefix, "user-scope", k->scope, "reseller", k->reseller, "created-datetime",
		shape_time(k->created_ms), "expires-datetime", shape_time(k->expires_ms), "last-used-datetime",
		shape_time(k->used_ms), "revoked-datetime", shape_time(k->revoked_ms));
}

/* At the root c->domain stays empty: keys of every domain. */
static enum err_code maybe_domain(struct call *c, struct err *err)
{
	return *request_param(c->rq, "domain") ? call_domain(c, err) : ERR_OK;
}

enum err_code apikeys_list(struct call *c, struct err *err)
{
	struct apikey_row *rows;
	struct page page;
	struct db *db;
	size_t i, n;
	json_t *out;
	enum err_code e = call_page(c, &page, err);

	if (e || (e = maybe_domain(c, err)) || (e = call_db(c, &db, err)) ||
		(e = apikey_list(db, c->domain.id, page, c->a, &rows, &n, err)))
		return e;
	out = json_array();
	for (i = 0; i < n; i++)
		json_array_append_new(out, shape_key(&rows[i]));
	return call_ok(c, out, err);
}

struct key_in {
	bool unused;
	const char *name, *scope, *reseller;
	json_t *sites;
	int64_t days;
};

static const struct json_input key_fields[] = {
	{ "name", JSON_TEXT, true, offsetof(struct key_in, name), 0, 60 },
	{ "user-scope", JSON_TEXT, true, offsetof(struct key_in, scope), 0, 32 },
	{ "reseller", JSON_TEXT, false, offsetof(struct key_in, reseller), 0, 64 },
	{ "sites", JSON_LIST, false, offsetof(struct key_in, sites), 0, PRINCIPAL_SITES_MAX },
	{ "expires-days", JSON_INT, false, offsetof(struct key_in, days), 0, 3650 },
};

struct key_new {
	struct call *call;
	struct apikey_row row;
	struct secret key;
};

static const char *key_text(struct call *c, const struct apikey_row *k)
{
	return call_text(c, json_pack("{s:I, s:s, s:s, s:o}", "apikey", (json_int_t)k->id, "key-prefix", k->prefix,
				    "user-scope", k->scope, "expires-datetime", shape_time(k->expires_ms)));
}

static enum err_code key_fn(struct txn *t, void *arg, struct err *err)
{
	struct key_new *n = arg;
	struct apikey_row row = n->row;
	enum err_code e = apikey_add(t->db, &row, n->call->a, &n->key, err);

	if (e)
		return e;
	n->row.id = row.id;
	n->row.prefix = row.prefix;
	return call_audit(n->call, t->db, "apikey-add", "", row.name, NULL, key_text(n->call, &n->row), err);
}

/* The key is told this once, so its answer must not be lost: it is kept, sealed, in the transaction that makes it. */
static enum err_code key_answer(struct call *c, void *arg, struct err *err)
{
	struct key_new *n = arg;

	return call_created(c, NULL,
		json_pack("{s:I, s:s, s:s, s:s}", "apikey", (json_int_t)n->row.id, "name", n->row.name, "user-scope",
			n->row.scope, "key", secret_reveal(&n->key).p),
		err);
}

static enum err_code read_sites(struct call *c, json_t *list, const char **out, struct err *err)
{
	const char *text = "";
	size_t i;
	json_t *v;

	json_array_foreach (list, i, v) {
		int64_t id;
		enum err_code e = json_is_string(v) ? call_site(c, json_string_value(v), &id, err)
						    : err_set(err, ERR_INPUT, "\"sites\" is a list of names");

		if (e)
			return e;
		text = arena_printf(c->a, "%s%s%lld", text, *text ? "," : "", (long long)id);
		if (text == NULL)
			return call_no_memory(err);
	}
	*out = text;
	return ERR_OK;
}

/* What by-client says where no program's name stands. */
static bool client_word(const char *name)
{
	static const char *const words[] = { "portal", "api", "cli", "reset" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasecmp(words[i], name) == 0)
			return true;
	return false;
}

enum err_code apikeys_add(struct call *c, struct err *err)
{
	struct key_new n = { .call = c };
	struct key_in in;
	unsigned bit;
	int rank;
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	if (e || (e = maybe_domain(c, err)) || (e = json_inputs(body, key_fields, 5, c->a, &in, sizeof(in), err)))
		return e;
	if (!scope_read(in.scope, &bit, &rank))
		return err_set(err, ERR_INPUT, "user-scope \"%.40s\" is not known, or has no login", in.scope);
	if (rank > c->who->rank)
		return err_set(err, ERR_FORBIDDEN, "You cannot make a key of a scope higher than your own.");
	if (c->domain.id == 0 && !(bit & SCOPE_ADMINS))
		return err_set(
			err, ERR_INPUT, "A key of this scope belongs to a domain; use /domains/{domain}/apikeys.");
	if (strchr(in.name, '@'))
		return err_set(err, ERR_INPUT,
			"name must not hold an @: the audit log shows it, and a program is nobody's login");
	if (client_word(in.name))
		return err_set(err, ERR_INPUT,
			"name must be another one: the audit log means something of its own by \"%s\"", in.name);
	n.row = (struct apikey_row){ .name = in.name,
		.scope = in.scope,
		.domain_id = c->domain.id,
		.reseller = in.reseller ? in.reseller : "",
		.sites = "",
		.expires_ms = in.days ? store_clock_ms() + in.days * 24 * 3600 * 1000 : 0 };
	if (in.sites && (e = read_sites(c, in.sites, &n.row.sites, err)))
		return e;
	return call_write_answer(c, key_fn, key_answer, &n, err);
}

static enum err_code revoke_fn(struct txn *t, void *arg, struct err *err)
{
	struct key_new *n = arg;
	enum err_code e = apikey_revoke(t->db, n->row.id, err);

	return e ? e
		 : call_audit(n->call, t->db, "apikey-revoke", "", n->row.name, key_text(n->call, &n->row), NULL, err);
}

enum err_code apikeys_revoke(struct call *c, struct err *err)
{
	struct key_new n = { .call = c };
	struct db *db;
	int64_t id;
	enum err_code e = maybe_domain(c, err);

	if (e || (e = call_number("the key's id", request_param(c->rq, "id"), &id, err)) || (e = call_db(c, &db, err)))
		return e;
	e = apikey_load(db, id, c->a, &n.row, err);
	if (c->domain.id && (e == ERR_NOT_FOUND || (e == ERR_OK && n.row.domain_id != c->domain.id)))
		return err_set(err, ERR_NOT_FOUND, "There is no key %lld in %s.", (long long)id, c->domain.name);
	if (e)
		return e;
	if (scope_rank(n.row.scope) > c->who->rank)
		return err_set(err, ERR_FORBIDDEN, "This key has a higher scope than yours.");
	e = call_write(c, revoke_fn, &n, err);
	return e ? e : call_deleted(c, err);
}

/* ---- unclaimed phones ---- */

enum err_code unclaimed_get(struct call *c, struct err *err)
{
	struct unclaimed_row *rows;
	struct page page;
	struct db *db;
	size_t i, n;
	char mac[MAC_TEXT];
	json_t *out;
	enum err_code e = call_page(c, &page, err);

	if (e || (e = call_db(c, &db, err)) || (e = unclaimed_list(db, page, c->a, &rows, &n, err)))
		return e;
	out = json_array();
	for (i = 0; i < n; i++)
		json_array_append_new(
			out, json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:I}", "device-provisioning-mac-address",
				     mac_text(&rows[i].mac, mac), "brand", rows[i].vendor, "model", rows[i].model,
				     "user-agent", rows[i].user_agent, "address", rows[i].address, "first-datetime",
				     shape_time(rows[i].first_ms), "last-datetime", shape_time(rows[i].last_ms),
				     "knocks", (json_int_t)rows[i].knocks));
	return call_ok(c, out, err);
}

static enum err_code forget_fn(struct txn *t, void *arg, struct err *err)
{
	return unclaimed_delete(t->db, arg, err);
}

/* The model that its User-Agent named, where the body names none. */
static void guess_model(struct call *c, json_t *body, const struct unclaimed_row *row)
{
	const struct profile *pf;
	enum vendor_id vendor;

	if (json_object_get(body, "device-models-brand-and-model") || !vendor_word_parse(row->vendor, &vendor))
		return;
	pf = catalog_by_ua_token(c->api->conf.catalog, vendor, slice_str(row->model));
	if (pf)
		json_object_set_new(body, "device-models-brand-and-model", json_string(pf->id));
}

enum err_code unclaimed_claim(struct call *c, struct err *err)
{
	struct unclaimed_row row;
	struct mac mac;
	struct db *db;
	char text[MAC_TEXT];
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	if (e || (e = call_db(c, &db, err)))
		return e;
	if (!mac_parse(slice_str(request_param(c->rq, "mac")), &mac))
		return err_set(err, ERR_INPUT, "a MAC takes 12 hexadecimal digits");
	if ((e = unclaimed_load(db, &mac, c->a, &row, err)) || (e = call_domain_given(c, body, err)))
		return e;
	guess_model(c, body, &row);
	json_object_set_new(body, "device-provisioning-mac-address", json_string(mac_text(&mac, text)));
	e = phone_add_body(c, body, err);
	return e ? e : call_write(c, forget_fn, &mac, err);
}

/* ---- import ---- */

static json_t *shape_report(const struct import_report *r, bool dry_run)
{
	json_t *rows = json_array();
	size_t i;

	for (i = 0; i < r->nrows; i++)
		json_array_append_new(
			rows, json_pack("{s:I, s:s?, s:s?, s:s?}", "line", (json_int_t)r->rows[i].line, "key",
				      r->rows[i].key, "result", r->rows[i].result, "error", r->rows[i].error));
	return json_pack("{s:s, s:b, s:b, s:I, s:I, s:o}", "what", r->what ? r->what : "", "dry-run", (int)dry_run,
		"written", (int)r->written, "rows-total", (json_int_t)r->nrows, "errors", (json_int_t)r->nerrors,
		"rows", rows);
}

static void tell_changed(struct call *c, const struct import_report *r)
{
	struct mac mac;
	size_t i;

	if (!r->written || c->api->conf.changed == NULL)
		return;
	for (i = 0; i < r->nrows; i++)
		if (r->rows[i].key && mac_parse(slice_str(r->rows[i].key), &mac))
			c->api->conf.changed(c->api->conf.changed_arg, &mac);
}

enum err_code import_fn(struct call *c, struct err *err)
{
	const char *dry = request_query(c->rq, "dry-run"), *type = request_header(c->rq, "Content-Type");
	bool dry_run = dry && strcmp(dry, "no") != 0 && strcmp(dry, "false") != 0;
	struct import_report report = { 0 };
	enum err_code e = call_domain(c, err);

	if (e)
		return e;
	if (type == NULL || strncasecmp(type, "text/csv", 8) != 0)
		return err_set(err, ERR_INPUT, "Send the file as the body, with Content-Type: text/csv.");
	snap_end(&c->snap);
	c->reading = false;
	e = import_csv(c->api->conf.reset, c->domain.name, c->rq->body, dry_run, (c->who->scope & SCOPE_ADMINS) != 0,
		c->who->who, c->rq->peer->text, c->a, &report, err);
	if (e && report.nrows == 0)
		return e;
	tell_changed(c, &report);
	c->status = e ? 400 : 200;
	c->out = shape_report(&report, dry_run);
	return c->out ? ERR_OK : call_no_memory(err);
}
