/* The plan: pure, printable, the same rows give the same plan, and nothing is written. */
#include "tests/unit/reset_fixture.h"

#include <string.h>

#include "phonecfg/base/mem.h"
#include "provisioning/reset/contact.h"
#include "provisioning/reset/outside.h"
#include "provisioning/reset/person.h"
#include "provisioning/reset/plan_rows.h"
#include "provisioning/reset/quiet.h"

static struct plan *plan_of(struct office *o, const struct plan_request *rq)
{
	struct snap s = must_snap(&o->store);
	struct plan *plan = NULL;
	struct err err = { 0 };

	if (plan_load(s.db, o->catalog, &o->rs.conf, rq, &o->store.a, &plan, &err))
		fail_msg("%s", err.text);
	snap_end(&s);
	return plan;
}

static struct plan_request reset_of(unsigned options)
{
	return (struct plan_request){ .domain = DOMAIN, .user = "1001", .reset = true, .options = options };
}

static const struct plan_phone *phone_in(const struct plan *p, const char *mac)
{
	struct mac m = office_mac(mac);
	size_t i;

	for (i = 0; i < p->nphones; i++)
		if (mac_eq(&p->phones[i].mac, &m))
			return &p->phones[i];
	return NULL;
}

static const struct plan_key *key_in(const struct plan_phone *p, int index)
{
	size_t i;

	for (i = 0; i < p->nkeys; i++)
		if (p->keys[i].module == 0 && p->keys[i].index == index)
			return &p->keys[i];
	return NULL;
}

static size_t records_of(const struct plan *p, enum record_kind kind)
{
	size_t i, n = 0;

	for (i = 0; i < p->nrecords; i++)
		n += p->records[i].kind == kind;
	return n;
}

static void test_with_phone_lines(void **state)
{
	struct office *o = *state;
	struct plan_request rq = reset_of(1u << OPTION_PHONE_LINES);
	struct plan *p = plan_of(o, &rq);

	assert_string_equal(p->name, "Anna Smith");
	assert_string_equal(p->status_before, "standard");
	assert_string_equal(p->status_after, "reset");
	assert_int_equal(plan_count(p, STEP_CLEAR_PERSON), 1);
	assert_int_equal(plan_count(p, STEP_UNASSIGN_LINE), 2); /* 1001 and 1001b */
	assert_int_equal(plan_count(p, STEP_DELETE_DEVICE), 2); /* 1001b and 1001m */
	assert_int_equal(plan_count(p, STEP_BLANK_SOFTPHONE), 1);
	assert_int_equal(plan_count(p, STEP_IDLE_LINE), 1);
	assert_int_equal(plan_count(p, STEP_REKEY_LINE), 1); /* Ben's line on the shared phone */
	assert_int_equal(records_of(p, RECORD_UNASSIGNED), 2);
	assert_int_equal(records_of(p, RECORD_REKEYED), 1);
	assert_int_equal(records_of(p, RECORD_RELABELLED), 1);
	assert_int_equal(records_of(p, RECORD_SOFTPHONE), 1);
	assert_int_equal(p->nphones, 3);
	assert_null(phone_in(p, SPARE));
}

static void test_each_keys_fate_is_shown(void **state)
{
	struct office *o = *state;
	struct plan_request rq = reset_of(1u << OPTION_PHONE_LINES);
	struct plan *p = plan_of(o, &rq);
	const struct plan_phone *desk = phone_in(p, DESK), *shared = phone_in(p, SHARED);
	const struct plan_phone *colleague = phone_in(p, COLLEAGUE);

	assert_true(desk->vacant_after);
	assert_false(desk->relabel_only);
	assert_int_equal(key_in(desk, 1)->fate, FATE_GOES);   /* the line's */
	assert_int_equal(key_in(desk, 5)->fate, FATE_ASLEEP); /* the desk's */
	assert_int_equal(key_in(desk, 6)->fate, FATE_GOES);   /* her own */
	assert_int_equal(key_in(shared, 1)->fate, FATE_STAYS);
	assert_int_equal(key_in(shared, 2)->fate, FATE_GOES);
	assert_int_equal(key_in(shared, 5)->fate, FATE_RELABELLED);
	assert_string_equal(key_in(shared, 5)->label, "Anna Smith mobile");
	assert_string_equal(key_in(shared, 5)->label_after, "01711234567");
	assert_true(colleague->relabel_only);
	assert_string_equal(key_in(colleague, 5)->label, "Anna Smith");
	assert_string_equal(key_in(colleague, 5)->label_after, "1001");
	/* What only a factory reset clears is said per phone. */
	assert_non_null(desk->cannot_reach);
	assert_non_null(desk->arrival);
}

static void test_without_phone_lines(void **state)
{
	struct office *o = *state;
	struct plan_request rq = reset_of(0);
	struct plan *p = plan_of(o, &rq);

	assert_int_equal(plan_count(p, STEP_UNASSIGN_LINE), 1); /* the additional device goes all the same */
	assert_int_equal(plan_count(p, STEP_REKEY_LINE), 2);
	assert_false(phone_in(p, DESK)->vacant_after);
	assert_int_equal(key_in(phone_in(p, DESK), 1)->fate, FATE_STAYS);
	assert_int_equal(key_in(phone_in(p, DESK), 5)->fate, FATE_STAYS);
	assert_int_equal(key_in(phone_in(p, DESK), 6)->fate, FATE_GOES);
}

static void test_reset_and_recycle_go_straight_to_the_new_file(void **state)
{
	struct office *o = *state;
	struct recycle_form form = { .first_name = "Dora", .last_name = "Novak", .phone = DESK };
	struct plan_request rq = reset_of(1u << OPTION_PHONE_LINES);
	struct plan *p;

	rq.recycle = &form;
	p = plan_of(o, &rq);
	assert_string_equal(p->status_after, "new");
	assert_false(phone_in(p, DESK)->vacant_after);
	assert_int_equal(plan_count(p, STEP_IDLE_LINE), 0);
	assert_int_equal(plan_count(p, STEP_ASSIGN_LINE), 1);
	assert_string_equal(key_in(phone_in(p, COLLEAGUE), 5)->label_after, "Dora Novak");
}

static void test_the_idle_line_goes_when_a_person_comes(void **state)
{
	struct office *o = *state;
	struct recycle_form form = { .first_name = "Dora", .last_name = "Novak", .phone = SPARE };
	struct plan_request rq = reset_of(1u << OPTION_PHONE_LINES);
	struct plan *p;

	rq.recycle = &form;
	p = plan_of(o, &rq);
	assert_int_equal(plan_count(p, STEP_DROP_IDLE_LINE), 1);
	assert_int_equal(plan_count(p, STEP_IDLE_LINE), 1);
	o->rs.conf.idle_lines = false;
	p = plan_of(o, &rq);
	assert_int_equal(plan_count(p, STEP_IDLE_LINE), 0);
}

static const struct plan_outside *outside_of(const struct plan *p, const char *user, const char *frame)
{
	size_t i;

	for (i = 0; i < p->noutside; i++)
		if (strcmp(p->outside[i].user, user) == 0 && strcmp(p->outside[i].timeframe, frame) == 0)
			return &p->outside[i];
	return NULL;
}

/* By her own rule, by the shared contact that has her name, and by a speed dial that is labelled with it. */
static void test_rules_of_others_that_ring_her_are_listed(void **state)
{
	struct office *o = *state;
	struct plan_request rq = reset_of(0);
	struct recycle_form form = { .first_name = "Dora", .last_name = "Novak" };
	struct plan *p = plan_of(o, &rq);

	assert_int_equal(p->noutside, 3);
	assert_string_equal(outside_of(p, "1002", "*")->number, "172111222");
	assert_string_equal(outside_of(p, "1002", "Holidays")->number, "309876543");
	assert_string_equal(outside_of(p, "1003", "*")->number, "711234567");
	rq.user = "1002";
	assert_int_equal(plan_of(o, &rq)->noutside, 1); /* Anna's own rule rings what his rings */
	office_reset(o, "1001", false);
	rq = (struct plan_request){ .domain = DOMAIN, .user = "1001", .recycle = &form };
	assert_int_equal(plan_of(o, &rq)->noutside, 0); /* nobody leaves */
}

static void test_what_stays_for_the_next_person_is_said(void **state)
{
	struct office *o = *state;
	struct plan_request rq = reset_of(1u << OPTION_CUSTOM_CONTACTS);
	struct buf text;

	buf_init(&text, 65536);
	plan_print(plan_of(o, &rq), &text);
	assert_int_equal(buf_check(&text, "the plan", NULL), ERR_OK);
	assert_non_null(strstr(text.data, "stays: 2 answering rules, because answering-rules is not asked for"));
	assert_non_null(strstr(text.data, "stays: 1 time frames"));
	assert_null(strstr(text.data, "stays: 3 contacts"));
	assert_non_null(strstr(text.data, "delete-contacts  3"));
	assert_non_null(
		strstr(text.data, "not changed: the answering rule \"Holidays\" of 1002 rings the outside number"));
	buf_release(&text);
}

static void test_the_same_rows_give_the_same_plan(void **state)
{
	struct office *o = *state;
	struct plan_request rq = reset_of(1u << OPTION_PHONE_LINES);
	struct buf one, two;

	buf_init(&one, 65536);
	buf_init(&two, 65536);
	plan_print(plan_of(o, &rq), &one);
	plan_print(plan_of(o, &rq), &two);
	assert_int_equal(buf_check(&one, "the plan", NULL), ERR_OK);
	assert_string_equal(one.data, two.data);
	assert_non_null(strstr(one.data, "1001@example.test, Anna Smith: standard -> reset"));
	assert_non_null(strstr(one.data, "unassign-line    " DESK " line 1 1001"));
	assert_non_null(strstr(one.data, "key 0.5 park \"Park\" of the desk: asleep"));
	assert_non_null(
		strstr(one.data, "lines taken away 2, with a new secret 1, given 0; keys deleted 3, labels renewed 2"));
	assert_non_null(strstr(one.data, "A reset cannot be undone."));
	buf_release(&one);
	buf_release(&two);
}

static void test_what_is_asked_for_wrongly(void **state)
{
	struct office *o = *state;
	struct recycle_form form = { .first_name = "Dora", .last_name = "" };
	struct plan_request rq = { .domain = DOMAIN, .user = "1001", .recycle = &form };
	struct snap s = must_snap(&o->store);
	struct plan *p;
	struct err err = { 0 };

	assert_int_equal(plan_load(s.db, o->catalog, &o->rs.conf, &rq, &o->store.a, &p, &err), ERR_INPUT);
	rq = reset_of(0);
	rq.user = "9999";
	assert_int_equal(plan_load(s.db, o->catalog, &o->rs.conf, &rq, &o->store.a, &p, &err), ERR_NOT_FOUND);
	rq = reset_of(0);
	rq.domain = "nowhere.test";
	assert_int_equal(plan_load(s.db, o->catalog, &o->rs.conf, &rq, &o->store.a, &p, &err), ERR_NOT_FOUND);
	rq = reset_of(0);
	rq.reset = false;
	rq.options = 1u << OPTION_PHONE_LINES;
	assert_int_equal(plan_load(s.db, o->catalog, &o->rs.conf, &rq, &o->store.a, &p, &err), ERR_INPUT);
	snap_end(&s);
}

static void test_failing_memory_is_an_error_and_no_crash(void **state)
{
	struct office *o = *state;
	struct plan_request rq = reset_of(1u << OPTION_PHONE_LINES);
	struct snap s = must_snap(&o->store);
	enum err_code code = ERR_NOMEM;
	unsigned long n;

	for (n = 1; n < 2000 && code != ERR_OK; n++) {
		struct plan *p;
		struct arena a;

		arena_init(&a, 0);
		mem_fail_from(n);
		code = plan_load(s.db, o->catalog, &o->rs.conf, &rq, &a, &p, NULL);
		mem_fail_from(0);
		arena_release(&a);
	}
	assert_int_equal(code, ERR_OK);
	assert_true(n > 5);
	snap_end(&s);
}

/* ---- the pure helpers ---- */

static void test_what_is_an_outside_number(void **state)
{
	static const struct {
		const char *text, *tail;
	} rows[] = { { "0171 1234567", "711234567" }, { "+49 (171) 123-45.67", "711234567" },
		{ "confirm_01711234567;delay=20", "711234567" }, { "4930123_pstn_01711234567", "711234567" },
		{ "1234567", "1234567" }, { "123456", NULL }, { "1001", NULL }, { "vmail_1001", NULL }, { "", NULL },
		{ NULL, NULL }, { "<OwnDevices>", NULL }, { "1001b", NULL }, { "anonymous", NULL }, { "+", NULL } };
	struct arena a;
	const char *got;
	size_t i;

	(void)state;
	arena_init(&a, 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		got = outside_number(&a, rows[i].text);
		if (rows[i].tail)
			assert_string_equal(got, rows[i].tail);
		else
			assert_null(got);
	}
	arena_release(&a);
}

static void test_which_labels_name_a_person(void **state)
{
	(void)state;
	assert_true(label_names("Anna Smith", "Anna", "Smith", true));
	assert_true(label_names("smith, anna (mobile)", "Anna", "Smith", true));
	assert_false(label_names("Anna", "Anna", "Smith", true));
	assert_true(label_names("Anna", "Anna", "Smith", false));
	assert_false(label_names("Annabel Smithers", "Anna", "Smith", false));
	assert_false(label_names("Reception", "Anna", "Smith", false));
	assert_false(label_names("", "Anna", "Smith", false));
	assert_false(label_names("Anna", "", "", false));
}

static void test_which_contact_is_this_phone(void **state)
{
	struct office *o = *state;
	struct phone_row phone = {
		.mac = office_mac(DESK), .model = "yealink-t46u", .contact = "", .address = "192.0.2.1"
	};
	const struct {
		struct contact_seen seen;
		int least, most;
	} rows[] = {
		{ { "sip:1001@10.0.0.1:5060", NULL, "Yealink SIP-T46U 108.86.0.20", "192.0.2.1" }, 30, 99 },
		{ { "sip:1001@10.0.0.1:5060", NULL, "Yealink SIP-T46U 108.86.0.20 00:15:65:AA:AA:01", "203.0.113.5" },
			100, 1000 },
		{ { "sip:1001@10.0.0.1:5060;x=001565aaaa01", NULL, NULL, "203.0.113.5" }, 100, 1000 },
		{ { "sip:1001@10.0.0.1:5060", "<urn:uuid:00000000-0000-1000-8000-001565AAAA01>", NULL, NULL }, 100,
			1000 },
		{ { "sip:1001@10.0.0.2:5060", NULL, "Yealink SIP-T54W 96.86.0.20", "192.0.2.1" }, -1, -1 },
		{ { "sip:1001@10.0.0.2:5060", NULL, "PolycomVVX-VVX_450-UA/6.4.0.1", "192.0.2.1" }, -1, -1 },
		{ { "sip:1001@10.0.0.2:5060", NULL, "Somephone/1.0", "203.0.113.5" }, 0, 0 },
	};
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int score = contact_score(&rows[i].seen, &phone, o->catalog);

		if (score < rows[i].least || score > rows[i].most)
			fail_msg("row %zu scores %d", i, score);
	}
}

static void test_of_two_contacts_the_right_one_is_chosen(void **state)
{
	struct office *o = *state;
	struct phone_row phone = {
		.mac = office_mac(DESK), .model = "yealink-t46u", .contact = "", .address = "192.0.2.1"
	};
	struct binding v[] = {
		{ .contact = "sip:1001@10.0.0.1:5060",
			.user_agent = "Yealink SIP-T46U 108.86.0.20",
			.source = "192.0.2.1",
			.refreshed = 100 },
		{ .contact = "sip:1001@10.0.0.9:5060",
			.user_agent = "Somephone/1.0",
			.source = "198.51.100.1",
			.refreshed = 200 },
	};
	struct binding_list list = { v, 2 };

	assert_ptr_equal(contact_choose(&list, &phone, o->catalog, true), &v[0]);
	assert_ptr_equal(contact_choose(&list, &phone, o->catalog, false), &v[0]);
	/* Nothing speaks for the one that is left: only where the line stands on no other phone. */
	list = (struct binding_list){ &v[1], 1 };
	assert_ptr_equal(contact_choose(&list, &phone, o->catalog, true), &v[1]);
	assert_null(contact_choose(&list, &phone, o->catalog, false));
	/* The same phone after a restart: the newer one. */
	v[1] = v[0];
	v[1].contact = "sip:1001@10.0.0.1:5062";
	v[1].refreshed = 300;
	list = (struct binding_list){ v, 2 };
	assert_ptr_equal(contact_choose(&list, &phone, o->catalog, true), &v[1]);
}

static void test_the_quiet_window(void **state)
{
	/* 2026-07-01 12:00:00 UTC is 14:00 in Berlin, 21:00 in Tokyo. */
	const int64_t noon = 1782907200000, hour = 3600000;

	(void)state;
	assert_int_equal(zone_offset_s("Europe/Berlin", noon / 1000), 7200);
	assert_int_equal(zone_offset_s("Asia/Tokyo", noon / 1000), 9 * 3600);
	assert_int_equal(zone_offset_s("Nowhere/Nothing", noon / 1000), 0);
	assert_int_equal(zone_offset_s("../../etc/passwd", noon / 1000), 0);
	assert_int_equal(quiet_due_ms("Europe/Berlin", 120, 300, noon), noon + 12 * hour);
	assert_int_equal(quiet_due_ms("Asia/Tokyo", 120, 300, noon), noon + 5 * hour);
	assert_int_equal(quiet_due_ms("UTC", 11 * 60, 13 * 60, noon), noon);
	assert_int_equal(quiet_due_ms("UTC", 22 * 60, 4 * 60, noon), noon + 10 * hour);
	assert_int_equal(quiet_due_ms("UTC", 0, 0, noon), noon);
	/* Winter: one hour less. */
	assert_int_equal(zone_offset_s("Europe/Berlin", 1769860800), 3600);
}

/* Epochs by another implementation (Python's zoneinfo). */
static void test_the_quiet_window_on_the_nights_when_clocks_change(void **state)
{
	static const struct {
		const char *zone;
		int64_t now, from_min, to_min, due;
	} rows[] = {
		/* 22:00 on the eve; 02:00 does not exist, it is 03:00 at once */
		{ "Europe/Berlin", 1774731600000, 120, 300, 1774746000000 },
		{ "Europe/Berlin", 1774731600000, 240, 300, 1774749600000 },
		/* 02:00 comes twice; the first time is early enough */
		{ "Europe/Berlin", 1792872000000, 120, 300, 1792886400000 },
		{ "Europe/Berlin", 1792872000000, 240, 300, 1792897200000 },
		{ "America/New_York", 1772938800000, 240, 300, 1772956800000 },
		{ "America/New_York", 1772938800000, 120, 300, 1772953200000 },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(
			quiet_due_ms(rows[i].zone, rows[i].from_min, rows[i].to_min, rows[i].now), rows[i].due);
}

static void test_a_phone_survives_packing(void **state)
{
	struct office *o = *state;
	struct mac mac = office_mac(SHARED);
	struct snap s = must_snap(&o->store);
	struct phone before, after;
	struct buf one, two;
	struct err err = { 0 };
	size_t n;

	buf_init(&one, 65536);
	buf_init(&two, 65536);
	assert_int_equal(desk_load(s.db, &o->desk, &mac, &o->store.a, &before, &err), ERR_OK);
	snap_end(&s);
	assert_int_equal(desk_pack(&before, &one, &err), ERR_OK);
	assert_int_equal(desk_unpack(buf_view(&one), &o->store.a, &after, &err), ERR_OK);
	assert_int_equal(desk_pack(&after, &two, &err), ERR_OK);
	assert_true(slice_eq(buf_view(&one), buf_view(&two)));
	assert_int_equal(after.naccounts, 2);
	assert_string_equal(after.accounts[0].user, "1002");
	assert_null(after.ca_url);
	/* Cut anywhere, it is refused. */
	for (n = 0; n < one.len; n++)
		assert_int_not_equal(desk_unpack((struct slice){ one.data, n }, &o->store.a, &after, &err), ERR_OK);
	buf_release(&one);
	buf_release(&two);
}

#define OFFICE(test) cmocka_unit_test_setup_teardown(test, office_open, office_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OFFICE(test_with_phone_lines),
		OFFICE(test_each_keys_fate_is_shown),
		OFFICE(test_without_phone_lines),
		OFFICE(test_reset_and_recycle_go_straight_to_the_new_file),
		OFFICE(test_the_idle_line_goes_when_a_person_comes),
		OFFICE(test_rules_of_others_that_ring_her_are_listed),
		OFFICE(test_what_stays_for_the_next_person_is_said),
		OFFICE(test_the_same_rows_give_the_same_plan),
		OFFICE(test_what_is_asked_for_wrongly),
		OFFICE(test_failing_memory_is_an_error_and_no_crash),
		cmocka_unit_test(test_what_is_an_outside_number),
		cmocka_unit_test(test_which_labels_name_a_person),
		OFFICE(test_which_contact_is_this_phone),
		OFFICE(test_of_two_contacts_the_right_one_is_chosen),
		cmocka_unit_test(test_the_quiet_window),
		cmocka_unit_test(test_the_quiet_window_on_the_nights_when_clocks_change),
		OFFICE(test_a_phone_survives_packing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
