/* Applying a reset or a recycle: rows, secrets, records and work to do; all of it or nothing. */
#include "tests/unit/reset_fixture.h"

#include <string.h>

#include "phonecfg/base/mem.h"
#include "provisioning/outbox/outbox.h"
#include "provisioning/reset/apply.h"
#include "provisioning/store/audit.h"
#include "provisioning/store/device.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/key.h"
#include "provisioning/store/line.h"
#include "provisioning/store/phone.h"
#include "provisioning/store/projection.h"
#include "provisioning/store/session.h"
#include "provisioning/store/softphone.h"
#include "provisioning/store/user.h"

static size_t keys_of(struct office *o, const char *mac, struct key_row **out)
{
	struct snap s = must_snap(&o->store);
	size_t n;

	assert_int_equal(key_list(s.db, office_phone(o, mac).id, &o->store.a, out, &n, NULL), ERR_OK);
	snap_end(&s);
	return n;
}

static size_t lines_of(struct office *o, const char *mac, struct line_row **out)
{
	struct snap s = must_snap(&o->store);
	size_t n;

	assert_int_equal(line_list(s.db, office_phone(o, mac).id, &o->store.a, out, &n, NULL), ERR_OK);
	snap_end(&s);
	return n;
}

static int64_t records(struct office *o)
{
	struct snap s = must_snap(&o->store);
	struct record_filter all = { 0 };
	int64_t n;

	assert_int_equal(record_count(s.db, &all, &n, NULL), ERR_OK);
	snap_end(&s);
	return n;
}

/* ---- reset with phone-lines ---- */

static void test_the_person_is_cleared(void **state)
{
	struct office *o = *state;
	struct user_row u;

	office_settle(o);
	office_reset(o, "1001", true);
	u = office_user(o, "1001");
	assert_int_equal(u.status, USER_RESET);
	assert_string_equal(u.first_name, "");
	assert_string_equal(u.last_name, "");
	assert_string_equal(u.email, "");
	assert_string_equal(u.caller_id_name, "");
	assert_string_equal(u.scope, "Basic User");
}

static void test_phone_lines_make_the_desk_vacant(void **state)
{
	struct office *o = *state;
	struct line_row *lines;
	struct key_row *keys;
	struct phone_row before, after;
	struct record_row r;

	office_settle(o);
	before = office_phone(o, DESK);
	office_reset(o, "1001", true);
	after = office_phone(o, DESK);
	assert_int_equal(after.state, PHONE_VACANT);
	assert_true(after.wanted > before.wanted);
	assert_int_equal(lines_of(o, DESK, &lines), 1);
	assert_string_equal(lines[0].device, "idle-" DESK);
	/* The line's key and her own are gone; the desk's sleeps. */
	assert_int_equal(keys_of(o, DESK, &keys), 1);
	assert_string_equal(keys[0].label, "Park");
	assert_false(office_serves(o, DESK, FILE_MAC_CFG, "Park"));
	assert_false(office_serves(o, DESK, FILE_MAC_CFG, "Anna"));
	r = office_record(o, "unassigned", DESK, "1001");
	assert_string_equal(r.ext, "1001");
	assert_string_equal(r.who, "admin");
	assert_int_equal(r.slot, 1);
	assert_int_equal(r.generation_before, before.wanted);
	assert_int_equal(r.generation_after, after.wanted);
	assert_true(r.revision_after > r.revision_before);
	assert_int_equal(office_state(o, "unassigned", DESK, "1001"), STATE_OPEN);
}

static void test_a_shared_phone_keeps_the_others_line_with_a_new_secret(void **state)
{
	struct office *o = *state;
	struct line_row *lines;
	struct key_row *keys;
	struct record_row r;

	office_settle(o);
	assert_true(office_accepts(o, "1002"));
	office_reset(o, "1001", false);
	/* An additional device goes with every reset, also off a desk phone. */
	assert_int_equal(lines_of(o, SHARED, &lines), 1);
	assert_string_equal(lines[0].device, "1002");
	assert_int_equal(office_phone(o, SHARED).state, PHONE_ASSIGNED);
	assert_true(office_has_record(o, "unassigned", SHARED));
	r = office_record(o, "rekeyed", SHARED, "1002");
	assert_string_equal(r.ext, "1002");
	assert_true(r.keeps_line);
	assert_int_equal(r.revision_after, r.revision_before + 1);
	/* The registrar waits for the phone. */
	assert_false(office_accepts(o, "1002"));
	assert_true(office_due(o, "flip", "1002@" DOMAIN) > store_clock_ms() + 9 * 60 * 1000);
	/* Ben's speed dial to her mobile named her. */
	assert_int_equal(keys_of(o, SHARED, &keys), 2);
	assert_string_equal(keys[1].label, "");
	assert_false(office_has_record(o, "relabelled", SHARED)); /* the phone has a record already */
}

static void test_without_phone_lines_the_line_stays_with_a_new_secret(void **state)
{
	struct office *o = *state;
	struct line_row *lines;

	office_settle(o);
	office_reset(o, "1001", false);
	assert_int_equal(lines_of(o, DESK, &lines), 1);
	assert_string_equal(lines[0].device, "1001");
	assert_int_equal(office_phone(o, DESK).state, PHONE_ASSIGNED);
	assert_true(office_record(o, "rekeyed", DESK, "1001").keeps_line);
	assert_false(office_has_record(o, "unassigned", DESK));
	assert_true(office_serves(o, DESK, FILE_MAC_CFG, "account.1.label = 1001"));
	assert_false(office_serves(o, DESK, FILE_MAC_CFG, "Smith"));
	assert_true(office_serves(o, DESK, FILE_MAC_CFG, "Park"));
	assert_false(office_serves(o, DESK, FILE_MAC_CFG, "Mum"));
}

static void test_colleagues_labels_follow(void **state)
{
	struct office *o = *state;
	struct record_row r;

	office_settle(o);
	assert_true(office_serves(o, COLLEAGUE, FILE_GS_XML, "Anna Smith"));
	office_reset(o, "1001", true);
	assert_false(office_serves(o, COLLEAGUE, FILE_GS_XML, "Anna"));
	r = office_record(o, "relabelled", COLLEAGUE, "");
	assert_int_equal(r.slot, 0);
	assert_string_equal(r.ext, "1001");
	/* Her line is not touched: no new secret, no other record. */
	assert_false(office_has_record(o, "rekeyed", COLLEAGUE));
	assert_true(office_accepts(o, "1003"));
	office_recycle(o, "1001", "Dora", "Novak", SPARE);
	assert_true(office_serves(o, COLLEAGUE, FILE_GS_XML, "Dora Novak"));
}

static void test_softphones_are_blanked_and_flipped_at_the_commit(void **state)
{
	struct office *o = *state;
	struct snap s;
	struct softphone_row *soft;
	struct device_row *devices;
	size_t n;

	office_settle(o);
	office_reset(o, "1001", false);
	assert_true(office_has_record(o, "softphone", ""));
	assert_true(office_due(o, "flip", "1001m@" DOMAIN) <= store_clock_ms());
	s = must_snap(&o->store);
	assert_int_equal(device_list_user(s.db, office_user(o, "1001").id, &o->store.a, &devices, &n, NULL), ERR_OK);
	assert_int_equal(n, 1);
	assert_string_equal(devices[0].name, "1001");
	assert_int_equal(softphone_list_user(s.db, office_user(o, "1001").id, &o->store.a, &soft, &n, NULL), ERR_OK);
	assert_int_equal(n, 0); /* the address is nobody's now */
	snap_end(&s);
}

static enum err_code hers_fn(struct txn *t, void *arg, struct err *err)
{
	struct office *o = arg;
	struct key_row key = { .phone_id = office_phone(o, COLLEAGUE).id,
		.place = 7,
		.type = KEY_SPEED_DIAL,
		.value = "0309876543",
		.label = "Dentist",
		.owner = KEY_OWNER_PERSON };

	key.user_id = office_user(o, "1001").id;
	return key_add(t->db, &key, err);
}

static void test_her_own_keys_go_from_other_phones_too(void **state)
{
	struct office *o = *state;
	struct key_row *keys;
	size_t i, n;

	must_write(&o->store, hers_fn, o);
	office_settle(o);
	office_reset(o, "1001", false);
	n = keys_of(o, COLLEAGUE, &keys);
	for (i = 0; i < n; i++)
		assert_string_not_equal(keys[i].label, "Dentist");
	assert_true(office_has_record(o, "relabelled", COLLEAGUE));
	assert_false(office_serves(o, COLLEAGUE, FILE_GS_XML, "Dentist"));
}

static void test_a_second_reset_records_nothing(void **state)
{
	struct office *o = *state;
	int64_t before, generation;

	office_settle(o);
	office_reset(o, "1001", true);
	before = records(o);
	generation = office_wanted(o, DESK);
	office_reset(o, "1001", true);
	assert_int_equal(records(o), before);
	assert_int_equal(office_wanted(o, DESK), generation);
}

static void test_lines_can_follow_a_reset_that_kept_them(void **state)
{
	struct office *o = *state;

	office_settle(o);
	office_reset(o, "1001", false);
	office_reset(o, "1001", true);
	assert_int_equal(office_phone(o, DESK).state, PHONE_VACANT);
	assert_true(office_has_record(o, "unassigned", DESK));
}

/* ---- recycle ---- */

static void test_recycle_puts_the_next_person_on_a_vacant_phone(void **state)
{
	struct office *o = *state;
	struct line_row *lines;
	struct user_row u;

	office_settle(o);
	office_reset(o, "1001", true);
	office_recycle(o, "1001", "Dora", "Novak", DESK);
	u = office_user(o, "1001");
	assert_int_equal(u.status, USER_NEW);
	assert_string_equal(u.first_name, "Dora");
	assert_int_equal(lines_of(o, DESK, &lines), 1);
	assert_string_equal(lines[0].device, "1001");
	assert_int_equal(office_phone(o, DESK).state, PHONE_ASSIGNED);
	assert_true(office_serves(o, DESK, FILE_MAC_CFG, "Dora Novak"));
	assert_true(office_serves(o, DESK, FILE_MAC_CFG, "Park")); /* the desk's key is back */
	assert_false(office_record(o, "rekeyed", DESK, "1001").keeps_line);
}

static void test_recycle_needs_a_reset_user(void **state)
{
	struct office *o = *state;
	const char *user = "1001";
	struct recycle_form form = { .first_name = "Dora", .last_name = "Novak" };
	struct job_order order = {
		.domain = DOMAIN, .recycle_users = &user, .recycles = &form, .nrecycles = 1, .who = "admin"
	};
	char id[JOB_ID_TEXT];
	struct err err = { 0 };

	assert_int_equal(job_create(&o->rs, &order, id, &err), ERR_CONFLICT);
	assert_non_null(strstr(err.text, "not reset"));
	order.users = &user;
	order.nusers = 1;
	assert_int_equal(job_create(&o->rs, &order, id, &err), ERR_OK);
	assert_int_equal(job_run(&o->rs, id, &err), ERR_OK);
	assert_string_equal(office_user(o, "1001").last_name, "Novak");
}

static void test_a_phone_of_others_without_a_free_line_is_refused(void **state)
{
	struct office *o = *state;
	const char *user = "1001";
	struct recycle_form form = { .first_name = "Dora", .last_name = "Novak", .phone = "nonsense" };
	struct job_order order = {
		.domain = DOMAIN, .recycle_users = &user, .recycles = &form, .nrecycles = 1, .who = "admin"
	};
	char id[JOB_ID_TEXT];
	struct err err = { 0 };

	office_reset(o, "1001", true);
	assert_int_equal(job_create(&o->rs, &order, id, &err), ERR_INPUT);
	form.phone = "00156500ffff";
	assert_int_equal(job_create(&o->rs, &order, id, &err), ERR_NOT_FOUND);
}

/* ---- what an option clears ---- */

static struct plan *apply_with(struct office *o, unsigned options)
{
	struct plan_request rq = { .domain = DOMAIN, .user = "1001", .reset = true, .options = options };
	struct snap s = must_snap(&o->store);
	struct plan *plan = NULL;

	assert_int_equal(plan_load(s.db, o->catalog, &o->rs.conf, &rq, &o->store.a, &plan, NULL), ERR_OK);
	snap_end(&s);
	office_reset_with(o, "1001", options);
	return plan;
}

static void test_an_option_takes_what_its_plan_counted(void **state)
{
	struct office *o = *state;
	struct belongings ben = office_belongings(o, "1002"), had = office_belongings(o, "1001"), now;
	struct plan *p = apply_with(o, 1u << OPTION_ANSWERING_RULES);

	assert_int_equal(plan_count(p, STEP_DELETE_RULES), had.rules);
	assert_int_equal(plan_count(p, STEP_DELETE_TIMEFRAMES), had.timeframes);
	assert_int_equal(plan_count(p, STEP_DELETE_CONTACTS), 0);
	now = office_belongings(o, "1001");
	assert_int_equal(now.rules + now.timeframes, 0);
	assert_int_equal(now.contacts, 3);
	now = office_belongings(o, "1002");
	assert_memory_equal(&now, &ben, sizeof(ben));
}

/* Who is reset already loses what is ticked now, and nothing is recorded or re-keyed again. */
static void test_an_option_after_the_reset(void **state)
{
	struct office *o = *state;
	int64_t before, secrets;
	struct plan *p;

	office_reset_with(o, "1001", 0);
	assert_int_equal(office_belongings(o, "1001").contacts, 3);
	before = records(o);
	secrets = o->registrar.sets;
	p = apply_with(o, 1u << OPTION_CUSTOM_CONTACTS);
	assert_int_equal(p->nsteps, 1);
	assert_int_equal(plan_count(p, STEP_DELETE_CONTACTS), 3);
	assert_false(p->already_reset);
	assert_int_equal(office_belongings(o, "1001").contacts, 0);
	assert_int_equal(office_belongings(o, "1001").rules, 2);
	assert_int_equal(records(o), before);
	assert_int_equal(o->registrar.sets, secrets);
	p = apply_with(o, 1u << OPTION_CUSTOM_CONTACTS);
	assert_true(p->already_reset);
	assert_int_equal(p->nsteps, 0);
}

/* ---- what is not done yet is said ---- */

static void test_options_that_are_not_done_here_are_refused(void **state)
{
	struct office *o = *state;
	const char *user = "1001";
	struct job_order order = { .domain = DOMAIN, .users = &user, .nusers = 1, .who = "admin" };
	char id[JOB_ID_TEXT];
	struct err err = { 0 };
	unsigned i, refused = 0;

	for (i = 0; i < OPTION_COUNT; i++) {
		order.options = 1u << i;
		if (reset_option_here(&o->rs.conf, i))
			continue;
		assert_int_equal(job_create(&o->rs, &order, id, &err), ERR_UNSUPPORTED);
		assert_non_null(strstr(err.text, reset_option_row(i)->name));
		refused++;
	}
	assert_int_equal(refused, 2); /* voicemail is not set up */
	order.options = 0;
	order.send_welcome_email = true; /* to whom? */
	assert_int_equal(job_create(&o->rs, &order, id, &err), ERR_INPUT);
	assert_string_equal(office_user(o, "1001").first_name, "Anna");
}

/* ---- all or nothing ---- */

enum { ALL = 1u << OPTION_PHONE_LINES | 1u << OPTION_ANSWERING_RULES | 1u << OPTION_CUSTOM_CONTACTS };

struct attempt {
	struct office *o;
	unsigned long fail;
};

static enum err_code attempt_fn(struct txn *t, void *arg, struct err *err)
{
	struct attempt *at = arg;
	struct apply_order order = { .request = { .domain = DOMAIN, .user = "1001", .reset = true, .options = ALL },
		.who = "admin",
		.from = "",
		.why = "reset" };
	struct arena a;
	enum err_code code;

	arena_init(&a, 0);
	if (at->fail)
		mem_fail_from(at->fail);
	code = apply_user(&at->o->rs, t->db, &order, &a, NULL, err);
	if (at->fail)
		mem_fail_from(0);
	arena_release(&a);
	return code;
}

/* Everything that a reset touches, as one number each. */
struct picture {
	bool named;
	int64_t records, wanted, due;
	struct belongings has;
	size_t lines;
};

static struct picture look(struct office *o)
{
	struct line_row *lines;

	return (struct picture){ *office_user(o, "1001").first_name != '\0', records(o), office_wanted(o, DESK),
		office_due(o, "notify", DESK), office_belongings(o, "1001"), lines_of(o, DESK, &lines) };
}

static void assert_untouched(const struct picture *a, const struct picture *b)
{
	assert_int_equal(a->named, b->named);
	assert_int_equal(a->records, b->records);
	assert_int_equal(a->wanted, b->wanted);
	assert_int_equal(a->due, b->due);
	assert_int_equal(a->lines, b->lines);
	assert_memory_equal(&a->has, &b->has, sizeof(a->has));
}

static void test_each_failing_store_call_leaves_the_user_untouched(void **state)
{
	struct office *o = *state;
	struct attempt at = { o, 0 };
	struct picture before, after;
	unsigned long n;
	struct err err;
	enum err_code code = ERR_IO;

	office_settle(o);
	before = look(o);
	for (n = 1; n < 4000; n += n < 40 ? 1 : 17) {
		store_fail_from(n);
		code = store_write(o->store.st, attempt_fn, &at, &err);
		if (store_op_count() < n) {
			store_fail_from(0);
			break;
		}
		store_fail_from(0);
		assert_int_not_equal(code, ERR_OK);
		after = look(o);
		assert_untouched(&before, &after);
	}
	assert_int_equal(code, ERR_OK);
	assert_true(n > 40);
	assert_false(look(o).named);
	assert_int_equal(look(o).has.rules + look(o).has.timeframes + look(o).has.contacts, 0);
}

static void test_each_failing_allocation_leaves_the_user_untouched(void **state)
{
	struct office *o = *state;
	struct attempt at = { o, 1 };
	struct picture before, after;
	struct err err;
	enum err_code code = ERR_NOMEM;

	office_settle(o);
	before = look(o);
	for (; at.fail < 4000; at.fail += at.fail < 20 ? 1 : 7) {
		code = store_write(o->store.st, attempt_fn, &at, &err);
		if (code == ERR_OK)
			break;
		after = look(o);
		assert_untouched(&before, &after);
	}
	assert_int_equal(code, ERR_OK);
	assert_true(at.fail > 20);
}

static void test_no_byte_of_the_person_is_left_outside_the_audit_log(void **state)
{
	struct office *o = *state;
	struct err err = { 0 };

	assert_true(files_with(&o->store, "anna@example.test") > 0);
	assert_true(files_with(&o->store, "Zahnarzt") > 0);
	office_reset_with(o, "1001", ALL);
	assert_int_equal(store_checkpoint(o->store.st, 1000, &err), ERR_OK);
	assert_int_equal(files_with(&o->store, "anna@example.test"), 0);
	assert_int_equal(files_with(&o->store, "Mum"), 0);
	assert_int_equal(files_with(&o->store, "Zahnarzt"), 0);
	assert_int_equal(files_with(&o->store, "Hours"), 0);
	assert_true(files_with(&o->store, "Taxi") > 0);
}

#define OFFICE(test) cmocka_unit_test_setup_teardown(test, office_open, office_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OFFICE(test_the_person_is_cleared),
		OFFICE(test_phone_lines_make_the_desk_vacant),
		OFFICE(test_a_shared_phone_keeps_the_others_line_with_a_new_secret),
		OFFICE(test_without_phone_lines_the_line_stays_with_a_new_secret),
		OFFICE(test_colleagues_labels_follow),
		OFFICE(test_softphones_are_blanked_and_flipped_at_the_commit),
		OFFICE(test_her_own_keys_go_from_other_phones_too),
		OFFICE(test_a_second_reset_records_nothing),
		OFFICE(test_lines_can_follow_a_reset_that_kept_them),
		OFFICE(test_recycle_puts_the_next_person_on_a_vacant_phone),
		OFFICE(test_recycle_needs_a_reset_user),
		OFFICE(test_a_phone_of_others_without_a_free_line_is_refused),
		OFFICE(test_an_option_takes_what_its_plan_counted),
		OFFICE(test_an_option_after_the_reset),
		OFFICE(test_options_that_are_not_done_here_are_refused),
		OFFICE(test_each_failing_store_call_leaves_the_user_untouched),
		OFFICE(test_each_failing_allocation_leaves_the_user_untouched),
		OFFICE(test_no_byte_of_the_person_is_left_outside_the_audit_log),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
