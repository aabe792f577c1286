#include "provisioning/reset/welcome.h"

#include <inttypes.h>
#include <string.h>

#include "provisioning/mail/address.h"
#include "provisioning/mail/mail.h"
#include "provisioning/outbox/outbox.h"
#include "provisioning/store/apikey.h"
#include "provisioning/store/session.h"

static enum err_code no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "There is no memory for this link; nothing was changed.");
}

bool welcome_has_login(const struct user_row *user)
{
	return strcmp(user->scope, "No Portal") != 0 && strcmp(user->scope, "NDP") != 0;
}

const char *welcome_login(struct arena *a, const struct user_row *user, const char *domain)
{
	return *user->login ? user->login : arena_printf(a, "%s@%s", user->ext, domain);
}

const char *welcome_lane_key(struct arena *a, int64_t lane)
{
	return arena_printf(a, "mail/%" PRId64, lane);
}

enum err_code way_out_of(
	const struct reset *rs, struct db *db, int64_t domain_id, struct arena *a, struct way_out *out, struct err *err)
{
	const struct mail_conf *conf = rs->mail ? mail_conf(rs->mail) : NULL;
	enum err_code code = domain_mail_load(db, domain_id, a, &out->own, err);

	out->lane = 0;
	out->from = "";
	out->can = false;
	if (code || conf == NULL)
		return code;
	out->from = *out->own.from_address ? out->own.from_address : conf->from;
	if (*out->own.host && conf->domain_servers != DOMAIN_SERVERS_NONE)
		out->lane = domain_id;
	out->can = *out->from && (out->lane || *conf->host);
	return ERR_OK;
}

/* ---- orders ---- */

static enum err_code may_have_link(const struct user_row *user, struct err *err)
{
	if (user->status == USER_RESET)
		return err_set(err, ERR_CONFLICT,
			"%s is Setup Required: nobody holds it. Recycle it first, with the next person's name.",
			user->ext);
	if (!welcome_has_login(user))
		return err_set(err, ERR_CONFLICT,
			"%s has the scope %s, which has no login; give it another scope first.", user->ext,
			user->scope);
	return ERR_OK;
}

static enum err_code make_link(const struct welcome *w, int64_t user_id, int64_t life_ms, struct link_row *row,
	struct secret *out, struct err *err)
{
	enum err_code code = link_delete_purpose(w->db, user_id, LINK_SET_PASSWORD, err);

	*row = (struct link_row){
		.user_id = user_id, .purpose = LINK_SET_PASSWORD, .expires_ms = w->rs->now_ms() + life_ms
	};
	return code ? code : link_add(w->db, row, w->arena, out, err);
}

static enum err_code put_work(struct db *db, int64_t lane, struct arena *a, struct err *err)
{
	const char *key = welcome_lane_key(a, lane);

	return key ? outbox_put_once(db, "mail", key, "{}", 0, NULL, err) : no_memory(err);
}

enum err_code way_out_take(struct db *db, int64_t domain_id, int64_t lane, struct arena *a, struct err *err)
{
	enum err_code code = mail_lane_move(db, domain_id, lane, err);

	return code ? code : put_work(db, lane, a, err);
}

enum err_code welcome_order(const struct welcome *w, const struct user_row *user, bool keep_link,
	struct welcome_result *out, struct err *err)
{
	struct mail_row mail = { .domain_id = user->domain_id,
		.user_id = user->id,
		.job_id = w->job,
		.letter = letter_word(w->letter),
		.subject = w->subject ? w->subject : "",
		.who = w->who,
		.error = "" };
	const int64_t link_ms = w->rs->conf.link_ms, wait_ms = w->rs->conf.mail_give_up_ms;
	struct way_out way;
	struct link_row link;
	struct secret secret;
	enum err_code code = may_have_link(user, err);

	*out = (struct welcome_result){ 0 };
	if (code || (code = way_out_of(w->rs, w->db, user->domain_id, w->arena, &way, err)))
		return code;
	out->by_mail = way.can && !w->by_link && address_check("email-address", user->email, NULL) == ERR_OK;
	/* Nobody has the link before the mail is there; its time is counted anew then. */
	code = make_link(w, user->id, out->by_mail ? link_ms + wait_ms : link_ms, &link, &secret, err);
	if (code)
		return code;
	mail.lane = way.lane;
	mail.link_id = link.id;
	mail.state = out->by_mail ? MAIL_WAITING : keep_link ? MAIL_LINK : MAIL_SHOWN;
	mail.due_ms = w->rs->now_ms();
	if (mail.state != MAIL_SHOWN)
		mail.link = secret;
	else
		mail.ended_ms = mail.due_ms;
	code = mail_add(w->db, &mail, err);
	out->mail = mail.id;
	out->expires_ms = link.expires_ms;
	if (mail.state == MAIL_SHOWN)
		out->link = secret;
	return code || !out->by_mail ? code : put_work(w->db, way.lane, w->arena, err);
}

enum err_code password_force(
	const struct welcome *w, struct user_row *user, bool keep_link, struct welcome_result *out, struct err *err)
{
	enum err_code code = may_have_link(user, err);

	if (code)
		return code;
	user->password_hash = "";
	user->status = USER_PWD_RESET;
	if ((code = user_save(w->db, user, err)) || (code = session_delete_user(w->db, user->id, err)) ||
		(code = link_delete_user(w->db, user->id, err)) || (code = apikey_revoke_user(w->db, user->id, err)))
		return code;
	return welcome_order(w, user, keep_link, out, err);
}

/* ---- links that wait ---- */

static enum err_code take_one(
	struct db *db, struct mail_row *row, struct arena *a, struct waiting_link *out, struct err *err)
{
	struct link_row link;
	enum err_code code = user_by_id(db, row->user_id, a, &out->user, err);

	if (code == ERR_OK)
		code = link_by_token(db, secret_reveal(&row->link), LINK_SET_PASSWORD, a, &link, err);
	out->link = row->link;
	out->expires_ms = code == ERR_OK ? link.expires_ms : 0;
	row->state = code == ERR_NOT_FOUND ? MAIL_CANCELLED : MAIL_SHOWN;
	if (code == ERR_NOT_FOUND) {
		row->error = "the link had expired before anybody took it";
		code = ERR_OK;
	}
	row->link = (struct secret){ 0 };
	row->ended_ms = db_now_ms(db);
	return code ? code : mail_save(db, row, err);
}

enum err_code welcome_take(struct db *db, int64_t domain_id, int64_t user_id, int64_t job, struct arena *a,
	struct waiting_link **out, size_t *n, struct err *err)
{
	const struct mail_filter f = {
		.job_id = job, .user_id = job ? 0 : user_id, .by_state = true, .state = MAIL_LINK
	};
	struct mail_row *rows;
	size_t i, found;
	enum err_code code = mail_list(db, &f, (struct page){ 0, 0 }, a, &rows, &found, err);

	*n = 0;
	if (code)
		return code;
	*out = arena_alloc(a, (found + 1) * sizeof(**out));
	if (*out == NULL)
		return no_memory(err);
	for (i = 0; code == ERR_OK && i < found; i++) {
		if (rows[i].domain_id != domain_id)
			continue;
		code = take_one(db, &rows[i], a, &(*out)[*n], err);
		*n += (*out)[*n].expires_ms != 0;
	}
	return code;
}

enum err_code welcome_forget(struct db *db, int64_t user_id, struct err *err)
{
	enum err_code code = link_delete_user(db, user_id, err);

	return code ? code : mail_forget(db, user_id, err);
}
