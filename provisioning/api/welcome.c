/* Welcome mails, force password reset, the links that administrators hand over, and what became of mails. */
#include <string.h>

#include "provisioning/api/calls.h"
#include "provisioning/api/patch.h"
#include "provisioning/mail/header.h"
#include "provisioning/reset/letters.h"
#include "provisioning/reset/welcome.h"

enum { SUBJECT_MAX = 200 };

/* ---- shapes ---- */

static json_t *shape_mail(const struct mail_row *m)
{
	return json_pack("{s:I, s:s, s:s, s:s, s:I, s:I, s:s, s:s, s:o, s:o, s:o}", "mail", (json_int_t)m->id, "user",
		m->ext, "template", m->letter, "state", mail_state_words[m->state], "attempts", (json_int_t)m->attempts,
		"code", (json_int_t)m->code, "error", m->error, "by-user", m->who, "created-datetime",
		shape_time(m->created_ms), "next-datetime",
		m->state == MAIL_WAITING ? shape_time(m->due_ms) : json_null(), "ended-datetime",
		shape_time(m->ended_ms));
}

static json_t *shape_link(
	struct call *c, const char *ext, const char *login, const struct secret *link, int64_t expires_ms)
{
	return json_pack("{s:s, s:s?, s:s?, s:o}", "user", ext, "login", login, "link",
		letters_url(c->api->conf.reset, c->a, secret_reveal(link)), "expires-datetime", shape_time(expires_ms));
}

json_t *mail_shapes(struct call *c, struct db *db, const struct mail_filter *f, struct page page, struct err *err)
{
	struct mail_row *rows;
	size_t i, n;
	json_t *out;

	if (mail_list(db, f, page, c->a, &rows, &n, err))
		return NULL;
	out = json_array();
	for (i = 0; i < n; i++)
		json_array_append_new(out, shape_mail(&rows[i]));
	if (out == NULL)
		call_no_memory(err);
	return out;
}

/* ---- orders ---- */

struct order {
	struct call *call;
	struct user_row user;
	struct welcome welcome;
	bool force;
	struct welcome_result result;
	struct mail_row mail;
};

/* The row is read again: what was seen before the transaction may be stale. */
static enum err_code order_fn(struct txn *t, void *arg, struct err *err)
{
	struct order *o = arg;
	struct call *c = o->call;
	struct user_row user;
	enum err_code e = user_by_id(t->db, o->user.id, c->a, &user, err);

	o->welcome.db = t->db;
	if (e == ERR_OK)
		e = o->force ? password_force(&o->welcome, &user, false, &o->result, err)
			     : welcome_order(&o->welcome, &user, false, &o->result, err);
	if (e == ERR_OK)
		e = mail_load(t->db, o->result.mail, c->a, &o->mail, err);
	if (e)
		return e;
	o->user = user;
	return call_audit(c, t->db, o->force ? "force-password-reset" : "send-welcome-email", user.ext,
		letter_word(o->welcome.letter), NULL, o->result.by_mail ? "by mail" : "by link", err);
}

static enum err_code answer(struct call *c, void *arg, struct err *err)
{
	struct order *o = arg;
	const char *login = welcome_login(c->a, &o->user, c->domain.name);
	json_t *link = o->result.by_mail ? json_null()
					 : shape_link(c, o->user.ext, login, &o->result.link, o->result.expires_ms);

	c->out = json_pack("{s:s, s:s?, s:s, s:o, s:o}", "user", o->user.ext, "login", login, "account-status",
		user_status_words[o->user.status], "mail", shape_mail(&o->mail), "one-time-link", link);
	c->status = c->netsapiens ? 200 : o->result.by_mail ? 202 : 201;
	return c->out ? ERR_OK : call_no_memory(err);
}

/* Not on one's own row, and not on one of a higher scope: what is done here gives a way into that login. */
static enum err_code target(struct call *c, struct order *o, struct err *err)
{
	const char *why;
	enum err_code e = call_user(c, &o->user, err);

	if (e)
		return e;
	why = scope_refusal(c->who, o->user.id, o->user.scope);
	if (why)
		return err_set(err, ERR_FORBIDDEN, "%s", why);
	o->call = c;
	o->welcome.rs = c->api->conf.reset;
	o->welcome.arena = c->a;
	o->welcome.who = c->who->who;
	return ERR_OK;
}

static enum err_code carry_out(struct call *c, struct order *o, struct err *err)
{
	return call_write_answer(c, order_fn, answer, o, err);
}

struct order_in {
	bool unused;
	bool link;
};

static const struct json_input order_fields[] = {
	{ "link", JSON_BOOL, false, offsetof(struct order_in, link), 0, 0 },
};

static enum err_code order(struct call *c, enum letter_kind letter, bool force, struct err *err)
{
	struct order o = { .force = force };
	struct order_in in;
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	if (e || (e = json_inputs(body, order_fields, 1, c->a, &in, sizeof(in), err)) || (e = target(c, &o, err)))
		return e;
	o.welcome.letter = letter;
	o.welcome.by_link = in.link;
	return carry_out(c, &o, err);
}

enum err_code users_welcome(struct call *c, struct err *err)
{
	return order(c, LETTER_WELCOME, false, err);
}

enum err_code users_force_reset(struct call *c, struct err *err)
{
	return order(c, LETTER_PASSWORD_RESET, true, err);
}

struct email_in {
	bool unused;
	const char *template, *subject;
};

static const struct json_input email_fields[] = {
	{ "template", JSON_TEXT, true, offsetof(struct email_in, template), 0, 40 },
	{ "subject", JSON_TEXT, false, offsetof(struct email_in, subject), 0, SUBJECT_MAX },
};

/* As NetSapiens has it. The password that there is stays. */
enum err_code users_email(struct call *c, struct err *err)
{
	struct order o = { .force = false };
	struct email_in in;
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	if (e || (e = json_inputs(body, email_fields, 2, c->a, &in, sizeof(in), err)))
		return e;
	if (!letter_read(in.template, &o.welcome.letter))
		return err_set(err, ERR_INPUT, "template \"%.40s\" is not known; it must be %s or %s", in.template,
			letter_word(LETTER_WELCOME), letter_word(LETTER_PASSWORD_RESET));
	o.welcome.subject = in.subject;
	e = target(c, &o, err);
	return e ? e : carry_out(c, &o, err);
}

/* ---- links that wait for an administrator: given once ---- */

struct taking {
	struct call *call;
	int64_t user_id, job;
	struct waiting_link *links;
	size_t n;
};

/* A link lets its holder into the login: none of a higher scope, none of one's own. */
static enum err_code take_fn(struct txn *t, void *arg, struct err *err)
{
	struct taking *k = arg;
	struct call *c = k->call;
	size_t i;
	enum err_code e = welcome_take(t->db, c->domain.id, k->user_id, k->job, c->a, &k->links, &k->n, err);

	for (i = 0; e == ERR_OK && i < k->n; i++) {
		const char *why = scope_refusal(c->who, k->links[i].user.id, k->links[i].user.scope);

		e = why ? err_set(err, ERR_FORBIDDEN, "%s: %s", k->links[i].user.ext, why)
			: call_audit(c, t->db, "take-link", k->links[i].user.ext, "", NULL, NULL, err);
	}
	return e;
}

static json_t *shape_links(struct taking *k)
{
	struct call *c = k->call;
	json_t *out = json_array();
	size_t i;

	for (i = 0; i < k->n; i++)
		json_array_append_new(
			out, shape_link(c, k->links[i].user.ext, welcome_login(c->a, &k->links[i].user, c->domain.name),
				     &k->links[i].link, k->links[i].expires_ms));
	return out;
}

static enum err_code link_answer(struct call *c, void *arg, struct err *err)
{
	struct taking *k = arg;
	json_t *list, *one;

	if (k->n == 0)
		return err_set(err, ERR_NOT_FOUND,
			"No link waits for %s: it was shown already, or went by mail. POST .../welcome makes a new one.",
			request_param(c->rq, "user"));
	list = shape_links(k);
	one = json_incref(json_array_get(list, 0));
	json_decref(list);
	return call_ok(c, one, err);
}

enum err_code users_link(struct call *c, struct err *err)
{
	struct taking k = { .call = c };
	struct user_row user;
	enum err_code e = call_user(c, &user, err);

	k.user_id = user.id;
	return e ? e : call_write_answer(c, take_fn, link_answer, &k, err);
}

static enum err_code links_answer(struct call *c, void *arg, struct err *err)
{
	return call_ok(c, shape_links(arg), err);
}

enum err_code resets_links(struct call *c, struct err *err)
{
	struct taking k = { .call = c };
	enum err_code e = call_domain(c, err);

	if (e || (e = call_number("the reset's id", request_param(c->rq, "id"), &k.job, err)))
		return e;
	if (k.job == 0)
		return err_set(err, ERR_NOT_FOUND, "There is no job 0 in %s.", c->domain.name);
	return call_write_answer(c, take_fn, links_answer, &k, err);
}

/* ---- what became of mails ---- */

static enum err_code read_state(struct call *c, struct mail_filter *f, struct err *err)
{
	const char *state = request_query(c->rq, "state");

	if (state == NULL || *state == '\0')
		return ERR_OK;
	f->by_state = true;
	for (f->state = 0; f->state < MAIL_STATE_COUNT; f->state++)
		if (strcmp(mail_state_words[f->state], state) == 0)
			return ERR_OK;
	return err_set(err, ERR_INPUT, "state must be waiting, sent, failed, cancelled, replaced, link or shown");
}

static enum err_code list(struct call *c, struct mail_filter *f, struct err *err)
{
	struct page page;
	struct db *db;
	json_t *out;
	enum err_code e = call_page(c, &page, err);

	if (e || (e = read_state(c, f, err)) || (e = call_db(c, &db, err)))
		return e;
	out = mail_shapes(c, db, f, page, err);
	return out ? call_ok(c, out, err) : err->code;
}

enum err_code mails_list(struct call *c, struct err *err)
{
	struct mail_filter f = { 0 };
	enum err_code e = call_domain(c, err);

	f.domain_id = c->domain.id;
	return e ? e : list(c, &f, err);
}

enum err_code users_mails(struct call *c, struct err *err)
{
	struct mail_filter f = { 0 };
	struct user_row user;
	enum err_code e = call_user(c, &user, err);

	f.user_id = user.id;
	return e ? e : list(c, &f, err);
}
