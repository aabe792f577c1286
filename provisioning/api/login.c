/* Login, logout, and who am I. */
#include <string.h>

#include "provisioning/api/auth.h"
#include "provisioning/api/calls.h"
#include "provisioning/conf/log.h"
#include "provisioning/store/seal.h"
#include "provisioning/store/session.h"

enum { HASHING_AT_ONCE = 2 };

struct login_in {
	bool unused;
	const char *login, *password;
};

static const struct json_input login_fields[] = {
	{ "login", JSON_TEXT, true, offsetof(struct login_in, login), 0, 255 },
	{ "password", JSON_TEXT, true, offsetof(struct login_in, password), 0, 255 },
};

struct session_new {
	struct call *call;
	struct session_row row;
	struct secret token;
};

/* Into the log of one's own domain: its Office Managers shall see who came in. */
static enum err_code audit_own(struct call *c, struct db *db, const char *action, struct err *err)
{
	c->domain.id = c->who->domain_id;
	c->domain.name = c->who->domain;
	return call_audit(c, db, action, c->who->ext, "", NULL, NULL, err);
}

static enum err_code session_fn(struct txn *t, void *arg, struct err *err)
{
	struct session_new *s = arg;
	enum err_code e = session_expire(t->db, err);

	if (e == ERR_OK)
		e = session_add(t->db, &s->row, s->call->a, &s->token, err);
	return e ? e : audit_own(s->call, t->db, "login", err);
}

static json_t *shape_session(const struct call *c, const struct principal *p, const char *csrf)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "login", p->who, "domain", p->domain, "user",
		p->ext, "user-scope", p->word, "reseller", p->reseller, "csrf-token", csrf, "session-ends-datetime",
		shape_time(p->session_ends_ms), "session-idle-minutes",
		p->session_ends_ms ? json_integer(c->api->conf.session_idle_minutes) : json_null());
}

static enum err_code refused(struct call *c, const char *login, struct err *err)
{
	log_event(LOG_LEVEL_WARN, "login-refused", "login", login, "from", c->rq->peer->text, NULL);
	return err_set(err, ERR_UNAUTHORIZED, "This login and password do not fit; check both, or ask for a new link.");
}

static enum err_code find_user(struct call *c, const char *login, struct user_row *u, struct principal *p)
{
	struct db *db;
	struct err err;
	enum err_code e = call_db(c, &db, &err);

	memset(u, 0, sizeof(*u));
	if (e == ERR_OK)
		e = user_by_login(db, login, c->a, u, &err);
	if (e == ERR_OK && !principal_of_user(db, u, c->a, p))
		e = ERR_FORBIDDEN;
	snap_end(&c->snap);
	c->reading = false;
	return e;
}

static enum err_code enter(struct call *c, const struct user_row *u, struct principal *p, struct err *err)
{
	const struct api_conf *conf = &c->api->conf;
	struct session_new s = { .call = c,
		.row = { .user_id = u->id,
			.address = c->rq->peer->text,
			.expires_ms = store_clock_ms() + conf->session_idle_minutes * 60 * 1000 } };
	char csrf[CSRF_TEXT];
	const char *cookie;
	enum err_code e;

	c->who = p;
	e = store_write(conf->store, session_fn, &s, err);
	if (e)
		return e;
	atomic_fetch_add(&c->api->logins, 1);
	cookie = secret_reveal(&s.token).p;
	response_cookie(c->rs, SESSION_COOKIE, cookie, (unsigned)conf->session_hours * 3600);
	p->session_ends_ms = store_clock_ms() + conf->session_hours * 3600 * 1000;
	return call_ok(c, shape_session(c, p, csrf_of(cookie, csrf)), err);
}

bool hashing_enter(struct api *api)
{
	if (atomic_fetch_add(&api->hashing, 1) < HASHING_AT_ONCE)
		return true;
	hashing_leave(api);
	return false;
}

void hashing_leave(struct api *api)
{
	atomic_fetch_sub(&api->hashing, 1);
}

static enum err_code verify(struct call *c, const struct secret *typed, const char *hash, struct err *err)
{
	enum err_code e;

	if (!hashing_enter(c->api))
		return err_set(err, ERR_BUSY, "Too many logins at once; try again in a moment.");
	e = scrypt_verify(typed, hash, err);
	hashing_leave(c->api);
	return e;
}

enum err_code login_check(struct call *c, const char *login, const char *password, struct user_row *u,
	struct principal *p, struct err *err)
{
	struct secret typed = secret_copy(c->a, slice_str(password));
	enum err_code found = find_user(c, login, u, p);
	enum err_code e = verify(c, &typed, found == ERR_OK ? u->password_hash : NULL, err);

	return e == ERR_UNAUTHORIZED || (found && e != ERR_BUSY) ? refused(c, login, err) : e;
}

enum err_code login_fn(struct call *c, struct err *err)
{
	struct login_in in;
	struct user_row u;
	struct principal *p = arena_alloc(c->a, sizeof(*p));
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	if (e == ERR_OK)
		e = json_inputs(body, login_fields, 2, c->a, &in, sizeof(in), err);
	if (e)
		return e;
	if (p == NULL)
		return call_no_memory(err);
	e = login_check(c, in.login, in.password, &u, p, err);
	return e ? e : enter(c, &u, p, err);
}

static enum err_code leave_fn(struct txn *t, void *arg, struct err *err)
{
	struct call *c = arg;
	enum err_code e = session_delete(t->db, c->who->session_id, err);

	return e ? e : audit_own(c, t->db, "logout", err);
}

enum err_code logout_fn(struct call *c, struct err *err)
{
	enum err_code e = ERR_OK;

	if (c->who->session_id)
		e = call_write(c, leave_fn, c, err);
	if (e)
		return e;
	response_cookie(c->rs, SESSION_COOKIE, "", 0);
	return call_ok(c, json_pack("{s:i, s:s}", "code", 200, "message", "Logged out"), err);
}

enum err_code session_get(struct call *c, struct err *err)
{
	const char *cookie = request_cookie(c->rq, SESSION_COOKIE);
	char csrf[CSRF_TEXT] = "";

	if (c->who == NULL)
		return call_ok(c, json_object(), err);
	if (c->who->session_id && cookie)
		csrf_of(cookie, csrf);
	return call_ok(c, shape_session(c, c->who, csrf), err);
}
