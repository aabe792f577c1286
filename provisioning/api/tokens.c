/* Tokens of programs: OAuth 2.0's password grant and its refresh (RFC 6749 sections 4.3 and 6), as NetSapiens' clients
 * use them.
 *
 * The program is known by an API key: client_id is the key's number, client_secret the key. The access token is a
 * session that no browser has, the refresh token a link that is used up by its first use; so whatever ends a person's
 * sessions ends these too. */
#include <string.h>
#include <strings.h>

#include "provisioning/api/auth.h"
#include "provisioning/api/calls.h"
#include "provisioning/store/apikey.h"
#include "provisioning/store/session.h"

enum { ACCESS_S = 3600, REFRESH_S = 14 * 24 * 3600, MARK_CHARS = 16 };

#define PURPOSE "refresh"

struct token_in {
	bool unused;
	const char *grant, *client_id, *client_secret, *username, *password, *refresh_token, *passed;
};

#define FIELD(name, required, member)                                                                                  \
	{                                                                                                              \
		name, JSON_TEXT, required, offsetof(struct token_in, member), 0, 255                                   \
	}

static const struct json_input fields[] = {
	FIELD("grant_type", true, grant),
	FIELD("client_id", true, client_id),
	FIELD("client_secret", true, client_secret),
	FIELD("username", false, username),
	FIELD("password", false, password),
	FIELD("refresh_token", false, refresh_token),
	FIELD("scope", false, passed),
	FIELD("mfa_type", false, passed),
	FIELD("mfa_vendor", false, passed),
	FIELD("ns_id_type", false, passed),
	FIELD("passcode", false, passed),
	FIELD("access_token", false, passed),
};
enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

/* JSON, or the form that RFC 6749 names. */
static enum err_code read_body(struct call *c, struct token_in *in, struct err *err)
{
	const char *type = request_header(c->rq, "Content-Type"), *text;
	json_t *body, *own = NULL;
	size_t i;
	enum err_code e;

	if (type && strncasecmp(type, "application/x-www-form-urlencoded", 33) == 0) {
		own = body = json_object();
		for (i = 0; own && i < FIELDS; i++)
			if ((text = request_form(c->rq, fields[i].name)))
				json_object_set_new(own, fields[i].name, json_string(text));
		e = own ? ERR_OK : call_no_memory(err);
	} else {
		e = call_body(c, &body, err);
	}
	if (e == ERR_OK)
		e = json_inputs(body, fields, FIELDS, c->a, in, sizeof(*in), err);
	json_decref(own);
	return e;
}

struct grant {
	struct call *call;
	struct user_row user;
	struct principal who;
	int64_t client_domain; /* of the key; 0 = any */
	int64_t used;          /* the refresh token that is used up; 0 = none */
	const char *client_name;
	const char *client; /* the key's number as text */
	struct secret access, refresh;
};

/* One sentence for a wrong number, a wrong secret and a revoked key. */
static enum err_code find_client(struct call *c, const struct token_in *in, struct grant *g, struct err *err)
{
	struct apikey_row key;
	struct db *db;
	int64_t id;
	enum err_code e = call_db(c, &db, err);

	if (e)
		return e;
	if (call_number("client_id", in->client_id, &id, NULL) ||
		apikey_by_key(db, slice_str(in->client_secret), c->a, &key, NULL) || key.id != id)
		return err_set(err, ERR_UNAUTHORIZED,
			"This client_id and client_secret do not fit: they are the number of an API key and the key itself.");
	g->client_domain = key.domain_id;
	g->client_name = key.name;
	g->client = arena_printf(c->a, "%lld", (long long)key.id);
	return g->client ? ERR_OK : call_no_memory(err);
}

/* Another password, or none: whoever had the old one is let in no more. */
static const char *mark_of(const struct user_row *u)
{
	size_t n = strlen(u->password_hash);

	return n > MARK_CHARS ? u->password_hash + n - MARK_CHARS : "none";
}

static enum err_code by_refresh(struct call *c, const struct token_in *in, struct grant *g, struct err *err)
{
	struct link_row link;
	struct db *db;
	enum err_code e = call_db(c, &db, err);

	if (e)
		return e;
	if (link_by_token(db, slice_str(in->refresh_token), arena_printf(c->a, PURPOSE ":%s", g->client), c->a, &link,
		    NULL) ||
		user_by_id(db, link.user_id, c->a, &g->user, NULL) || *g->user.password_hash == '\0' ||
		strcmp(link.mark, mark_of(&g->user)) != 0 || !principal_of_user(db, &g->user, c->a, &g->who))
		return err_set(
			err, ERR_UNAUTHORIZED, "This refresh_token was used, has expired or never was; log in again.");
	g->used = link.id;
	return ERR_OK;
}

static enum err_code by_grant(struct call *c, const struct token_in *in, struct grant *g, struct err *err)
{
	if (strcmp(in->grant, "password") == 0) {
		if (in->username == NULL || in->password == NULL)
			return err_set(err, ERR_INPUT, "grant_type password needs username and password");
		return login_check(c, in->username, in->password, &g->user, &g->who, err);
	}
	if (strcmp(in->grant, "refresh_token") == 0) {
		if (in->refresh_token == NULL)
			return err_set(err, ERR_INPUT, "grant_type refresh_token needs refresh_token");
		return by_refresh(c, in, g, err);
	}
	return err_set(
		err, ERR_INPUT, "grant_type must be password or refresh_token; \"%.40s\" is not done here", in->grant);
}

static enum err_code grant_fn(struct txn *t, void *arg, struct err *err)
{
	struct grant *g = arg;
	int64_t now = db_now_ms(t->db);
	struct session_row access = { .user_id = g->user.id,
		.address = g->call->rq->peer->text,
		.client = g->client,
		.expires_ms = now + ACCESS_S * 1000LL };
	struct link_row refresh = { .user_id = g->user.id,
		.purpose = arena_printf(g->call->a, PURPOSE ":%s", g->client),
		.mark = mark_of(&g->user),
		.expires_ms = now + REFRESH_S * 1000LL };
	enum err_code e = refresh.purpose ? session_expire(t->db, err) : call_no_memory(err);

	if (e == ERR_OK)
		e = link_expire(t->db, refresh.purpose, err);
	if (e == ERR_OK && g->used && (e = link_delete(t->db, g->used, err)) == ERR_NOT_FOUND)
		return err_set(err, ERR_UNAUTHORIZED, "This refresh_token was used already; log in again.");
	if (e == ERR_OK)
		e = session_add(t->db, &access, g->call->a, &g->access, err);
	if (e == ERR_OK)
		e = link_add(t->db, &refresh, g->call->a, &g->refresh, err);
	return e ? e : call_audit(g->call, t->db, "token", g->user.ext, g->client, NULL, NULL, err);
}

static json_t *shape(const struct grant *g, const char *site)
{
	const struct user_row *u = &g->user;
	struct arena *a = g->call->a;
	const char *uid = arena_printf(a, "%s@%s", u->ext, g->who.domain);
	const char *name =
		arena_printf(a, "%s%s%s", u->first_name, *u->first_name && *u->last_name ? " " : "", u->last_name);

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:s, s:s, s:s, s:s}",
		"username", g->who.who, "user", u->ext, "territory", g->who.reseller, "domain", g->who.domain, "site",
		site, "group", "", "department", u->department, "uid", uid, "login", *u->login ? u->login : uid,
		"scope", u->scope, "user_email", u->email, "displayName", name, "access_token",
		secret_reveal(&g->access).p, "expires_in", ACCESS_S, "token_type", "Bearer", "refresh_token",
		secret_reveal(&g->refresh).p, "client_id", g->client, "apiversion", "2");
}

static enum err_code name_site(struct call *c, int64_t id, struct site_row *site, struct err *err)
{
	struct db *db;
	enum err_code e = call_db(c, &db, err);

	site->name = "";
	return e || id == 0 ? e : site_load(db, id, c->a, site, err);
}

enum err_code tokens_add(struct call *c, struct err *err)
{
	struct grant g = { .call = c };
	struct token_in in;
	struct site_row site;
	enum err_code e = read_body(c, &in, err);

	if (e || (e = find_client(c, &in, &g, err)) || (e = by_grant(c, &in, &g, err)) ||
		(e = name_site(c, g.user.site_id, &site, err)))
		return e;
	if (g.client_domain && g.client_domain != g.who.domain_id)
		return err_set(
			err, ERR_UNAUTHORIZED, "This client is of another domain; ask for one of %s.", g.who.domain);
	g.who.client = g.client_name;
	c->who = &g.who;
	e = call_write(c, grant_fn, &g, err);
	c->who = NULL; /* nobody's Idempotency-Key keeps the tokens */
	if (e)
		return e;
	atomic_fetch_add(&c->api->logins, 1);
	return call_ok(c, shape(&g, site.name), err);
}
