/* The flip: when, in which order, which bindings go, and that nothing is done twice. */
#include "tests/unit/reset_fixture.h"

#include <stdio.h>
#include <string.h>

#include "provisioning/outbox/outbox.h"
#include "provisioning/reset/flip.h"
#include "provisioning/reset/identity.h"
#include "provisioning/reset/kinds.h"
#include "provisioning/store/projection.h"

#define ANNA "1001@" DOMAIN
#define BEN "1002@" DOMAIN
#define DESK_CONTACT "sip:1001@192.0.2.1:5060"
#define YEALINK "Yealink SIP-T46U 108.86.0.20"

static void must_flip(struct office *o, const char *identity)
{
	struct err err = { 0 };

	if (flip_identity(&o->rs, identity, &err))
		fail_msg("%s", err.text);
}

/* (a) */
static void test_the_secret_is_known_before_the_file_leaves(void **state)
{
	struct office *o = *state;
	struct mac mac = office_mac(DESK);
	struct snap s;
	struct err err = { 0 };

	office_settle(o);
	office_reset(o, "1001", false);
	assert_false(office_accepts(o, "1001"));
	s = must_snap(&o->store);
	assert_true(flip_wanted_before_serving(s.db, &mac));
	snap_end(&s);
	assert_int_equal(flip_before_serving(&o->rs, &mac, &err), ERR_OK);
	assert_true(office_accepts(o, "1001"));
	assert_true(office_fact(o, "rekeyed", DESK, "1001", FACT_FLIPPED));
	assert_false(office_fact(o, "rekeyed", DESK, "1001", FACT_FETCHED));
	s = must_snap(&o->store);
	assert_false(flip_wanted_before_serving(s.db, &mac));
	snap_end(&s);
	/* A kept line keeps its binding until the phone refreshes it. */
	assert_true(office_has_contact(o, ANNA, DESK_CONTACT));
}

static void test_a_registrar_that_is_down_holds_the_file_back(void **state)
{
	struct office *o = *state;
	struct mac mac = office_mac(DESK);
	struct snap s;
	struct err err = { 0 };

	office_settle(o);
	office_reset(o, "1001", false);
	o->registrar.down = true;
	assert_int_equal(flip_before_serving(&o->rs, &mac, &err), ERR_IO);
	s = must_snap(&o->store);
	assert_true(flip_wanted_before_serving(s.db, &mac));
	snap_end(&s);
	o->registrar.down = false;
	assert_int_equal(flip_before_serving(&o->rs, &mac, &err), ERR_OK);
	assert_true(office_accepts(o, "1001"));
}

/* (b) */
static void test_a_line_that_is_taken_away_flips_with_the_delivery(void **state)
{
	struct office *o = *state;
	struct mac mac = office_mac(DESK);
	struct err err = { 0 };

	office_settle(o);
	office_reset(o, "1001", true);
	assert_int_equal(flip_before_serving(&o->rs, &mac, &err), ERR_OK);
	/* The blanking file is on its way; the old line still works, for the phone may have to answer with it. */
	assert_false(office_accepts(o, "1001"));
	assert_true(office_due(o, "flip", ANNA) > store_clock_ms() + 60000);
	office_deliver(o, DESK, FILE_MAC_CFG, office_wanted(o, DESK));
	assert_true(office_due(o, "flip", ANNA) <= store_clock_ms());
	must_flip(o, ANNA);
	assert_true(office_accepts(o, "1001"));
	assert_int_equal(office_bound(o, ANNA), 0);
	assert_true(office_fact(o, "unassigned", DESK, "1001", FACT_FLIPPED));
	assert_true(office_fact(o, "unassigned", DESK, "1001", FACT_UNBOUND));
	assert_int_equal(office_state(o, "unassigned", DESK, "1001"), STATE_FETCHED);
}

/* (c) */
static void test_without_a_phone_it_is_cut_off(void **state)
{
	struct office *o = *state;
	int64_t due;

	office_settle(o);
	office_reset(o, "1001", true);
	due = office_due(o, "flip", ANNA) - store_clock_ms();
	assert_true(due > 600000 - 5000 && due <= 600000); /* the real value: ten minutes after the commit */
	must_flip(o, ANNA);
	assert_int_equal(office_state(o, "unassigned", DESK, "1001"), STATE_CUT_OFF);
	assert_int_equal(office_bound(o, ANNA), 0);
}

/* (d) */
static void test_cut_off_flips_at_the_commit(void **state)
{
	struct office *o = *state;
	const char *user = "1001";
	struct job_order order = { .domain = DOMAIN,
		.users = &user,
		.nusers = 1,
		.options = 1u << OPTION_PHONE_LINES,
		.cut_off = true,
		.who = "admin" };
	char id[JOB_ID_TEXT];
	struct err err = { 0 };

	office_settle(o);
	assert_int_equal(job_create(&o->rs, &order, id, &err), ERR_OK);
	assert_int_equal(job_run(&o->rs, id, &err), ERR_OK);
	assert_int_equal(office_due(o, "flip", ANNA), OUTBOX_FIRST); /* before all that waits for its turn */
	assert_int_equal(office_due(o, "flip", "1001b@" DOMAIN), OUTBOX_FIRST);
}

static void test_a_deleted_identity_is_forgotten(void **state)
{
	struct office *o = *state;

	office_settle(o);
	office_reset(o, "1001", false);
	must_flip(o, "1001b@" DOMAIN);
	must_flip(o, "1001m@" DOMAIN);
	assert_int_equal(o->registrar.removes, 2);
	assert_int_equal(office_bound(o, "1001b@" DOMAIN), 0);
	assert_int_equal(office_bound(o, "1001m@" DOMAIN), 0);
	assert_int_equal(office_bound(o, BEN), 1); /* the other line of the shared phone */
	assert_int_equal(office_state(o, "softphone", "", "1001m"), STATE_CUT_OFF);
	assert_int_equal(office_state(o, "unassigned", SHARED, "1001b"), STATE_CUT_OFF);
}

static void test_only_old_contacts_go_at_the_second_look(void **state)
{
	struct office *o = *state;
	int64_t flipped_ms;
	struct err err = { 0 };

	office_settle(o);
	office_reset(o, "1001", true);
	office_recycle(o, "1001", "Dora", "Novak", SPARE);
	flipped_ms = store_clock_ms();
	office_pull(o, SPARE);
	assert_false(office_has_contact(o, ANNA, DESK_CONTACT));
	/* The next person is there within the second of the flip; an old one slipped in that was refreshed before. */
	office_bind(o, ANNA, "sip:1001@192.0.2.4:5060", YEALINK, "192.0.2.4", 0);
	office_bind(o, ANNA, DESK_CONTACT, YEALINK, "192.0.2.1", 30);
	assert_true(office_due(o, "sweep", ANNA) >= flipped_ms + 2000 - 5);
	assert_int_equal(flip_sweep(&o->rs, ANNA, flipped_ms, &err), ERR_OK);
	assert_false(office_has_contact(o, ANNA, DESK_CONTACT));
	assert_true(office_has_contact(o, ANNA, "sip:1001@192.0.2.4:5060"));
}

static enum err_code flip_soon_fn(struct txn *t, void *arg, struct err *err)
{
	(void)arg;
	return identity_flip_by(t->db, ANNA, store_clock_ms() + 30000, err);
}

static void test_a_flip_is_done_once(void **state)
{
	struct office *o = *state;
	unsigned sets;

	office_settle(o);
	office_reset(o, "1001", true);
	must_flip(o, ANNA);
	sets = o->registrar.sets;
	office_bind(o, ANNA, DESK_CONTACT, YEALINK, "192.0.2.1", 50);
	must_flip(o, ANNA);
	assert_int_equal(o->registrar.sets, sets);
	assert_true(office_has_contact(o, ANNA, DESK_CONTACT));
}

/* Told and fetched at once, reset again within the grace that began with the answer. */
static void test_a_date_of_one_secret_does_not_hurry_the_next(void **state)
{
	struct office *o = *state;

	office_settle(o);
	office_reset(o, "1001", true);
	must_write(&o->store, flip_soon_fn, NULL);
	assert_true(office_due(o, "flip", ANNA) - store_clock_ms() <= 30000);
	must_flip(o, ANNA);
	assert_int_equal(office_due(o, "flip", ANNA), -1);
	office_recycle(o, "1001", "Dora", "Novak", SPARE);
	assert_true(office_due(o, "flip", ANNA) - store_clock_ms() > 500000);
}

/* Between the flip and its note. */
static void test_a_repeat_after_a_crash_does_not_drop_the_next_person(void **state)
{
	struct office *o = *state;
	struct err err = { 0 };

	office_settle(o);
	office_reset(o, "1001", true);
	o->registrar.last_call = true; /* the secret is set, then all ends */
	assert_int_equal(flip_identity(&o->rs, ANNA, &err), ERR_IO);
	store_fail_from(0);
	assert_true(office_accepts(o, "1001"));
	assert_false(office_fact(o, "unassigned", DESK, "1001", FACT_FLIPPED));
	office_crash(o);
	o->registrar.last_call = false;
	office_bind(o, ANNA, "sip:1001@192.0.2.77:5060", "", "192.0.2.77", 0);
	must_flip(o, ANNA);
	assert_true(office_fact(o, "unassigned", DESK, "1001", FACT_FLIPPED));
	assert_true(office_fact(o, "unassigned", DESK, "1001", FACT_UNBOUND));
	assert_false(office_has_contact(o, ANNA, DESK_CONTACT));
	assert_true(office_has_contact(o, ANNA, "sip:1001@192.0.2.77:5060"));
}

/* The registrar took the new secret and then lists nobody: the phone must have its file, the old bindings go later. */
static void test_a_list_that_cannot_be_had_keeps_no_file_back(void **state)
{
	struct office *o = *state;
	int64_t flipped_ms;
	struct err err = { 0 };

	office_settle(o);
	office_reset(o, "1001", true);
	office_bind(o, ANNA, DESK_CONTACT, YEALINK, "192.0.2.1", 50);
	o->registrar.fail_list = true;
	flipped_ms = o->rs.now_ms();
	must_flip(o, ANNA);
	assert_true(office_fact(o, "unassigned", DESK, "1001", FACT_FLIPPED));
	assert_false(office_fact(o, "unassigned", DESK, "1001", FACT_UNBOUND));
	assert_true(office_has_contact(o, ANNA, DESK_CONTACT));
	assert_int_equal(flip_sweep(&o->rs, ANNA, flipped_ms, &err), ERR_IO);
	o->registrar.fail_list = false;
	assert_int_equal(flip_sweep(&o->rs, ANNA, flipped_ms, &err), ERR_OK);
	assert_true(office_fact(o, "unassigned", DESK, "1001", FACT_UNBOUND));
	assert_false(office_has_contact(o, ANNA, DESK_CONTACT));
}

static void test_the_start_mends_the_registrars_table_and_undoes_no_flip(void **state)
{
	struct office *o = *state;
	struct err err = { 0 };
	unsigned mended;

	office_settle(o);
	office_reset(o, "1001", true);
	o->registrar.last_call = true;
	flip_identity(&o->rs, ANNA, &err);
	store_fail_from(0);
	o->registrar.last_call = false;
	office_crash(o);
	for (mended = 0; mended < FAKE_MAX; mended++)
		if (strcmp(o->registrar.creds[mended].user, "1003") == 0)
			o->registrar.creds[mended].there = false;
	assert_int_equal(flip_compare_all(&o->rs, &mended, &err), ERR_OK);
	assert_int_equal(mended, 1);
	assert_true(office_accepts(o, "1003"));
	assert_true(office_accepts(o, "1001")); /* its note is missing, it stands */
	assert_int_equal(flip_compare_all(&o->rs, &mended, &err), ERR_OK);
	assert_int_equal(mended, 0);
}

static void test_an_identity_that_was_made_anew_flips_although_its_revisions_begin_again(void **state)
{
	struct office *o = *state;
	struct err err = { 0 };
	struct projection_row row;
	struct snap s;
	int i;

	office_settle(o);
	office_reset(o, "1001", true);
	for (i = 0; strcmp(o->registrar.creds[i].user, "1001") != 0; i++)
		;
	o->registrar.creds[i].revision = 99;
	assert_int_equal(flip_identity(&o->rs, ANNA, &err), ERR_OK);
	assert_true(office_accepts(o, "1001"));
	s = must_snap(&o->store);
	assert_int_equal(projection_load(s.db, ANNA, &o->store.a, &row, &err), ERR_OK);
	assert_false(row.waiting);
	snap_end(&s);
}

static void test_without_a_registrar_files_are_served_and_nothing_is_claimed(void **state)
{
	struct office *o = *state;

	office_settle(o);
	o->rs.registrar = NULL;
	office_reset(o, "1001", true);
	office_pull(o, DESK);
	must_flip(o, ANNA);
	assert_int_equal(office_state(o, "unassigned", DESK, "1001"), STATE_FETCHED);
	assert_false(office_fact(o, "unassigned", DESK, "1001", FACT_FLIPPED));
}

static void test_every_kind_of_work_is_in_the_table_once(void **state)
{
	static const char *const names[] = { "job", "notify", "flip", "sweep", "unbind", "alias", "residue", "proof",
		"mail", "silence", "voicemail", "voicemail-delete", "voicemail-sweep", "after-drop", "second-access",
		"overdue" };
	struct outbox_kind kinds[RESET_KINDS_MAX];
	struct reset rs = { 0 };
	size_t n, i, k;

	(void)state;
	reset_kinds(&rs, kinds, &n);
	assert_int_equal(n, sizeof(names) / sizeof(names[0]));
	for (i = 0; i < n; i++) {
		unsigned found = 0;

		for (k = 0; k < n; k++)
			found += strcmp(kinds[k].name, names[i]) == 0;
		assert_int_equal(found, 1);
		assert_ptr_equal(kinds[i].arg, &rs);
	}
}

static void test_the_real_timers(void **state)
{
	struct reset_conf conf;

	(void)state;
	reset_conf_default(&conf);
	assert_int_equal(conf.grace_ms, 30 * 1000);
	assert_int_equal(conf.longest_ms, 10 * 60 * 1000);
	assert_int_equal(conf.sweep_ms, 2000);
	assert_int_equal(conf.quiet_from_min, 2 * 60);
	assert_int_equal(conf.quiet_to_min, 5 * 60);
	assert_true(conf.idle_lines);
}

#define OFFICE(test) cmocka_unit_test_setup_teardown(test, office_open, office_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OFFICE(test_the_secret_is_known_before_the_file_leaves),
		OFFICE(test_a_registrar_that_is_down_holds_the_file_back),
		OFFICE(test_a_line_that_is_taken_away_flips_with_the_delivery),
		OFFICE(test_without_a_phone_it_is_cut_off),
		OFFICE(test_cut_off_flips_at_the_commit),
		OFFICE(test_a_deleted_identity_is_forgotten),
		OFFICE(test_only_old_contacts_go_at_the_second_look),
		OFFICE(test_a_flip_is_done_once),
		OFFICE(test_a_date_of_one_secret_does_not_hurry_the_next),
		OFFICE(test_a_list_that_cannot_be_had_keeps_no_file_back),
		OFFICE(test_a_repeat_after_a_crash_does_not_drop_the_next_person),
		OFFICE(test_the_start_mends_the_registrars_table_and_undoes_no_flip),
		OFFICE(test_an_identity_that_was_made_anew_flips_although_its_revisions_begin_again),
		OFFICE(test_without_a_registrar_files_are_served_and_nothing_is_claimed),
		cmocka_unit_test(test_every_kind_of_work_is_in_the_table_once),
		cmocka_unit_test(test_the_real_timers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
