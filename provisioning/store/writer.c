/* The writer thread: takes work from the queue, runs each function in a savepoint, and commits many at once. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "phonecfg/base/mem.h"
#include "provisioning/conf/clock.h"
#include "provisioning/conf/role.h"
#include "provisioning/store/inside.h"

enum { SOFT_TRIES = 8, HOOKS_FIRST = 16 };

/* What goes into one commit. */
struct group {
	struct work *w[GROUP_MAX];
	size_t n;
};

static void pause_ms(unsigned ms)
{
	struct timespec ts = { ms / 1000, (long)(ms % 1000) * 1000000 };

	nanosleep(&ts, NULL);
}

/* ---- inside a transaction ---- */

enum err_code txn_after_commit(struct txn *t, txn_hook_fn *hook, void *arg, struct err *err)
{
	struct db *db = t->db;

	if (db->nhooks == db->hooks_cap) {
		size_t cap = db->hooks_cap ? 2 * db->hooks_cap : HOOKS_FIRST;
		struct hook *v = mem_realloc(db->hooks, cap * sizeof(*v));

		if (v == NULL)
			return err_set(err, ERR_NOMEM, "no memory for what follows the commit");
		db->hooks = v;
		db->hooks_cap = cap;
	}
	db->hooks[db->nhooks++] = (struct hook){ hook, arg };
	return ERR_OK;
}

/* fn in a savepoint: all of it or nothing, its hooks included. */
static enum err_code run_savepoint(struct db *db, txn_fn *fn, void *arg, struct err *err)
{
	struct txn t = { db };
	size_t hooks = db->nhooks;
	enum err_code code = db_savepoint(db, err);

	if (code != ERR_OK)
		return code;
	code = fn(&t, arg, err);
	if (code == ERR_OK && db->soft)
		code = err_set(err, ERR_BUSY, "the database is in use; try again");
	if (code == ERR_OK)
		code = db_release(db, err);
	if (code == ERR_OK)
		return ERR_OK;
	db->nhooks = hooks;
	if (db->ops->in_transaction(db->conn))
		db_rollback_to(db);
	return code;
}

enum err_code txn_nested(struct txn *t, txn_fn *inner, void *arg, struct err *err)
{
	return run_savepoint(t->db, inner, arg, err);
}

/* ---- the log ---- */

static enum err_code checkpoint(struct store *st, struct err *err)
{
	enum err_code code = st->db->ops->checkpoint(st->db->conn, err);

	if (code == ERR_OK)
		st->log_first_ms = st->log_last_ms = 0;
	return code;
}

/* What was deleted leaves the log by itself: when the store has had nothing to do for idle_ms, or, when it always has,
 * after twelve times that. A reader in the way puts it off once more. */
static void checkpoint_by_itself(struct store *st)
{
	if (checkpoint(st, NULL) != ERR_OK)
		st->log_first_ms = st->log_last_ms = store_clock_ms();
}

static void log_grew(struct store *st)
{
	int64_t now = store_clock_ms();

	st->log_last_ms = now;
	if (st->log_first_ms == 0)
		st->log_first_ms = now;
	else if (now - st->log_first_ms >= 12 * (int64_t)st->idle_ms)
		checkpoint_by_itself(st);
}

/* ---- the queue ---- */

/* Called with the lock held: until there is work, or until the log is to be emptied. */
static void queue_wait(struct store *st)
{
	int64_t until = st->log_last_ms + st->idle_ms;
	struct timespec ts = { until / 1000, (long)(until % 1000) * 1000000 };

	if (st->log_last_ms == 0) {
		pthread_cond_wait(&st->queued, &st->lock);
	} else if (pthread_cond_timedwait(&st->queued, &st->lock, &ts) == ETIMEDOUT && st->head == NULL) {
		pthread_mutex_unlock(&st->lock);
		checkpoint_by_itself(st);
		pthread_mutex_lock(&st->lock);
	}
}

/* The next piece for a group of n so far, or NULL when the group is to be committed. */
static struct work *queue_take(struct store *st, size_t n, bool wait)
{
	struct work *w = NULL;

	pthread_mutex_lock(&st->lock);
	while (wait && st->head == NULL && !st->stop)
		queue_wait(st);
	if (st->head != NULL && (n == 0 || st->head->outside == NULL)) {
		w = st->head;
		st->head = w->next;
		if (st->head == NULL)
			st->tail = &st->head;
		st->stats.queued--;
	}
	pthread_mutex_unlock(&st->lock);
	return w;
}

static void queue_put(struct store *st, struct work *w)
{
	w->next = NULL;
	*st->tail = w;
	st->tail = &w->next;
	st->stats.queued++;
}

static void finish(struct store *st, struct work *w)
{
	struct waiter *waiter = w->waiter;

	if (w->posted) {
		if (w->done != NULL)
			w->done(w->arg, w->code, &w->err);
		pthread_mutex_lock(&st->lock);
		st->nposted--;
		pthread_mutex_unlock(&st->lock);
		mem_free(w);
		return;
	}
	pthread_mutex_lock(&waiter->lock);
	if (--waiter->left == 0) /* from here on the waiter may be gone */
		pthread_cond_signal(&waiter->done);
	pthread_mutex_unlock(&waiter->lock);
}

/* ---- one commit ---- */

enum outcome {
	COMMITTED,
	REFUSED, /* the only one of its group was refused: undone */
	APART,   /* one of several was: undone, to be run again with a savepoint each */
	TRY_AGAIN,
	BROKEN
};

/* A savepoint costs a copy of every page that is changed in it, a fifth of a large job. So a group is first run
 * without, and only one in which somebody is refused is run again with them. */
static enum err_code run_plain(struct db *db, struct work *w)
{
	struct txn t = { db };
	enum err_code code = w->fn(&t, w->arg, &w->err);

	return code == ERR_OK && db->soft ? err_set(&w->err, ERR_BUSY, "the database is in use; try again") : code;
}

static void run_work(struct db *db, struct work *w, bool apart)
{
	w->err = (struct err){ 0 };
	db->now_ms = store_clock_ms();
	db->quiet = false;
	w->code = apart ? run_savepoint(db, w->fn, w->arg, &w->err) : run_plain(db, w);
	db->loud |= !db->quiet && w->code == ERR_OK;
	if (w->code != ERR_OK && w->err.code == ERR_OK)
		err_set(&w->err, w->code, "a change was refused (%s)", err_word(w->code));
}

/* Runs what is in the group, then takes more from the queue while there is time (fresh), then commits. BROKEN: *err
 * says why, nothing of the group was kept. */
static enum outcome try_group(struct store *st, struct group *g, bool fresh, bool apart, struct err *err)
{
	struct db *db = st->db;
	int64_t until = clock_steady_ms() + st->group_ms;
	size_t i;

	db->loud = false;
	if (db_begin(db, true, err) != ERR_OK)
		return db->soft ? TRY_AGAIN : BROKEN;
	mark_begin(st);
	for (i = 0; i < g->n; i++) {
		run_work(db, g->w[i], apart);
		if (db->soft || !db->ops->in_transaction(db->conn))
			break;
		if (!apart && g->w[i]->code != ERR_OK) {
			db_rollback(db);
			return g->n == 1 ? REFUSED : APART;
		}
		if (fresh && i + 1 == g->n && g->n < st->group_max && clock_steady_ms() < until) {
			struct work *more = queue_take(st, g->n, false);

			if (more != NULL)
				g->w[g->n++] = more;
		}
	}
	if (i == g->n && !apart && !db->loud)
		mark_expect(st);
	if (i == g->n && db_commit(db, err) == ERR_OK)
		return COMMITTED;
	mark_unexpect(st);
	if (i < g->n)
		*err = g->w[i]->err;
	db_rollback(db);
	return db->soft ? TRY_AGAIN : BROKEN;
}

static void after_commit(struct store *st, size_t n)
{
	struct db *db = st->db;
	void (*work_fn)(void *);
	void *work_arg;
	size_t i;

	for (i = 0; i < db->nhooks; i++)
		db->hooks[i].fn(db->hooks[i].arg);
	db->nhooks = 0;
	log_grew(st);
	pthread_mutex_lock(&st->lock);
	st->stats.commits++;
	st->stats.writes += n;
	work_fn = db->work_put ? st->work_fn : NULL;
	work_arg = st->work_arg;
	pthread_mutex_unlock(&st->lock);
	if (work_fn != NULL)
		work_fn(work_arg);
}

static void count(struct store *st, uint64_t *counter)
{
	pthread_mutex_lock(&st->lock);
	++*counter;
	pthread_mutex_unlock(&st->lock);
}

/* The retry loop around every transaction: soft failures repeat it, with growing pauses. */
static enum outcome run_group(struct store *st, struct group *g, bool fresh, struct err *err)
{
	enum outcome how = try_group(st, g, fresh, false, err);
	bool apart = false;
	int tries = 1;

	while (how == APART || (how == TRY_AGAIN && tries < SOFT_TRIES)) {
		apart |= how == APART;
		if (how == TRY_AGAIN) {
			count(st, &st->stats.retries);
			pause_ms(1u << tries++);
		}
		how = try_group(st, g, false, apart, err);
	}
	mark_commit(st, how == REFUSED || (how == COMMITTED && !st->db->loud)); /* what broke may have come through */
	if (how == COMMITTED)
		after_commit(st, g->n);
	else
		count(st, &st->stats.rollbacks);
	return how;
}

/* all: also those that had an error of their own in a run that was undone. */
static void fail_group(struct group *g, bool all, const struct err *err)
{
	size_t i;

	for (i = 0; i < g->n; i++)
		if (all || g->w[i]->code == ERR_OK) {
			g->w[i]->err = *err;
			g->w[i]->code = err->code;
		}
}

/* A group that breaks as a whole is repeated one by one, so that the innocent go through and each gets its own answer.
 */
static void serve_group(struct store *st, struct group *g)
{
	struct err err = { 0 };
	enum outcome how = run_group(st, g, true, &err);
	size_t i;

	if (how == TRY_AGAIN)
		fail_group(g, true, &err);
	else if (how == BROKEN && g->n == 1)
		fail_group(g, false, &err);
	for (i = 0; how == BROKEN && g->n > 1 && i < g->n; i++) {
		struct group one = { .w = { g->w[i] }, .n = 1 };

		g->w[i]->code = ERR_OK;
		if (run_group(st, &one, false, &err) != COMMITTED) /* one that was refused has its own answer */
			fail_group(&one, false, &err);
	}
	for (i = 0; i < g->n; i++)
		finish(st, g->w[i]);
}

static void *writer_main(void *arg)
{
	struct store *st = arg;
	struct group g;

	thread_role_set(ROLE_WRITER);
	while ((g.w[0] = queue_take(st, 0, true)) != NULL) {
		struct work *w = g.w[0];

		g.n = 1;
		if (w->outside == NULL) {
			serve_group(st, &g);
			continue;
		}
		w->code = w->outside(st, &w->err);
		finish(st, w);
	}
	return NULL;
}

enum err_code writer_start(struct store *st, struct err *err)
{
	st->tail = &st->head;
	if (pthread_create(&st->writer, NULL, writer_main, st) != 0)
		return err_set(err, ERR_IO, "cannot start the writer thread; raise the limit of processes");
	st->running = true;
	return ERR_OK;
}

/* What is queued is written first. */
void writer_stop(struct store *st)
{
	if (!st->running)
		return;
	pthread_mutex_lock(&st->lock);
	st->stop = true;
	pthread_cond_signal(&st->queued);
	pthread_mutex_unlock(&st->lock);
	pthread_join(st->writer, NULL);
	st->running = false;
}

/* ---- the callers ---- */

static void waiter_init(struct waiter *wt, size_t n)
{
	pthread_mutex_init(&wt->lock, NULL);
	pthread_cond_init(&wt->done, NULL);
	wt->left = n;
}

static void waiter_wait(struct waiter *wt)
{
	pthread_mutex_lock(&wt->lock);
	while (wt->left > 0)
		pthread_cond_wait(&wt->done, &wt->lock);
	pthread_mutex_unlock(&wt->lock);
	pthread_cond_destroy(&wt->done);
	pthread_mutex_destroy(&wt->lock);
}

static void submit(struct store *st, struct work *w, size_t n)
{
	size_t i;

	pthread_mutex_lock(&st->lock);
	for (i = 0; i < n; i++)
		queue_put(st, &w[i]);
	pthread_cond_signal(&st->queued);
	pthread_mutex_unlock(&st->lock);
}

static enum err_code run_one(struct store *st, txn_fn *fn, outside_fn *outside, void *arg, struct err *err)
{
	struct waiter wt;
	struct work w = { .fn = fn, .outside = outside, .arg = arg, .waiter = &wt };

	role_forbid(ROLE_EDGE | ROLE_SIP | ROLE_WRITER, "wait for the store's writer; use store_post");
	if (thread_role() == ROLE_WRITER) /* it would wait for itself */
		return err_set(err, ERR_BUG, "a change within a change; use txn_nested");
	waiter_init(&wt, 1);
	submit(st, &w, 1);
	waiter_wait(&wt);
	if (w.code != ERR_OK && err != NULL)
		*err = w.err;
	return w.code;
}

enum err_code store_write(struct store *st, txn_fn *fn, void *arg, struct err *err)
{
	return run_one(st, fn, NULL, arg, err);
}

enum err_code store_write_many(struct store *st, struct write *v, size_t n)
{
	struct work *w = mem_zalloc(n * sizeof(*w));
	enum err_code first = ERR_OK;
	struct waiter wt;
	size_t i;

	role_forbid(ROLE_EDGE | ROLE_SIP | ROLE_WRITER, "wait for the store's writer; use store_post");
	for (i = 0; w == NULL && i < n; i++)
		v[i].code = err_set(&v[i].err, ERR_NOMEM, "no memory for %zu changes", n);
	if (w == NULL || n == 0) {
		mem_free(w);
		return n == 0 ? ERR_OK : ERR_NOMEM;
	}
	waiter_init(&wt, n);
	for (i = 0; i < n; i++)
		w[i] = (struct work){ .fn = v[i].fn, .arg = v[i].arg, .waiter = &wt };
	submit(st, w, n);
	waiter_wait(&wt);
	for (i = 0; i < n; i++) {
		v[i].code = w[i].code;
		v[i].err = w[i].err;
		if (first == ERR_OK)
			first = w[i].code;
	}
	mem_free(w);
	return first;
}

enum err_code store_post(struct store *st, txn_fn *fn, write_done_fn *done, void *arg, struct err *err)
{
	struct work *w = mem_zalloc(sizeof(*w));
	bool full;

	if (w == NULL)
		return err_set(err, ERR_NOMEM, "no memory for a change");
	*w = (struct work){ .fn = fn, .arg = arg, .done = done, .posted = true };
	pthread_mutex_lock(&st->lock);
	full = st->nposted >= QUEUE_MAX;
	if (!full) {
		st->nposted++;
		queue_put(st, w);
		pthread_cond_signal(&st->queued);
	}
	pthread_mutex_unlock(&st->lock);
	if (!full)
		return ERR_OK;
	mem_free(w);
	return err_set(err, ERR_LIMIT, "%d changes wait to be written; try again", QUEUE_MAX);
}

enum err_code store_checkpoint(struct store *st, unsigned wait_ms, struct err *err)
{
	int64_t until = clock_steady_ms() + wait_ms;
	enum err_code code;

	for (;;) {
		code = run_one(st, NULL, checkpoint, NULL, err);
		if (code != ERR_BUSY || clock_steady_ms() >= until)
			break;
		pause_ms(10);
	}
	return err_say(
		code, ERR_BUSY, err, "a reader holds an old view of the database; the log cannot be emptied now");
}

void store_stats(struct store *st, struct store_stats *out)
{
	pthread_mutex_lock(&st->lock);
	*out = st->stats;
	pthread_mutex_unlock(&st->lock);
}
