/* After a reset and a checkpoint no byte of the person is in the files of the store, the audit table aside.
 *
 * Rows are added, changed, moved between pages (many users, rows of different lengths, in mixed order) and cleared;
 * then the files themselves are searched for a mark that stood in every personal field. */
#include "tests/unit/store_fixture.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "provisioning/outbox/outbox.h"
#include "provisioning/outbox/rows.h"
#include "provisioning/store/answerrule.h"
#include "provisioning/store/audit.h"
#include "provisioning/store/contact.h"
#include "provisioning/store/device.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/idempotency.h"
#include "provisioning/store/job.h"
#include "provisioning/store/key.h"
#include "provisioning/store/line.h"
#include "provisioning/store/phone.h"
#include "provisioning/store/scrub.h"
#include "provisioning/store/served.h"
#include "provisioning/store/session.h"
#include "provisioning/store/snapshot.h"
#include "provisioning/store/softphone.h"
#include "provisioning/store/timeframe.h"
#include "provisioning/store/upload.h"
#include "provisioning/store/user.h"

#define MARK "Zyxmark"
enum { USERS = 500, KEYS = 3, BATCH = 100 };

struct company {
	struct fixture *f;
	int64_t domain;
	int64_t user[USERS], phone[USERS], job;
	int from; /* first user of the batch */
};

static const char *text(struct company *c, int i, const char *what, int pad)
{
	char *p = arena_printf(&c->f->a, "%s-%s-%d-%0*d", MARK, what, i, 1 + pad % 60, i);

	assert_non_null(p);
	return p;
}

static enum err_code add_company(struct txn *t, void *arg, struct err *err)
{
	struct company *c = arg;
	struct domain_row d = { .name = "forget.test" };
	struct job_row j = { .kind = "reset", .state = "running", .payload = SLICE_LIT("{\"name\":\"" MARK "\"}") };
	enum err_code code = domain_add(t->db, &d, err);

	c->domain = j.domain_id = d.id;
	if (code == ERR_OK)
		code = job_row_add(t->db, &j, err);
	c->job = j.id;
	return code;
}

static enum err_code add_belongings(struct txn *t, struct company *c, int i, struct err *err)
{
	struct timeframe_row frame = { .domain_id = c->domain,
		.user_id = c->user[i],
		.name = text(c, i, "frame", i),
		.body = text(c, i, "days", i * 9) };
	struct rule_row rule = { .domain_id = c->domain, .user_id = c->user[i], .body = text(c, i, "rule", i * 5) };
	struct rule_number number = { text(c, i, "number", 2), true };
	struct contact_row contact = { .domain_id = c->domain,
		.user_id = c->user[i],
		.first_name = text(c, i, "friend", i * 3),
		.last_name = text(c, i, "of", i),
		.cell = text(c, i, "cell", i * 7) };
	enum err_code code = timeframe_add(t->db, &frame, err);

	rule.timeframe_id = frame.id;
	if (code == ERR_OK)
		code = rule_add(t->db, &rule, err);
	if (code == ERR_OK)
		code = rule_set_numbers(t->db, &rule, &number, 1, err);
	return code ? code : contact_add(t->db, &contact, err);
}

static enum err_code add_user(struct txn *t, struct company *c, int i, struct err *err)
{
	struct user_row u = { .domain_id = c->domain,
		.ext = arena_printf(&c->f->a, "%d", 1000 + i),
		.first_name = text(c, i, "first", i * 7),
		.last_name = text(c, i, "last", i * 13),
		.email = text(c, i, "mail", i * 3),
		.login = text(c, i, "login", i),
		.password_hash = text(c, i, "hash", 20),
		.voicemail_pin = { "4711", 4 },
		.caller_id_name = text(c, i, "cid", i * 5),
		.forward_always = text(c, i, "fwd", i),
		.forward_busy = text(c, i, "fwd", i),
		.forward_no_answer = text(c, i, "fwd", i),
		.forward_offline = text(c, i, "fwd", i),
		.voicemail_email = "yes",
		.voicemail_email_cc = text(c, i, "cc", i),
		.extra_person = text(c, i, "extra", i * 2) };
	struct phone_row p = { .mac = { { 0, 0x15, 0x65, (uint8_t)(i >> 8), (uint8_t)i, 1 } },
		.domain_id = c->domain,
		.brand = "yealink",
		.model = "yealink-t46u",
		.contact = text(c, i, "contact", i) };
	struct session_row s = { 0 };
	struct secret token;
	enum err_code code = user_add(t->db, &u, err);
	int k;

	c->user[i] = s.user_id = u.id;
	if (code == ERR_OK)
		code = phone_add(t->db, &p, err);
	c->phone[i] = p.id;
	for (k = 1; code == ERR_OK && k <= KEYS; k++) {
		struct key_row key = { .phone_id = p.id,
			.place = k,
			.type = KEY_SPEED_DIAL,
			.owner = KEY_OWNER_PERSON,
			.user_id = u.id,
			.value = "+4930123",
			.label = text(c, i, "dial", i * k) };

		code = key_add(t->db, &key, err);
	}
	if (code == ERR_OK)
		code = add_belongings(t, c, i, err);
	return code == ERR_OK ? session_add(t->db, &s, &c->f->a, &token, err) : code;
}

/* Sealed things: their plain text must never have been in a file at all. */
static enum err_code add_sealed(struct txn *t, struct company *c, int i, struct err *err)
{
	struct upload_row up = {
		.phone_id = c->phone[i], .kind = "directory", .body = SLICE_LIT("<item>" MARK "</item>")
	};
	struct snapshot_row sn = { .phone_id = c->phone[i], .kind = "model", .generation = 1, .body = SLICE_LIT(MARK) };
	struct job_user_row ju = { .job_id = c->job,
		.domain_id = c->domain,
		.user_id = c->user[i],
		.ext = "x",
		.state = "waiting",
		.form = SLICE_LIT(MARK),
		.hold = HOLD_HELD };
	struct idempotency_row id = { .principal = "api", .key = arena_printf(&c->f->a, "k%d", i), .request = "h" };
	struct served_row sv = {
		.phone_id = c->phone[i], .slot = 1, .device_id = 1, .revision = 1, .password = { MARK, 7 }
	};
	bool found;
	enum err_code code = upload_put(t->db, &up, err);

	if (code == ERR_OK)
		code = snapshot_put(t->db, &sn, err);
	if (code == ERR_OK)
		code = job_user_add(t->db, &ju, HOLD_HELD, NULL, err);
	if (code == ERR_OK)
		code = idempotency_take(t->db, &id, &c->f->a, &found, err);
	id.body = SLICE_LIT(MARK);
	id.status = 201;
	if (code == ERR_OK)
		code = idempotency_finish(t->db, &id, err);
	if (code == ERR_OK)
		code = served_note(t->db, &sv, 1, err);
	/* A payload may name a person until the work is done. */
	if (code == ERR_OK)
		code = outbox_put(t->db, "mail", "k", text(c, i, "payload", i), 0, NULL, err);
	return code;
}

static enum err_code add_batch(struct txn *t, void *arg, struct err *err)
{
	struct company *c = arg;
	enum err_code code = ERR_OK;
	int i;

	/* Not in order, so that pages split in their middle. */
	for (i = 0; i < BATCH && code == ERR_OK; i++) {
		int at = c->from + (i * 37) % BATCH;

		code = add_user(t, c, at, err);
		if (code == ERR_OK)
			code = add_sealed(t, c, at, err);
	}
	return code;
}

static enum err_code change_batch(struct txn *t, void *arg, struct err *err)
{
	struct company *c = arg;
	struct user_row u;
	enum err_code code = ERR_OK;
	int i;

	for (i = c->from; i < c->from + BATCH && code == ERR_OK; i++) {
		code = user_by_id(t->db, c->user[i], &c->f->a, &u, err);
		u.department = text(c, i, "department", i * 11); /* longer: the row moves */
		u.first_name = text(c, i, "changed", i * 17);
		if (code == ERR_OK)
			code = user_save(t->db, &u, err);
	}
	return code;
}

static enum err_code clear_batch(struct txn *t, void *arg, struct err *err)
{
	struct company *c = arg;
	struct user_row u;
	enum err_code code = ERR_OK;
	int i;

	for (i = c->from; i < c->from + BATCH && code == ERR_OK; i++) {
		struct user_row blank = { 0 };

		code = user_by_id(t->db, c->user[i], &c->f->a, &u, err);
		blank.id = u.id;
		blank.status = USER_RESET;
		if (code == ERR_OK)
			code = user_save(t->db, &blank, err);
		if (code == ERR_OK)
			code = session_delete_user(t->db, u.id, err);
		if (code == ERR_OK)
			code = key_delete_person(t->db, u.id, NULL, err);
		if (code == ERR_OK)
			code = rule_delete_user(t->db, u.id, NULL, err);
		if (code == ERR_OK)
			code = timeframe_delete_user(t->db, u.id, NULL, err);
		if (code == ERR_OK)
			code = contact_delete_user(t->db, u.id, NULL, err);
		if (code == ERR_OK)
			code = upload_delete(t->db, c->phone[i], NULL, NULL, err);
		if (code == ERR_OK)
			code = phone_contact(t->db, c->phone[i], "", "", err);
	}
	return code;
}

static enum err_code finish_work(struct txn *t, void *arg, struct err *err)
{
	struct company *c = arg;
	struct outbox_row *rows;
	size_t n, i;
	enum err_code code = outbox_list(t->db, "mail", (struct page){ 0, 0 }, &c->f->a, &rows, &n, err);

	for (i = 0; i < n && code == ERR_OK; i++)
		code = outbox_delete(t->db, rows[i].id, err);
	return code == ERR_OK ? job_row_state(t->db, c->job, "done", true, err) : code;
}

static void for_all(struct company *c, txn_fn *fn)
{
	for (c->from = 0; c->from < USERS; c->from += BATCH)
		must_write(c->f, fn, c);
}

static void assert_whole(struct fixture *f)
{
	sqlite3 *db;
	sqlite3_stmt *q;

	assert_int_equal(sqlite3_open(f->db, &db), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA integrity_check", -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	assert_string_equal((const char *)sqlite3_column_text(q, 0), "ok");
	sqlite3_finalize(q);
	sqlite3_close(db);
}

static void no_marked_byte_is_left(void **state)
{
	struct fixture *f = *state;
	struct company *c = calloc(1, sizeof(*c));
	struct err err = { 0 };

	c->f = f;
	must_write(f, add_company, c);
	for_all(c, add_batch);
	assert_true(files_with(f, MARK) > 0); /* the search itself works */
	for_all(c, change_batch);
	for_all(c, clear_batch);
	must_write(f, finish_work, c);
	assert_int_equal(store_checkpoint(f->st, 1000, &err), ERR_OK);
	assert_int_equal(files_with(f, MARK), 0);
	assert_whole(f);
	free(c);
}

static enum err_code add_sealed_only(struct txn *t, void *arg, struct err *err)
{
	struct company *c = arg;
	struct user_row u = { .domain_id = c->domain, .ext = "1", .voicemail_pin = { MARK, 7 } };
	struct phone_row p = { .domain_id = c->domain,
		.prov_password = { MARK, 7 },
		.prov_password_previous = { MARK, 7 },
		.admin_password = { MARK, 7 },
		.user_password = { MARK, 7 } };
	struct device_row d = { .domain_id = c->domain, .name = "1", .password = { MARK, 7 } };
	enum err_code code = user_add(t->db, &u, err);

	if (code == ERR_OK)
		code = phone_add(t->db, &p, err);
	if (code == ERR_OK)
		code = device_add(t->db, &d, err);
	c->user[0] = u.id;
	c->phone[0] = p.id;
	return code;
}

static enum err_code add_sealed_more(struct txn *t, void *arg, struct err *err)
{
	struct company *c = arg;
	struct upload_row up = { .phone_id = c->phone[0], .kind = "calls", .body = SLICE_LIT(MARK) };
	struct snapshot_row sn = { .phone_id = c->phone[0], .kind = "model", .generation = 1, .body = SLICE_LIT(MARK) };
	struct job_user_row ju = { .job_id = c->job,
		.domain_id = c->domain,
		.user_id = c->user[0],
		.ext = "x",
		.state = "w",
		.form = SLICE_LIT(MARK),
		.hold = HOLD_HELD };
	struct served_row sv = {
		.phone_id = c->phone[0], .slot = 1, .device_id = 1, .revision = 1, .password = { MARK, 7 }
	};
	enum err_code code = upload_put(t->db, &up, err);

	if (code == ERR_OK)
		code = snapshot_put(t->db, &sn, err);
	if (code == ERR_OK)
		code = job_user_add(t->db, &ju, HOLD_HELD, NULL, err);
	return code == ERR_OK ? served_note(t->db, &sv, 1, err) : code;
}

/* Not even before they are cleared. */
static void sealed_values_are_never_in_a_file(void **state)
{
	struct fixture *f = *state;
	struct company *c = calloc(1, sizeof(*c));

	c->f = f;
	must_write(f, add_company, c);
	must_write(f, add_sealed_only, c);
	must_write(f, add_sealed_more, c);
	assert_int_equal(files_with(f, MARK), 0);
	free(c);
}

static enum err_code add_audit(struct txn *t, void *arg, struct err *err)
{
	struct audit_row row = { .who = "admin", .action = "reset", .before = "{\"name-last-name\":\"" MARK "\"}" };

	(void)arg;
	return audit_add(t->db, &row, err);
}

static void the_audit_log_keeps_the_old_name(void **state)
{
	struct fixture *f = *state;

	must_write(f, add_audit, NULL);
	assert_int_equal(store_checkpoint(f->st, 1000, NULL), ERR_OK);
	assert_int_equal(files_with(f, MARK), 1);
}

static void a_reader_holds_a_checkpoint_up(void **state)
{
	struct fixture *f = *state;
	struct snap s;
	struct err err = { 0 };

	must_write(f, add_audit, NULL);
	s = must_snap(f);
	must_write(f, add_audit, NULL);
	assert_int_equal(store_checkpoint(f->st, 50, &err), ERR_BUSY);
	assert_non_null(strstr(err.text, "reader"));
	must_write(f, add_audit, NULL);
	snap_end(&s);
	assert_int_equal(store_checkpoint(f->st, 1000, NULL), ERR_OK);
}

/* Nobody asks for it: the log is emptied when the store has been quiet for a while. */
static void the_log_is_emptied_by_itself(void **state)
{
	struct fixture *f = *state;
	struct store_conf conf = { .path = f->db, .key_file = f->key, .idle_ms = 10 };
	struct timespec pause = { 0, 5000000 };
	char wal[128];
	struct stat st;
	int i;

	store_close(f->st);
	assert_int_equal(store_open(&conf, &f->st, NULL), ERR_OK);
	must_write(f, add_audit, NULL);
	snprintf(wal, sizeof(wal), "%s-wal", f->db);
	for (i = 0; i < 1000 && (stat(wal, &st) != 0 || st.st_size > 0); i++)
		nanosleep(&pause, NULL);
	assert_int_equal(st.st_size, 0);
	must_write(f, add_audit, NULL);
	assert_int_equal(stat(wal, &st), 0);
	assert_true(st.st_size > 0);
	st.st_size = 1;
	for (i = 0; i < 100000 && st.st_size > 0; i++) { /* never quiet */
		must_write(f, add_audit, NULL);
		assert_int_equal(stat(wal, &st), 0);
	}
	assert_int_equal(st.st_size, 0);
}

/* A table leaf of 512 bytes with two cells and rubbish in its gap (SQLite file format, §1.6). */
static void the_gap_of_a_page_is_zeroed_and_nothing_else(void **state)
{
	unsigned char page[512], want[512];
	size_t first, head;

	(void)state;
	for (first = 0; first <= 1; first++) {
		head = first ? 100 : 0;
		memset(page, 0xee, sizeof(page));
		page[head] = 0x0d;
		page[head + 3] = 0; /* cells */
		page[head + 4] = 2;
		page[head + 5] = 400 >> 8; /* content from */
		page[head + 6] = 400 & 0xff;
		memcpy(want, page, sizeof(page));
		memset(want + head + 12, 0, 400 - (head + 12));
		assert_true(scrub_page(page, sizeof(page), first));
		assert_memory_equal(page, want, sizeof(page));
		assert_false(scrub_page(page, sizeof(page), first));
	}
}

static void other_pages_stay_as_they_are(void **state)
{
	static const unsigned char heads[][8] = {
		{ 0, 0, 0, 9, 0, 0, 0, 0 },          /* overflow or free list */
		{ 0x0d, 0, 0, 0xff, 0xff, 1, 0, 0 }, /* more cells than fit */
		{ 0x0d, 0, 0, 0, 1, 0xff, 0, 0 },    /* content beyond the page */
		{ 0x0d, 0, 0, 0, 0, 0, 0, 0 },       /* content at 65536 in a page of 512 */
		{ 0x07, 0, 0, 0, 1, 1, 0, 0 },       /* no such kind */
	};
	unsigned char page[512], want[512];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		memset(page, 0xee, sizeof(page));
		memcpy(page, heads[i], 8);
		memcpy(want, page, sizeof(page));
		assert_false(scrub_page(page, sizeof(page), false));
		assert_memory_equal(page, want, sizeof(page));
	}
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, fixture_open, fixture_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(no_marked_byte_is_left),
		T(sealed_values_are_never_in_a_file),
		T(the_audit_log_keeps_the_old_name),
		T(a_reader_holds_a_checkpoint_up),
		T(the_log_is_emptied_by_itself),
		cmocka_unit_test(the_gap_of_a_page_is_zeroed_and_nothing_else),
		cmocka_unit_test(other_pages_stay_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
