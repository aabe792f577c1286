/* What came of an attempt to send a mail: its row, its link, alerts. */
#include "provisioning/alert/alert.h"
#include "provisioning/reset/post_parts.h"
#include "provisioning/store/session.h"

static enum err_code alert_failed(struct db *db, const struct mail_row *row, struct err *err)
{
	const struct alert_about about = { .domain_id = row->domain_id };

	return alert_raise(db, ALERT_MAIL_FAILED, &about,
		"Mails to people of this domain could not be delivered; its list of mails says to whom and why.", NULL,
		err);
}

static enum err_code clear_failed(struct db *db, int64_t domain_id, struct err *err)
{
	const struct alert_about about = { .domain_id = domain_id };
	int64_t left;
	enum err_code code = mail_count_failed(db, domain_id, &left, err);

	return code || left ? code : alert_end(db, ALERT_MAIL_FAILED, &about, "nothing is left undelivered", err);
}

/* The server is back: nobody needs to be told of it any more. */
static enum err_code clear_server(struct post_turn *t, struct db *db, struct err *err)
{
	int64_t *domains;
	size_t i, n;
	enum err_code code = mail_lane_domains(db, t->run->lane, &t->arena, &domains, &n, err);

	for (i = 0; code == ERR_OK && i < n; i++)
		code = alert_end(db, ALERT_MAIL_SERVER, &(struct alert_about){ .domain_id = domains[i] },
			"the mail server takes mails again", err);
	return code ? code : mail_lane_error(db, t->run->lane, "", err);
}

static enum err_code note_sent(struct post_turn *t, struct db *db, struct mail_row *row, struct err *err)
{
	enum err_code code = t->run->works ? ERR_OK : clear_server(t, db, err);

	row->state = MAIL_SENT;
	row->link = (struct secret){ 0 };
	row->ended_ms = t->run->rs->now_ms();
	if (code || (code = link_extend(db, row->link_id, row->ended_ms + t->run->rs->conf.link_ms, err)) ||
		(code = mail_save(db, row, err)))
		return code;
	return clear_failed(db, row->domain_id, err);
}

/* Nobody has the link, and nobody will. */
static enum err_code note_failed(struct post_turn *t, struct db *db, struct mail_row *row, struct err *err)
{
	enum err_code code = link_delete(db, row->link_id, err);

	if (code == ERR_NOT_FOUND) /* it expired meanwhile */
		code = ERR_OK;
	row->state = MAIL_FAILED;
	row->link = (struct secret){ 0 };
	row->ended_ms = t->run->rs->now_ms();
	if (code || (code = mail_save(db, row, err)))
		return code;
	return alert_failed(db, row, err);
}

static enum err_code alert_server(struct post_turn *t, struct db *db, struct err *err)
{
	int64_t *domains;
	size_t i, n;
	enum err_code code = mail_lane_domains(db, t->run->lane, &t->arena, &domains, &n, err);

	for (i = 0; code == ERR_OK && i < n; i++) {
		const char *text = arena_printf(&t->arena, "Mails wait: %s", t->error);

		if (text == NULL)
			return err_set(err, ERR_NOMEM, "There is no memory for an alert.");
		code = alert_raise(
			db, ALERT_MAIL_SERVER, &(struct alert_about){ .domain_id = domains[i] }, text, NULL, err);
	}
	return code ? code : mail_lane_error(db, t->run->lane, t->error, err);
}

static enum err_code note(struct post_turn *t, struct db *db, struct err *err)
{
	const struct reset_conf *conf = &t->run->rs->conf;
	struct mail_row row;
	int64_t now = t->run->rs->now_ms();
	enum err_code code = mail_load(db, t->row.id, &t->arena, &row, err);

	if (code == ERR_NOT_FOUND || (code == ERR_OK && row.state != MAIL_WAITING))
		return ERR_OK; /* the person was reset meanwhile, or another mail took this one's place */
	if (code)
		return code;
	row.attempts++;
	row.code = (int64_t)t->report.code;
	row.error = t->error;
	row.due_ms = now + mail_pause_ms(t->run->rs->mail, row.attempts);
	t->given_up = t->verdict == VERDICT_LATER && now - row.created_ms >= conf->mail_give_up_ms;
	if (t->verdict == VERDICT_SENT)
		return note_sent(t, db, &row, err);
	if (t->verdict == VERDICT_NEVER || t->given_up)
		code = note_failed(t, db, &row, err);
	else
		code = mail_save(db, &row, err);
	return code || t->verdict != VERDICT_SERVER ? code : alert_server(t, db, err);
}

enum err_code post_note_fn(struct txn *txn, void *arg, struct err *err)
{
	return note(arg, txn->db, err);
}
