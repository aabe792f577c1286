/* The n-th call of the store fails while a job is ordered and carried out: every user is untouched or done, and after a
 * restart it ends as if nothing had happened. Every seventh n from a random place; EVERY=1 tries them all, SEED=…
 * repeats a run. */
#include "tests/unit/reset_fixture.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "provisioning/store/job.h"
#include "tests/unit/pace.h"

enum { SEVENTH = 7, OPS_MAX = 100000 };

/* What the rows say, without ids, times, secrets and numbers of generations. */
static const char *const says[] = {
	"SELECT ext, first_name, last_name, email, login, status, caller_id_name, dnd, scope, person FROM users ORDER BY 1",
	"SELECT v.name, v.kind, v.revision, u.ext FROM devices v LEFT JOIN users u ON u.id = v.user_id ORDER BY 1",
	"SELECT p.mac, l.slot, v.name, l.label FROM lines l JOIN phones p ON p.id = l.phone_id JOIN devices v ON v.id = "
	"l.device_id ORDER BY 1, 2",
	"SELECT mac, state FROM phones ORDER BY 1",
	"SELECT p.mac, k.module, k.place, k.type, k.value, k.label, k.owner FROM pkeys k JOIN phones p ON p.id = "
	"k.phone_id ORDER BY 1, 2, 3",
	"SELECT label, blanked FROM softphones ORDER BY 1, 2",
	"SELECT kind, mac, slot, device, ext, who, why, revision_before, revision_after, keeps_line FROM records ORDER BY "
	"1, 2, 3, 4, 5",
	"SELECT action, target_user, before, after, detail FROM audit ORDER BY 1, 2, 3, 4",
	"SELECT ext, state, error, steps FROM job_users ORDER BY 1",
	"SELECT kind, state, users_all, users_done, users_failed, records_all FROM jobs ORDER BY 1",
	"SELECT identity, wanted_revision, device_id IS NULL FROM projection ORDER BY 1",
	"SELECT kind, key FROM outbox WHERE kind <> 'job' ORDER BY 1, 2",
	"SELECT COUNT(*) FROM key_words",
	"SELECT COUNT(*) FROM snapshots",
	"SELECT COUNT(*) FROM sessions",
	"SELECT COUNT(*) FROM uploads",
};

/* The same where the turns may have come in another order, because one was put off: two of them share a phone, and who
 * is second finds what the first one left. */
static const char *const says_in_any_order[] = {
	"SELECT ext, first_name, last_name, email, login, status, caller_id_name, dnd, scope, person FROM users ORDER BY 1",
	"SELECT name, kind FROM devices ORDER BY 1",
	"SELECT p.mac, l.slot, v.name, l.label FROM lines l JOIN phones p ON p.id = l.phone_id JOIN devices v ON v.id = "
	"l.device_id ORDER BY 1, 2",
	"SELECT mac, state FROM phones ORDER BY 1",
	"SELECT p.mac, k.module, k.place, k.type, k.value, k.label, k.owner FROM pkeys k JOIN phones p ON p.id = "
	"k.phone_id ORDER BY 1, 2, 3",
	"SELECT label, blanked FROM softphones ORDER BY 1, 2",
	"SELECT kind, mac, slot, device, ext FROM records WHERE kind IN ('unassigned', 'softphone') ORDER BY 1, 2, 3, 4",
	"SELECT action, target_user, before, after FROM audit ORDER BY 1, 2, 3, 4",
	"SELECT ext, state, error FROM job_users ORDER BY 1",
	"SELECT kind, state, users_all, users_done, users_failed FROM jobs ORDER BY 1",
	"SELECT identity, device_id IS NULL FROM projection ORDER BY 1",
	"SELECT kind, key FROM outbox WHERE kind <> 'job' ORDER BY 1, 2",
};

/* What a job may do to one user at once: his row and his part of the job. */
static const char *const halves[] = {
	"SELECT u.ext, u.first_name, u.status, j.state FROM job_users j LEFT JOIN users u ON u.id = j.user_id ORDER BY j.ext",
};

static char *rows_of(struct office *o, const char *const *queries, size_t n)
{
	struct buf out;
	sqlite3 *db;
	char *text;
	size_t i;

	buf_init(&out, 1 << 20);
	assert_int_equal(sqlite3_open_v2(o->store.db, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	for (i = 0; i < n; i++) {
		sqlite3_stmt *s;
		int k;

		if (sqlite3_prepare_v2(db, queries[i], -1, &s, NULL) != SQLITE_OK)
			fail_msg("%s", sqlite3_errmsg(db));
		while (sqlite3_step(s) == SQLITE_ROW) {
			for (k = 0; k < sqlite3_column_count(s); k++) {
				const char *v = (const char *)sqlite3_column_text(s, k);

				buf_printf(&out, "%s|", v ? v : "-");
			}
			buf_char(&out, '\n');
		}
		buf_str(&out, "--\n");
		sqlite3_finalize(s);
	}
	sqlite3_close(db);
	assert_int_equal(buf_check(&out, "the rows", NULL), ERR_OK);
	text = strdup(out.data);
	buf_release(&out);
	return text;
}

static char *all_of(struct office *o)
{
	return rows_of(o, says, sizeof(says) / sizeof(says[0]));
}

static char *in_any_order_of(struct office *o)
{
	return rows_of(o, says_in_any_order, sizeof(says_in_any_order) / sizeof(says_in_any_order[0]));
}

/* The office as a file, so that each try begins with the same one. */
static struct office *copy;

/* ---- the orders ---- */

static const char *const everybody[] = { "1001", "1002", "1003" };
static const struct recycle_form next = {
	.first_name = "Dora", .last_name = "Novak", .email = "dora@example.test", .phone = SPARE
};

struct tried {
	const char *name;
	struct job_order order;
};

static struct tried orders[] = {
	{ "reset", { .kind = "reset" } },
	{ "reset and recycle", { .recycle_users = everybody, .recycles = &next, .nrecycles = 1 } },
	{ "delete", { .kind = "delete" } },
};

static struct job_order order_of(const struct tried *t)
{
	struct job_order o = t->order;

	o.domain = DOMAIN;
	o.users = everybody;
	o.nusers = 3;
	o.options = o.kind && strcmp(o.kind, "delete") == 0 ? 0 : reset_options_all(&copy->rs.conf);
	o.who = "admin";
	o.from = "";
	return o;
}

static enum err_code order_and_run(struct office *o, const struct tried *t, char id[JOB_ID_TEXT], struct err *err)
{
	struct job_order order = order_of(t);
	enum err_code code = *id ? ERR_OK : job_create(&o->rs, &order, id, err);

	if (code)
		*id = '\0';
	return code ? code : job_run(&o->rs, id, err);
}

static char *kept;
static size_t kept_size;

static void keep(struct office *o)
{
	FILE *f;

	assert_int_equal(store_checkpoint(o->store.st, 5000, NULL), ERR_OK);
	f = fopen(o->store.db, "rb");
	assert_non_null(f);
	fseek(f, 0, SEEK_END);
	kept_size = (size_t)ftell(f);
	rewind(f);
	kept = malloc(kept_size);
	assert_int_equal(fread(kept, 1, kept_size, f), kept_size);
	fclose(f);
}

static void again(struct office *o)
{
	struct store_conf conf = { .path = o->store.db, .key_file = o->store.key };
	FILE *f;

	store_close(o->store.st);
	f = fopen(o->store.db, "wb");
	assert_int_equal(fwrite(kept, 1, kept_size, f), kept_size);
	fclose(f);
	assert_int_equal(store_open(&conf, &o->store.st, NULL), ERR_OK);
	o->rs.store = o->store.st;
}

typedef char *look_fn(struct office *o);

static unsigned long clean_run(const struct tried *t, look_fn *look, char **want)
{
	char id[JOB_ID_TEXT] = "";
	struct err err = { 0 };
	unsigned long n;

	again(copy);
	store_fail_from(0);
	if (order_and_run(copy, t, id, &err))
		fail_msg("%s", err.text);
	n = store_op_count();
	*want = look(copy);
	return n;
}

/* Each user with his part of the job: "waiting" and as he was, or "done" and reset (or gone). */
static void check_halves(const struct tried *t, unsigned long n)
{
	char *text = rows_of(copy, halves, 1), *line, *rest = text;

	while ((line = strsep(&rest, "\n")) && strcmp(line, "--") != 0) {
		bool waiting = strstr(line, "|waiting|") != NULL, done = strstr(line, "|done|") != NULL;
		bool cleared = strstr(line, "||reset|") != NULL || strstr(line, "|Dora|new|") != NULL ||
			       strncmp(line, "-|", 2) == 0;

		if (waiting == done || done != cleared)
			fail_msg("%s, call %lu failed, between: %s", t->name, n, line);
	}
	free(text);
}

static void fails_for_good(const struct tried *t, unsigned long n, const char *want)
{
	char id[JOB_ID_TEXT] = "", *got;
	struct err err = { 0 };
	enum err_code code;

	again(copy);
	store_fail_from(n);
	code = order_and_run(copy, t, id, &err);
	store_fail_from(0);
	if (code == ERR_OK)
		fail_msg("%s: call %lu failed and nobody said so", t->name, n);
	assert_int_equal(code, ERR_IO);
	office_crash(copy);
	check_halves(t, n);
	if (order_and_run(copy, t, id, &err))
		fail_msg("%s, call %lu: %s", t->name, n, err.text);
	got = all_of(copy);
	if (strcmp(got, want) != 0)
		fail_msg("%s, call %lu failed; after the restart:\n%s\nwithout:\n%s", t->name, n, got, want);
	free(got);
}

/* A busy database is asked again, and nobody notices. */
static void is_busy_once(const struct tried *t, unsigned long n, const char *want)
{
	char id[JOB_ID_TEXT] = "", *got;
	struct err err = { 0 };
	enum err_code code;

	again(copy);
	store_soft_fail_at(n);
	code = order_and_run(copy, t, id, &err);
	store_fail_from(0);
	if (code) /* one that reads alone is not repeated: the job is taken up again */
		code = order_and_run(copy, t, id, &err);
	if (code)
		fail_msg("%s, call %lu busy: %s", t->name, n, err.text);
	got = all_of(copy);
	if (strcmp(got, want) != 0)
		fail_msg("%s, call %lu busy:\n%s\nwithout:\n%s", t->name, n, got, want);
	free(got);
}

/* A fault of the machine is nobody's result: the job is taken up again, and nobody has failed. */
static void fails_once(const struct tried *t, unsigned long n, const char *want)
{
	char id[JOB_ID_TEXT] = "", *got;
	struct err err = { 0 };
	enum err_code code;

	again(copy);
	store_fail_at(n);
	code = order_and_run(copy, t, id, &err);
	store_fail_from(0);
	if (code)
		code = order_and_run(copy, t, id, &err);
	if (code)
		fail_msg("%s, call %lu: %s", t->name, n, err.text);
	got = in_any_order_of(copy);
	if (strcmp(got, want) != 0)
		fail_msg("%s, call %lu failed once:\n%s\nwithout:\n%s", t->name, n, got, want);
	free(got);
}

static unsigned long env(const char *name, unsigned long or_else)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 10) : or_else;
}

static void try_all(void (*one)(const struct tried *t, unsigned long n, const char *want), look_fn *look)
{
	unsigned long every = env("EVERY", SEVENTH * pace_step());
	unsigned long seed = env("SEED", (unsigned long)time(NULL)), n, calls, tries = 0;
	size_t i;

	for (i = 0; i < sizeof(orders) / sizeof(orders[0]); i++) {
		char *want;

		calls = clean_run(&orders[i], look, &want);
		assert_true(calls > 100 && calls < OPS_MAX);
		for (n = 1 + seed % every; n <= calls; n += every, tries++)
			one(&orders[i], n, want);
		print_message(
			"# %s: %lu calls of the store, every %luth, SEED=%lu\n", orders[i].name, calls, every, seed);
		free(want);
	}
	assert_true(tries > 0);
}

static void test_every_seventh_call_fails_for_good(void **state)
{
	(void)state;
	try_all(fails_for_good, all_of);
}

static void test_every_seventh_call_fails_once(void **state)
{
	(void)state;
	try_all(fails_once, in_any_order_of);
}

static void test_every_seventh_call_is_busy_once(void **state)
{
	(void)state;
	try_all(is_busy_once, all_of);
}

static int open_office(void **state)
{
	void *o;

	office_open(&o);
	copy = o;
	office_settle(copy);
	keep(copy);
	*state = NULL;
	return 0;
}

static int close_office(void **state)
{
	void *o = copy;

	(void)state;
	free(kept);
	return office_close(&o);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_seventh_call_fails_for_good),
		cmocka_unit_test(test_every_seventh_call_fails_once),
		cmocka_unit_test(test_every_seventh_call_is_busy_once),
	};

	return cmocka_run_group_tests(tests, open_office, close_office);
}
