/* Jobs that wait for their time, that delete, that leave a form open; whom they hold; and what of them is news. */
#include "tests/unit/reset_fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "provisioning/outbox/outbox.h"
#include "provisioning/reset/flip.h"
#include "provisioning/reset/inventory.h"
#include "provisioning/reset/job_kinds.h"
#include "provisioning/reset/when.h"
#include "provisioning/store/audit.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/job.h"
#include "provisioning/store/key.h"
#include "provisioning/store/projection.h"

enum { HOUR_MS = 3600 * 1000 };

static struct job_order order_of(const char *kind, const char *const *users, size_t n)
{
	return (struct job_order){
		.domain = DOMAIN, .kind = kind, .users = users, .nusers = n, .who = "admin", .from = "192.0.2.1"
	};
}

static void must_create(struct office *o, const struct job_order *order, char id[JOB_ID_TEXT])
{
	struct err err = { 0 };

	if (job_create(&o->rs, order, id, &err))
		fail_msg("%s", err.text);
}

static void must_run(struct office *o, const char *id)
{
	struct err err = { 0 };

	if (job_run(&o->rs, id, &err))
		fail_msg("%s", err.text);
}

static struct job_view view_of(struct office *o, const char *id)
{
	struct snap s = must_snap(&o->store);
	struct job_view v;
	struct err err = { 0 };

	if (job_view_load(s.db, DOMAIN, id, &o->store.a, &v, &err))
		fail_msg("%s", err.text);
	snap_end(&s);
	return v;
}

/* The n-th user of the order. */
static struct job_user_view user_of(struct office *o, const char *id, size_t n)
{
	struct job_view v = view_of(o, id);
	struct job_user_view *users;
	struct snap s = must_snap(&o->store);
	size_t got;

	assert_int_equal(job_view_users(s.db, v.number, NULL, n, 1, &o->store.a, &users, &got, NULL), ERR_OK);
	assert_int_equal(got, 1);
	snap_end(&s);
	return users[0];
}

/* ---- whom a scheduled job holds, and when ---- */

static void test_a_scheduled_job_stands_against_other_jobs_alone(void **state)
{
	static const char *const users[] = { "1001" };
	struct office *o = *state;
	struct job_order order = order_of("reset", users, 1);
	char id[JOB_ID_TEXT], other[JOB_ID_TEXT];
	struct err err = { 0 };

	order.at_ms = store_clock_ms() + HOUR_MS;
	must_create(o, &order, id);
	assert_int_equal(view_of(o, id).state, JOB_SCHEDULED);
	order.at_ms = 0; /* not even now: what it would leave is not what was planned */
	assert_int_equal(job_create(&o->rs, &order, other, &err), ERR_CONFLICT);
	assert_non_null(strstr(err.text, id));
	order = order_of("delete", users, 1);
	assert_int_equal(job_create(&o->rs, &order, other, &err), ERR_CONFLICT);
	must_run(o, id); /* its time has come */
	assert_int_equal(view_of(o, id).state, JOB_DONE);
	must_create(o, &order, other);
}

static enum err_code rename_fn(struct txn *t, void *arg, struct err *err)
{
	struct office *o = arg;
	struct inventory in = { &o->rs, t->db, &o->store.a, "admin", "", "edit" };
	struct domain_row dom;
	struct user_row row = office_user(o, "1001");
	enum err_code code = domain_by_name(t->db, DOMAIN, &o->store.a, &dom, err);

	row.first_name = "Nora";
	row.last_name = "Next";
	return code ? code : inventory_user_save(&in, &dom, &row, err);
}

static void test_the_next_person_is_never_touched(void **state)
{
	static const char *const users[] = { "1001", "1002" };
	struct office *o = *state;
	struct job_order order = order_of("reset", users, 2);
	char id[JOB_ID_TEXT];

	office_reset(o, "1001", true);
	order.at_ms = store_clock_ms() + HOUR_MS;
	must_create(o, &order, id);
	must_write(&o->store, rename_fn, o); /* a name on a reset user is a recycle, by whatever way */
	must_run(o, id);
	assert_int_equal(view_of(o, id).state, JOB_DONE_WITH_ERRORS);
	assert_string_equal(user_of(o, id, 0).state, "failed");
	assert_non_null(strstr(user_of(o, id, 0).error, "Another person"));
	assert_string_equal(office_user(o, "1001").last_name, "Next");
	assert_string_equal(user_of(o, id, 1).state, "done");
}

/* A correction of the name is no other person. */
static void test_an_edit_meanwhile_is_cleared_too(void **state)
{
	static const char *const users[] = { "1001" };
	struct office *o = *state;
	struct job_order order = order_of("reset", users, 1);
	char id[JOB_ID_TEXT];

	order.at_ms = store_clock_ms() + HOUR_MS;
	must_create(o, &order, id);
	must_write(&o->store, rename_fn, o);
	must_run(o, id);
	assert_int_equal(view_of(o, id).state, JOB_DONE);
	assert_string_equal(office_user(o, "1001").last_name, "");
}

static enum err_code make_again_fn(struct txn *t, void *arg, struct err *err)
{
	struct office *o = arg;
	struct inventory in = { &o->rs, t->db, &o->store.a, "admin", "", "edit" };
	struct user_row row = office_user(o, "1003"), again = { .domain_id = row.domain_id,
		.ext = "1003",
		.first_name = "Nils",
		.last_name = "New",
		.scope = "Basic User" };
	enum err_code code = user_delete(t->db, row.id, err);

	return code ? code : inventory_user_add(&in, &again, err);
}

static void test_a_user_of_the_same_number_is_not_the_user(void **state)
{
	static const char *const users[] = { "1003" };
	struct office *o = *state;
	struct job_order order = order_of("reset", users, 1);
	char id[JOB_ID_TEXT];

	must_create(o, &order, id);
	must_write(&o->store, make_again_fn, o);
	must_run(o, id);
	assert_string_equal(user_of(o, id, 0).state, "failed");
	assert_non_null(strstr(user_of(o, id, 0).error, "deleted"));
	assert_string_equal(office_user(o, "1003").first_name, "Nils");
}

/* When its time comes and another job is at work on a user, it waits for that one and goes on with the rest. */
static enum err_code hold_fn(struct txn *t, void *arg, struct err *err)
{
	struct office *o = arg;
	struct user_row u = office_user(o, "1002");
	struct job_row job = { .domain_id = u.domain_id, .kind = "send-welcome-email", .state = "running", .users = 1 };
	struct job_user_row ju = {
		.domain_id = u.domain_id, .user_id = u.id, .ext = "1002", .state = "waiting", .hold = HOLD_HELD
	};
	enum err_code code = job_row_add(t->db, &job, err);

	ju.job_id = job.id;
	return code ? code : job_user_add(t->db, &ju, HOLD_HELD, NULL, err);
}

static enum err_code let_go_fn(struct txn *t, void *arg, struct err *err)
{
	int64_t *id = arg;

	return job_row_state(t->db, *id, "done", true, err);
}

static void test_it_waits_for_users_of_others(void **state)
{
	static const char *const users[] = { "1001", "1002", "1003" };
	struct office *o = *state;
	struct job_order order = order_of("reset", users, 3);
	struct job_view *jobs;
	char id[JOB_ID_TEXT];
	struct err err = { 0 };
	struct snap s;
	size_t n;

	order.at_ms = store_clock_ms() + HOUR_MS;
	must_create(o, &order, id);
	must_write(&o->store, hold_fn, o); /* a mail meets no promise */
	assert_int_equal(job_run(&o->rs, id, &err), ERR_BUSY);
	assert_int_equal(view_of(o, id).state, JOB_RUNNING);
	assert_string_equal(user_of(o, id, 0).state, "done");
	assert_string_equal(user_of(o, id, 1).state, "waiting");
	assert_string_equal(user_of(o, id, 2).state, "done");
	s = must_snap(&o->store);
	assert_int_equal(
		job_list(s.db, DOMAIN, "running", "send-welcome-email", 0, 10, &o->store.a, &jobs, &n, NULL), ERR_OK);
	snap_end(&s);
	assert_int_equal(n, 1);
	must_write(&o->store, let_go_fn, &jobs[0].number);
	must_run(o, id);
	assert_int_equal(view_of(o, id).state, JOB_DONE);
	assert_int_equal(office_user(o, "1002").status, USER_RESET);
}

static void test_times_that_are_refused(void **state)
{
	static const char *const users[] = { "1001" };
	struct office *o = *state;
	struct job_order order = order_of("reset", users, 1);
	const int64_t now = store_clock_ms(), minute = 60000, day = 24 * HOUR_MS;
	char id[JOB_ID_TEXT];
	struct err err = { 0 };

	order.at_ms = now - (JOB_LATE_MIN + 1) * minute;
	assert_int_equal(job_create(&o->rs, &order, id, &err), ERR_INPUT);
	order.at_ms = now + (JOB_AHEAD_DAYS + 1) * day;
	assert_int_equal(job_create(&o->rs, &order, id, &err), ERR_INPUT);
	order.at_ms = now + (JOB_AHEAD_DAYS - 1) * day;
	must_create(o, &order, id);
	assert_int_equal(job_cancel(&o->rs, DOMAIN, id, "admin", "", &err), ERR_OK);
	order.at_ms = now - (JOB_LATE_MIN - 1) * minute; /* clocks differ, and forms take their time */
	must_create(o, &order, id);
	assert_int_equal(view_of(o, id).state, JOB_QUEUED);
}

/* ---- cancelling ---- */

static void test_one_user_is_taken_out(void **state)
{
	static const char *const users[] = { "1001", "1002" };
	struct office *o = *state;
	struct job_order order = order_of("reset", users, 2), one = order_of("reset", users, 1);
	char id[JOB_ID_TEXT], other[JOB_ID_TEXT];
	struct err err = { 0 };

	order.at_ms = store_clock_ms() + HOUR_MS;
	must_create(o, &order, id);
	assert_int_equal(job_cancel_user(&o->rs, DOMAIN, id, "1003", "admin", "", &err), ERR_NOT_FOUND);
	assert_int_equal(job_cancel_user(&o->rs, "other.test", id, "1001", "admin", "", &err), ERR_NOT_FOUND);
	assert_int_equal(job_cancel_user(&o->rs, DOMAIN, id, "1001", "admin", "", &err), ERR_OK);
	assert_int_equal(job_cancel_user(&o->rs, DOMAIN, id, "1001", "admin", "", &err), ERR_CONFLICT);
	must_create(o, &one, other); /* free */
	must_run(o, id);
	assert_int_equal(view_of(o, id).state, JOB_DONE);
	assert_string_equal(user_of(o, id, 0).state, "cancelled");
	assert_string_equal(user_of(o, id, 1).state, "done");
	assert_int_equal(office_user(o, "1001").status, USER_STANDARD);
}

static void test_the_last_one_taken_out_ends_it(void **state)
{
	static const char *const users[] = { "1001" };
	struct office *o = *state;
	struct job_order order = order_of("reset", users, 1);
	char id[JOB_ID_TEXT];
	struct err err = { 0 };

	order.at_ms = store_clock_ms() + HOUR_MS;
	must_create(o, &order, id);
	assert_int_equal(job_cancel_user(&o->rs, DOMAIN, id, "1001", "admin", "", &err), ERR_OK);
	assert_int_equal(view_of(o, id).state, JOB_CANCELLED);
	assert_int_equal(office_due(o, "job", id), -1);
}

/* ---- forms ---- */

static struct job_user_row form_of(struct office *o, const char *ext, enum err_code want)
{
	struct job_user_row row = { 0 };
	struct snap s = must_snap(&o->store);

	assert_int_equal(job_form_load(s.db, office_user(o, ext).id, &o->store.a, &row, NULL), want);
	snap_end(&s);
	return row;
}

static void test_a_form_left_open_waits_for_the_next_person(void **state)
{
	static const char *const users[] = { "1001" };
	struct office *o = *state;
	struct recycle_form later = { .first_name = "Nora", .email = "nora@example.test", .later = true };
	struct job_order order = order_of(NULL, users, 1);
	struct job_form form;
	char id[JOB_ID_TEXT];

	order.recycle_users = users;
	order.recycles = &later;
	order.nrecycles = 1;
	must_create(o, &order, id);
	form_of(o, "1001", ERR_NOT_FOUND); /* not before the reset */
	must_run(o, id);
	assert_true(user_of(o, id, 0).form_pending);
	assert_int_equal(form_unpack(form_of(o, "1001", ERR_OK).form, &o->store.a, &form, NULL), ERR_OK);
	assert_string_equal(form.next.first_name, "Nora");
	assert_string_equal(form.next.last_name, "");
	must_create(o, &order, id); /* another reset of the same user: one form, that of the later one */
	must_run(o, id);
	assert_int_equal(form_of(o, "1001", ERR_OK).job_id, view_of(o, id).number);
	office_recycle(o, "1001", "Nora", "Next", SPARE);
	form_of(o, "1001", ERR_NOT_FOUND);
	assert_false(user_of(o, id, 0).form_pending);
	assert_int_equal(files_with(&o->store, "nora@example.test"), 0); /* sealed before, gone now */
}

static void test_a_form_of_a_failed_reset_is_dropped(void **state)
{
	static const char *const users[] = { "1001" };
	struct office *o = *state;
	struct recycle_form later = { .later = true };
	struct job_order order = order_of(NULL, users, 1);
	char id[JOB_ID_TEXT];

	office_reset(o, "1001", true);
	order.recycle_users = users;
	order.recycles = &later;
	order.nrecycles = 1;
	must_create(o, &order, id);
	must_write(&o->store, rename_fn, o);
	must_run(o, id);
	assert_string_equal(user_of(o, id, 0).state, "failed");
	form_of(o, "1001", ERR_NOT_FOUND);
}

static void test_a_form_for_later_belongs_to_a_reset(void **state)
{
	static const char *const users[] = { "1001" };
	struct office *o = *state;
	struct recycle_form later = { .later = true };
	struct job_order order = order_of(NULL, NULL, 0);
	char id[JOB_ID_TEXT];
	struct err err = { 0 };

	order.recycle_users = users;
	order.recycles = &later;
	order.nrecycles = 1;
	assert_int_equal(job_create(&o->rs, &order, id, &err), ERR_INPUT);
	assert_non_null(strstr(err.text, "later"));
}

/* ---- delete ---- */

static bool user_there(struct office *o, const char *ext)
{
	struct snap s = must_snap(&o->store);
	struct domain_row dom;
	struct user_row row;
	bool there = domain_by_name(s.db, DOMAIN, &o->store.a, &dom, NULL) == ERR_OK &&
		     user_load(s.db, dom.id, ext, &o->store.a, &row, NULL) == ERR_OK;

	snap_end(&s);
	return there;
}

static size_t keys_of(struct office *o, const char *mac, struct key_row **out)
{
	struct snap s = must_snap(&o->store);
	size_t n;

	assert_int_equal(key_list(s.db, office_phone(o, mac).id, &o->store.a, out, &n, NULL), ERR_OK);
	snap_end(&s);
	return n;
}

static bool registrar_knows(struct office *o, const char *user)
{
	int i;

	for (i = 0; i < FAKE_MAX; i++)
		if (o->registrar.creds[i].there && strcmp(o->registrar.creds[i].user, user) == 0)
			return true;
	return false;
}

static void test_delete_leaves_records_and_nothing_else(void **state)
{
	static const char *const users[] = { "1001" };
	struct office *o = *state;
	struct job_order order = order_of("delete", users, 1);
	struct record_row r;
	struct key_row *keys;
	size_t n;
	char id[JOB_ID_TEXT];

	office_settle(o);
	assert_true(office_accepts(o, "1001"));
	n = keys_of(o, COLLEAGUE, &keys);
	assert_true(office_serves(o, COLLEAGUE, FILE_GS_XML, "Anna Smith"));
	must_create(o, &order, id);
	must_run(o, id);
	assert_int_equal(view_of(o, id).state, JOB_DONE);
	assert_string_equal(user_of(o, id, 0).user, "1001"); /* the result outlives the user */
	assert_non_null(strstr(user_of(o, id, 0).steps, "\"users-removed\":1"));
	assert_false(user_there(o, "1001"));
	/* Her line is off the phone, with a record that names it; the secret dies as it leaves. */
	r = office_record(o, "unassigned", DESK, "1001");
	assert_string_equal(r.ext, "1001");
	assert_int_equal(r.revision_after, 0);
	assert_int_equal(r.device_id, 0);
	assert_string_equal(r.why, "delete");
	assert_int_equal(office_phone(o, DESK).state, PHONE_VACANT);
	assert_true(office_due(o, "flip", "1001@" DOMAIN) > store_clock_ms());
	assert_true(office_has_record(o, "softphone", ""));
	/* A key that led to her is gone from the colleague's phone, and nothing else of that phone. */
	assert_int_equal(keys_of(o, COLLEAGUE, &keys), n - 1);
	assert_false(office_serves(o, COLLEAGUE, FILE_GS_XML, "Anna"));
	assert_false(office_serves(o, COLLEAGUE, FILE_GS_XML, "1001"));
	assert_true(office_has_record(o, "relabelled", COLLEAGUE));
	assert_true(registrar_knows(o, "1001"));
	office_pull(o, DESK); /* the blanking file is delivered: now it flips */
	assert_true(office_due(o, "flip", "1001@" DOMAIN) <= store_clock_ms());
	assert_int_equal(flip_identity(&o->rs, "1001@" DOMAIN, NULL), ERR_OK);
	assert_false(registrar_knows(o, "1001"));
	assert_int_equal(office_bound(o, "1001@" DOMAIN), 0);
	assert_true(office_fact(o, "unassigned", DESK, "1001", FACT_FLIPPED));
}

/* A user whom no phone carries loses the secret at the commit, reset already or not. */
static void test_delete_of_a_reset_user_revokes_at_once(void **state)
{
	static const char *const users[] = { "1001" };
	struct office *o = *state;
	struct job_order order = order_of("delete", users, 1);
	char id[JOB_ID_TEXT];

	office_settle(o);
	office_reset(o, "1001", true);
	office_pull(o, DESK);
	must_create(o, &order, id);
	must_run(o, id);
	assert_int_equal(view_of(o, id).state, JOB_DONE);
	assert_true(office_due(o, "flip", "1001@" DOMAIN) <= store_clock_ms());
	assert_false(user_there(o, "1001"));
}

static enum err_code delete_fn(struct txn *t, void *arg, struct err *err)
{
	struct office *o = arg;
	struct inventory in = { &o->rs, t->db, &o->store.a, "admin", "", "delete" };
	struct domain_row dom;
	struct user_row row = office_user(o, "1001");
	enum err_code code = domain_by_name(t->db, DOMAIN, &o->store.a, &dom, err);

	return code ? code : inventory_user_delete(&in, &dom, &row, err);
}

static void test_a_single_delete_waits_for_jobs_too(void **state)
{
	static const char *const users[] = { "1001" };
	struct office *o = *state;
	struct job_order order = order_of("reset", users, 1);
	char id[JOB_ID_TEXT];
	struct err err = { 0 };

	order.at_ms = store_clock_ms() + HOUR_MS;
	must_create(o, &order, id);
	assert_int_equal(store_write(o->store.st, delete_fn, o, &err), ERR_CONFLICT);
	assert_non_null(strstr(err.text, id));
	assert_true(user_there(o, "1001"));
	assert_int_equal(job_cancel(&o->rs, DOMAIN, id, "admin", "", &err), ERR_OK);
	must_write(&o->store, delete_fn, o);
	assert_false(user_there(o, "1001"));
}

static void test_delete_clears_by_every_option(void **state)
{
	struct job_form form = { .reset = true };
	struct office *o = *state;
	struct plan_request rq = job_request(&o->rs, job_kind_find("delete"), DOMAIN, "1001", &form, 0, false);
	unsigned i;

	assert_true(rq.reset && rq.remove);
	for (i = 0; i < OPTION_COUNT; i++)
		assert_int_equal((rq.options >> i) & 1, reset_option_here(&o->rs.conf, (enum reset_option)i));
}

static void test_delete_and_recycle_exclude_each_other(void **state)
{
	static const char *const users[] = { "1001" };
	struct office *o = *state;
	struct recycle_form form = { .first_name = "Nora", .last_name = "Next" };
	struct job_order order = order_of("delete", users, 1);
	char id[JOB_ID_TEXT];
	struct err err = { 0 };

	order.recycle_users = users;
	order.recycles = &form;
	order.nrecycles = 1;
	assert_int_equal(job_create(&o->rs, &order, id, &err), ERR_INPUT);
	order = order_of("promote", users, 1);
	assert_int_equal(job_create(&o->rs, &order, id, &err), ERR_INPUT);
}

/* ---- what stands beside the job ---- */

struct beside {
	char id[JOB_ID_TEXT];
	bool refuse;
};

static enum err_code made_fn(struct db *db, const char *id, void *arg, struct err *err)
{
	struct beside *b = arg;
	struct audit_row row = { .who = "made", .object = id };

	strncpy(b->id, id, sizeof(b->id) - 1);
	return b->refuse ? err_set(err, ERR_IO, "no room") : audit_add(db, &row, err);
}

static void test_the_answer_and_the_job_are_one(void **state)
{
	static const char *const users[] = { "1001" };
	struct office *o = *state;
	struct beside b = { .refuse = true };
	struct job_order order = order_of("reset", users, 1);
	struct audit_filter by = { .who = "made" };
	char id[JOB_ID_TEXT];
	struct err err = { 0 };
	struct job_view *jobs;
	struct snap s;
	int64_t made;
	size_t n;

	order.made = made_fn;
	order.made_arg = &b;
	assert_int_equal(job_create(&o->rs, &order, id, &err), ERR_IO);
	s = must_snap(&o->store);
	assert_int_equal(job_list(s.db, DOMAIN, NULL, NULL, 0, 10, &o->store.a, &jobs, &n, NULL), ERR_OK);
	snap_end(&s);
	assert_int_equal(n, 0);
	b.refuse = false;
	must_create(o, &order, id);
	assert_string_equal(b.id, id);
	s = must_snap(&o->store);
	assert_int_equal(audit_count(s.db, &by, &made, NULL), ERR_OK);
	snap_end(&s);
	assert_int_equal(made, 1);
}

/* ---- the dry run ---- */

struct seen {
	size_t plans, problems, reset;
	char problem[ERR_TEXT_MAX];
};

static enum err_code see(const char *user, const struct plan *plan, const struct err *why, void *arg, struct err *err)
{
	struct seen *seen = arg;

	(void)err;
	(void)user;
	seen->plans += plan != NULL;
	seen->problems += plan == NULL;
	seen->reset += plan && plan->already_reset;
	if (why)
		snprintf(seen->problem, sizeof(seen->problem), "%s", why->text);
	return ERR_OK;
}

static enum err_code no_primary_fn(struct txn *t, void *arg, struct err *err)
{
	struct office *o = arg;
	struct device_row *devices;
	size_t n;
	enum err_code code = device_list_user(t->db, office_user(o, "1003").id, &o->store.a, &devices, &n, err);

	return code ? code : device_delete(t->db, devices[0].id, err);
}

static void test_the_dry_run_goes_on_past_one_problem(void **state)
{
	static const char *const users[] = { "1003", "1001", "1002" };
	struct office *o = *state;
	struct job_order order = order_of("reset", users, 3);
	struct seen seen = { 0 };
	struct snap s;
	char id[JOB_ID_TEXT];
	struct err err = { 0 };

	office_reset(o, "1002", true);
	must_write(&o->store, no_primary_fn, o);
	s = must_snap(&o->store);
	assert_int_equal(job_plan(&o->rs, s.db, &order, see, &seen, &err), ERR_OK);
	assert_true(seen.plans == 2 && seen.problems == 1 && seen.reset == 1);
	assert_non_null(strstr(seen.problem, "primary"));
	order.nusers = 0;
	assert_int_equal(job_plan(&o->rs, s.db, &order, see, &seen, &err), ERR_INPUT);
	snap_end(&s);
	order.nusers = 3;
	must_create(o, &order, id); /* and so does the job */
	must_run(o, id);
	assert_int_equal(view_of(o, id).state, JOB_DONE_WITH_ERRORS);
	assert_string_equal(user_of(o, id, 0).error, seen.problem);
}

static void test_the_limit_of_one_order(void **state)
{
	static const char *users[JOB_USERS_MAX + 1];
	static char names[JOB_USERS_MAX + 1][24];
	struct office *o = *state;
	struct job_order order = order_of("reset", users, JOB_USERS_MAX + 1);
	char id[JOB_ID_TEXT];
	struct err err = { 0 };
	size_t i;

	for (i = 0; i <= JOB_USERS_MAX; i++) {
		snprintf(names[i], sizeof(names[i]), "%zu", 20000 + i);
		users[i] = names[i];
	}
	assert_int_equal(job_create(&o->rs, &order, id, &err), ERR_LIMIT);
	order.nusers = JOB_USERS_MAX; /* one less is looked at: there is no such user */
	assert_int_equal(job_create(&o->rs, &order, id, &err), ERR_NOT_FOUND);
	users[1] = users[0];
	assert_int_equal(job_create(&o->rs, &order, id, &err), ERR_INPUT);
	assert_non_null(strstr(err.text, "twice"));
}

/* ---- news ---- */

static enum err_code many_fn(struct txn *t, void *arg, struct err *err)
{
	struct office *o = arg;
	struct user_row u = office_user(o, "1001"), row = { .domain_id = u.domain_id, .scope = "Basic User" };
	struct inventory in = { &o->rs, t->db, &o->store.a, "admin", "", "add" };
	enum err_code code = ERR_OK;
	char ext[16];
	int i;

	for (i = 0; code == ERR_OK && i < 3 * JOB_NEWS_MAX; i++) {
		snprintf(ext, sizeof(ext), "%d", 3000 + i);
		row.id = 0;
		row.ext = ext;
		row.first_name = "First";
		row.last_name = "Last";
		code = inventory_user_add(&in, &row, err);
	}
	return code;
}

/* Whatever the pieces in which it is asked for, every user and every record comes, and at the end nothing more. */
static void test_news_come_in_pieces_and_none_is_lost(void **state)
{
	static const char *users[3 * JOB_NEWS_MAX];
	static char names[3 * JOB_NEWS_MAX][24];
	static bool told[3 * JOB_NEWS_MAX];
	struct office *o = *state;
	struct job_order order = order_of("reset", users, 3 * JOB_NEWS_MAX);
	struct job_news news = { .upto = 1 };
	char id[JOB_ID_TEXT];
	struct snap s;
	int64_t after = 0;
	size_t i, pieces = 0, n = 0;

	must_write(&o->store, many_fn, o);
	for (i = 0; i < 3 * JOB_NEWS_MAX; i++) {
		snprintf(names[i], sizeof(names[i]), "%zu", 3000 + i);
		users[i] = names[i];
	}
	order.at_ms = store_clock_ms() + HOUR_MS;
	must_create(o, &order, id);
	assert_int_equal(job_cancel(&o->rs, DOMAIN, id, "admin", "", NULL), ERR_OK); /* all of them in one statement */
	s = must_snap(&o->store);
	for (;; after = news.upto, pieces++) {
		assert_int_equal(job_news_load(s.db, view_of(o, id).number, after, &o->store.a, &news, NULL), ERR_OK);
		if (news.upto == after)
			break;
		assert_true(news.nusers <= JOB_NEWS_MAX);
		for (i = 0; i < news.nusers; i++) {
			assert_string_equal(news.users[i].state, "cancelled");
			assert_false(told[atoi(news.users[i].user) - 3000]);
			told[atoi(news.users[i].user) - 3000] = true;
			n++;
		}
	}
	snap_end(&s);
	assert_int_equal(n, 3 * JOB_NEWS_MAX);
	assert_true(pieces >= 3 && pieces <= 5);
	assert_true(after >= view_of(o, id).news);
}

/* ---- times ---- */

static void test_times_are_read_as_they_are_written(void **state)
{
	static const struct {
		const char *text, *zone;
		int64_t want_s; /* date -u -d … +%s */
	} good[] = {
		{ "2026-11-30T18:00:00Z", NULL, 1796061600 },
		{ "2026-11-30T18:00:00+01:00", NULL, 1796058000 },
		{ "2026-11-30t18:00:00z", NULL, 1796061600 },
		{ "2026-11-30 18:00+01:00", NULL, 1796058000 },
		{ "2026-11-30T18:00:00.250-03:30", NULL, 1796074200 },
		{ "2026-11-30T18:00", "Europe/Berlin", 1796058000 },
		{ "2026-07-31T18:00", "Europe/Berlin", 1785513600 },
		{ "2026-07-31 18:00:00", "America/New_York", 1785535200 },
		{ "2028-02-29T00:00:00Z", NULL, 1835395200 },
		{ "1970-01-01T00:00:00Z", "Europe/Berlin", 0 },
	};
	static const struct {
		const char *text, *zone;
	} bad[] = { { "", NULL }, { "tomorrow", NULL }, { "2026-11-30T18:00:00", NULL }, { "2026-11-30T18:00", "" },
		{ "2026-11-30", "Europe/Berlin" }, { "2026-02-29T00:00:00Z", NULL }, { "2026-13-01T00:00:00Z", NULL },
		{ "2026-00-01T00:00:00Z", NULL }, { "2026-11-31T00:00:00Z", NULL }, { "2026-11-30T24:00:00Z", NULL },
		{ "2026-11-30T18:60:00Z", NULL }, { "2026-11-30T18:00:61Z", NULL }, { "2026-11-30T18:00:00Zz", NULL },
		{ "2026-11-30T18:00:00+1:00", NULL }, { "2026-11-30T18:00:00+24:00", NULL },
		{ "2026-11-30T18:00:00+01:60", NULL }, { "2026-11-30T18:00:00.Z", NULL },
		{ "1969-12-31T23:59:59Z", NULL }, { " 2026-11-30T18:00:00Z", NULL },
		{ "2026-11-30T18:00:00 +01:00", NULL } };
	int64_t ms;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		if (!when_read(good[i].text, good[i].zone, &ms) || ms != good[i].want_s * 1000)
			fail_msg("%s (%s): %lld", good[i].text, good[i].zone ? good[i].zone : "-", (long long)ms);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (when_read(bad[i].text, bad[i].zone, &ms))
			fail_msg("\"%s\" is taken for %lld", bad[i].text, (long long)ms);
}

#define OFFICE(test) cmocka_unit_test_setup_teardown(test, office_open, office_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OFFICE(test_a_scheduled_job_stands_against_other_jobs_alone),
		OFFICE(test_the_next_person_is_never_touched),
		OFFICE(test_an_edit_meanwhile_is_cleared_too),
		OFFICE(test_a_user_of_the_same_number_is_not_the_user),
		OFFICE(test_it_waits_for_users_of_others),
		OFFICE(test_times_that_are_refused),
		OFFICE(test_one_user_is_taken_out),
		OFFICE(test_the_last_one_taken_out_ends_it),
		OFFICE(test_a_form_left_open_waits_for_the_next_person),
		OFFICE(test_a_form_of_a_failed_reset_is_dropped),
		OFFICE(test_a_form_for_later_belongs_to_a_reset),
		OFFICE(test_delete_leaves_records_and_nothing_else),
		OFFICE(test_delete_of_a_reset_user_revokes_at_once),
		OFFICE(test_a_single_delete_waits_for_jobs_too),
		OFFICE(test_delete_clears_by_every_option),
		OFFICE(test_delete_and_recycle_exclude_each_other),
		OFFICE(test_the_answer_and_the_job_are_one),
		OFFICE(test_the_dry_run_goes_on_past_one_problem),
		OFFICE(test_the_limit_of_one_order),
		OFFICE(test_news_come_in_pieces_and_none_is_lost),
		cmocka_unit_test(test_times_are_read_as_they_are_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
