#include "provisioning/reset/overdue.h"

#include <stdio.h>
#include <string.h>

#include "provisioning/alert/alert.h"
#include "provisioning/reset/record.h"
#include "provisioning/reset/reset.h"
#include "provisioning/store/record.h"

enum { BATCH = 200, MINUTE_MS = 60000, HOUR_MS = 60 * MINUTE_MS, LONGEST_PAUSE_MS = HOUR_MS, AGE_TEXT = 32 };

#define KEY "overdue"

struct look {
	struct reset *rs;
	size_t n;        /* looked at in this batch */
	int64_t next_ms; /* when the oldest of the rest was opened; 0 = none is left */
};

/* "4 h", "90 min", "12 s". */
static const char *age_text(int64_t ms, char out[AGE_TEXT])
{
	if (ms % HOUR_MS == 0)
		snprintf(out, AGE_TEXT, "%lld h", (long long)(ms / HOUR_MS));
	else if (ms >= MINUTE_MS)
		snprintf(out, AGE_TEXT, "%lld min", (long long)(ms / MINUTE_MS));
	else
		snprintf(out, AGE_TEXT, "%lld s", (long long)(ms / 1000));
	return out;
}

static enum err_code raise(struct look *l, struct db *db, const struct record_row *r, struct arena *a, struct err *err)
{
	const struct alert_about about = { .domain_id = r->domain_id, .phone_id = r->phone_id, .record_id = r->id };
	char age[AGE_TEXT];
	const char *where = *r->mac ? arena_printf(a, "phone %s, line %s", r->mac, r->device)
				    : arena_printf(a, "a softphone of %s", r->ext);

	/* Without a registrar that is the best that can be known; nobody can do more about it. */
	if (l->rs->registrar == NULL && strcmp(r->state, record_state_word(STATE_FETCHED)) == 0)
		return ERR_OK;
	return alert_raise(db, ALERT_UNCONFIRMED, &about,
		arena_printf(a, "%s: no proof after %s, it is %s", where, age_text(l->rs->conf.unconfirmed_ms, age),
			r->state),
		NULL, err);
}

static enum err_code batch(struct look *l, struct db *db, struct arena *a, struct err *err)
{
	struct record_row *rows;
	size_t i;
	enum err_code code =
		record_overdue(db, l->rs->now_ms() - l->rs->conf.unconfirmed_ms, BATCH, a, &rows, &l->n, err);

	for (i = 0; code == ERR_OK && i < l->n; i++)
		if ((code = record_overdue_noted(db, rows[i].id, err)) == ERR_OK)
			code = raise(l, db, &rows[i], a, err);
	return code ? code : record_overdue_next(db, &l->next_ms, err);
}

static enum err_code batch_fn(struct txn *t, void *arg, struct err *err)
{
	struct arena a;
	enum err_code code;

	arena_init(&a, 0);
	code = batch(arg, t->db, &a, err);
	arena_release(&a);
	return code;
}

enum outbox_result overdue_deliver(struct outbox_job *job, void *arg, struct err *err)
{
	struct look l = { .rs = arg };
	int64_t now_ms, wait_ms;

	do {
		if (store_write(l.rs->store, batch_fn, &l, err))
			return OUTBOX_RETRY;
	} while (l.n == BATCH);
	now_ms = l.rs->now_ms();
	/* A record that is opened from now on is due no earlier than that. */
	wait_ms = (l.next_ms ? l.next_ms : now_ms) + l.rs->conf.unconfirmed_ms + 1 - now_ms;
	job->again_ms = now_ms + (wait_ms < LONGEST_PAUSE_MS ? wait_ms : LONGEST_PAUSE_MS);
	return OUTBOX_AGAIN;
}

static enum err_code begin_fn(struct txn *t, void *arg, struct err *err)
{
	(void)arg;
	return outbox_put_once(t->db, KEY, KEY, "{}", 0, NULL, err);
}

enum err_code overdue_begin(struct reset *rs, struct err *err)
{
	return store_write(rs->store, begin_fn, NULL, err);
}
