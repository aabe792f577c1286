/* Who knocks: only the unknown are kept, each once a minute, and so many at once. What must not be lost is not. */
#include "tests/unit/reset_fixture.h"

#include <pthread.h>
#include <stdio.h>
#include <stdatomic.h>
#include <unistd.h>

#include "provisioning/phones/knocks.h"
#include "provisioning/phones/notes.h"
#include "provisioning/store/db.h"
#include "provisioning/store/unclaimed.h"

static struct mac numbered(unsigned n)
{
	return (struct mac){ { 0x00, 0x15, 0x65, (unsigned char)(n >> 16), (unsigned char)(n >> 8),
		(unsigned char)n } };
}

/* ---- the heap ---- */

static bool put(struct knocks *k, unsigned n, bool named, bool login)
{
	const struct knock knock = { .mac = numbered(n), .named = named, .login = login };

	return knocks_put(k, &knock);
}

static void test_as_many_wait_as_may(void **state)
{
	struct knocks *k = knocks_new();
	const struct knock *list;
	unsigned i;

	(void)state;
	assert_false(knocks_wait(k));
	for (i = 0; i < KNOCKS_MAX; i++)
		assert_true(put(k, i, true, false));
	assert_false(put(k, i, true, false));
	assert_true(put(k, 0, true, false)); /* that one waits already */
	assert_int_equal(knocks_ripe(k, &list), 0);
	knocks_turn(k);
	assert_true(put(k, i, true, false));
	assert_int_equal(knocks_ripe(k, &list), KNOCKS_MAX);
	for (i = 0; i < KNOCKS_MAX; i++)
		assert_memory_equal(list[i].mac.b, numbered(i).b, 6);
	knocks_turn(k);
	assert_int_equal(knocks_ripe(k, &list), 1);
	assert_true(knocks_wait(k));
	knocks_turn(k);
	assert_false(knocks_wait(k));
	knocks_free(k);
}

static void test_one_that_comes_often_waits_once(void **state)
{
	struct knocks *k = knocks_new();
	const struct knock *list;
	unsigned i;

	(void)state;
	for (i = 0; i < 3 * KNOCKS_MAX; i++)
		assert_true(put(k, 7, i == 2, i == 1));
	knocks_turn(k);
	assert_int_equal(knocks_ripe(k, &list), 1);
	assert_true(list[0].named && list[0].login);
	knocks_free(k);
}

static void test_of_an_address_each_network_that_shows_it(void **state)
{
	struct knocks *k = knocks_new();
	struct knock knock = { .mac = numbered(7), .token = true, .hash = { 1 }, .said.from = "192.0.2.1:5000" };
	const struct knock *list;

	(void)state;
	assert_true(knocks_put(k, &knock));
	snprintf(knock.said.from, sizeof(knock.said.from), "192.0.2.1:5001");
	assert_true(knocks_put(k, &knock));
	snprintf(knock.said.from, sizeof(knock.said.from), "2001:db8:1:1::1"); /* as behind a proxy */
	assert_true(knocks_put(k, &knock));
	snprintf(knock.said.from, sizeof(knock.said.from), "2001:db8:1:2::1");
	assert_true(knocks_put(k, &knock));
	knock.hash[31] = 1;
	assert_true(knocks_put(k, &knock));
	knocks_turn(k);
	assert_int_equal(knocks_ripe(k, &list), 4);
	knocks_free(k);
}

/* ---- the notes ---- */

/* The notes of an office and the index that they ask. */
struct desk_notes {
	struct logins *ix;
	struct notes *n;
};

static struct desk_notes notes_open(struct office *o, notes_look_fn *look, void *ctx)
{
	struct desk_notes d = { .ix = logins_new("rekey") };

	d.n = notes_new(o->store.st, d.ix, 10, look, ctx);
	assert_non_null(d.n);
	return d;
}

/* All that was noted is written. */
static void notes_over(struct desk_notes *d)
{
	notes_free(d->n);
	logins_free(d->ix);
}

/* As the index has that phone. */
static struct login login_of(const struct desk_notes *d, const struct phone_row *p)
{
	struct login login;

	login_make(d->ix, &p->mac, p->id, &p->prov_password, &p->prov_password, false, &login);
	return login;
}

static void knock(struct notes *n, struct mac mac)
{
	const struct claim claim = { .file = { .has_mac = true, .mac = mac } };

	notes_knock(n, &claim, NULL, "Yealink SIP-T46U", "192.0.2.1");
}

static size_t unclaimed(struct office *o, struct unclaimed_row **rows)
{
	struct snap s = must_snap(&o->store);
	size_t n = 0;

	assert_int_equal(
		unclaimed_list(s.db, (struct page){ .limit = KNOCKS_MAX }, &o->store.a, rows, &n, NULL), ERR_OK);
	snap_end(&s);
	return n;
}

static void test_a_known_phone_and_a_second_knock_are_not_noted(void **state)
{
	struct office *o = *state;
	struct phone_row p = office_phone(o, COLLEAGUE);
	struct desk_notes d = notes_open(o, NULL, NULL);
	struct login login = login_of(&d, &p);
	struct unclaimed_row *rows;
	int i;

	assert_int_equal(logins_put(d.ix, &login, NULL), ERR_OK);
	knock(d.n, p.mac);
	knock(d.n, office_phone(o, DESK).mac); /* the store has it, the index not yet */
	knock(d.n, numbered(7));
	for (i = 0; unclaimed(o, &rows) == 0 && i < 1000; i++)
		usleep(10 * 1000);
	knock(d.n, numbered(7));
	notes_over(&d);
	assert_int_equal(unclaimed(o, &rows), 1);
	assert_true(mac_eq(&rows[0].mac, &(struct mac){ { 0x00, 0x15, 0x65, 0x00, 0x00, 7 } }));
	assert_int_equal(rows[0].knocks, 1);
	assert_string_equal(rows[0].address, "192.0.2.1");
}

static void look_fn(void *ctx, const struct mac *mac)
{
	atomic_fetch_add((atomic_int *)ctx, mac->b[5]);
}

static void test_a_refused_login_is_looked_up_and_no_knock(void **state)
{
	struct office *o = *state;
	atomic_int looked = 0;
	struct desk_notes d = notes_open(o, look_fn, &looked);
	struct unclaimed_row *rows;
	struct mac mac = numbered(7);
	int i;

	notes_login_refused(d.n, &mac);
	notes_login_refused(d.n, &mac);
	for (i = 0; atomic_load(&looked) == 0 && i < 1000; i++)
		usleep(10 * 1000);
	notes_over(&d);
	assert_int_equal(atomic_load(&looked), 7);
	assert_int_equal(unclaimed(o, &rows), 0);
}

static void count_fn(void *ctx, const struct mac *mac)
{
	(void)mac;
	atomic_fetch_add((atomic_int *)ctx, 1);
}

/* How often it is looked when so many logins are refused at once. */
static int looks_of(struct office *o, int many)
{
	atomic_int looked = 0;
	struct desk_notes d = notes_open(o, count_fn, &looked);
	struct mac mac;
	int i;

	for (i = 0; i < many; i++) {
		mac = numbered((unsigned)i);
		notes_login_refused(d.n, &mac);
	}
	usleep(4 * NOTES_PAUSE_MS * 1000);
	notes_over(&d);
	return atomic_load(&looked);
}

/* A slow machine may come to a tick in between. */
static void test_of_a_crowd_of_logins_some_are_looked_up(void **state)
{
	assert_int_equal(looks_of(*state, LOOKS_MAX), LOOKS_MAX);
	assert_in_range(looks_of(*state, 4 * LOOKS_MAX), LOOKS_MAX, 4 * LOOKS_MAX - 1);
}

/* Said once, so nothing that is noted beside it may take it along. */
static void test_the_first_use_is_noted_whatever_stands_beside_it(void **state)
{
	struct office *o = *state;
	struct phone_row p = office_phone(o, COLLEAGUE);
	struct desk_notes d = notes_open(o, NULL, NULL);
	struct login login = login_of(&d, &p);

	assert_int_equal(p.prov_password_seen_ms, 0);
	notes_again(d.n, p.id + 1000, "cfg", 5, "h"); /* of a phone that has been deleted */
	notes_password_seen(d.n, &p.mac, p.id, login.hash[LOGIN_PRESENT].sha256);
	notes_over(&d);
	assert_true(office_phone(o, COLLEAGUE).prov_password_seen_ms > 0);
}

static enum err_code wait_fn(struct txn *t, void *arg, struct err *err)
{
	(void)t;
	(void)err;
	pthread_mutex_lock(arg);
	pthread_mutex_unlock(arg);
	return ERR_OK;
}

/* Said once: also when the store takes nothing more just then. */
static void test_that_a_password_was_used_outlasts_a_full_store(void **state)
{
	struct office *o = *state;
	struct phone_row p = office_phone(o, COLLEAGUE);
	struct desk_notes d = notes_open(o, NULL, NULL);
	struct login login = login_of(&d, &p);
	pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;
	int i;

	pthread_mutex_lock(&gate);
	for (i = 0; store_post(o->store.st, wait_fn, NULL, &gate, NULL) == ERR_OK; i++)
		assert_true(i < 100000);
	notes_password_seen(d.n, &p.mac, p.id, login.hash[LOGIN_PRESENT].sha256);
	pthread_mutex_unlock(&gate);
	for (i = 0; office_phone(o, COLLEAGUE).prov_password_seen_ms == 0 && i < 1000; i++)
		usleep(10 * 1000);
	notes_over(&d);
	assert_true(office_phone(o, COLLEAGUE).prov_password_seen_ms > 0);
}

int main(void)
{
#define OFFICE(test) cmocka_unit_test_setup_teardown(test, office_open, office_close)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_as_many_wait_as_may),
		cmocka_unit_test(test_one_that_comes_often_waits_once),
		cmocka_unit_test(test_of_an_address_each_network_that_shows_it),
		OFFICE(test_a_known_phone_and_a_second_knock_are_not_noted),
		OFFICE(test_a_refused_login_is_looked_up_and_no_knock),
		OFFICE(test_of_a_crowd_of_logins_some_are_looked_up),
		OFFICE(test_the_first_use_is_noted_whatever_stands_beside_it),
		OFFICE(test_that_a_password_was_used_outlasts_a_full_store),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
