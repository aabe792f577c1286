/* Who knocks: only the unknown are kept, each once a minute, and so many at once. */
#include "tests/unit/reset_fixture.h"

#include "provisioning/phones/notes.h"
#include "provisioning/store/db.h"
#include "provisioning/store/unclaimed.h"

enum { MANY = 3 * KNOCKS_MAX };

static struct mac numbered(unsigned n)
{
	return (struct mac){ { 0x00, 0x15, 0x65, (unsigned char)(n >> 16), (unsigned char)(n >> 8),
		(unsigned char)n } };
}

static void knock(struct notes *n, struct mac mac)
{
	const struct claim claim = { 0 };

	notes_knock(n, &mac, &claim, "Yealink SIP-T46U", "192.0.2.1");
}

static size_t unclaimed(struct office *o, struct unclaimed_row **rows)
{
	struct snap s = must_snap(&o->store);
	size_t n = 0;

	assert_int_equal(unclaimed_list(s.db, (struct page){ .limit = MANY }, &o->store.a, rows, &n, NULL), ERR_OK);
	snap_end(&s);
	return n;
}

/* How many rows so many MACs make that knock at once. */
static size_t kept_of(struct office *o, unsigned many)
{
	struct logins *ix = logins_new("rekey");
	struct notes *n = notes_new(o->store.st, ix, MANY);
	struct unclaimed_row *rows;
	unsigned i;

	for (i = 0; i < many; i++)
		knock(n, numbered(i));
	notes_free(n);
	logins_free(ix);
	return unclaimed(o, &rows);
}

static void test_as_many_as_may_wait_are_kept(void **state)
{
	assert_int_equal(kept_of(*state, KNOCKS_MAX), KNOCKS_MAX);
}

/* A slow machine may come to its tick in between, so not exactly so many. */
static void test_of_a_crowd_the_first_are_kept(void **state)
{
	size_t kept = kept_of(*state, MANY);

	assert_in_range(kept, KNOCKS_MAX, MANY - 1);
}

static void test_a_known_phone_and_a_second_knock_are_not(void **state)
{
	struct office *o = *state;
	struct phone_row p = office_phone(o, COLLEAGUE);
	struct logins *ix = logins_new("rekey");
	struct notes *n = notes_new(o->store.st, ix, 10);
	struct unclaimed_row *rows;
	struct login login;

	login_make(ix, &p.mac, p.id, &p.prov_password, &p.prov_password, false, &login);
	assert_int_equal(logins_put(ix, &login, NULL), ERR_OK);
	knock(n, p.mac);
	knock(n, office_phone(o, DESK).mac); /* the store has it, the index not yet */
	knock(n, numbered(7));
	knock(n, numbered(7));
	notes_free(n);
	logins_free(ix);
	assert_int_equal(unclaimed(o, &rows), 1);
	assert_true(mac_eq(&rows[0].mac, &(struct mac){ { 0x00, 0x15, 0x65, 0x00, 0x00, 7 } }));
	assert_int_equal(rows[0].knocks, 1);
	assert_string_equal(rows[0].address, "192.0.2.1");
}

int main(void)
{
#define OFFICE(test) cmocka_unit_test_setup_teardown(test, office_open, office_close)
	const struct CMUnitTest tests[] = {
		OFFICE(test_as_many_as_may_wait_are_kept),
		OFFICE(test_of_a_crowd_the_first_are_kept),
		OFFICE(test_a_known_phone_and_a_second_knock_are_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
