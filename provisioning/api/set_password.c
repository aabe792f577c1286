/* A person chooses a password: on the page that a link opens, by the same in JSON, or a new one for the old one. */
#include <string.h>

#include "provisioning/api/calls.h"
#include "provisioning/api/page.h"
#include "provisioning/api/throttle.h"
#include "provisioning/conf/clock.h"
#include "provisioning/conf/log.h"
#include "provisioning/reset/password.h"
#include "provisioning/reset/welcome.h"
#include "provisioning/store/seal.h"

/* A house full of people shares an address, a login is one person's. */
enum { DEAD_LINKS_MOST = 20, GUESSES_MOST = 10 };
enum { TRY_AGAIN_S = 5, HOUR_MS = 3600 * 1000, TOO_MANY = 429, GONE = 410 };

/* ---- what page and JSON share ---- */

struct attempt {
	struct api *api;
	struct request *rq;
	struct slice link;
	struct link_holder who; /* after look() */
	struct password_choice choice;
	unsigned faults;
};

/* ERR_NOT_FOUND: a dead link, and counted; ERR_BUSY where one caller knocked too often. */
static enum err_code look(struct attempt *t, struct err *err)
{
	uint64_t peer = throttle_peer(t->rq->peer);
	struct snap snap;
	enum err_code e = store_snap(t->api->conf.store, &snap, err);

	if (e)
		return e;
	e = link_look(t->api->conf.reset, snap.db, t->link, &t->rq->arena, &t->who, err);
	snap_end(&snap);
	if (e != ERR_NOT_FOUND)
		return e;
	if (throttle_full(t->api->throttle, peer, DEAD_LINKS_MOST, clock_steady_ms()))
		return err_set(
			err, ERR_BUSY, "Too many links that do not work came from here; try again in ten minutes.");
	throttle_note(t->api->throttle, peer, clock_steady_ms());
	return ERR_NOT_FOUND;
}

/* ERR_INPUT: t->faults says what is wrong, and the link is as good as before. */
static enum err_code choose(struct attempt *t, struct err *err)
{
	struct reset *rs = t->api->conf.reset;
	const char *text;
	enum err_code e = look(t, err);

	if (e)
		return e;
	t->choice.from = t->rq->peer->text;
	if (!t->who.asks_pin)
		t->choice.pin = (struct secret){ 0 };
	t->faults = password_check(rs, &t->who.user, t->who.login, &t->choice, t->who.asks_pin);
	if (t->faults) {
		text = password_faults_text(&rs->conf.rule, t->faults, &t->rq->arena);
		return err_set(err, ERR_INPUT, "%s", text ? text : "The password does not do.");
	}
	if (!hashing_enter(t->api))
		return err_set(err, ERR_BUSY, "Too many logins at once; try again in a moment.");
	e = password_by_link(rs, t->link, &t->choice, &t->rq->arena, err);
	hashing_leave(t->api);
	if (e == ERR_OK)
		log_event(LOG_LEVEL_INFO, "password-set", "login", t->who.login, "from", t->rq->peer->text, NULL);
	return e;
}

static struct secret given(struct request *rq, const char *text)
{
	return text && *text ? secret_copy(&rq->arena, slice_str(text)) : (struct secret){ 0 };
}

/* ---- the page ---- */

static enum handled dead_link(struct attempt *t, struct response *rs)
{
	struct tval *v = tval_object(&t->rq->arena);

	tval_put_int(v, "hours", t->api->conf.reset->conf.link_ms / HOUR_MS);
	return page_answer(t->api->pages, rs, PAGE_DEAD_LINK, GONE, v);
}

static enum handled wait_page(struct attempt *t, struct response *rs, unsigned status, const char *reason)
{
	struct tval *v = tval_object(&t->rq->arena);

	tval_put_str(v, "reason", reason);
	tval_put_int(v, "seconds", TRY_AGAIN_S);
	response_header(rs, "Retry-After", "5");
	return page_answer(t->api->pages, rs, PAGE_WAIT, status, v);
}

static void add_fault(struct tval *list, struct arena *a, const char *text)
{
	struct tval *one = tval_object(a);

	tval_put_str(one, "text", text);
	tval_push(list, one);
}

static enum handled form(struct attempt *t, struct response *rs, const char *more)
{
	const struct password_rule *rule = &t->api->conf.reset->conf.rule;
	const struct link_holder *who = &t->who;
	struct arena *a = &t->rq->arena;
	struct tval *v = tval_object(a), *faults = tval_list(a);
	bool has_pin = secret_set(&who->user.voicemail_pin);
	unsigned i;

	for (i = 0; i < PASSWORD_FAULTS; i++)
		if (t->faults & 1u << i)
			add_fault(faults, a, password_fault_sentence(rule, (enum password_fault)i, a));
	if (more)
		add_fault(faults, a, more);
	tval_put(v, "faults", faults);
	tval_put_bool(v, "faulty", t->faults || more);
	tval_put_str(v, "user", who->user.ext);
	tval_put_str(v, "company", *who->domain.description ? who->domain.description : who->domain.name);
	tval_put_str(v, "login", who->login);
	tval_put_bool(v, "asks_pin", who->asks_pin);
	tval_put_bool(v, "has_pin", has_pin);
	tval_put_bool(v, "pin_required", rule->pin == PIN_REQUIRED && !has_pin);
	tval_put_str(v, "password_rule", password_rule_sentence(rule, a));
	tval_put_str(v, "pin_rule", pin_rule_sentence(rule, a));
	return page_answer(t->api->pages, rs, PAGE_SET_PASSWORD, t->faults || more ? 422 : 200, v);
}

static struct attempt attempt_of(struct request *rq)
{
	return (struct attempt){ .api = rq->ctx, .rq = rq, .link = slice_str(request_param(rq, "link")) };
}

/* Everything but what the person can mend in the form. */
static enum handled refusal(struct attempt *t, struct response *rs, enum err_code e, const struct err *err)
{
	if (e == ERR_NOT_FOUND)
		return dead_link(t, rs);
	if (e == ERR_BUSY)
		return wait_page(t, rs, TOO_MANY, err->text);
	log_event(LOG_LEVEL_ERROR, "set-password", "why", err->text, NULL);
	return wait_page(t, rs, 503, "The server cannot do this just now.");
}

/* Uses nothing up: whoever looks through mails opens links too. */
enum handled set_password_page(struct request *rq, struct response *rs)
{
	struct attempt t = attempt_of(rq);
	struct err err = { 0 };
	enum err_code e = look(&t, &err);

	return e ? refusal(&t, rs, e, &err) : form(&t, rs, NULL);
}

enum handled set_password_post(struct request *rq, struct response *rs)
{
	struct attempt t = attempt_of(rq);
	const char *password = request_form(rq, "password"), *again = request_form(rq, "again");
	struct err err = { 0 };
	enum err_code e = ERR_OK;

	t.choice.password = given(rq, password);
	t.choice.pin = given(rq, request_form(rq, "pin"));
	if (password == NULL || again == NULL || strcmp(password, again) != 0) {
		e = look(&t, &err);
		return e ? refusal(&t, rs, e, &err)
			 : form(&t, rs, "The two passwords are not the same; type them again.");
	}
	e = choose(&t, &err);
	if (e == ERR_INPUT)
		return form(&t, rs, NULL);
	if (e)
		return refusal(&t, rs, e, &err);
	response_status(rs, 303);
	response_header(rs, "Location", "/");
	return HANDLED;
}

enum handled page_css(struct request *rq, struct response *rs)
{
	const struct api *api = rq->ctx;

	return page_style(api->pages, rs);
}

/* ---- the same in JSON ---- */

struct password_in {
	bool unused;
	const char *link, *old, *password, *pin;
};

static const struct json_input link_fields[] = {
	{ "link", JSON_TEXT, true, offsetof(struct password_in, link), 0, 128 },
	{ "password", JSON_TEXT, true, offsetof(struct password_in, password), 0, 255 },
	{ "pin", JSON_TEXT, false, offsetof(struct password_in, pin), 0, 64 },
};

static const struct json_input own_fields[] = {
	{ "old-password", JSON_TEXT, true, offsetof(struct password_in, old), 0, 255 },
	{ "password", JSON_TEXT, true, offsetof(struct password_in, password), 0, 255 },
};

static json_t *shape_holder(struct call *c, const struct link_holder *who)
{
	const struct password_rule *rule = &c->api->conf.reset->conf.rule;

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:b, s:b}", "login", who->login, "domain", who->domain.name, "user",
		who->user.ext, "password-rule", password_rule_sentence(rule, c->a), "pin-rule",
		pin_rule_sentence(rule, c->a), "asks-pin", (int)who->asks_pin, "pin-required",
		(int)(who->asks_pin && rule->pin == PIN_REQUIRED && !secret_set(&who->user.voicemail_pin)));
}

enum err_code set_password_look(struct call *c, struct err *err)
{
	struct attempt t = attempt_of(c->rq);
	enum err_code e = look(&t, err);

	return e ? e : call_ok(c, shape_holder(c, &t.who), err);
}

enum err_code set_password_fn(struct call *c, struct err *err)
{
	struct attempt t = { .api = c->api, .rq = c->rq };
	struct password_in in;
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	if (e || (e = json_inputs(body, link_fields, 3, c->a, &in, sizeof(in), err)))
		return e;
	t.link = slice_str(in.link);
	t.choice.password = given(c->rq, in.password);
	t.choice.pin = given(c->rq, in.pin);
	e = choose(&t, err);
	return e ? e
		 : call_ok(c,
			   json_pack("{s:s, s:s}", "login", t.who.login, "account-status",
				   user_status_words[USER_STANDARD]),
			   err);
}

/* ---- one's own ---- */

static enum err_code load_self(struct call *c, struct user_row *user, const char **login, struct err *err)
{
	struct domain_row domain;
	struct db *db;
	enum err_code e = call_db(c, &db, err);

	if (e == ERR_OK)
		e = user_by_id(db, c->who->user_id, c->a, user, err);
	if (e == ERR_OK)
		e = domain_load(db, user->domain_id, c->a, &domain, err);
	if (e == ERR_OK)
		*login = welcome_login(c->a, user, domain.name);
	call_stop_reading(c);
	return e;
}

static enum err_code verify_old(struct call *c, const struct user_row *user, const char *old, struct err *err)
{
	uint64_t who = throttle_user(user->id);
	struct secret typed = secret_copy(c->a, slice_str(old));
	enum err_code e;

	if (throttle_full(c->api->throttle, who, GUESSES_MOST, clock_steady_ms()))
		return err_set(err, ERR_BUSY, "Too many wrong passwords; try again in ten minutes.");
	e = scrypt_verify(&typed, user->password_hash, err);
	if (e != ERR_UNAUTHORIZED)
		return e;
	throttle_note(c->api->throttle, who, clock_steady_ms());
	log_event(LOG_LEVEL_WARN, "password-refused", "login", c->who->who, "from", c->rq->peer->text, NULL);
	return err_set(err, ERR_FORBIDDEN, "The old password is not right; nothing was changed.");
}

static enum err_code change(struct call *c, const struct user_row *user, const struct password_choice *choice,
	const char *old, struct err *err)
{
	enum err_code e;

	if (!hashing_enter(c->api))
		return err_set(err, ERR_BUSY, "Too many logins at once; try again in a moment.");
	e = verify_old(c, user, old, err);
	if (e == ERR_OK)
		e = password_change(
			c->api->conf.reset, user->id, c->who->session_id, user->password_hash, choice, c->a, err);
	hashing_leave(c->api);
	return e;
}

enum err_code password_fn(struct call *c, struct err *err)
{
	struct reset *rs = c->api->conf.reset;
	struct password_choice choice = { .from = c->rq->peer->text };
	struct password_in in;
	struct user_row user;
	const char *login = NULL, *text;
	unsigned faults;
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	if (e || (e = json_inputs(body, own_fields, 2, c->a, &in, sizeof(in), err)))
		return e;
	if (c->who->user_id == 0)
		return err_set(err, ERR_INPUT, "This key belongs to no user, so that it has no password.");
	if ((e = load_self(c, &user, &login, err)))
		return e;
	choice.password = given(c->rq, in.password);
	faults = password_check(rs, &user, login ? login : "", &choice, false);
	if (faults) {
		text = password_faults_text(&rs->conf.rule, faults, c->a);
		return err_set(err, ERR_INPUT, "%s", text ? text : "The password does not do.");
	}
	e = change(c, &user, &choice, in.old, err);
	return e ? e : call_ok(c, json_pack("{s:i, s:s}", "code", 200, "message", "Password changed"), err);
}
