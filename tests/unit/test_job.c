/* Jobs: every user once, none twice, on again after a crash. */
#include "tests/unit/reset_fixture.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "provisioning/outbox/outbox.h"
#include "provisioning/reset/form.h"
#include "provisioning/reset/kinds.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/job.h"
#include "provisioning/store/user.h"

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

/* The users of a job, in the order of the order. */
static struct job_user_view *users_of(struct office *o, const char *id)
{
	struct job_view v = view_of(o, id);
	struct job_user_view *users;
	struct snap s = must_snap(&o->store);
	struct err err = { 0 };
	size_t n;

	if (job_view_users(s.db, v.number, NULL, 0, 0, &o->store.a, &users, &n, &err))
		fail_msg("%s", err.text);
	assert_int_equal(n, v.nusers);
	snap_end(&s);
	return users;
}

static enum user_status status_of(struct office *o, const char *ext)
{
	return office_user(o, ext).status;
}

static struct job_order order_of(const char *const *users, size_t n)
{
	return (struct job_order){
		.domain = DOMAIN, .users = users, .nusers = n, .options = 1u << OPTION_PHONE_LINES, .who = "admin"
	};
}

static void test_queued_running_done(void **state)
{
	static const char *const users[] = { "1001", "1002" };
	struct office *o = *state;
	struct job_order order = order_of(users, 2);
	struct job_view v;
	char id[JOB_ID_TEXT];
	struct err err = { 0 };

	assert_int_equal(job_create(&o->rs, &order, id, &err), ERR_OK);
	v = view_of(o, id);
	assert_int_equal(v.state, JOB_QUEUED);
	assert_int_equal(v.nusers, 2);
	assert_string_equal(users_of(o, id)[0].state, "waiting");
	assert_int_equal(office_due(o, "job", id), OUTBOX_FIRST); /* not behind the phones of another job */
	assert_int_equal(job_run(&o->rs, id, &err), ERR_OK);
	v = view_of(o, id);
	assert_int_equal(v.state, JOB_DONE);
	assert_true(v.ended_ms > 0);
	assert_string_equal(users_of(o, id)[1].state, "done");
	assert_non_null(strstr(users_of(o, id)[0].steps, "\"lines-removed\":2"));
	assert_true(v.records > 0);
	assert_int_equal(v.open, v.records); /* the proofs run on by themselves */
	assert_int_equal(status_of(o, "1001"), USER_RESET);
	assert_int_equal(status_of(o, "1002"), USER_RESET);
	assert_int_equal(job_run(&o->rs, id, &err), ERR_OK); /* safe to repeat */
	assert_int_equal(view_of(o, id).records, v.records);
}

static void test_two_jobs_never_hold_one_user(void **state)
{
	static const char *const first[] = { "1001", "1002" }, *const second[] = { "1003", "1002" };
	struct office *o = *state;
	struct job_order order = order_of(first, 2);
	char id[JOB_ID_TEXT], other[JOB_ID_TEXT];
	struct err err = { 0 };

	assert_int_equal(job_create(&o->rs, &order, id, &err), ERR_OK);
	order = order_of(second, 2);
	assert_int_equal(job_create(&o->rs, &order, other, &err), ERR_CONFLICT);
	assert_non_null(strstr(err.text, id));
	/* 1003 was not kept hold of. */
	assert_int_equal(job_run(&o->rs, id, &err), ERR_OK);
	assert_int_equal(job_create(&o->rs, &order, other, &err), ERR_OK);
}

static enum err_code delete_fn(struct txn *t, void *arg, struct err *err)
{
	const struct user_row *u = arg;

	return user_delete(t->db, u->id, err);
}

static void test_one_bad_user_does_not_stop_the_others(void **state)
{
	static const char *const users[] = { "1001", "1002" };
	struct office *o = *state;
	struct job_order order = order_of(users, 2);
	struct job_view v;
	char id[JOB_ID_TEXT];
	struct err err = { 0 };
	struct user_row gone;

	assert_int_equal(job_create(&o->rs, &order, id, &err), ERR_OK);
	gone = office_user(o, "1001"); /* is there when the job is made, and not when his turn comes */
	must_write(&o->store, delete_fn, &gone);
	assert_int_equal(job_run(&o->rs, id, &err), ERR_OK);
	v = view_of(o, id);
	assert_int_equal(v.state, JOB_DONE_WITH_ERRORS);
	assert_string_equal(users_of(o, id)[0].state, "failed");
	assert_non_null(strstr(users_of(o, id)[0].error, "1001"));
	assert_string_equal(users_of(o, id)[1].state, "done");
	assert_int_equal(status_of(o, "1002"), USER_RESET);
}

static void test_cancel_what_has_not_begun(void **state)
{
	static const char *const users[] = { "1001" };
	struct office *o = *state;
	struct job_order order = order_of(users, 1);
	char id[JOB_ID_TEXT];
	struct err err = { 0 };

	order.at_ms = store_clock_ms() + 3600000;
	assert_int_equal(job_create(&o->rs, &order, id, &err), ERR_OK);
	assert_int_equal(view_of(o, id).state, JOB_SCHEDULED);
	assert_int_equal(office_due(o, "job", id), order.at_ms);
	assert_int_equal(job_cancel(&o->rs, "other.test", id, "admin", "192.0.2.9", &err), ERR_NOT_FOUND);
	assert_int_equal(job_cancel(&o->rs, DOMAIN, id, "admin", "192.0.2.9", &err), ERR_OK);
	assert_int_equal(view_of(o, id).state, JOB_CANCELLED);
	assert_int_equal(office_due(o, "job", id), -1);
	assert_int_equal(job_run(&o->rs, id, &err), ERR_OK);
	assert_int_equal(status_of(o, "1001"), USER_STANDARD);
	assert_int_equal(job_cancel(&o->rs, DOMAIN, id, "admin", "192.0.2.9", &err), ERR_CONFLICT);
	order.at_ms = 0;
	assert_int_equal(job_create(&o->rs, &order, id, &err), ERR_OK); /* free again */
}

static void test_after_a_crash_it_goes_on_where_it_was(void **state)
{
	static const char *const users[] = { "1001", "1002", "1003" };
	struct office *o = *state;
	struct job_order order = order_of(users, 3);
	struct job_view v;
	char id[JOB_ID_TEXT];
	struct err err = { 0 };
	unsigned long n;
	enum err_code code = ERR_IO;

	office_settle(o);
	assert_int_equal(job_create(&o->rs, &order, id, &err), ERR_OK);
	/* The disk fails somewhere in the middle, again and again, with a restart after each. */
	for (n = 30; code != ERR_OK && n < 5000; n = n * 2) {
		store_fail_from(n);
		code = job_run(&o->rs, id, &err);
		store_fail_from(0);
		office_crash(o);
		v = view_of(o, id);
		/* A user is untouched or reset, and his part of the job says which. */
		assert_int_equal(status_of(o, "1001") == USER_RESET, strcmp(users_of(o, id)[0].state, "done") == 0);
		assert_int_equal(status_of(o, "1003") == USER_RESET, strcmp(users_of(o, id)[2].state, "done") == 0);
	}
	assert_int_equal(code, ERR_OK);
	v = view_of(o, id);
	assert_int_equal(v.state, JOB_DONE);
	assert_int_equal(v.done, 3);
	assert_true(office_due(o, "notify", DESK) >= 0);
}

static void test_the_outbox_carries_a_job_out(void **state)
{
	static const char *const users[] = { "1001" };
	struct office *o = *state;
	struct job_order order = order_of(users, 1);
	struct outbox_kind kinds[RESET_KINDS_MAX];
	struct outbox *ob;
	char id[JOB_ID_TEXT];
	struct err err = { 0 };
	size_t n;

	office_settle(o);
	o->rs.conf.longest_ms = o->rs.conf.grace_ms = o->rs.conf.sweep_ms = 1;
	reset_kinds(&o->rs, kinds, &n);
	assert_int_equal(job_create(&o->rs, &order, id, &err), ERR_OK);
	assert_int_equal(outbox_open(o->store.st, kinds, n, 2, &ob, &err), ERR_OK);
	o->rs.outbox = ob;
	assert_int_equal(outbox_start(ob, &err), ERR_OK);
	for (n = 0; n < 12000; n++) { /* at least a minute: the residue check is slow under a sanitizer */
		if (office_has_record(o, "unassigned", DESK) &&
			office_state(o, "unassigned", DESK, "1001") == STATE_CUT_OFF &&
			office_state(o, "relabelled", COLLEAGUE, "") == STATE_UNREACHABLE &&
			office_state(o, "softphone", "", "1001m") == STATE_CUT_OFF)
			break;
		usleep(5000);
	}
	/* No SIP here, so nobody could be told; the lines are dead all the same. */
	assert_int_equal(view_of(o, id).state, JOB_DONE);
	assert_int_equal(office_state(o, "unassigned", DESK, "1001"), STATE_CUT_OFF);
	assert_int_equal(office_state(o, "softphone", "", "1001m"), STATE_CUT_OFF);
	assert_int_equal(office_state(o, "relabelled", COLLEAGUE, ""), STATE_UNREACHABLE);
	assert_int_equal(office_bound(o, "1001@" DOMAIN), 0);
	outbox_close(ob);
	o->rs.outbox = NULL;
}

static void test_lists(void **state)
{
	static const char *const a[] = { "1001" }, *const b[] = { "1002" };
	struct office *o = *state;
	struct job_order order = order_of(a, 1);
	char first[JOB_ID_TEXT], second[JOB_ID_TEXT];
	struct job_view *v, one;
	struct err err = { 0 };
	struct snap s;
	size_t n;

	assert_int_equal(job_create(&o->rs, &order, first, &err), ERR_OK);
	order = order_of(b, 1);
	assert_int_equal(job_create(&o->rs, &order, second, &err), ERR_OK);
	s = must_snap(&o->store);
	assert_int_equal(job_list(s.db, DOMAIN, NULL, NULL, 0, 10, &o->store.a, &v, &n, &err), ERR_OK);
	assert_int_equal(n, 2);
	assert_string_equal(v[0].id, second); /* newest first */
	assert_int_equal(job_view_load(s.db, DOMAIN, "no-number", &o->store.a, &one, &err), ERR_NOT_FOUND);
	assert_int_equal(job_view_load(s.db, DOMAIN, "99999", &o->store.a, &one, &err), ERR_NOT_FOUND);
	snap_end(&s);
}

static void test_wrong_orders(void **state)
{
	static const char *const users[] = { "1001" }, *const nobody[] = { "4711" };
	struct office *o = *state;
	struct recycle_form forms[] = { { .first_name = "Dora", .last_name = "No\nvak" },
		{ .first_name = "Dora", .last_name = "Novak" }, { .first_name = "Dora", .last_name = "Novak" } };
	const char *const twice[] = { "1001", "1001" };
	struct job_order order = order_of(NULL, 0);
	char id[JOB_ID_TEXT];
	struct err err = { 0 };

	order.options = 0;
	assert_int_equal(job_create(&o->rs, &order, id, &err), ERR_INPUT);
	order = order_of(nobody, 1);
	assert_int_equal(job_create(&o->rs, &order, id, &err), ERR_NOT_FOUND);
	order = order_of(users, 1);
	order.recycle_users = users;
	order.recycles = forms;
	order.nrecycles = 1;
	assert_int_equal(job_create(&o->rs, &order, id, &err), ERR_INPUT); /* a line break in a name */
	order.recycle_users = twice;
	order.recycles = &forms[1];
	order.nrecycles = 2;
	assert_int_equal(job_create(&o->rs, &order, id, &err), ERR_INPUT);
	assert_non_null(strstr(err.text, "twice"));
}

static void test_a_form_reads_back(void **state)
{
	struct job_form in = { .reset = true, .recycle = true, .next = { "Dora", "Novák", "", NULL, false } }, out;
	struct arena a;
	struct buf b;
	struct err err = { 0 };

	(void)state;
	arena_init(&a, 0);
	buf_init(&b, 1024);
	assert_int_equal(form_pack(&in, &b, &err), ERR_OK);
	assert_int_equal(form_unpack(buf_view(&b), &a, &out, &err), ERR_OK);
	assert_true(out.reset && out.recycle);
	assert_string_equal(out.next.last_name, "Novák");
	assert_null(out.next.phone);
	buf_release(&b);
	arena_release(&a);
}

#define OFFICE(test) cmocka_unit_test_setup_teardown(test, office_open, office_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OFFICE(test_queued_running_done),
		OFFICE(test_two_jobs_never_hold_one_user),
		OFFICE(test_one_bad_user_does_not_stop_the_others),
		OFFICE(test_cancel_what_has_not_begun),
		OFFICE(test_after_a_crash_it_goes_on_where_it_was),
		OFFICE(test_the_outbox_carries_a_job_out),
		OFFICE(test_lists),
		OFFICE(test_wrong_orders),
		cmocka_unit_test(test_a_form_reads_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
