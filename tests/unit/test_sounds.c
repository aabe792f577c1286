/* What becomes of a person's voicemail: planned, ordered in the transaction, moved and deleted after it; a recycle
 * waits for the move and for nothing else. */
#include "tests/unit/reset_fixture.h"
#include "tests/unit/spool.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "provisioning/outbox/outbox.h"
#include "provisioning/outbox/rows.h"
#include "provisioning/reset/inventory.h"
#include "provisioning/reset/job.h"
#include "provisioning/reset/sounds.h"
#include "provisioning/store/alert.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/timeline.h"
#include "provisioning/voicemail/tree.h"

#define BOTH (1u << OPTION_VOICEMAIL_MESSAGES | 1u << OPTION_VOICEMAIL_GREETINGS)

/* An office whose PBX has a spool. */
struct beside {
	struct office *o;
	struct spool *s;
};

static int open_beside(void **state)
{
	struct beside *b = calloc(1, sizeof(*b));

	office_open((void **)&b->o);
	spool_open((void **)&b->s);
	b->o->rs.conf.voicemail = b->s->vm;
	*state = b;
	return 0;
}

static int close_beside(void **state)
{
	struct beside *b = *state;

	spool_close((void **)&b->s);
	office_close((void **)&b->o);
	free(b);
	return 0;
}

/* ---- rows of the outbox, carried out by hand ---- */

struct claimed {
	struct arena a;
	struct outbox_job job;
	bool got;
	const char *kind;
};

static enum err_code claim_fn(struct txn *t, void *arg, struct err *err)
{
	struct claimed *c = arg;
	struct outbox_entry_row *rows;
	size_t i, n;
	enum err_code code = outbox_claim(t->db, 1000, &c->a, &rows, &n, err);

	c->got = false;
	for (i = 0; code == ERR_OK && i < n; i++)
		if (!c->got && strcmp(rows[i].kind, c->kind) == 0) {
			c->got = true;
			c->job = (struct outbox_job){ .id = rows[i].id,
				.kind = rows[i].kind,
				.key = rows[i].key,
				.payload = rows[i].payload,
				.attempt = (unsigned)rows[i].attempts,
				.arena = &c->a };
		}
	return code ? code : outbox_recover(t->db, err); /* the rest is due again; so is this one */
}

/* The first row of that kind; false when there is none. */
static bool claim(struct beside *b, const char *kind, struct claimed *c)
{
	*c = (struct claimed){ .kind = kind };
	arena_init(&c->a, 0);
	must_write(&b->o->store, claim_fn, c);
	return c->got;
}

struct settling {
	struct reset *rs;
	struct claimed *c;
	outbox_settle_fn *settle;
};

static enum err_code settle_fn(struct txn *t, void *arg, struct err *err)
{
	struct settling *s = arg;
	enum err_code code = s->settle(t, &s->c->job, OUTBOX_DONE, NULL, s->rs, err);

	return code ? code : outbox_delete(t->db, s->c->job.id, err);
}

static bool run_one(struct beside *b, const char *kind, outbox_deliver_fn *deliver, outbox_settle_fn *settle)
{
	struct settling s = { &b->o->rs, NULL, settle };
	struct claimed c;
	struct err err = { 0 };
	bool done = false;

	if (claim(b, kind, &c) && deliver(&c.job, &b->o->rs, &err) == OUTBOX_DONE) {
		s.c = &c;
		must_write(&b->o->store, settle_fn, &s);
		done = true;
	}
	arena_release(&c.a);
	return done;
}

static bool run_move(struct beside *b)
{
	return run_one(b, "voicemail", sounds_move_deliver, sounds_move_settle);
}

static bool run_delete(struct beside *b)
{
	return run_one(b, "voicemail-delete", sounds_delete_deliver, sounds_delete_settle);
}

/* ---- plans ---- */

static struct plan *plan_of(struct beside *b, const struct plan_request *rq)
{
	struct snap s = must_snap(&b->o->store);
	struct plan *plan = NULL;
	struct err err = { 0 };

	if (plan_load(s.db, b->o->catalog, &b->o->rs.conf, rq, &b->o->store.a, &plan, &err))
		fail_msg("%s", err.text);
	snap_end(&s);
	return plan;
}

static void test_what_is_taken(void **state)
{
	static const struct plan_sounds none = { 0 },
					some = { .fresh = 2, .saved = 1, .greetings = 1, .timeframes = 2 },
					pin = { .pin = true }, unread = { .why = "the disk is away" };
	static const struct {
		bool person;
		unsigned options;
		const struct plan_sounds *sounds;
		unsigned take;
		size_t messages, greetings;
	} rows[] = {
		{ true, 0, &some, 0, 0, 0 },
		{ true, 0, &pin, TAKE_PIN, 0, 0 },
		{ true, 0, &unread, TAKE_PIN, 0, 0 },
		{ true, BOTH, &some, TAKE_MESSAGES | TAKE_GREETINGS, 3, 3 },
		/* what comes in between the look and the commit */
		{ true, BOTH, &none, TAKE_MESSAGES | TAKE_GREETINGS, 0, 0 },
		{ true, 1u << OPTION_VOICEMAIL_MESSAGES, &some, TAKE_MESSAGES, 3, 0 },
		{ true, 1u << OPTION_VOICEMAIL_GREETINGS, &some, TAKE_GREETINGS, 0, 3 },
		{ true, BOTH, &unread, TAKE_MESSAGES | TAKE_GREETINGS | TAKE_PIN, 1, 1 },
		{ true, BOTH, NULL, TAKE_MESSAGES | TAKE_GREETINGS | TAKE_PIN, 1, 1 },
		{ false, 0, &pin, 0, 0, 0 },
		{ false, BOTH, &none, 0, 0, 0 },
		{ false, BOTH, &some, TAKE_MESSAGES | TAKE_GREETINGS, 3, 3 },
		{ false, BOTH, &unread, TAKE_MESSAGES | TAKE_GREETINGS, 1, 1 },
	};
	struct beside *b = *state;
	size_t i;

	office_reset(b->o, "1003", false);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct plan_request rq = { .domain = DOMAIN,
			.user = rows[i].person ? "1001" : "1003",
			.reset = true,
			.options = rows[i].options,
			.sounds = rows[i].sounds };
		struct plan *p = plan_of(b, &rq);

		assert_int_equal(p->take, rows[i].take);
		assert_int_equal(plan_count(p, STEP_DELETE_MESSAGES), rows[i].messages);
		assert_int_equal(plan_count(p, STEP_DELETE_GREETINGS), rows[i].greetings);
		assert_string_equal(p->mailbox.context, DOMAIN);
		assert_string_equal(p->mailbox.name, rq.user);
	}
}

static void test_where_there_is_no_voicemail(void **state)
{
	struct plan_request rq = { .domain = DOMAIN, .user = "1001", .reset = true, .options = BOTH };
	struct beside *b = *state;
	struct snap s = must_snap(&b->o->store);
	struct plan *plan;
	struct err err = { 0 };

	b->o->rs.conf.voicemail = NULL;
	assert_int_equal(
		plan_load(s.db, b->o->catalog, &b->o->rs.conf, &rq, &b->o->store.a, &plan, &err), ERR_UNSUPPORTED);
	assert_non_null(strstr(err.text, "[voicemail] root"));
	rq.options = 0;
	assert_int_equal(plan_load(s.db, b->o->catalog, &b->o->rs.conf, &rq, &b->o->store.a, &plan, &err), ERR_OK);
	assert_int_equal(plan->take, 0);
	/* A domain that has no context. */
	names_close(b->s->vm->names);
	assert_int_equal(names_open("other.test=default", "{user}", &b->s->vm->names, &err), ERR_OK);
	b->o->rs.conf.voicemail = b->s->vm;
	assert_int_equal(plan_load(s.db, b->o->catalog, &b->o->rs.conf, &rq, &b->o->store.a, &plan, &err), ERR_OK);
	assert_int_equal(plan->take, 0);
	rq.options = BOTH;
	assert_int_equal(
		plan_load(s.db, b->o->catalog, &b->o->rs.conf, &rq, &b->o->store.a, &plan, &err), ERR_UNSUPPORTED);
	assert_non_null(strstr(err.text, "[voicemail] context"));
	snap_end(&s);
}

struct review {
	struct plan_sounds sounds;
	struct buf *text;
};

static enum err_code review_fn(
	const char *user, const struct plan *plan, const struct err *why, void *arg, struct err *err)
{
	struct review *r = arg;

	(void)err;
	assert_string_equal(user, "1001");
	assert_null(why);
	r->sounds = *plan->sounds;
	plan_print(plan, r->text);
	return ERR_OK;
}

static void test_the_review_says_what_there_is(void **state)
{
	static const char *const users[] = { "1001" };
	struct beside *b = *state;
	struct job_order order = { .domain = DOMAIN, .users = users, .nusers = 1, .who = "admin" };
	struct snap s = must_snap(&b->o->store);
	struct review r;
	struct buf text;
	struct err err = { 0 };

	spool_fill(b->s);
	order.options = 1u << OPTION_VOICEMAIL_MESSAGES;
	buf_init(&text, 65536);
	r.text = &text;
	assert_int_equal(job_plan(&b->o->rs, s.db, &order, review_fn, &r, &err), ERR_OK);
	assert_int_equal(r.sounds.fresh, 4);
	assert_int_equal(r.sounds.timeframes, 1);
	assert_non_null(strstr(text.data,
		"voicemail: messages new 4, saved 1, trash 0, others 0; greetings 2 (the recorded name "
		"too), with a time frame 1"));
	assert_non_null(
		strstr(text.data, "stays: 3 voicemail greetings, because voicemail-greetings is not asked for"));
	/* A disk that cannot be read is said, and stops nobody. */
	spool_wipe(b->s, "example.test");
	spool_link(b->s, "/etc", "example.test");
	assert_int_equal(job_plan(&b->o->rs, s.db, &order, review_fn, &r, &err), ERR_OK);
	assert_non_null(strstr(text.data, "voicemail: cannot be read now: "));
	assert_non_null(strstr(text.data, "symbolic link"));
	buf_release(&text);
	snap_end(&s);
}

/* ---- jobs ---- */

struct seen {
	enum job_state state;
	struct job_user_view *users;
};

static struct seen view_of(struct beside *b, const char *id)
{
	struct snap s = must_snap(&b->o->store);
	struct job_view v;
	struct seen out;
	struct err err = { 0 };
	size_t n;

	if (job_view_load(s.db, DOMAIN, id, &b->o->store.a, &v, &err) ||
		job_view_users(s.db, v.number, NULL, 0, 0, &b->o->store.a, &out.users, &n, &err))
		fail_msg("%s", err.text);
	out.state = v.state;
	snap_end(&s);
	return out;
}

static void create(struct beside *b, const struct job_order *order, char id[JOB_ID_TEXT])
{
	struct err err = { 0 };

	if (job_create(&b->o->rs, order, id, &err))
		fail_msg("%s", err.text);
}

static void run_job(struct beside *b, const char *id)
{
	struct err err = { 0 };

	if (job_run(&b->o->rs, id, &err))
		fail_msg("%s", err.text);
}

static void test_moved_then_deleted(void **state)
{
	static const char *const users[] = { "1001", "1002" };
	struct beside *b = *state;
	struct job_order order = { .domain = DOMAIN, .users = users, .nusers = 2, .options = BOTH, .who = "admin" };
	struct seen v;
	char id[JOB_ID_TEXT];

	spool_fill(b->s);
	create(b, &order, id);
	run_job(b, id);
	v = view_of(b, id);
	assert_int_equal(v.state, JOB_DONE); /* done means committed: nobody waits for the disk */
	assert_string_equal(v.users[0].voicemail, "waiting");
	assert_non_null(strstr(v.users[0].steps, "\"voicemail-messages-removed\":5"));
	assert_non_null(strstr(v.users[0].steps, "\"voicemail-greetings-removed\":3"));
	assert_true(spool_has(b->s, DOMAIN "/1001"));
	assert_true(run_move(b));
	assert_string_equal(view_of(b, id).users[0].voicemail, "moved");
	assert_false(spool_has(b->s, DOMAIN "/1001"));
	assert_true(spool_has(b->s, ".rekey/%s/1001/INBOX", id));
	assert_true(run_delete(b));
	assert_string_equal(view_of(b, id).users[0].voicemail, "deleted");
	assert_true(run_move(b));
	assert_true(run_delete(b));
	assert_false(run_move(b));
	assert_int_equal(spool_count(b->s, ".rekey"), 0);
	/* A reset of whom it was done to already records nothing twice. */
	create(b, &order, id);
	run_job(b, id);
	assert_null(view_of(b, id).users[0].voicemail);
	assert_false(run_move(b));
}

static void test_a_recycle_waits_for_the_move_alone(void **state)
{
	static const char *const users[] = { "1001", "1002" }, *const next[] = { "1001" };
	const struct recycle_form form = { .first_name = "Nora", .last_name = "Neu", .phone = SPARE };
	struct beside *b = *state;
	struct job_order order = { .domain = DOMAIN,
		.users = users,
		.nusers = 2,
		.options = BOTH | 1u << OPTION_PHONE_LINES,
		.recycle_users = next,
		.recycles = &form,
		.nrecycles = 1,
		.who = "admin" };
	struct seen v;
	char id[JOB_ID_TEXT];

	spool_fill(b->s);
	create(b, &order, id);
	run_job(b, id);
	v = view_of(b, id);
	assert_int_equal(v.state, JOB_RUNNING);
	assert_string_equal(v.users[0].state, "moving");
	assert_string_equal(v.users[1].state, "done"); /* the other one is through */
	assert_int_equal(office_user(b->o, "1001").status, USER_RESET);
	assert_string_equal(office_user(b->o, "1001").first_name, "");
	run_job(b, id); /* nothing to do as yet */
	assert_string_equal(view_of(b, id).users[0].state, "moving");
	assert_true(run_move(b));
	assert_string_equal(view_of(b, id).users[0].state, "running");
	assert_true(office_due(b->o, "job", id) >= 0); /* called up */
	run_job(b, id);
	v = view_of(b, id);
	assert_int_equal(v.state, JOB_DONE);
	assert_string_equal(v.users[0].state, "done");
	assert_string_equal(v.users[0].voicemail, "moved");
	assert_string_equal(office_user(b->o, "1001").first_name, "Nora");
	assert_int_equal(office_phone(b->o, SPARE).state, PHONE_ASSIGNED);
	/* The counts are those of both parts. */
	assert_non_null(strstr(v.users[0].steps, "\"voicemail-messages-removed\":5"));
	assert_non_null(strstr(v.users[0].steps, "\"lines-removed\":2"));
	/* The next person's message comes before the last one's are deleted. */
	spool_file(b->s, "new", DOMAIN "/1001/INBOX/msg0000.txt");
	assert_true(run_move(b)); /* 1002's */
	while (run_delete(b))
		;
	assert_string_equal(spool_read(b->s, DOMAIN "/1001/INBOX/msg0000.txt"), "new");
}

/* The reset has been; nobody new comes. */
static void test_a_recycle_that_waits_can_be_cancelled(void **state)
{
	static const char *const users[] = { "1001" };
	const struct recycle_form form = { .first_name = "Nora", .last_name = "Neu" };
	struct beside *b = *state;
	struct job_order order = { .domain = DOMAIN,
		.users = users,
		.nusers = 1,
		.options = BOTH,
		.recycle_users = users,
		.recycles = &form,
		.nrecycles = 1,
		.who = "admin" };
	bool one;

	for (one = false;; one = true) { /* the whole job, then that user of it */
		struct seen v;
		char id[JOB_ID_TEXT];
		struct err err = { 0 };

		spool_fill(b->s);
		create(b, &order, id);
		run_job(b, id);
		assert_string_equal(view_of(b, id).users[0].state, "moving");
		assert_int_equal(one ? job_cancel_user(&b->o->rs, DOMAIN, id, "1001", "admin", "", &err)
				     : job_cancel(&b->o->rs, DOMAIN, id, "admin", "", &err),
			ERR_OK);
		v = view_of(b, id);
		assert_int_equal(v.state, JOB_CANCELLED);
		assert_string_equal(v.users[0].state, "cancelled");
		assert_non_null(strstr(v.users[0].error, "nobody new has come"));
		assert_non_null(strstr(v.users[0].steps, "\"voicemail-messages-removed\":5"));
		assert_true(run_move(b));
		assert_true(run_delete(b));
		v = view_of(b, id);
		assert_string_equal(v.users[0].voicemail, "deleted");
		assert_non_null(strstr(v.users[0].error, "nobody new has come")); /* still */
		assert_int_equal(office_user(b->o, "1001").status, USER_RESET);
		assert_int_equal(office_due(b->o, "job", id), -1);
		if (one)
			break;
	}
}

/* A deleted user's sound files are accounted for in the job as anybody's. */
static void test_a_job_deletes_voicemail_with_the_user(void **state)
{
	static const char *const users[] = { "1001" };
	struct beside *b = *state;
	struct job_order order = { .domain = DOMAIN, .users = users, .nusers = 1, .kind = "delete", .who = "admin" };
	char id[JOB_ID_TEXT];

	spool_fill(b->s);
	create(b, &order, id);
	run_job(b, id);
	assert_int_equal(view_of(b, id).state, JOB_DONE);
	assert_string_equal(view_of(b, id).users[0].voicemail, "waiting");
	assert_non_null(strstr(view_of(b, id).users[0].steps, "\"voicemail-greetings-removed\":3"));
	assert_true(run_move(b));
	assert_true(run_delete(b));
	assert_string_equal(view_of(b, id).users[0].voicemail, "deleted");
	assert_false(spool_has(b->s, DOMAIN "/1001"));
}

/* What the order asks for as a whole is checked before a part of it is carried out. */
static void test_an_order_that_cannot_be_done_is_not_half_done(void **state)
{
	static const char *const users[] = { "1001" };
	const struct recycle_form form = { .first_name = "Nora", .last_name = "Neu", .phone = "001565ffffff" };
	struct beside *b = *state;
	struct job_order order = { .domain = DOMAIN,
		.users = users,
		.nusers = 1,
		.options = BOTH,
		.recycle_users = users,
		.recycles = &form,
		.nrecycles = 1,
		.who = "admin" };
	char id[JOB_ID_TEXT];
	struct err err = { 0 };

	assert_int_equal(job_create(&b->o->rs, &order, id, &err), ERR_NOT_FOUND);
	assert_string_equal(office_user(b->o, "1001").first_name, "Anna");
}

static void test_without_sound_files_both_go_at_once(void **state)
{
	static const char *const users[] = { "1001" };
	const struct recycle_form form = { .first_name = "Nora", .last_name = "Neu" };
	struct beside *b = *state;
	struct job_order order = { .domain = DOMAIN,
		.users = users,
		.nusers = 1,
		.recycle_users = users,
		.recycles = &form,
		.nrecycles = 1,
		.who = "admin" };
	char id[JOB_ID_TEXT];

	create(b, &order, id);
	run_job(b, id);
	assert_int_equal(view_of(b, id).state, JOB_DONE);
	assert_string_equal(office_user(b->o, "1001").first_name, "Nora");
	assert_null(view_of(b, id).users[0].voicemail);
}

static struct inventory inventory_of(struct beside *b, struct db *db)
{
	return (struct inventory){ &b->o->rs, db, &b->o->store.a, "admin", "", "test" };
}

static enum err_code save_fn(struct txn *t, void *arg, struct err *err)
{
	struct beside *b = arg;
	struct inventory in = inventory_of(b, t->db);
	struct domain_row dom;
	struct user_row u;
	enum err_code code = domain_by_name(t->db, DOMAIN, in.arena, &dom, err);

	if (code == ERR_OK)
		code = user_load(t->db, dom.id, "1001", in.arena, &u, err);
	u.first_name = "Nora";
	u.last_name = "Neu";
	return code ? code : inventory_user_save(&in, &dom, &u, err);
}

static enum err_code delete_fn(struct txn *t, void *arg, struct err *err)
{
	struct beside *b = arg;
	struct inventory in = inventory_of(b, t->db);
	struct domain_row dom;
	struct user_row u;
	enum err_code code = domain_by_name(t->db, DOMAIN, in.arena, &dom, err);

	if (code == ERR_OK)
		code = user_load(t->db, dom.id, "1001", in.arena, &u, err);
	return code ? code : inventory_user_delete(&in, &dom, &u, err);
}

static enum err_code add_fn(struct txn *t, void *arg, struct err *err)
{
	struct beside *b = arg;
	struct inventory in = inventory_of(b, t->db);
	struct domain_row dom;
	struct user_row u = {
		.ext = "1001", .first_name = "Zoe", .last_name = "Zen", .scope = "Basic User", .status = USER_NEW
	};
	enum err_code code = domain_by_name(t->db, DOMAIN, in.arena, &dom, err);

	u.domain_id = dom.id;
	return code ? code : inventory_user_add(&in, &u, err);
}

static enum err_code tried(struct beside *b, txn_fn *fn)
{
	struct err err = { 0 };

	return store_write(b->o->store.st, fn, b, &err);
}

static void test_every_way_to_a_next_person_waits(void **state)
{
	static const char *const users[] = { "1001" };
	const struct recycle_form form = { .first_name = "Nora", .last_name = "Neu" };
	struct beside *b = *state;
	struct job_order order = { .domain = DOMAIN, .users = users, .nusers = 1, .options = BOTH, .who = "admin" };
	struct job_order later = {
		.domain = DOMAIN, .recycle_users = users, .recycles = &form, .nrecycles = 1, .who = "admin"
	};
	char id[JOB_ID_TEXT], second[JOB_ID_TEXT];

	spool_fill(b->s);
	create(b, &order, id);
	run_job(b, id);
	/* saving a name; a job of its own */
	assert_int_equal(tried(b, save_fn), ERR_BUSY);
	create(b, &later, second);
	run_job(b, second);
	assert_string_equal(view_of(b, second).users[0].state, "moving");
	assert_string_equal(office_user(b->o, "1001").first_name, "");
	assert_true(run_move(b));
	run_job(b, second);
	assert_int_equal(view_of(b, second).state, JOB_DONE);
	assert_string_equal(office_user(b->o, "1001").first_name, "Nora");
	/* a user deleted, and one of the same extension */
	assert_int_equal(tried(b, delete_fn), ERR_OK);
	assert_int_equal(tried(b, add_fn), ERR_BUSY);
	assert_true(run_move(b));
	assert_int_equal(tried(b, add_fn), ERR_OK);
	while (run_delete(b))
		;
	assert_int_equal(spool_count(b->s, ".rekey"), 0);
}

static void test_what_is_in_the_way_is_said_and_then_over(void **state)
{
	static const char *const users[] = { "1001" };
	struct beside *b = *state;
	struct job_order order = { .domain = DOMAIN, .users = users, .nusers = 1, .options = BOTH, .who = "admin" };
	const struct alert_filter open = { .open_only = true };
	struct alert_row *alerts;
	struct snap s;
	char id[JOB_ID_TEXT];
	struct err err = { 0 };
	size_t n;

	spool_link(b->s, "/etc", DOMAIN "/1001");
	create(b, &order, id);
	run_job(b, id);
	assert_false(run_move(b));
	assert_non_null(strstr(view_of(b, id).users[0].error, "example.test/1001"));
	assert_non_null(strstr(view_of(b, id).users[0].error, "symbolic link"));
	assert_string_equal(view_of(b, id).users[0].state, "done");
	s = must_snap(&b->o->store);
	assert_int_equal(alert_row_list(s.db, &open, (struct page){ 0, 0 }, &b->o->store.a, &alerts, &n, &err), ERR_OK);
	assert_int_equal(n, 1);
	assert_string_equal(alerts[0].kind, "voicemail");
	snap_end(&s);
	spool_wipe(b->s, DOMAIN);
	assert_true(run_move(b));
	assert_null(view_of(b, id).users[0].error);
	s = must_snap(&b->o->store);
	assert_int_equal(alert_row_list(s.db, &open, (struct page){ 0, 0 }, &b->o->store.a, &alerts, &n, &err), ERR_OK);
	assert_int_equal(n, 0);
	snap_end(&s);
}

/* Moved, and a crash of the machine could still undo it: then nobody is told that it is gone. */
static void test_a_move_that_is_not_on_disk_is_not_done(void **state)
{
	static const char *const users[] = { "1001" };
	struct beside *b = *state;
	struct job_order order = { .domain = DOMAIN, .users = users, .nusers = 1, .options = BOTH, .who = "admin" };
	char id[JOB_ID_TEXT];
	struct err err = { 0 };
	unsigned long taking;

	spool_fill(b->s);
	create(b, &order, id);
	run_job(b, id);
	tree_fail_from(0, 0, false);
	assert_int_equal(away_take(b->s->vm, 99, &b->s->box, TAKE_MESSAGES | TAKE_GREETINGS | TAKE_PIN, &err), ERR_OK);
	taking = tree_op_count();
	spool_wipe(b->s, DOMAIN);
	spool_fill(b->s);
	tree_fail_from(taking + 1, EIO, false);
	assert_false(run_move(b));
	tree_fail_from(0, 0, false);
	assert_false(spool_has(b->s, DOMAIN "/1001"));
	assert_string_equal(view_of(b, id).users[0].voicemail, "waiting");
	assert_non_null(strstr(view_of(b, id).users[0].error, "Cannot"));
	assert_true(run_move(b));
	assert_string_equal(view_of(b, id).users[0].voicemail, "moved");
	assert_null(view_of(b, id).users[0].error);
}

static void test_voicemail_that_is_switched_off_in_between(void **state)
{
	static const char *const users[] = { "1001" };
	struct beside *b = *state;
	struct job_order order = { .domain = DOMAIN, .users = users, .nusers = 1, .options = BOTH, .who = "admin" };
	char id[JOB_ID_TEXT];

	spool_fill(b->s);
	create(b, &order, id);
	run_job(b, id);
	b->o->rs.conf.voicemail = NULL;
	assert_false(run_move(b));
	assert_non_null(strstr(view_of(b, id).users[0].error, "[voicemail] root"));
	b->o->rs.conf.voicemail = b->s->vm;
	assert_true(run_move(b));
}

/* The store fails at every single operation of the settling: all of it or nothing, and the same in the end. */
static void test_settling_with_a_store_that_fails(void **state)
{
	static const char *const users[] = { "1001" };
	const struct recycle_form form = { .first_name = "Nora", .last_name = "Neu" };
	struct beside *b = *state;
	struct job_order order = { .domain = DOMAIN,
		.users = users,
		.nusers = 1,
		.options = BOTH,
		.recycle_users = users,
		.recycles = &form,
		.nrecycles = 1,
		.who = "admin" };
	struct settling s = { &b->o->rs, NULL, sounds_move_settle };
	struct claimed c;
	char id[JOB_ID_TEXT];
	struct err err = { 0 };
	unsigned long n;
	enum err_code code = ERR_IO;

	spool_fill(b->s);
	create(b, &order, id);
	run_job(b, id);
	assert_true(claim(b, "voicemail", &c));
	assert_int_equal(sounds_move_deliver(&c.job, &b->o->rs, &err), OUTBOX_DONE);
	s.c = &c;
	for (n = 1; code; n++) {
		assert_string_equal(view_of(b, id).users[0].state, "moving");
		assert_string_equal(view_of(b, id).users[0].voicemail, "waiting");
		store_fail_from(n);
		code = store_write(b->o->store.st, settle_fn, &s, &err);
		store_fail_from(0);
		assert_int_equal(
			sounds_move_deliver(&c.job, &b->o->rs, &err), OUTBOX_DONE); /* again, as after a crash */
		assert_true(n < 200);
	}
	assert_true(n > 8);
	arena_release(&c.a);
	assert_string_equal(view_of(b, id).users[0].state, "running");
	run_job(b, id);
	assert_string_equal(office_user(b->o, "1001").first_name, "Nora");
	assert_true(run_delete(b));
	assert_false(run_delete(b));
}

static enum err_code sweep_fn(struct txn *t, void *arg, struct err *err)
{
	(void)arg;
	return sounds_sweep(t->db, err);
}

/* As a rekeyd leaves it that dies in a folder: no process has this number. */
static void lock_of_the_dead(struct beside *b, const char *path)
{
	char boot[40] = "";
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	assert_non_null(f);
	assert_int_equal(fscanf(f, "%39s", boot), 1);
	fclose(f);
	spool_file(b->s, arena_printf(&b->s->a, "rekeyd %s 4194305 7\n", boot), "%s", path);
}

static void test_the_sweep_takes_what_nobody_works_on(void **state)
{
	static const char *const users[] = { "1001", "1002" };
	struct beside *b = *state;
	struct job_order order = { .domain = DOMAIN, .users = users, .nusers = 2, .options = BOTH, .who = "admin" };
	struct claimed move, sweep;
	char id[JOB_ID_TEXT];
	struct err err = { 0 };

	spool_fill(b->s);
	create(b, &order, id);
	run_job(b, id);
	/* One was moved, and rekeyd died before that was noted; one is noted and not deleted; one is forgotten. */
	assert_true(claim(b, "voicemail", &move));
	assert_int_equal(sounds_move_deliver(&move.job, &b->o->rs, &err), OUTBOX_DONE);
	arena_release(&move.a);
	assert_true(spool_has(b->s, ".rekey/%s/1001", id));
	spool_file(b->s, "x", ".rekey/999999/1003/INBOX/msg0000.txt");
	spool_file(b->s, "x", ".rekey/odd/1003");
	lock_of_the_dead(b, DOMAIN "/1002/INBOX/.lock");
	spool_file(b->s, "", DOMAIN "/1002/Old/.lock");
	must_write(&b->o->store, sweep_fn, NULL);
	must_write(&b->o->store, sweep_fn, NULL); /* one row, however often rekeyd is started */
	assert_true(claim(b, "voicemail-sweep", &sweep));
	assert_int_equal(sounds_sweep_deliver(&sweep.job, &b->o->rs, &err), OUTBOX_DONE);
	assert_false(spool_has(b->s, ".rekey/999999"));
	assert_false(spool_has(b->s, DOMAIN "/1002/INBOX/.lock"));
	assert_true(spool_has(b->s, DOMAIN "/1002/Old/.lock")); /* the PBX's */
	assert_true(spool_has(b->s, ".rekey/odd"));             /* no name of ours */
	assert_true(spool_has(b->s, ".rekey/%s/1001", id));
	/* The move that is repeated finds it, and leaves the next person's alone. */
	spool_file(b->s, "new", DOMAIN "/1001/INBOX/msg0000.txt");
	spool_wipe(b->s, DOMAIN "/1002/Old");
	assert_true(run_move(b));
	assert_int_equal(sounds_sweep_deliver(&sweep.job, &b->o->rs, &err), OUTBOX_DONE);
	assert_true(spool_has(b->s, ".rekey/%s/1001", id)); /* voicemail-delete's */
	while (run_move(b) || run_delete(b))
		;
	assert_string_equal(spool_read(b->s, DOMAIN "/1001/INBOX/msg0000.txt"), "new");
	arena_release(&sweep.a);
	b->o->rs.conf.voicemail = NULL;
	assert_int_equal(sounds_sweep_deliver(&sweep.job, &b->o->rs, &err), OUTBOX_DONE);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, open_beside, close_beside)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_what_is_taken),
		TEST(test_where_there_is_no_voicemail),
		TEST(test_the_review_says_what_there_is),
		TEST(test_moved_then_deleted),
		TEST(test_a_recycle_waits_for_the_move_alone),
		TEST(test_a_recycle_that_waits_can_be_cancelled),
		TEST(test_a_job_deletes_voicemail_with_the_user),
		TEST(test_an_order_that_cannot_be_done_is_not_half_done),
		TEST(test_without_sound_files_both_go_at_once),
		TEST(test_every_way_to_a_next_person_waits),
		TEST(test_what_is_in_the_way_is_said_and_then_over),
		TEST(test_a_move_that_is_not_on_disk_is_not_done),
		TEST(test_voicemail_that_is_switched_off_in_between),
		TEST(test_settling_with_a_store_that_fails),
		TEST(test_the_sweep_takes_what_nobody_works_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
