#include "provisioning/webhook/webhook.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "provisioning/alert/alert.h"
#include "provisioning/alert/feed.h"
#include "provisioning/store/alert.h"
#include "provisioning/store/counter.h"
#include "provisioning/webhook/body.h"
#include "provisioning/webhook/sign.h"
#include "provisioning/webhook/url.h"

enum { BUSY_MS = 500, CAP_MS = 15 * 60 * 1000, GONE = 410, ID_TEXT = 64, HEADER_MAX = 2 * SIGN_TEXT + 40 };
/* One call that a receiver cannot take must not hold up all behind it for ever. */
static const int64_t GIVE_UP_MS = 24LL * 3600 * 1000;

#define GONE_WORD "what it would tell is gone"

struct webhooks {
	struct webhooks_conf conf;
	struct sender *sender;
	struct outbox *outbox;
};

static int64_t hook_id(const char *key)
{
	const char *colon = strchr(key, ':');

	return colon ? strtoll(colon + 1, NULL, 10) : 0;
}

/* ---- the next call ---- */

struct next {
	struct webhook_row hook;
	struct webhook_call_row call;
	struct slice body;
	char id[ID_TEXT];
	bool gone; /* what it would tell is not there any more */
};

static enum err_code read_event(struct next *n, struct db *db, struct arena *a, struct err *err)
{
	struct alert_event_row event;
	struct alert_row alert;
	enum err_code code = alert_event_load(db, n->call.event_id, a, &event, err);

	if (code == ERR_OK)
		code = alert_row_load(db, event.alert_id, a, &alert, err);
	n->gone = code == ERR_NOT_FOUND;
	if (code)
		return n->gone ? ERR_OK : code;
	snprintf(n->id, sizeof(n->id), "evt_%" PRId64 "_%" PRId64, event.id, event.at_ms);
	return body_of_event(&event, &alert, a, &n->body, err);
}

/* ERR_NOT_FOUND: there is nothing to tell. */
static enum err_code read_next(struct next *n, struct db *db, int64_t id, struct arena *a, struct err *err)
{
	enum err_code code = webhook_row_load(db, id, a, &n->hook, err);

	if (code == ERR_OK)
		code = webhook_call_first(db, id, a, &n->call, err);
	if (code)
		return code;
	if (n->call.event_id)
		return read_event(n, db, a, err);
	snprintf(n->id, sizeof(n->id), "test_%" PRId64 "_%" PRId64, n->call.id, n->call.at_ms);
	return body_of_test(&n->hook, n->call.at_ms, a, &n->body, err);
}

/* Both secrets sign while the receiver changes from the old one to the new one. */
static enum err_code signatures(const struct next *n, int64_t now_ms, char out[HEADER_MAX], struct err *err)
{
	char one[SIGN_TEXT], two[SIGN_TEXT] = "";
	bool both = secret_set(&n->hook.secret_previous) && now_ms < n->hook.secret_until_ms;
	enum err_code code = sign(&n->hook.secret, n->id, now_ms / 1000, n->body, one, err);

	if (code == ERR_OK && both)
		code = sign(&n->hook.secret_previous, n->id, now_ms / 1000, n->body, two, err);
	snprintf(out, HEADER_MAX, "webhook-signature: %s%s%s", one, both ? " " : "", two);
	return code;
}

static enum err_code post(struct webhooks *w, const struct next *n, int64_t tag, struct arena *a, struct err *err)
{
	int64_t now_ms = store_clock_ms();
	char signature[HEADER_MAX];
	struct sender_call call = {
		.tag = tag, .about = n->call.id, .url = secret_reveal(&n->hook.url).p, .body = n->body
	};
	enum err_code code = signatures(n, now_ms, signature, err);

	call.headers[0] = arena_printf(a, "webhook-id: %s", n->id);
	call.headers[1] = arena_printf(a, "webhook-timestamp: %" PRId64, now_ms / 1000);
	call.headers[2] = signature;
	if (code == ERR_OK && arena_failed(a))
		code = err_set(err, ERR_NOMEM, "there is no memory for a webhook's call");
	return code ? code : sender_post(w->sender, &call, err);
}

static enum outbox_result deliver(struct outbox_job *job, void *arg, struct err *err)
{
	struct webhooks *w = arg;
	struct next n = { .gone = false };
	struct snap snap;
	enum err_code code = store_snap(w->conf.store, &snap, err);

	if (code)
		return OUTBOX_RETRY;
	code = read_next(&n, snap.db, hook_id(job->key), job->arena, err);
	snap_end(&snap);
	if (code)
		return code == ERR_NOT_FOUND ? OUTBOX_DONE : OUTBOX_RETRY;
	if (n.gone) {
		job->note = arena_printf(job->arena, "%" PRId64 " 0 0 " GONE_WORD, n.call.id);
		return job->note ? OUTBOX_DONE : OUTBOX_RETRY;
	}
	code = post(w, &n, job->id, job->arena, err);
	if (code == ERR_BUSY) {
		job->again_ms = store_clock_ms() + BUSY_MS;
		return OUTBOX_AGAIN;
	}
	return code ? OUTBOX_RETRY : OUTBOX_PENDING;
}

/* On the sender's thread. The note: which call, status, time, and why not. */
static void ended(const struct sender_result *r, void *arg)
{
	struct webhooks *w = arg;
	char note[SENDER_WHY + 96];

	snprintf(note, sizeof(note), "%" PRId64 " %ld %" PRId64 " %s", r->about, r->status, r->took_ms, r->why);
	outbox_finish(w->outbox, r->tag, OUTBOX_DONE, note, NULL);
}

/* ---- what its end means ---- */

struct outcome {
	const struct webhooks *w;
	struct db *db;
	struct arena *a;
	struct webhook_row hook;
	struct webhook_call_row call;
	long status;
	int64_t took_ms;
	const char *why;
	bool good, gone;
};

static struct alert_about about_of(const struct webhook_row *row, char subject[FEED_KEY])
{
	return (struct alert_about){ .domain_id = row->domain_id, .subject = feed_key(row->id, subject) };
}

/* After its row says so: the alert about it is not for itself. */
static enum err_code tell_disabled(struct outcome *o, struct err *err)
{
	char subject[FEED_KEY];
	const struct alert_about about = about_of(&o->hook, subject);
	enum err_code code = webhook_call_drop(o->db, o->hook.id, NULL, err);

	if (code)
		return code;
	return alert_raise(o->db, ALERT_WEBHOOK_DISABLED, &about,
		arena_printf(o->a, "webhook %" PRId64 " (%s) is not called any more: %s", o->hook.id,
			url_masked(secret_reveal(&o->hook.url).p, o->a), o->hook.disabled_why),
		NULL, err);
}

static void note_good(struct outcome *o, int64_t now_ms)
{
	o->hook.failures = o->hook.failing_since_ms = 0;
	o->hook.last_good_ms = now_ms;
	o->hook.last_error = "";
}

/* A test that failed says so and is no more: it is no fault of the receiver's that somebody tried. */
static void note_bad(struct outcome *o, int64_t now_ms, bool *keep)
{
	o->hook.last_error = o->why;
	if (o->call.event_id == 0)
		return;
	o->hook.failures++;
	if (o->hook.failing_since_ms == 0)
		o->hook.failing_since_ms = now_ms;
	*keep = now_ms - o->call.at_ms < GIVE_UP_MS;
	if (o->status == GONE)
		o->hook.disabled_why = "it answered 410 Gone";
	else if (now_ms - o->hook.failing_since_ms >= o->w->conf.days_ms)
		o->hook.disabled_why = arena_printf(o->a, "it failed for %" PRId64 " hours, at last: %s",
			(now_ms - o->hook.failing_since_ms) / 3600000, o->why);
	else
		return;
	o->hook.enabled = false;
}

static const char *counter_of(const struct outcome *o, bool keep)
{
	if (o->good)
		return "webhooks delivered";
	return keep || o->call.event_id == 0 ? "webhooks failed" : "webhooks given-up";
}

static enum err_code note_result(struct outcome *o, struct err *err)
{
	int64_t now_ms = db_now_ms(o->db);
	bool keep = false;
	enum err_code code;

	if (o->gone)
		return webhook_call_delete(o->db, o->call.id, err);
	o->good = o->status >= 200 && o->status < 300;
	o->hook.last_ms = now_ms;
	o->hook.last_status = o->status;
	o->hook.last_took_ms = o->took_ms;
	if (o->good)
		note_good(o, now_ms);
	else
		note_bad(o, now_ms, &keep);
	if ((code = webhook_row_result(o->db, &o->hook, err)) || (!o->hook.enabled && (code = tell_disabled(o, err))) ||
		(code = keep ? webhook_call_tried(o->db, o->call.id, err)
			     : webhook_call_delete(o->db, o->call.id, err)))
		return code;
	return counter_bump(o->db, counter_of(o, keep), err);
}

/* The rest, at once or after a pause. */
static enum err_code go_on(struct outcome *o, const char *key, struct err *err)
{
	int64_t due_ms = 0;
	enum err_code code = webhook_call_first(o->db, o->hook.id, o->a, &o->call, err);

	if (code)
		return code == ERR_NOT_FOUND ? ERR_OK : code;
	if (o->hook.failures && o->call.event_id)
		due_ms = db_now_ms(o->db) + outbox_backoff_ms((unsigned)o->hook.failures, o->w->conf.retry_ms, CAP_MS);
	return outbox_put_once(o->db, "webhook", key, "{}", due_ms, NULL, err);
}

static void read_note(struct outcome *o, const char *note)
{
	char *end;

	o->call.id = strtoll(note, &end, 10);
	o->status = strtol(end, &end, 10);
	o->took_ms = strtoll(end, &end, 10);
	o->why = *end == ' ' ? end + 1 : end;
	o->gone = strcmp(o->why, GONE_WORD) == 0;
}

static enum err_code settle_in(struct outcome *o, const struct outbox_job *job, struct err *err)
{
	enum err_code code = webhook_row_load(o->db, hook_id(job->key), o->a, &o->hook, err);

	read_note(o, job->note);
	if (code == ERR_OK)
		code = webhook_call_load(o->db, o->call.id, o->a, &o->call, err);
	if (code) /* it was deleted, or disabled, while it was called */
		return code == ERR_NOT_FOUND ? ERR_OK : code;
	if ((code = note_result(o, err)) || !o->hook.enabled)
		return code;
	return go_on(o, job->key, err);
}

static enum err_code settle(struct txn *t, const struct outbox_job *job, enum outbox_result result,
	const struct err *why, void *arg, struct err *err)
{
	struct outcome o = { .w = arg, .db = t->db };
	struct arena a;
	enum err_code code;

	(void)result;
	(void)why;
	if (job->note == NULL)
		return ERR_OK; /* there was nothing to tell */
	arena_init(&a, 0);
	o.a = &a;
	code = settle_in(&o, job, err);
	arena_release(&a);
	return code;
}

/* ---- life ---- */

enum err_code webhooks_open(const struct webhooks_conf *conf, struct webhooks **out, struct err *err)
{
	struct webhooks *w = mem_zalloc(sizeof(*w));
	enum err_code code;

	if (w == NULL)
		return err_set(err, ERR_NOMEM, "there is no memory for webhooks");
	w->conf = *conf;
	code = sender_open(&conf->sender, ended, w, &w->sender, err);
	if (code)
		mem_free(w);
	else
		*out = w;
	return code;
}

struct outbox_kind webhooks_kind(struct webhooks *w)
{
	return (struct outbox_kind){ .name = "webhook",
		.deliver = deliver,
		.settle = settle,
		.arg = w,
		.first_ms = w->conf.retry_ms,
		.cap_ms = CAP_MS };
}

void webhooks_attach(struct webhooks *w, struct outbox *ob)
{
	w->outbox = ob;
}

void webhooks_close(struct webhooks *w)
{
	if (w == NULL)
		return;
	sender_close(w->sender);
	mem_free(w);
}

/* ---- what an admin does ---- */

enum err_code webhooks_check_url(const struct webhooks *w, const char *url, struct err *err)
{
	return url_check(url, w && w->conf.sender.plain, w && w->conf.sender.private, err);
}

enum err_code webhook_enable(struct db *db, struct webhook_row *row, bool enabled, const char *why, struct err *err)
{
	char subject[FEED_KEY];
	const struct alert_about about = about_of(row, subject);
	enum err_code code;

	row->failures = row->failing_since_ms = 0;
	row->enabled = enabled;
	row->disabled_why = enabled ? "" : why;
	code = enabled ? outbox_put_once(db, "webhook", about.subject, "{}", 0, NULL, err)
		       : webhook_call_drop(db, row->id, NULL, err);
	return code ? code : alert_end(db, ALERT_WEBHOOK_DISABLED, &about, why, err);
}

enum err_code webhook_test(struct db *db, const struct webhook_row *row, struct err *err)
{
	return feed_owe(db, row->id, 0, row->failures, err);
}
