#include "provisioning/reset/post.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "provisioning/conf/fault.h"
#include "provisioning/conf/log.h"
#include "provisioning/mail/address.h"
#include "provisioning/mail/message.h"
#include "provisioning/reset/letters.h"
#include "provisioning/reset/person.h"
#include "provisioning/reset/post_parts.h"

enum { RUN_MS = 30 * 1000, CROWDED_MS = 300, PORT_DEFAULT = 587, PORT_TLS = 465 };

/* ---- what is next ---- */

static enum err_code load(struct post_turn *t, struct db *db, struct err *err)
{
	struct arena *a = &t->arena;
	enum letter_kind kind;
	enum err_code code = mail_next(db, t->run->lane, a, &t->row, err);

	if (code || t->row.due_ms > t->run->rs->now_ms())
		return code;
	if (!letter_read(t->row.letter, &kind))
		return err_set(err, ERR_BUG, "there is no letter %s", t->row.letter);
	if ((code = user_by_id(db, t->row.user_id, a, &t->user, err)) ||
		(code = domain_load(db, t->row.domain_id, a, &t->domain, err)) ||
		(code = way_out_of(t->run->rs, db, t->row.domain_id, a, &t->way, err)))
		return code;
	return letters_write(
		t->run->rs, db, &t->domain, &t->user, kind, secret_reveal(&t->row.link), a, &t->letter, err);
}

static enum err_code load_next(struct post_turn *t, struct err *err)
{
	struct snap snap;
	enum err_code code = store_snap(t->run->rs->store, &snap, err);

	if (code)
		return code;
	code = load(t, snap.db, err);
	snap_end(&snap);
	return code;
}

/* ---- the way out ---- */

static void fill_conf(struct post_run *r, const struct way_out *way)
{
	const struct mail_conf *m = mail_conf(r->rs->mail);
	const struct domain_mail_row *own = &way->own;
	struct arena *a = &r->arena;

	r->conf = (struct smtp_conf){ .host = m->host,
		.port = m->port,
		.tls = m->tls,
		.ca = m->ca,
		.user = m->user,
		.password = m->password,
		.hello = m->hello,
		.timeout_ms = m->timeout_ms,
		.stop = mail_stopping(r->rs->mail) };
	if (way->lane) {
		r->conf.host = arena_strdup(a, own->host);
		r->conf.port = own->port ? (unsigned)own->port : PORT_DEFAULT;
		r->conf.tls = r->conf.port == PORT_TLS ? SMTP_TLS : SMTP_STARTTLS;
		r->conf.user = arena_strdup(a, own->login);
		r->conf.password = secret_copy(a, secret_reveal(&own->password));
		r->conf.public_only = m->domain_servers == DOMAIN_SERVERS_PUBLIC;
	}
	snprintf(r->server, sizeof(r->server), "%s:%u", r->conf.host ? r->conf.host : "", r->conf.port);
}

static enum err_code open_way(struct post_run *r, const struct way_out *way, struct err *err)
{
	if (r->smtp)
		return ERR_OK;
	fill_conf(r, way);
	if (arena_failed(&r->arena))
		return err_set(err, ERR_NOMEM, "There is no memory to send mail.");
	return smtp_open(&r->conf, &r->smtp, err);
}

/* ---- sending ---- */

static enum err_code build(struct post_turn *t, struct buf *out, struct err *err)
{
	const struct mail_conf *m = mail_conf(t->run->rs->mail);
	const struct message msg = { .from = t->from,
		.from_name = m->from_name,
		.to = t->to,
		.to_name = person_name(&t->arena, t->user.first_name, t->user.last_name),
		.reply_to = m->reply_to,
		.subject = *t->row.subject ? t->row.subject : t->letter.subject,
		.text = t->letter.text,
		.html = t->letter.html,
		/* The same at each attempt, so that a mail that arrives twice can be told to be one. */
		.id = arena_printf(&t->arena, "rekey.%" PRId64 ".%" PRId64, t->row.id, t->row.created_ms),
		.date_ms = t->run->rs->now_ms() };

	if (arena_failed(&t->arena) || t->from == NULL || t->to == NULL)
		return err_set(err, ERR_NOMEM, "There is no memory for this mail.");
	return message_build(&msg, out, err);
}

/* Another mail server than when it was ordered: it goes out by that one's lane. */
static enum err_code move_fn(struct txn *txn, void *arg, struct err *err)
{
	struct post_turn *t = arg;

	return way_out_take(txn->db, t->row.domain_id, t->way.lane, &t->arena, err);
}

static enum err_code send_one(struct post_turn *t, struct err *err)
{
	char text[VERDICT_TEXT_MAX];
	struct buf message;
	enum err_code code;

	if (!t->way.can) {
		t->verdict = VERDICT_SERVER;
		t->error = "this server sends no mail any more; set [mail] server, or give the link by hand";
		return ERR_OK;
	}
	if (address_check("email-address", t->user.email, NULL)) {
		t->verdict = VERDICT_NEVER;
		t->error = "the user has no email-address any more";
		return ERR_OK;
	}
	t->from = address_wire(&t->arena, t->way.from);
	t->to = address_wire(&t->arena, t->user.email);
	buf_init(&message, MESSAGE_MAX);
	code = build(t, &message, err);
	if (code == ERR_OK)
		code = open_way(t->run, &t->way, err);
	if (code == ERR_OK) {
		smtp_send(t->run->smtp, t->from, t->to, buf_view(&message), &t->report);
		t->verdict = verdict_of(&t->report);
		t->error = t->verdict == VERDICT_SENT
				   ? ""
				   : arena_strdup(&t->arena, verdict_sentence(&t->report, t->run->server, text));
	}
	buf_release(&message);
	return code;
}

/* ---- one turn ---- */

static void log_turn(const struct post_turn *t)
{
	static const char *const words[] = { [VERDICT_SENT] = "sent",
		[VERDICT_NEVER] = "refused",
		[VERDICT_LATER] = "later",
		[VERDICT_SERVER] = "server" };
	char code[16], attempt[24];

	if (t->verdict == VERDICT_STOPPED)
		return;
	snprintf(code, sizeof(code), "%u", t->report.code);
	snprintf(attempt, sizeof(attempt), "%" PRId64, t->row.attempts + 1);
	/* The server's own words may hold the address: they stand beside the mail alone. */
	log_event(t->verdict == VERDICT_SENT ? LOG_LEVEL_INFO : LOG_LEVEL_WARN, "mail", "user", t->user.ext, "domain",
		t->domain.name, "letter", t->row.letter, "result", t->given_up ? "given-up" : words[t->verdict],
		"server", t->run->server, "code", code, "attempt", attempt, NULL);
}

/* ---- the run ---- */

enum next { NEXT_MORE, NEXT_LATER, NEXT_NONE, NEXT_SERVER, NEXT_STOPPED };

static enum err_code end_turn(struct post_turn *t, struct err *err)
{
	enum err_code code = ERR_OK;

	if (t->verdict == VERDICT_SENT)
		fault_point("mail-accepted");
	if (t->verdict != VERDICT_STOPPED)
		code = store_write(t->run->rs->store, post_note_fn, t, err);
	mail_count(t->run->rs->mail, t->verdict, t->given_up);
	log_turn(t);
	return code;
}

/* One mail. *due_ms: when the next one is due (NEXT_LATER). */
static enum err_code take_turn(struct post_run *r, enum next *next, int64_t *due_ms, struct err *err)
{
	struct post_turn t = { .run = r };
	enum err_code code;

	arena_init(&t.arena, 0);
	*next = NEXT_MORE;
	code = load_next(&t, err);
	*due_ms = t.row.due_ms;
	if (code == ERR_NOT_FOUND) {
		*next = NEXT_NONE;
		code = ERR_OK;
	} else if (code == ERR_OK && t.row.due_ms > r->rs->now_ms()) {
		*next = NEXT_LATER;
	} else if (code == ERR_OK && t.way.can && t.way.lane != r->lane) {
		code = store_write(r->rs->store, move_fn, &t, err);
	} else if (code == ERR_OK && (code = send_one(&t, err)) == ERR_OK) {
		code = end_turn(&t, err);
		r->works |= t.verdict == VERDICT_SENT;
		*next = t.verdict == VERDICT_SERVER    ? NEXT_SERVER
			: t.verdict == VERDICT_STOPPED ? NEXT_STOPPED
						       : NEXT_MORE;
	}
	arena_release(&t.arena);
	return code;
}

static enum err_code run_lane(struct post_run *r, enum next *next, int64_t *due_ms, struct err *err)
{
	int64_t until = r->rs->now_ms() + RUN_MS;
	enum err_code code = ERR_OK;

	*next = NEXT_MORE;
	while (code == ERR_OK && *next == NEXT_MORE && r->rs->now_ms() < until &&
		!atomic_load(mail_stopping(r->rs->mail)))
		code = take_turn(r, next, due_ms, err);
	return code;
}

static enum outbox_result again(struct outbox_job *job, int64_t at_ms)
{
	job->again_ms = at_ms;
	return OUTBOX_AGAIN;
}

static enum outbox_result deliver(struct post_run *r, struct outbox_job *job, struct err *err)
{
	int64_t due_ms = 0, now;
	enum next next;
	enum err_code code;

	arena_init(&r->arena, 0);
	code = run_lane(r, &next, &due_ms, err);
	smtp_close(r->smtp);
	arena_release(&r->arena);
	now = r->rs->now_ms();
	if (r->works)
		mail_lane_works(r->rs->mail, r->lane);
	if (code)
		return OUTBOX_RETRY;
	if (next == NEXT_NONE)
		return OUTBOX_DONE;
	if (next == NEXT_SERVER)
		return again(job, mail_lane_failed(r->rs->mail, r->lane, now));
	return again(job, next == NEXT_LATER ? due_ms : now);
}

enum outbox_result post_deliver(struct outbox_job *job, void *arg, struct err *err)
{
	struct post_run r = { .rs = arg };
	enum outbox_result result;
	int64_t until;

	if (r.rs->mail == NULL || strncmp(job->key, "mail/", 5) != 0)
		return OUTBOX_DONE;
	r.lane = strtoll(job->key + 5, NULL, 10);
	until = mail_lane_until(r.rs->mail, r.lane);
	if (until > r.rs->now_ms())
		return again(job, until);
	if (!mail_lane_enter(r.rs->mail))
		return again(job, r.rs->now_ms() + CROWDED_MS);
	result = deliver(&r, job, err);
	mail_lane_leave(r.rs->mail);
	return result;
}
