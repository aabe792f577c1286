#include "provisioning/outbox/outbox.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "phonecfg/base/mem.h"
#include "provisioning/conf/log.h"
#include "provisioning/conf/role.h"
#include "provisioning/outbox/entry.h"
#include "provisioning/store/db.h"

enum {
	THREADS_DEFAULT = 4,
	THREADS_MAX = 64,
	CLAIM_MAX = 32,      /* rows in one claim */
	SETTLE_MAX = 64,     /* rows in one settling */
	FLIGHT_MAX = 1024,   /* claimed and not settled, without those that wait for somebody else */
	PENDING_MAX = 16384, /* those */
	FIRST_MS = 1000,     /* back-off of a kind that says nothing */
	CAP_MS = 300000,
	STRANGE_MS = 3600000, /* a kind that this version does not know */
	BROKEN_MS = 250,      /* pause when the store does not take a settling */
	LOOK_MS = 1000        /* another process (a command) may have put rows: looked for so often */
};

struct outbox {
	struct store *st;
	const struct outbox_kind *kinds;
	size_t nkinds;
	struct outbox_stats *stats; /* by kind; under lock */
	unsigned nthreads, started;
	pthread_t threads[THREADS_MAX];

	pthread_mutex_t lock;
	pthread_cond_t news;
	struct entry_list ready, running, pending, ended; /* under lock, as all below */
	size_t settling;
	bool claiming, stop;
	bool broken;     /* the store refused a settling: pause until next_ms */
	bool dirty;      /* something may be due: claim */
	int64_t next_ms; /* the next due time, 0 = none known */
	int64_t look_ms; /* when the table is looked at for rows of another process */
};

int64_t outbox_backoff_ms(unsigned attempt, unsigned first_ms, unsigned cap_ms)
{
	int64_t first = first_ms ? first_ms : FIRST_MS, cap = cap_ms ? cap_ms : CAP_MS, pause = first;

	while (attempt-- > 1 && pause < cap)
		pause *= 2;
	return pause < cap ? pause : cap;
}

static const struct outbox_kind *find_kind(const struct outbox *ob, const char *name)
{
	size_t i;

	for (i = 0; i < ob->nkinds; i++)
		if (strcmp(ob->kinds[i].name, name) == 0)
			return &ob->kinds[i];
	return NULL;
}

/* ---- claim ---- */

struct claim {
	struct arena a;
	struct outbox_entry_row *rows;
	size_t n;
	int64_t limit, next_ms;
};

static enum err_code claim_fn(struct txn *t, void *arg, struct err *err)
{
	struct claim *c = arg;
	enum err_code code;

	arena_release(&c->a);
	c->rows = NULL;
	c->n = 0;
	code = outbox_claim(t->db, c->limit, &c->a, &c->rows, &c->n, err);
	return code == ERR_OK ? outbox_next_due(t->db, &c->next_ms, err) : code;
}

/* A row that found no memory stays claimed in the table; it comes back at the next start. */
static void take_in(struct outbox *ob, const struct claim *c)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		struct entry *e = entry_new(&c->rows[i]);

		if (e == NULL) {
			log_event(LOG_LEVEL_ERROR, "outbox-no-memory", "kind", c->rows[i].kind, NULL);
			continue;
		}
		e->kind = find_kind(ob, e->job.kind);
		entry_put(&ob->ready, e);
	}
}

/* Called and returns with the lock held. One thread at a time claims for all. */
static void claim(struct outbox *ob, size_t flying)
{
	struct claim c = { .limit = (int64_t)(FLIGHT_MAX - flying < CLAIM_MAX ? FLIGHT_MAX - flying : CLAIM_MAX) };
	struct err err = { 0 };
	enum err_code code;

	ob->claiming = true;
	ob->dirty = false;
	pthread_mutex_unlock(&ob->lock);
	arena_init(&c.a, 0);
	code = store_write(ob->st, claim_fn, &c, &err);
	pthread_mutex_lock(&ob->lock);
	ob->claiming = false;
	if (code == ERR_OK) {
		take_in(ob, &c);
		if (!ob->broken)
			ob->next_ms = c.next_ms;
		if (c.n == (size_t)c.limit)
			ob->dirty = true;
	} else {
		log_event(LOG_LEVEL_ERROR, "outbox-claim", "error", err.text, NULL);
		ob->next_ms = store_clock_ms() + BROKEN_MS;
	}
	arena_release(&c.a);
	pthread_cond_broadcast(&ob->news);
}

/* ---- settle ---- */

/* Later: attempts are counted unless it is no failure. */
static enum err_code put_off(struct db *db, const struct entry *e, const struct err *why, struct err *err)
{
	const struct outbox_kind *k = e->kind;
	int64_t now = db_now_ms(db);

	if (e->result == OUTBOX_AGAIN)
		return outbox_again(
			db, e->job.id, e->job.again_ms > now ? e->job.again_ms : now, e->job.attempt - 1, "", err);
	if (k == NULL)
		return outbox_again(db, e->job.id, now + STRANGE_MS, e->job.attempt,
			"this version of rekeyd does not know this kind of work", err);
	return outbox_again(db, e->job.id, now + outbox_backoff_ms(e->job.attempt, k->first_ms, k->cap_ms),
		e->job.attempt, why->text, err);
}

static enum err_code settle_inner(struct txn *t, void *arg, struct err *err)
{
	struct entry *e = arg;
	enum err_code code = ERR_OK;

	if (e->kind->settle != NULL)
		code = e->kind->settle(t, &e->job, e->result, &e->why, e->kind->arg, err);
	return code == ERR_OK ? outbox_delete(t->db, e->job.id, err) : code;
}

static enum err_code settle_fn(struct txn *t, void *arg, struct err *err)
{
	struct entry *e = arg;
	struct err why = { 0 };
	enum err_code code;

	if (e->result == OUTBOX_RETRY || e->result == OUTBOX_AGAIN)
		return put_off(t->db, e, &e->why, err);
	code = txn_nested(t, settle_inner, e, &why);
	if (code == ERR_OK || t->db->soft)
		return code;
	log_event(LOG_LEVEL_ERROR, "outbox-settle", "kind", e->job.kind, "key", e->job.key, "error", why.text, NULL);
	return put_off(t->db, e, &why, err);
}

/* Locked. */
static void count(struct outbox *ob, const struct entry *e)
{
	struct outbox_stats *s;

	if (e->kind == NULL)
		return;
	s = &ob->stats[e->kind - ob->kinds];
	s->done += e->result == OUTBOX_DONE;
	s->retried += e->result == OUTBOX_RETRY;
	s->failed += e->result == OUTBOX_FAILED;
}

bool outbox_stats(struct outbox *ob, size_t i, struct outbox_stats *out)
{
	if (i >= ob->nkinds)
		return false;
	pthread_mutex_lock(&ob->lock);
	*out = ob->stats[i];
	pthread_mutex_unlock(&ob->lock);
	out->kind = ob->kinds[i].name;
	return true;
}

/* Called and returns with the lock held: settles what has ended, many in one go. */
static void settle(struct outbox *ob)
{
	struct write w[SETTLE_MAX];
	struct entry *e[SETTLE_MAX];
	size_t n = 0, i;
	bool broken = false;

	while (n < SETTLE_MAX && (e[n] = entry_take(&ob->ended)) != NULL) {
		w[n] = (struct write){ .fn = settle_fn, .arg = e[n] };
		n++;
	}
	ob->settling += n;
	pthread_mutex_unlock(&ob->lock);
	store_write_many(ob->st, w, n);
	pthread_mutex_lock(&ob->lock);
	ob->settling -= n;
	for (i = 0; i < n; i++) {
		if (w[i].code == ERR_OK) {
			count(ob, e[i]);
			entry_free(e[i]);
			continue;
		}
		log_event(LOG_LEVEL_ERROR, "outbox-settle", "kind", e[i]->job.kind, "error", w[i].err.text, NULL);
		entry_put(&ob->ended, e[i]);
		broken = true;
	}
	ob->dirty = true; /* keys have become free */
	if (broken) {
		ob->broken = true;
		ob->next_ms = store_clock_ms() + BROKEN_MS;
	}
	pthread_cond_broadcast(&ob->news);
}

/* ---- deliver ---- */

static bool used_up(const struct entry *e)
{
	return e->kind->attempts_max != 0 && e->job.attempt >= e->kind->attempts_max;
}

/* Called and returns with the lock held. */
static void deliver(struct outbox *ob, struct entry *e)
{
	struct err why = { 0 };
	enum outbox_result result = OUTBOX_RETRY;

	entry_put(&ob->running, e);
	pthread_mutex_unlock(&ob->lock);
	if (e->kind != NULL)
		result = e->kind->deliver(&e->job, e->kind->arg, &why);
	pthread_mutex_lock(&ob->lock);
	entry_remove(&ob->running, e);
	if (result == OUTBOX_PENDING && !e->finished) {
		entry_put(&ob->pending, e);
		return;
	}
	if (result != OUTBOX_PENDING) {
		e->result = result;
		e->why = why;
	} else if (e->early_note != NULL) {
		e->job.note = e->early_note;
	}
	if (e->kind != NULL && e->result == OUTBOX_RETRY && used_up(e))
		e->result = OUTBOX_FAILED;
	entry_put(&ob->ended, e);
	pthread_cond_broadcast(&ob->news);
}

void outbox_finish(struct outbox *ob, int64_t id, enum outbox_result result, const char *note, const struct err *err)
{
	struct entry *e;
	bool waited;

	pthread_mutex_lock(&ob->lock);
	e = entry_find(&ob->pending, id);
	waited = e != NULL;
	if (e == NULL)
		e = entry_find(&ob->running, id);
	if (e != NULL && !e->finished) {
		e->finished = true;
		e->result = result == OUTBOX_PENDING ? OUTBOX_RETRY : result;
		if (err != NULL)
			e->why = *err;
		if (waited) {
			if (note != NULL)
				e->job.note = arena_strdup(&e->arena, note);
			if (e->result == OUTBOX_RETRY && used_up(e))
				e->result = OUTBOX_FAILED;
			entry_remove(&ob->pending, e);
			entry_put(&ob->ended, e);
			pthread_cond_broadcast(&ob->news);
		} else if (note != NULL) {
			e->early_note = mem_strdup(note); /* its arena is deliver's for the moment */
		}
	}
	pthread_mutex_unlock(&ob->lock);
}

/* ---- the workers ---- */

/* Called and returns with the lock held. A commit of this process says by itself that it put rows; one of another
 * process does not. Reads alone: an idle server writes nothing. */
static void look(struct outbox *ob)
{
	struct snap snap;
	int64_t due = 0;

	ob->look_ms = store_clock_ms() + LOOK_MS;
	pthread_mutex_unlock(&ob->lock);
	if (store_snap(ob->st, &snap, NULL) == ERR_OK) {
		if (outbox_due_now(snap.db, &due, NULL))
			due = 0;
		snap_end(&snap);
	}
	pthread_mutex_lock(&ob->lock);
	ob->dirty |= due > 0;
}

/* Called with the lock held: sleeps until news, until the next due time or until the next look. */
static void wait_for_news(struct outbox *ob)
{
	int64_t wake_ms = ob->next_ms && ob->next_ms < ob->look_ms ? ob->next_ms : ob->look_ms, now_ms;
	struct timespec until = { .tv_sec = wake_ms / 1000, .tv_nsec = wake_ms % 1000 * 1000000 };

	if (pthread_cond_timedwait(&ob->news, &ob->lock, &until) != ETIMEDOUT)
		return;
	now_ms = store_clock_ms();
	if (ob->next_ms && ob->next_ms <= now_ms) {
		ob->next_ms = 0;
		ob->dirty = true;
		ob->broken = false;
	} else if (ob->look_ms <= now_ms) {
		look(ob);
	}
}

static void *worker_main(void *arg)
{
	struct outbox *ob = arg;

	thread_role_set(ROLE_WORKER);
	pthread_mutex_lock(&ob->lock);
	for (;;) {
		size_t flying = ob->ready.n + ob->running.n + ob->ended.n + ob->settling;
		struct entry *e;

		if (ob->ended.n > 0 && !ob->broken)
			settle(ob);
		else if (ob->stop)
			break;
		else if ((e = entry_take(&ob->ready)) != NULL)
			deliver(ob, e);
		else if (ob->dirty && !ob->claiming && flying < FLIGHT_MAX && ob->pending.n < PENDING_MAX &&
			 !ob->broken)
			claim(ob, flying);
		else
			wait_for_news(ob);
	}
	pthread_mutex_unlock(&ob->lock);
	return NULL;
}

static void wake(void *arg)
{
	struct outbox *ob = arg;

	pthread_mutex_lock(&ob->lock);
	ob->dirty = true;
	pthread_cond_signal(&ob->news);
	pthread_mutex_unlock(&ob->lock);
}

/* ---- life ---- */

enum err_code outbox_open(struct store *st, const struct outbox_kind *kinds, size_t n, unsigned threads,
	struct outbox **out, struct err *err)
{
	struct outbox *ob = mem_zalloc(sizeof(*ob));

	if (ob != NULL)
		ob->stats = mem_zalloc((n + 1) * sizeof(*ob->stats));
	if (ob == NULL || ob->stats == NULL) {
		mem_free(ob);
		return err_set(err, ERR_NOMEM, "no memory for the outbox");
	}
	ob->st = st;
	ob->kinds = kinds;
	ob->nkinds = n;
	ob->nthreads = threads == 0 ? THREADS_DEFAULT : threads < THREADS_MAX ? threads : THREADS_MAX;
	pthread_mutex_init(&ob->lock, NULL);
	pthread_cond_init(&ob->news, NULL);
	*out = ob;
	return ERR_OK;
}

static enum err_code recover_fn(struct txn *t, void *arg, struct err *err)
{
	(void)arg;
	return outbox_recover(t->db, err);
}

enum err_code outbox_start(struct outbox *ob, struct err *err)
{
	enum err_code code = store_write(ob->st, recover_fn, NULL, err);

	if (code != ERR_OK)
		return code;
	ob->stop = false;
	ob->dirty = true;
	store_on_work(ob->st, wake, ob);
	for (ob->started = 0; ob->started < ob->nthreads; ob->started++)
		if (pthread_create(&ob->threads[ob->started], NULL, worker_main, ob) != 0) {
			outbox_stop(ob);
			return err_set(err, ERR_IO, "cannot start a worker thread; raise the limit of processes");
		}
	return ERR_OK;
}

/* What was claimed and not begun goes back as it was. */
static enum err_code give_back_fn(struct txn *t, void *arg, struct err *err)
{
	struct entry *e = arg;

	return outbox_again(t->db, e->job.id, e->job.due_ms, e->job.attempt - 1, "", err);
}

void outbox_stop(struct outbox *ob)
{
	struct entry *e;
	unsigned i;

	if (ob->started == 0)
		return;
	store_on_work(ob->st, NULL, NULL);
	pthread_mutex_lock(&ob->lock);
	ob->stop = true;
	pthread_cond_broadcast(&ob->news);
	pthread_mutex_unlock(&ob->lock);
	for (i = 0; i < ob->started; i++)
		pthread_join(ob->threads[i], NULL);
	ob->started = 0;
	while ((e = entry_take(&ob->ready)) != NULL) {
		store_write(ob->st, give_back_fn, e, NULL);
		entry_free(e);
	}
}

void outbox_close(struct outbox *ob)
{
	struct entry *e;

	if (ob == NULL)
		return;
	outbox_stop(ob);
	while ((e = entry_take(&ob->pending)) != NULL || (e = entry_take(&ob->ended)) != NULL)
		entry_free(e);
	pthread_cond_destroy(&ob->news);
	pthread_mutex_destroy(&ob->lock);
	mem_free(ob->stats);
	mem_free(ob);
}

/* One snapshot tells it all: a row is due, at work or gone, and what its settling puts comes in the same commit. */
static bool quiet(struct outbox *ob)
{
	struct snap s;
	int64_t busy = 1;
	bool still;

	if (store_snap(ob->st, &s, NULL) != ERR_OK)
		return false;
	still = outbox_busy(s.db, &busy, NULL) == ERR_OK && busy == 0;
	snap_end(&s);
	return still;
}

bool outbox_idle(struct outbox *ob, unsigned wait_ms)
{
	struct timespec pause = { 0, 2000000 };
	int64_t until = store_clock_ms() + wait_ms;

	while (!quiet(ob)) {
		if (store_clock_ms() >= until)
			return false;
		nanosleep(&pause, NULL);
	}
	return true;
}
