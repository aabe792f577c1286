/* Moving hardware: the plan is pure and says all, apply does that or nothing, and what a person leaves on the phone is
 * found. */
#include "tests/unit/reset_fixture.h"

#include <stdio.h>
#include <string.h>

#include "phonecfg/base/buf.h"
#include "phonecfg/base/mem.h"
#include "provisioning/reset/move.h"
#include "provisioning/store/device.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/key.h"
#include "provisioning/store/line.h"
#include "provisioning/store/override.h"

#define NEW_MAC "001565aaaa77"
#define SECOND "second.test"
#define BY_HAND "static.a_parameter.of_next_year"

struct moving {
	struct office *o;
	struct move_order order;
	struct move_plan *plan;
};

static struct move_request to_user(const char *mac, const char *user)
{
	return (struct move_request){ .kind = MOVE_REHOME, .domain = DOMAIN, .mac = office_mac(mac), .to_user = user };
}

static enum err_code move_fn(struct txn *t, void *arg, struct err *err)
{
	struct moving *m = arg;

	return move_apply(&m->o->rs, t->db, &m->order, &m->o->store.a, &m->plan, err);
}

static enum err_code carry(struct office *o, const struct move_request *rq, struct err *err)
{
	struct moving m = { .o = o, .order = { .request = *rq, .who = "admin", .from = "", .client = "api" } };

	return store_write(o->store.st, move_fn, &m, err);
}

static void must_carry(struct office *o, const struct move_request *rq)
{
	struct err err = { 0 };

	if (carry(o, rq, &err))
		fail_msg("%s", err.text);
}

static enum err_code plan(struct office *o, const struct move_request *rq, struct move_plan **out, struct err *err)
{
	struct snap s = must_snap(&o->store);
	enum err_code code = move_load(&o->rs, s.db, rq, &o->store.a, out, err);

	snap_end(&s);
	return code;
}

static size_t line_devices(struct office *o, const char *mac, char *out, size_t size)
{
	struct snap s = must_snap(&o->store);
	struct line_row *lines;
	size_t n, i;

	assert_int_equal(line_list(s.db, office_phone(o, mac).id, &o->store.a, &lines, &n, NULL), ERR_OK);
	for (*out = '\0', i = 0; i < n; i++)
		snprintf(out + strlen(out), size - strlen(out), "%s ", lines[i].device);
	snap_end(&s);
	return n;
}

static void assert_lines(struct office *o, const char *mac, const char *want)
{
	char now[200];

	line_devices(o, mac, now, sizeof(now));
	assert_string_equal(now, want);
}

/* ---- the plan ---- */

static void test_the_plan_says_what_would_be(void **state)
{
	struct office *o = *state;
	struct move_request rq = to_user(DESK, "1003");
	struct move_plan *p;
	struct err err = { 0 };
	struct buf text;

	assert_int_equal(plan(o, &rq, &p, &err), ERR_OK);
	assert_int_equal(move_count(p, MOVE_STEP_UNASSIGN_LINE), 1);
	assert_int_equal(move_count(p, MOVE_STEP_STRIP_KEY), 2); /* the line's, and her own; park stays */
	assert_int_equal(move_count(p, MOVE_STEP_ASSIGN_LINE), 1);
	assert_int_equal(move_count(p, MOVE_STEP_REKEY_LINE), 1); /* 1003 stands on another phone too */
	assert_int_equal(p->nphones, 2);
	assert_int_equal(p->nrecords, 3);
	buf_init(&text, 1 << 16);
	move_print(p, &text);
	assert_true(slice_find(buf_view(&text), SLICE_LIT("rehome " DESK)) >= 0);
	assert_true(slice_find(buf_view(&text), SLICE_LIT("unassign-line")) >= 0);
	assert_true(slice_find(buf_view(&text), SLICE_LIT("cannot be reached")) >= 0);
	buf_release(&text);
	assert_lines(o, DESK, "1001 ");
}

static void test_apply_does_what_the_plan_says(void **state)
{
	struct office *o = *state;
	struct move_request rq = to_user(DESK, "1003");
	int64_t before, colleague;

	office_settle(o);
	before = office_wanted(o, DESK);
	colleague = office_wanted(o, COLLEAGUE);
	must_carry(o, &rq);
	assert_lines(o, DESK, "1003 ");
	assert_true(office_wanted(o, DESK) > before);
	assert_true(office_wanted(o, COLLEAGUE) > colleague);
	assert_true(office_record(o, "rekeyed", COLLEAGUE, "1003").keeps_line);
	assert_false(office_record(o, "rekeyed", DESK, "1003").keeps_line);
	assert_string_equal(office_record(o, "unassigned", DESK, "1001").why, "rehome");
	assert_true(office_serves(o, DESK, FILE_MAC_CFG, "Carla Diaz"));
	assert_true(office_serves(o, DESK, FILE_MAC_CFG, "Park"));
	assert_false(office_serves(o, DESK, FILE_MAC_CFG, "Mum"));
	/* told at once, flipped when it comes */
	assert_true(office_due(o, "notify", DESK) <= store_clock_ms());
	assert_true(office_due(o, "residue", DESK) >= 0);
	assert_true(office_due(o, "flip", "1001@" DOMAIN) > store_clock_ms() + 9 * 60 * 1000);
	assert_false(office_accepts(o, "1003")); /* the new secret, not before a file with it leaves */
}

static void test_a_job_that_is_due_holds_the_phone(void **state)
{
	struct office *o = *state;
	const char *user = "1001";
	struct job_order job = { .domain = DOMAIN, .users = &user, .nusers = 1, .who = "admin" };
	struct move_request rq = to_user(DESK, "1003");
	struct move_plan *p;
	char id[JOB_ID_TEXT];
	struct err err = { 0 };
	size_t i;
	bool said = false;

	assert_int_equal(job_create(&o->rs, &job, id, &err), ERR_OK);
	assert_int_equal(plan(o, &rq, &p, &err), ERR_CONFLICT);
	assert_non_null(strstr(err.text, id));
	assert_int_equal(carry(o, &rq, &err), ERR_CONFLICT);
	assert_lines(o, DESK, "1001 ");
	assert_int_equal(job_cancel(&o->rs, DOMAIN, id, "admin", "", &err), ERR_OK);
	job.at_ms = store_clock_ms() + 3600 * 1000;
	assert_int_equal(job_create(&o->rs, &job, id, &err), ERR_OK);
	assert_int_equal(plan(o, &rq, &p, &err), ERR_OK); /* one for later finds the phone as it then is */
	for (i = 0; i < p->nnotes; i++)
		said |= strstr(p->notes[i], id) != NULL;
	assert_true(said);
}

/* ---- residue ---- */

static enum err_code by_hand_fn(struct txn *t, void *arg, struct err *err)
{
	struct office *o = arg;
	struct override_row row = { .layer = LAYER_PHONE, .name = BY_HAND, .value = "Anna Smith" };

	row.target = override_target(&o->store.a, office_phone(o, DESK).id);
	return override_put(t->db, &row, err);
}

static void test_an_override_that_names_the_leaver_is_said(void **state)
{
	struct office *o = *state;
	struct move_request rq = to_user(DESK, "1003");
	struct move_plan *p;
	struct err err = { 0 };
	size_t i;
	bool said = false;

	must_write(&o->store, by_hand_fn, o);
	assert_int_equal(plan(o, &rq, &p, &err), ERR_OK);
	for (i = 0; i < p->nnotes; i++)
		said |= strstr(p->notes[i], BY_HAND) && strstr(p->notes[i], "names who leaves");
	assert_true(said);
}

/* Its override goes with a phone that is retired; a parameter that no later file mentions stays on the phone. */
static void test_what_is_left_of_the_leaver_holds_the_record_back(void **state)
{
	struct office *o = *state;
	struct move_request rq = { .kind = MOVE_RETIRE, .domain = DOMAIN, .mac = office_mac(DESK) };

	must_write(&o->store, by_hand_fn, o);
	office_settle(o);
	must_carry(o, &rq);
	office_pull(o, DESK);
	assert_true(office_fact(o, "unassigned", DESK, "1001", FACT_RESIDUE));
}

static void test_nothing_names_the_leaver_otherwise(void **state)
{
	struct office *o = *state;
	struct move_request rq = to_user(DESK, "1003");

	office_settle(o);
	must_carry(o, &rq);
	office_pull(o, DESK);
	assert_false(office_fact(o, "unassigned", DESK, "1001", FACT_RESIDUE));
	assert_true(office_fact(o, "unassigned", DESK, "1001", FACT_FETCHED));
}

/* ---- all or nothing ---- */

struct picture {
	int64_t records, alerts, wanted;
	char lines[3][200];
	enum phone_state desk;
	size_t keys;
};

static struct picture look(struct office *o)
{
	struct picture p = { .wanted = office_wanted(o, DESK), .desk = office_phone(o, DESK).state };
	struct record_filter all = { 0 };
	struct snap s = must_snap(&o->store);
	struct key_row *keys;

	assert_int_equal(record_count(s.db, &all, &p.records, NULL), ERR_OK);
	assert_int_equal(key_list(s.db, office_phone(o, DESK).id, &o->store.a, &keys, &p.keys, NULL), ERR_OK);
	snap_end(&s);
	line_devices(o, DESK, p.lines[0], sizeof(p.lines[0]));
	line_devices(o, SPARE, p.lines[1], sizeof(p.lines[1]));
	line_devices(o, COLLEAGUE, p.lines[2], sizeof(p.lines[2]));
	return p;
}

/* The n-th call of the store fails, for every n up to the whole; what is there afterwards is what was before. */
static void fails_everywhere(struct office *o, const struct move_request *rq)
{
	struct picture before, after;
	struct err err = { 0 };
	unsigned long n, most = 0;
	enum err_code code = ERR_IO;

	memset(&before, 0, sizeof(before));
	memset(&after, 0, sizeof(after));
	before = look(o);
	for (n = 1; code != ERR_OK; n += 1 + n / 8) {
		store_fail_from(n);
		code = carry(o, rq, &err);
		most = store_op_count();
		store_fail_from(0);
		if (code == ERR_OK)
			break;
		after = look(o);
		assert_memory_equal(&before, &after, sizeof(before));
		assert_true(n < 100000);
	}
	assert_true(most > 30);
	after = look(o);
	assert_true(after.wanted > before.wanted && after.records > before.records);
}

static void test_a_rehome_is_all_or_nothing(void **state)
{
	struct office *o = *state;
	struct move_request rq = to_user(DESK, "1003");

	office_settle(o);
	fails_everywhere(o, &rq);
}

static void test_a_swap_is_all_or_nothing(void **state)
{
	struct office *o = *state;
	struct move_request rq = {
		.kind = MOVE_SWAP, .domain = DOMAIN, .mac = office_mac(DESK), .to_mac = office_mac(SPARE)
	};

	office_settle(o);
	fails_everywhere(o, &rq);
	assert_lines(o, SPARE, "1001 ");
	assert_lines(o, DESK, "idle-" DESK " ");
}

static void test_a_retirement_is_all_or_nothing(void **state)
{
	struct office *o = *state;
	struct move_request rq = { .kind = MOVE_RETIRE, .domain = DOMAIN, .mac = office_mac(DESK) };

	office_settle(o);
	fails_everywhere(o, &rq);
	assert_int_equal(office_phone(o, DESK).state, PHONE_RETIRED);
	assert_lines(o, DESK, "");
}

/* ---- domains ---- */

static enum err_code domain_fn(struct txn *t, void *arg, struct err *err)
{
	struct domain_row row = { .name = SECOND,
		.realm = SECOND,
		.sip_server = SECOND,
		.transport = "udp",
		.proxy = "",
		.timezone = "UTC" };

	(void)arg;
	return domain_add(t->db, &row, err);
}

static void test_a_vacant_phone_takes_its_idle_line_to_another_domain(void **state)
{
	struct office *o = *state;
	struct move_request rq = {
		.kind = MOVE_REHOME, .domain = DOMAIN, .mac = office_mac(SPARE), .to_domain = SECOND
	};
	struct phone_row before, after;
	struct snap s;
	struct device_row idle;

	must_write(&o->store, domain_fn, NULL);
	office_settle(o);
	before = office_phone(o, SPARE);
	must_carry(o, &rq);
	after = office_phone(o, SPARE);
	assert_string_equal(after.domain, SECOND);
	assert_true(after.domain_since_ms != 0);
	s = must_snap(&o->store);
	assert_int_equal(device_idle_of(s.db, after.id, &o->store.a, &idle, NULL), ERR_OK);
	snap_end(&s);
	assert_string_equal(idle.domain, SECOND);
	/* Nobody of the old domain knows its passwords from here on; the one that it holds lets it in once more. */
	assert_false(secret_eq(&before.admin_password, &after.admin_password));
	assert_false(secret_eq(&before.prov_password, &after.prov_password));
	assert_true(secret_eq(&before.prov_password, &after.prov_password_previous));
	assert_true(office_due(o, "flip", "idle-" SPARE "@" DOMAIN) >= 0);
	assert_true(office_has_record(o, "relabelled", SPARE));
}

static void test_an_unknown_mac_joins_as_the_old_model(void **state)
{
	struct office *o = *state;
	struct move_request rq = { .kind = MOVE_SWAP,
		.domain = DOMAIN,
		.mac = office_mac(DESK),
		.to_mac = office_mac(NEW_MAC),
		.then = "retire" };
	struct phone_row now;

	office_settle(o);
	must_carry(o, &rq);
	now = office_phone(o, NEW_MAC);
	assert_string_equal(now.model, office_phone(o, DESK).model);
	assert_int_equal(office_phone(o, DESK).replaced_by, now.id);
	assert_string_equal(office_phone(o, DESK).after_drop, "retire");
	assert_true(office_due(o, "after-drop", DESK) >= 0);
	assert_int_equal(now.contacts_since, 1); /* whose it was before nobody knows */
	assert_true(office_phone(o, DESK).contacts_since > 1);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, office_open, office_close)

int main(void)
{
	const struct CMUnitTest tests[] = { TEST(test_the_plan_says_what_would_be),
		TEST(test_apply_does_what_the_plan_says), TEST(test_a_job_that_is_due_holds_the_phone),
		TEST(test_an_override_that_names_the_leaver_is_said),
		TEST(test_what_is_left_of_the_leaver_holds_the_record_back),
		TEST(test_nothing_names_the_leaver_otherwise), TEST(test_a_rehome_is_all_or_nothing),
		TEST(test_a_swap_is_all_or_nothing), TEST(test_a_retirement_is_all_or_nothing),
		TEST(test_a_vacant_phone_takes_its_idle_line_to_another_domain),
		TEST(test_an_unknown_mac_joins_as_the_old_model) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
