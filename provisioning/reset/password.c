#include "provisioning/reset/password.h"

#include <string.h>

#include "provisioning/reset/welcome.h"
#include "provisioning/store/audit.h"
#include "provisioning/store/seal.h"
#include "provisioning/store/session.h"

static enum err_code dead(struct err *err)
{
	return err_set(err, ERR_NOT_FOUND,
		"This link was used, has expired or never was. Look for a newer mail, or ask your administrator for a new "
		"link.");
}

enum err_code link_look(
	struct reset *rs, struct db *db, struct slice secret, struct arena *a, struct link_holder *out, struct err *err)
{
	struct link_row link;
	enum err_code code = link_by_token(db, secret, LINK_SET_PASSWORD, a, &link, err);

	if (code == ERR_OK)
		code = user_by_id(db, link.user_id, a, &out->user, err);
	if (code == ERR_OK)
		code = domain_load(db, out->user.domain_id, a, &out->domain, err);
	if (code == ERR_NOT_FOUND || (code == ERR_OK && out->user.status == USER_RESET))
		return dead(err);
	if (code)
		return code;
	out->link_id = link.id;
	out->login = welcome_login(a, &out->user, out->domain.name);
	out->asks_pin = out->user.voicemail_enabled && rs->conf.rule.pin != PIN_NEVER;
	return out->login ? ERR_OK : err_set(err, ERR_NOMEM, "There is no memory for this link; try again later.");
}

unsigned password_check(const struct reset *rs, const struct user_row *user, const char *login,
	const struct password_choice *choice, bool asks_pin)
{
	const struct password_about about = { user->ext, user->first_name, user->last_name, login };
	unsigned faults = password_faults(&rs->conf.rule, &about, secret_reveal(&choice->password));

	/* Who has a PIN already need not choose another one. */
	if (asks_pin && (secret_set(&choice->pin) || !secret_set(&user->voicemail_pin)))
		faults |= pin_faults(&rs->conf.rule, &about, secret_reveal(&choice->pin));
	return faults;
}

/* ---- setting it ---- */

struct setting {
	struct reset *rs;
	struct slice secret; /* of the link */
	int64_t user_id, keep_session;
	const char *old_hash;
	const struct password_choice *choice;
	const char *hash;
	struct arena *arena;
};

static enum err_code audit(
	const struct setting *s, struct db *db, const struct user_row *user, const char *action, struct err *err)
{
	struct domain_row domain;
	struct audit_row row = { .from = s->choice->from, .client = "portal", .action = action, .user = user->ext };
	enum err_code code = domain_load(db, user->domain_id, s->arena, &domain, err);

	if (code)
		return code;
	row.domain = row.who_domain = domain.name;
	row.who = welcome_login(s->arena, user, domain.name);
	row.detail = secret_set(&s->choice->pin) ? "voicemail PIN too" : "";
	return audit_add(db, &row, err);
}

static enum err_code save(const struct setting *s, struct db *db, struct user_row *user, struct err *err)
{
	user->password_hash = s->hash;
	user->status = USER_STANDARD;
	if (secret_set(&s->choice->pin))
		user->voicemail_pin = s->choice->pin;
	return user_save(db, user, err);
}

/* The link is looked up again: it may have been used, or its user reset, while the password was being hashed. */
static enum err_code by_link_fn(struct txn *t, void *arg, struct err *err)
{
	const struct setting *s = arg;
	struct link_holder who;
	enum err_code code = link_look(s->rs, t->db, s->secret, s->arena, &who, err);

	if (code == ERR_OK)
		code = link_use(t->db, who.link_id, err);
	if (code == ERR_CONFLICT)
		return dead(err);
	if (code || (code = save(s, t->db, &who.user, err)) || (code = session_delete_user(t->db, who.user.id, err)) ||
		(code = mail_end_user(t->db, who.user.id, MAIL_CANCELLED, "the password is set already", err)))
		return code;
	return audit(s, t->db, &who.user, "password-set", err);
}

enum err_code password_by_link(
	struct reset *rs, struct slice secret, const struct password_choice *choice, struct arena *a, struct err *err)
{
	struct setting s = { .rs = rs, .secret = secret, .choice = choice, .arena = a };
	enum err_code code = scrypt_hash(&choice->password, rs->conf.password_cost, a, &s.hash, err);

	return code ? code : store_write(rs->store, by_link_fn, &s, err);
}

static enum err_code change_fn(struct txn *t, void *arg, struct err *err)
{
	const struct setting *s = arg;
	struct user_row user;
	enum err_code code = user_by_id(t->db, s->user_id, s->arena, &user, err);

	if (code)
		return code;
	if (strcmp(user.password_hash, s->old_hash) != 0)
		return err_set(err, ERR_CONFLICT, "The password was changed meanwhile; log in again.");
	if ((code = save(s, t->db, &user, err)) ||
		(code = session_delete_others(t->db, user.id, s->keep_session, err)) ||
		(code = link_delete_user(t->db, user.id, err)) ||
		(code = mail_end_user(t->db, user.id, MAIL_CANCELLED, "the password is set already", err)))
		return code;
	return audit(s, t->db, &user, "password-change", err);
}

enum err_code password_change(struct reset *rs, int64_t user_id, int64_t keep_session, const char *old_hash,
	const struct password_choice *choice, struct arena *a, struct err *err)
{
	struct setting s = { .rs = rs,
		.user_id = user_id,
		.keep_session = keep_session,
		.old_hash = old_hash,
		.choice = choice,
		.arena = a };
	enum err_code code = scrypt_hash(&choice->password, rs->conf.password_cost, a, &s.hash, err);

	return code ? code : store_write(rs->store, change_fn, &s, err);
}
