/* Durable work: once, in order per key, again after failures and crashes, never before its commit. */
#include "tests/unit/store_fixture.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "provisioning/outbox/outbox.h"
#include "provisioning/outbox/rows.h"

enum { WAIT_MS = 10000, LOG_MAX = 4096 };

/* What the kinds of these tests do, and what they saw. */
struct lab {
	struct fixture *f;
	struct outbox *ob;
	pthread_mutex_t lock;
	int delivered, settled_done, settled_failed, settle_fails;
	int fail_first;           /* deliveries that fail before one succeeds */
	int at_once[16], overlap; /* per key "k<n>": running now; was it ever two? */
	int64_t last_id[16], disorder;
	enum outbox_result result;
	char note[64], why[64];
	pthread_t late;
	int64_t late_id, delivered_ms;
	int slow, before;
};

static void add(struct lab *l, int *counter, int n)
{
	pthread_mutex_lock(&l->lock);
	*counter += n;
	pthread_mutex_unlock(&l->lock);
}

static int get(struct lab *l, const int *counter)
{
	int n;

	pthread_mutex_lock(&l->lock);
	n = *counter;
	pthread_mutex_unlock(&l->lock);
	return n;
}

static void nap(long ms)
{
	struct timespec ts = { ms / 1000, ms % 1000 * 1000000 };

	nanosleep(&ts, NULL);
}

static enum outbox_result deliver(struct outbox_job *job, void *arg, struct err *err)
{
	struct lab *l = arg;
	int k = atoi(job->key + 1) % 16;
	bool fail;

	pthread_mutex_lock(&l->lock);
	l->delivered++;
	l->delivered_ms = store_clock_ms();
	if (++l->at_once[k] > 1)
		l->overlap++;
	if (job->id < l->last_id[k])
		l->disorder++;
	l->last_id[k] = job->id;
	fail = l->delivered <= l->fail_first;
	pthread_mutex_unlock(&l->lock);
	nap(job->id % 7 == 0 ? 20 : 1); /* long enough for the others to claim meanwhile */
	job->note = arena_printf(job->arena, "note of %s", job->payload);
	pthread_mutex_lock(&l->lock);
	l->at_once[k]--;
	pthread_mutex_unlock(&l->lock);
	if (fail)
		err_set(err, ERR_IO, "no route");
	return fail ? OUTBOX_RETRY : l->result;
}

static enum err_code settle(struct txn *t, const struct outbox_job *job, enum outbox_result result,
	const struct err *why, void *arg, struct err *err)
{
	struct lab *l = arg;
	int fails;

	pthread_mutex_lock(&l->lock);
	fails = l->settle_fails;
	if (fails > 0)
		l->settle_fails--;
	pthread_mutex_unlock(&l->lock);
	if (fails > 0) { /* what it had changed until then is undone */
		outbox_put(t->db, "work", "k9", "never", 0, NULL, NULL);
		return err_set(err, ERR_BUG, "settling refused");
	}
	snprintf(l->note, sizeof(l->note), "%s", job->note ? job->note : "");
	snprintf(l->why, sizeof(l->why), "%.60s", why->text);
	add(l, result == OUTBOX_DONE ? &l->settled_done : &l->settled_failed, 1);
	return ERR_OK;
}

static void *finish_late(void *arg)
{
	struct lab *l = arg;
	struct err why = { .code = ERR_IO, .text = "the peer said no" };

	nap(20);
	outbox_finish(l->ob, l->late_id, l->result, "late note", &why);
	return NULL;
}

static enum outbox_result deliver_pending(struct outbox_job *job, void *arg, struct err *err)
{
	struct lab *l = arg;

	(void)err;
	l->late_id = job->id;
	pthread_create(&l->late, NULL, finish_late, l);
	return OUTBOX_PENDING;
}

static enum outbox_result deliver_early(struct outbox_job *job, void *arg, struct err *err)
{
	struct lab *l = arg;

	(void)err;
	outbox_finish(l->ob, job->id, OUTBOX_DONE, "early note", NULL);
	return OUTBOX_PENDING;
}

static enum outbox_result deliver_again(struct outbox_job *job, void *arg, struct err *err)
{
	struct lab *l = arg;

	(void)err;
	add(l, &l->delivered, 1);
	job->again_ms = store_clock_ms() + 5;
	return get(l, &l->delivered) < 4 ? OUTBOX_AGAIN : job->attempt == 1 ? OUTBOX_DONE : OUTBOX_FAILED;
}

/* Ten milliseconds of one worker. */
static enum outbox_result deliver_slow(struct outbox_job *job, void *arg, struct err *err)
{
	(void)job;
	(void)err;
	nap(10);
	add(arg, &((struct lab *)arg)->slow, 1);
	return OUTBOX_DONE;
}

/* Notes how much came before it. */
static enum outbox_result deliver_prompt(struct outbox_job *job, void *arg, struct err *err)
{
	struct lab *l = arg;

	(void)job;
	(void)err;
	add(l, &l->before, get(l, &l->slow) + 1);
	return OUTBOX_DONE;
}

/* Whoever it was handed to never answers. */
static enum outbox_result deliver_unanswered(struct outbox_job *job, void *arg, struct err *err)
{
	(void)job;
	(void)err;
	add(arg, &((struct lab *)arg)->slow, 1);
	return OUTBOX_PENDING;
}

enum { KINDS = 8 };
static struct outbox_kind kinds[KINDS];

static int setup(void **state)
{
	struct lab *l = calloc(1, sizeof(*l));
	void *f;

	fixture_open(&f);
	l->f = f;
	l->result = OUTBOX_DONE;
	pthread_mutex_init(&l->lock, NULL);
	kinds[0] = (struct outbox_kind){
		.name = "work", .deliver = deliver, .settle = settle, .arg = l, .first_ms = 5, .cap_ms = 20
	};
	kinds[1] = kinds[2] = kinds[3] = kinds[4] = kinds[5] = kinds[6] = kinds[7] = kinds[0];
	kinds[1].name = "pending";
	kinds[1].deliver = deliver_pending;
	kinds[2].name = "twice";
	kinds[2].attempts_max = 2;
	kinds[3].name = "early";
	kinds[3].deliver = deliver_early;
	kinds[4].name = "again";
	kinds[4].deliver = deliver_again;
	kinds[5].name = "slow";
	kinds[5].deliver = deliver_slow;
	kinds[6].name = "prompt";
	kinds[6].deliver = deliver_prompt;
	kinds[7].name = "unanswered";
	kinds[7].deliver = deliver_unanswered;
	assert_int_equal(outbox_open(l->f->st, kinds, KINDS, 4, &l->ob, NULL), ERR_OK);
	*state = l;
	return 0;
}

static int teardown(void **state)
{
	struct lab *l = *state;
	void *f = l->f;

	outbox_close(l->ob);
	if (l->late != 0)
		pthread_join(l->late, NULL);
	fixture_close(&f);
	pthread_mutex_destroy(&l->lock);
	free(l);
	return 0;
}

struct put {
	const char *kind, *key, *payload;
	int64_t due_ms;
	int n;
	bool once, refuse, unlike; /* unlike: every row has a key of its own */
	bool merged;               /* out */
};

static enum err_code put_fn(struct txn *t, void *arg, struct err *err)
{
	struct put *p = arg;
	enum err_code code = ERR_OK;
	int i;

	for (i = 0; i < p->n && code == ERR_OK; i++) {
		char key[16];

		snprintf(key, sizeof(key), p->unlike ? "u%d" : "k%d", p->unlike ? i : i % 8);
		code = p->once ? outbox_put_once(t->db, p->kind, p->key, p->payload, p->due_ms, &p->merged, err)
			       : outbox_put(t->db, p->kind, p->key ? p->key : key, p->payload, p->due_ms, NULL, err);
	}
	return code == ERR_OK && p->refuse ? err_set(err, ERR_INPUT, "refused") : code;
}

static void put(struct lab *l, struct put p)
{
	if (p.n == 0)
		p.n = 1;
	must_write(l->f, put_fn, &p);
}

static int64_t rows(struct lab *l)
{
	struct snap s = must_snap(l->f);
	int64_t n;

	assert_int_equal(outbox_count(s.db, NULL, &n, NULL), ERR_OK);
	snap_end(&s);
	return n;
}

static void start(struct lab *l)
{
	assert_int_equal(outbox_start(l->ob, NULL), ERR_OK);
}

static void work_is_delivered_settled_and_gone(void **state)
{
	struct lab *l = *state;

	start(l);
	put(l, (struct put){ .kind = "work", .key = "k1", .payload = "{}" });
	assert_true(outbox_idle(l->ob, WAIT_MS));
	assert_int_equal(l->delivered, 1);
	assert_int_equal(l->settled_done, 1);
	assert_string_equal(l->note, "note of {}");
	assert_int_equal(rows(l), 0);
}

static void refused_transactions_leave_no_work(void **state)
{
	struct lab *l = *state;
	struct put p = { .kind = "work", .key = "k1", .n = 1, .refuse = true };

	start(l);
	assert_int_equal(store_write(l->f->st, put_fn, &p, NULL), ERR_INPUT);
	assert_true(outbox_idle(l->ob, WAIT_MS));
	assert_int_equal(l->delivered, 0);
}

static void a_key_is_never_at_work_twice_and_keeps_its_order(void **state)
{
	struct lab *l = *state;

	put(l, (struct put){ .kind = "work", .payload = "{}", .n = 200 });
	start(l);
	assert_true(outbox_idle(l->ob, WAIT_MS));
	assert_int_equal(l->settled_done, 200);
	assert_int_equal(l->overlap, 0);
	assert_int_equal(l->disorder, 0);
	assert_int_equal(rows(l), 0);
}

/* The one put last is due first; they share a key, so they are delivered one after the other in that order. */
static void a_key_follows_the_due_times(void **state)
{
	struct lab *l = *state;
	int64_t now = store_clock_ms();

	put(l, (struct put){ .kind = "work", .key = "k1", .payload = "second", .due_ms = now - 10 });
	put(l, (struct put){ .kind = "work", .key = "k1", .payload = "first", .due_ms = now - 1000 });
	start(l);
	assert_true(outbox_idle(l->ob, WAIT_MS));
	assert_int_equal(l->delivered, 2);
	assert_int_equal(l->overlap, 0);
	assert_int_equal(l->disorder, 1); /* against the order of the ids */
	assert_string_equal(l->note, "note of second");
}

static void failures_are_repeated_with_pauses(void **state)
{
	struct lab *l = *state;

	l->fail_first = 3;
	start(l);
	put(l, (struct put){ .kind = "work", .key = "k1", .payload = "{}" });
	while (get(l, &l->settled_done) == 0)
		nap(1);
	assert_true(outbox_idle(l->ob, WAIT_MS));
	assert_int_equal(l->delivered, 4);
	assert_int_equal(l->settled_failed, 0);
}

static void attempts_are_used_up(void **state)
{
	struct lab *l = *state;

	l->fail_first = 9;
	start(l);
	put(l, (struct put){ .kind = "twice", .key = "k1" });
	while (get(l, &l->settled_failed) == 0)
		nap(1);
	assert_true(outbox_idle(l->ob, WAIT_MS));
	assert_int_equal(l->delivered, 2);
	assert_string_equal(l->why, "no route");
	assert_int_equal(rows(l), 0);
}

static void a_failed_settling_is_repeated_and_changes_nothing(void **state)
{
	struct lab *l = *state;

	l->settle_fails = 2;
	start(l);
	put(l, (struct put){ .kind = "work", .key = "k1" });
	while (get(l, &l->settled_done) == 0)
		nap(1);
	assert_true(outbox_idle(l->ob, WAIT_MS));
	assert_int_equal(l->delivered, 3);
	assert_int_equal(rows(l), 0);
}

static void pending_work_is_finished_from_another_thread(void **state)
{
	struct lab *l = *state;

	l->result = OUTBOX_FAILED;
	start(l);
	put(l, (struct put){ .kind = "pending", .key = "k1" });
	while (get(l, &l->settled_failed) == 0)
		nap(1);
	assert_true(outbox_idle(l->ob, WAIT_MS));
	assert_string_equal(l->note, "late note");
	assert_string_equal(l->why, "the peer said no");
}

static void an_answer_before_deliver_returns_counts(void **state)
{
	struct lab *l = *state;

	start(l);
	put(l, (struct put){ .kind = "early", .key = "k1" });
	assert_true(outbox_idle(l->ob, WAIT_MS));
	assert_int_equal(l->settled_done, 1);
	assert_string_equal(l->note, "early note");
}

static void again_is_no_failure(void **state)
{
	struct lab *l = *state;

	start(l);
	put(l, (struct put){ .kind = "again", .key = "k1" });
	while (get(l, &l->settled_done) + get(l, &l->settled_failed) == 0)
		nap(1);
	assert_int_equal(l->settled_done, 1); /* attempt was still 1 at the fourth time */
}

static void scheduled_work_waits_for_its_time(void **state)
{
	struct lab *l = *state;
	int64_t due = store_clock_ms() + 60;

	start(l);
	put(l, (struct put){ .kind = "work", .key = "k1", .due_ms = due });
	put(l, (struct put){ .kind = "work", .key = "k2", .due_ms = store_clock_ms() + 3600000 });
	while (get(l, &l->settled_done) == 0)
		nap(1);
	assert_true(l->delivered_ms >= due);
	assert_true(outbox_idle(l->ob, WAIT_MS)); /* what is not due does not count */
	assert_int_equal(rows(l), 1);
}

static enum err_code claim_all(struct txn *t, void *arg, struct err *err)
{
	struct lab *l = arg;
	struct outbox_entry_row *rows;
	size_t n;
	enum err_code code = outbox_claim(t->db, 10, &l->f->a, &rows, &n, err);

	return code == ERR_OK && n != 1 ? err_set(err, ERR_BUG, "claimed %zu rows", n) : code;
}

static void a_crash_returns_what_was_claimed(void **state)
{
	struct lab *l = *state;

	put(l, (struct put){ .kind = "work", .key = "k1", .n = 2 });
	must_write(l->f, claim_all, l); /* one of the two: they share a key */
	start(l);
	assert_true(outbox_idle(l->ob, WAIT_MS));
	assert_int_equal(l->settled_done, 2);
	assert_int_equal(l->disorder, 0);
}

static void once_merges_what_waits(void **state)
{
	struct lab *l = *state;
	struct put a = { .kind = "work", .key = "k1", .payload = "old", .n = 1, .once = true };
	struct put b = { .kind = "work", .key = "k1", .payload = "new", .n = 1, .once = true };

	must_write(l->f, put_fn, &a);
	assert_false(a.merged);
	must_write(l->f, put_fn, &b);
	assert_true(b.merged);
	assert_int_equal(rows(l), 1);
	start(l);
	assert_true(outbox_idle(l->ob, WAIT_MS));
	assert_int_equal(l->delivered, 1);
	assert_string_equal(l->note, "note of new");
}

static enum err_code cancel_fn(struct txn *t, void *arg, struct err *err)
{
	return outbox_cancel(t->db, "work", "k1", arg, err);
}

static void cancelled_work_is_gone(void **state)
{
	struct lab *l = *state;
	int64_t n;

	put(l, (struct put){ .kind = "work", .key = "k1", .n = 3 });
	put(l, (struct put){ .kind = "work", .key = "k2" });
	must_write(l->f, cancel_fn, &n);
	assert_int_equal(n, 3);
	assert_int_equal(rows(l), 1);
}

static void stopping_gives_back_and_starting_goes_on(void **state)
{
	struct lab *l = *state;

	put(l, (struct put){ .kind = "work", .payload = "{}", .n = 100 });
	start(l);
	while (get(l, &l->delivered) < 10)
		nap(1);
	outbox_stop(l->ob);
	assert_int_equal(l->settled_done, l->delivered);
	assert_int_equal(rows(l), 100 - l->settled_done);
	start(l);
	assert_true(outbox_idle(l->ob, WAIT_MS));
	assert_int_equal(l->delivered, 100);
	assert_int_equal(l->settled_done, 100);
}

static void unknown_kinds_wait(void **state)
{
	struct lab *l = *state;

	start(l);
	put(l, (struct put){ .kind = "strange", .key = "k1" });
	put(l, (struct put){ .kind = "work", .key = "k2" });
	assert_true(outbox_idle(l->ob, WAIT_MS));
	assert_int_equal(l->settled_done, 1);
	assert_int_equal(rows(l), 1);
}

static void a_full_disk_for_a_while_loses_nothing(void **state)
{
	struct lab *l = *state;

	start(l);
	put(l, (struct put){ .kind = "work", .payload = "{}", .n = 8 });
	while (get(l, &l->delivered) == 0)
		nap(1);
	store_fail_from(1);
	nap(20);
	store_fail_from(0);
	while (get(l, &l->settled_done) < 8)
		nap(1);
	assert_true(outbox_idle(l->ob, WAIT_MS));
	assert_int_equal(rows(l), 0);
}

static void keys_and_payloads_are_bounded(void **state)
{
	struct lab *l = *state;
	char key[OUTBOX_KEY_MAX + 2];
	struct put p = { .kind = "work", .key = key, .n = 1 };

	memset(key, 'x', sizeof(key) - 1);
	key[sizeof(key) - 1] = '\0';
	assert_int_equal(store_write(l->f->st, put_fn, &p, NULL), ERR_LIMIT);
	key[OUTBOX_KEY_MAX] = '\0';
	assert_int_equal(store_write(l->f->st, put_fn, &p, NULL), ERR_OK);
}

/* Ten thousand phones that are to be told must not hold up a secret that is to die. */
static void what_somebody_waits_for_goes_first(void **state)
{
	struct lab *l = *state;
	struct store_stats then, now;
	int i;

	put(l, (struct put){ .kind = "slow", .payload = "x", .n = 600, .unlike = true });
	store_stats(l->f->st, &then);
	start(l);
	while (get(l, &l->slow) < 40)
		nap(2);
	put(l, (struct put){ .kind = "prompt", .key = "p", .payload = "x", .due_ms = OUTBOX_FIRST });
	for (i = 0; get(l, &l->before) == 0 && i < WAIT_MS; i++)
		nap(1);
	assert_in_range(get(l, &l->before), 1, 300); /* of 600, on a machine that may stall */
	assert_true(outbox_idle(l->ob, WAIT_MS));
	store_stats(l->f->st, &now);
	assert_true(now.writes - then.writes < 600 + 100); /* each row is settled; they are claimed many at a time */
}

static void work_that_waits_for_an_answer_holds_nobody_up(void **state)
{
	struct lab *l = *state;
	int i;

	put(l, (struct put){ .kind = "unanswered", .payload = "x", .n = 1500, .unlike = true });
	start(l);
	for (i = 0; get(l, &l->slow) < 1500 && i < WAIT_MS; i++)
		nap(1);
	assert_int_equal(get(l, &l->slow), 1500); /* more than may be at work */
	put(l, (struct put){ .kind = "prompt", .key = "p", .payload = "x" });
	for (i = 0; get(l, &l->before) == 0 && i < WAIT_MS; i++)
		nap(1);
	assert_int_equal(get(l, &l->before), 1501);
}

static void the_back_off_doubles_up_to_its_cap(void **state)
{
	(void)state;
	assert_int_equal(outbox_backoff_ms(1, 100, 1000), 100);
	assert_int_equal(outbox_backoff_ms(2, 100, 1000), 200);
	assert_int_equal(outbox_backoff_ms(4, 100, 1000), 800);
	assert_int_equal(outbox_backoff_ms(5, 100, 1000), 1000);
	assert_int_equal(outbox_backoff_ms(4000000000u, 100, 1000), 1000);
	assert_int_equal(outbox_backoff_ms(1, 0, 0), 1000);
	assert_int_equal(outbox_backoff_ms(40, 0, 0), 300000);
	assert_int_equal(outbox_backoff_ms(1, 5000, 1000), 1000);
}

/* A command on the same database, while the daemon sleeps. */
static void work_of_another_program_is_found(void **state)
{
	struct lab *l = *state;
	struct store_conf conf = { .path = l->f->db, .key_file = l->f->key };
	struct put now = { .kind = "work", .key = "k1", .payload = "{}", .n = 1 }, later = now;
	struct store *other;
	int i;

	start(l);
	assert_true(outbox_idle(l->ob, WAIT_MS));
	assert_int_equal(store_open(&conf, &other, NULL), ERR_OK);
	later.due_ms = store_clock_ms() + 1500;
	assert_int_equal(store_write(other, put_fn, &now, NULL), ERR_OK);
	assert_int_equal(store_write(other, put_fn, &later, NULL), ERR_OK);
	store_close(other);
	for (i = 0; i < WAIT_MS / 10 && get(l, &l->settled_done) < 2; i++)
		nap(10);
	assert_int_equal(get(l, &l->settled_done), 2);
	assert_true(l->delivered_ms >= later.due_ms);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(work_is_delivered_settled_and_gone),
		T(refused_transactions_leave_no_work),
		T(a_key_is_never_at_work_twice_and_keeps_its_order),
		T(a_key_follows_the_due_times),
		T(failures_are_repeated_with_pauses),
		T(attempts_are_used_up),
		T(a_failed_settling_is_repeated_and_changes_nothing),
		T(pending_work_is_finished_from_another_thread),
		T(an_answer_before_deliver_returns_counts),
		T(again_is_no_failure),
		T(scheduled_work_waits_for_its_time),
		T(a_crash_returns_what_was_claimed),
		T(once_merges_what_waits),
		T(cancelled_work_is_gone),
		T(stopping_gives_back_and_starting_goes_on),
		T(unknown_kinds_wait),
		T(a_full_disk_for_a_while_loses_nothing),
		T(work_of_another_program_is_found),
		T(keys_and_payloads_are_bounded),
		T(what_somebody_waits_for_goes_first),
		T(work_that_waits_for_an_answer_holds_nobody_up),
		cmocka_unit_test(the_back_off_doubles_up_to_its_cap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
