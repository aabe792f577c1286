/* First access: an address for one phone, or a window in which it is believed. */
#include <strings.h>

#include "provisioning/api/calls.h"
#include "provisioning/api/move_parts.h"
#include "provisioning/conf/ways.h"
#include "provisioning/reset/filekey.h"
#include "provisioning/reset/new_login.h"
#include "provisioning/reset/pair.h"
#include "provisioning/store/token.h"

enum { MINUTES_MAX = 1440, MINUTE_MS = 60000 };

const struct profile *phone_model_of(const struct catalog *cat, const char *text)
{
	const struct profile *pf = catalog_find(cat, text);
	size_t i;

	for (i = 0; pf == NULL && i < catalog_count(cat); i++) {
		const struct profile *p = catalog_at(cat, i);

		if (!p->softphone && (strcasecmp(p->display, text) == 0 || strcasecmp(p->model, text) == 0))
			pf = p;
	}
	return pf;
}

enum err_code phone_access_open(struct call *c, struct db *db, const struct mac *mac, bool address, bool pair,
	struct phone_access *out, struct err *err)
{
	struct token_row token = { .expires_ms = db_now_ms(db) + c->api->conf.token_hours * 3600 * 1000 };
	struct phone_row row;
	enum err_code e = phone_load(db, mac, c->a, &row, err);

	*out = (struct phone_access){ .expires_ms = address ? token.expires_ms : 0 };
	if (e || (address && (e = pair_allowed(c->api->conf.reset, &row, WAY_TOKEN, err))))
		return e;
	token.phone_id = row.id;
	out->warning = filekey_first_access(&row, c->api->conf.catalog);
	if (address)
		e = token_add(db, &token, c->a, &out->token, err);
	return e || !pair ? e : pair_open(c->api->conf.reset, db, mac, 0, c->a, &out->pair_until_ms, err);
}

bool phone_address_on(const struct call *c)
{
	return pair_ways(c->api->conf.reset, c->domain.ways_off) & WAY_TOKEN;
}

json_t *phone_access_shape(struct call *c, const struct phone_access *access)
{
	const char *url = c->api->conf.phones_url;
	json_t *v = json_pack("{s:s, s:o}", "url",
		secret_set(&access->token) ? arena_printf(c->a, "%s/cfg/%s/", url, secret_reveal(&access->token).p)
					   : arena_printf(c->a, "%s/cfg/", url),
		"expires-datetime", shape_time(access->expires_ms));

	if (v && access->pair_until_ms)
		json_object_set_new(v, "pair-until-datetime", shape_time(access->pair_until_ms));
	if (v && access->warning)
		json_object_set_new(v, "warning", json_string(access->warning));
	return v;
}

struct opening {
	struct call *call;
	struct phone_row row;
	struct phone_access access;
	int64_t for_ms; /* of the window; 0 = as the setting says */
	bool close;
};

static enum err_code token_fn(struct txn *t, void *arg, struct err *err)
{
	struct opening *o = arg;
	char mac[MAC_TEXT];
	enum err_code e = phone_access_open(o->call, t->db, &o->row.mac, true, false, &o->access, err);

	return e ? e
		 : call_audit(o->call, t->db, "phone-token", "", mac_text(&o->row.mac, mac), NULL,
			   call_text(o->call, json_pack("{s:o}", "expires-datetime", shape_time(o->access.expires_ms))),
			   err);
}

/* As an API key: told once, and kept for a repetition. */
static enum err_code token_answer(struct call *c, void *arg, struct err *err)
{
	struct opening *o = arg;

	return call_created(c, NULL, phone_access_shape(c, &o->access), err);
}

enum err_code phones_token(struct call *c, struct err *err)
{
	struct opening o = { .call = c };
	enum err_code e = call_phone(c, &o.row, err);

	return e ? e : call_write_answer(c, token_fn, token_answer, &o, err);
}

/* The login itself is nobody's to read. */
static const char *used_text(struct call *c, int64_t seen_ms)
{
	return call_text(c, json_pack("{s:o}", "login-used-datetime", shape_time(seen_ms)));
}

static enum err_code new_login_fn(struct txn *t, void *arg, struct err *err)
{
	struct opening *o = arg;
	struct call *c = o->call;
	char mac[MAC_TEXT];
	enum err_code e = new_login_order(t->db, &o->row.mac, c->a, err);

	return e ? e
		 : call_audit(c, t->db, "phone-login", "", mac_text(&o->row.mac, mac),
			   used_text(c, o->row.prov_password_seen_ms), used_text(c, 0), err);
}

static enum err_code login_answer(struct call *c, void *arg, struct err *err)
{
	(void)arg;
	c->status = 202;
	c->out = json_pack("{s:i, s:s}", "code", 202, "message",
		"The phone is told. Its next file holds a new login; the one that it has is good until it uses that.");
	return c->out ? ERR_OK : call_no_memory(err);
}

enum err_code phones_login(struct call *c, struct err *err)
{
	struct opening o = { .call = c };
	enum err_code e = call_phone(c, &o.row, err);

	return e ? e : call_write_answer(c, new_login_fn, login_answer, &o, err);
}

struct pair_in {
	bool unused, has_open;
	int64_t minutes;
	bool open;
};

static const struct json_input pair_fields[] = {
	{ "minutes", JSON_INT, false, offsetof(struct pair_in, minutes), 0, MINUTES_MAX },
	{ "open", JSON_BOOL, false, offsetof(struct pair_in, open), offsetof(struct pair_in, has_open), 0 },
};

static const char *window_text(struct call *c, int64_t until_ms)
{
	return call_text(c, json_pack("{s:o}", "pair-until-datetime", shape_time(until_ms)));
}

static enum err_code pair_fn(struct txn *t, void *arg, struct err *err)
{
	struct opening *o = arg;
	struct call *c = o->call;
	char mac[MAC_TEXT];
	enum err_code e = o->close ? pair_close(t->db, &o->row.mac, c->a, err)
				   : pair_open(c->api->conf.reset, t->db, &o->row.mac, o->for_ms, c->a,
					     &o->access.pair_until_ms, err);

	return e ? e
		 : call_audit(c, t->db, o->close ? "phone-pair-close" : "phone-pair", "", mac_text(&o->row.mac, mac),
			   window_text(c, o->row.pair_until_ms), window_text(c, o->access.pair_until_ms), err);
}

static json_t *shape_window(const struct opening *o)
{
	struct call *c = o->call;
	char mac[MAC_TEXT];
	json_t *v = json_pack("{s:s, s:o, s:s, s:s}", "device-provisioning-mac-address", mac_text(&o->row.mac, mac),
		"pair-until-datetime", shape_time(o->access.pair_until_ms), "url",
		arena_printf(c->a, "%s/cfg/", c->api->conf.phones_url), "message",
		o->close ? "The window is closed."
			 : "The first caller with this MAC and a User-Agent of this model gets its first file, once.");

	if (v && o->access.warning)
		json_object_set_new(v, "warning", json_string(o->access.warning));
	return v;
}

enum err_code phones_pair(struct call *c, struct err *err)
{
	struct opening o = { .call = c };
	struct pair_in in;
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	if (e || (e = call_phone(c, &o.row, err)) ||
		(e = json_inputs(
			 body, pair_fields, sizeof(pair_fields) / sizeof(pair_fields[0]), c->a, &in, sizeof(in), err)))
		return e;
	o.close = in.has_open && !in.open;
	o.for_ms = in.minutes * MINUTE_MS;
	if (o.close && in.minutes)
		return err_set(err, ERR_INPUT, "Give either minutes or \"open\": false.");
	if (!o.close)
		o.access.warning = filekey_first_access(&o.row, c->api->conf.catalog);
	if ((e = call_write(c, pair_fn, &o, err)))
		return e;
	if (c->api->conf.changed)
		c->api->conf.changed(c->api->conf.changed_arg, &o.row.mac);
	return call_ok(c, shape_window(&o), err);
}
