/* Phone numbers: the verbs, where each one leads, what a reset does to them, and what the registrar's file says then.
 */
#include "tests/unit/reset_fixture.h"

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "phonecfg/base/mem.h"
#include "provisioning/outbox/outbox.h"
#include "provisioning/reset/aliases.h"
#include "provisioning/reset/apply.h"
#include "provisioning/reset/kinds.h"
#include "provisioning/reset/numbers.h"
#include "provisioning/reset/plan.h"

#define ANNA "1001@" DOMAIN

/* ---- help ---- */

struct wish {
	struct office *o;
	const char *number, *application, *destination, *description;
	enum { ADD, SAVE, DELETE, ADD_USER, ADD_DEVICE, DELETE_USER } what;
};

static struct number_row fresh(const struct wish *w)
{
	return (struct number_row){ .number = w->number,
		.enabled = true,
		.application = w->application ? w->application : "to-user",
		.destination_user = w->destination ? w->destination : "",
		.destination_host = "",
		.parameter = "",
		.source_name = "",
		.description = w->description ? w->description : "",
		.extra = "" };
}

static enum err_code wish_inner(struct wish *w, struct inventory *in, struct err *err)
{
	struct domain_row dom;
	struct number_row row = fresh(w);
	struct user_row user = { .ext = w->destination, .scope = "Basic User" };
	struct device_row device = { .name = w->number };
	enum err_code e = domain_by_name(in->db, DOMAIN, in->arena, &dom, err);

	row.domain_id = user.domain_id = dom.id;
	if (e == ERR_OK && w->what == ADD)
		return numbers_add(in, &dom, &row, err);
	if (e == ERR_OK && w->what == ADD_USER)
		return inventory_user_add(in, &user, err);
	if (e == ERR_OK && (w->what == ADD_DEVICE || w->what == DELETE_USER))
		e = user_load(in->db, dom.id, w->destination, in->arena, &user, err);
	if (e == ERR_OK && w->what == ADD_DEVICE)
		return inventory_device_add(in, &user, &device, err);
	if (e == ERR_OK && w->what == DELETE_USER)
		return inventory_user_delete(in, &dom, &user, err);
	if (e == ERR_OK)
		e = number_load(in->db, w->number, in->arena, &row, err);
	if (e == ERR_OK && w->what == DELETE)
		return numbers_delete(in, &row, err);
	row.application = w->application;
	row.destination_user = w->destination ? w->destination : "";
	return e ? e : numbers_save(in, &dom, &row, err);
}

static enum err_code wish_fn(struct txn *t, void *arg, struct err *err)
{
	struct wish *w = arg;
	struct arena a;
	struct inventory in = { &w->o->rs, t->db, &a, "admin", "", "edit" };
	enum err_code e;

	arena_init(&a, 0);
	e = wish_inner(w, &in, err);
	arena_release(&a);
	return e;
}

static enum err_code try_wish(struct office *o, struct wish w, struct err *err)
{
	*err = (struct err){ 0 };
	w.o = o;
	return store_write(o->store.st, wish_fn, &w, err);
}

static void must(struct office *o, struct wish w)
{
	struct err err;

	if (try_wish(o, w, &err))
		fail_msg("%s", err.text);
}

static struct number_row row_of(struct office *o, const char *number)
{
	struct number_row row;
	struct snap s = must_snap(&o->store);

	assert_int_equal(number_load(s.db, number, &o->store.a, &row, NULL), ERR_OK);
	snap_end(&s);
	return row;
}

static const char *leads(struct office *o, const char *number)
{
	struct number_row r = row_of(o, number);

	return arena_printf(&o->store.a, "%s %s %s%s%s", r.application, r.ext, r.straight ? "straight" : "not",
		*r.device ? " " : "", r.device);
}

/* ---- where a number leads ---- */

static void test_a_number_leads_where_its_application_says(void **state)
{
	static const struct {
		const char *application, *destination, *want;
	} rows[] = {
		{ "available-number", "1001", "available-number  not" },
		{ "to-user", "1001", "to-user 1001 straight" },
		{ "to-user-residential", "1002", "to-user-residential 1002 straight" },
		{ "to-single-device", "1001b", "to-single-device 1001 straight 1001b" },
		{ "to-voicemail", "1001", "to-voicemail 1001 not" },
		{ "to-voicemail-residential", "1001", "to-voicemail-residential 1001 not" },
		{ "to-callqueue", "anything", "to-callqueue  not" },
		{ "to-connection", "trunk", "to-connection  not" },
	};
	struct office *o = *state;
	size_t i;

	must(o, (struct wish){ .number = "15551230001", .application = NUMBER_AVAILABLE });
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		must(o, (struct wish){ .number = "15551230001",
				.application = rows[i].application,
				.destination = rows[i].destination,
				.what = SAVE });
		assert_string_equal(leads(o, "15551230001"), rows[i].want);
	}
	assert_int_equal(i, 8);
}

static void test_every_application_has_its_word_once(void **state)
{
	const struct number_application *a, *b;
	size_t n = 0;

	(void)state;
	for (a = number_applications; a->word; a++, n++) {
		assert_ptr_equal(number_application(a->word), a);
		for (b = number_applications; b != a; b++)
			assert_string_not_equal(a->word, b->word);
	}
	assert_int_equal(n, 14); /* the enumeration of NetSapiens' API v2 */
	assert_null(number_application("to-moon"));
	assert_null(number_application(""));
}

static void test_digits_and_nothing_else_make_a_number(void **state)
{
	static const char *const good[] = { "1234567", "+1234567", "123456789012345", "+123456789012345" };
	static const char *const bad[] = { NULL, "", "+", "123456", "1234567890123456", "0123456789", "12345 67",
		"12345a7", "++1234567", "1234567+", "\xd9\xa1\xd9\xa2\xd9\xa3\xd9\xa4" };
	struct office *o = *state;
	const char *out;
	struct err err = { 0 };
	size_t i;

	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_int_equal(number_read(good[i], &o->store.a, &out, &err), ERR_OK);
		assert_string_equal(out, good[i] + (good[i][0] == '+'));
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(number_read(bad[i], &o->store.a, &out, &err), ERR_INPUT);
}

static void test_what_leads_nowhere_that_exists_is_refused(void **state)
{
	static const struct wish rows[] = {
		{ .number = "15551230001", .application = "to-moon", .destination = "1001" },
		{ .number = "15551230001", .application = "to-user", .destination = "9999" },
		{ .number = "15551230001", .application = "to-user" },
		{ .number = "15551230001", .application = "to-user", .destination = "1001@elsewhere.test" },
		{ .number = "15551230001", .application = "to-single-device", .destination = "1001z" },
		{ .number = "15551230001", .application = "to-single-device", .destination = "idle-" SPARE },
		{ .number = "15551230001", .application = "to-voicemail", .destination = "9999" },
	};
	struct office *o = *state;
	struct err err;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_int_equal(try_wish(o, rows[i], &err), ERR_INPUT);
		assert_true(strlen(err.text) > 20);
	}
	must(o, (struct wish){ .number = "15551230001", .destination = "1001" });
	assert_int_equal(
		try_wish(o, (struct wish){ .number = "15551230001", .destination = "1002" }, &err), ERR_CONFLICT);
	must(o, (struct wish){ .what = ADD_USER, .destination = "5552000" });
	assert_int_equal(try_wish(o, (struct wish){ .number = "5552000", .destination = "1002" }, &err), ERR_CONFLICT);
	assert_int_equal(
		try_wish(o, (struct wish){ .what = ADD_USER, .destination = "15551230001" }, &err), ERR_CONFLICT);
}

/* ---- reset ---- */

static void give_numbers(struct office *o)
{
	must(o, (struct wish){ .number = "15551230001", .destination = "1001", .description = "Direct line of Anna" });
	must(o, (struct wish){ .number = "15551230002", .application = "to-single-device", .destination = "1001b" });
	must(o, (struct wish){ .number = "15551230003", .application = "to-voicemail", .destination = "1001" });
	must(o, (struct wish){ .number = "15551230004", .destination = "1002" });
	must(o, (struct wish){ .number = "15551230005", .application = "to-callqueue", .destination = "1001" });
}

static enum err_code apply_fn(struct txn *t, void *arg, struct err *err)
{
	struct office *o = arg;
	struct apply_order order = {
		.request = { .domain = DOMAIN, .user = "1001", .reset = true, .options = 1u << OPTION_PHONE_NUMBERS },
		.who = "admin",
		.from = "",
		.why = "reset"
	};
	struct arena a;
	enum err_code e;

	arena_init(&a, 0);
	e = apply_user(&o->rs, t->db, &order, &a, NULL, err);
	arena_release(&a);
	return e;
}

static void reset_numbers(struct office *o)
{
	struct err err = { 0 };

	if (store_write(o->store.st, apply_fn, o, &err))
		fail_msg("%s", err.text);
}

static struct plan *plan_of(struct office *o, unsigned options)
{
	struct plan_request rq = { .domain = DOMAIN, .user = "1001", .reset = true, .options = options };
	struct plan *plan = NULL;
	struct snap s = must_snap(&o->store);
	struct err err = { 0 };

	assert_int_equal(plan_load(s.db, o->catalog, &o->rs.conf, &rq, &o->store.a, &plan, &err), ERR_OK);
	snap_end(&s);
	return plan;
}

static bool stays(const struct plan *p, const char *text)
{
	size_t i;

	for (i = 0; i < p->nstays; i++)
		if (strstr(p->stays[i], text))
			return true;
	return false;
}

static void test_the_plan_names_what_is_freed_and_what_stays(void **state)
{
	struct office *o = *state;
	struct plan *p;
	struct buf text;

	give_numbers(o);
	p = plan_of(o, 1u << OPTION_PHONE_NUMBERS);
	assert_int_equal(plan_count(p, STEP_FREE_NUMBER), 2);
	assert_int_equal(plan_count(p, STEP_UNNAME_NUMBER), 1);
	assert_true(stays(p, "15551230003") && !stays(p, "15551230001") && !stays(p, "15551230005"));
	buf_init(&text, 65536);
	plan_print(p, &text);
	assert_non_null(strstr(text.data, "free-number"));
	assert_non_null(strstr(text.data, "phone numbers freed 2"));
	buf_release(&text);
	p = plan_of(o, 0);
	assert_int_equal(plan_count(p, STEP_FREE_NUMBER), 0);
	assert_int_equal(plan_count(p, STEP_UNNAME_NUMBER), 1); /* a name goes whatever is ticked */
	assert_true(stays(p, "15551230001") && stays(p, "15551230002") && stays(p, "15551230003"));
}

static void test_a_reset_frees_what_leads_straight_to_the_user(void **state)
{
	struct office *o = *state;

	give_numbers(o);
	reset_numbers(o);
	assert_string_equal(leads(o, "15551230001"), "available-number  not");
	assert_string_equal(leads(o, "15551230002"), "available-number  not");
	assert_string_equal(leads(o, "15551230003"), "to-voicemail 1001 not");
	assert_string_equal(leads(o, "15551230004"), "to-user 1002 straight");
	assert_string_equal(row_of(o, "15551230005").destination_user, "1001");
	assert_string_equal(row_of(o, "15551230001").description, "");
	assert_true(plan_of(o, 1u << OPTION_PHONE_NUMBERS)->already_reset);
	/* One that was given to the empty desk meanwhile is freed by the next reset. */
	must(o, (struct wish){ .number = "15551230009", .destination = "1001" });
	assert_false(plan_of(o, 1u << OPTION_PHONE_NUMBERS)->already_reset);
	reset_numbers(o);
	assert_string_equal(leads(o, "15551230009"), "available-number  not");
	office_recycle(o, "1001", "Dora", "Novak", SPARE);
	assert_string_equal(leads(o, "15551230001"), "available-number  not");
}

static void test_a_deleted_user_leaves_every_number_behind(void **state)
{
	struct office *o = *state;

	give_numbers(o);
	must(o, (struct wish){ .what = DELETE_USER, .destination = "1001" });
	assert_string_equal(leads(o, "15551230001"), "available-number  not");
	assert_string_equal(leads(o, "15551230003"), "available-number  not");
	assert_string_equal(leads(o, "15551230005"), "to-callqueue  not");
}

static void test_each_failing_store_call_frees_no_number(void **state)
{
	struct office *o = *state;
	struct err err;
	unsigned long n;
	enum err_code e = ERR_IO;

	give_numbers(o);
	for (n = 1; n < 2000; n += 7) {
		store_fail_from(n);
		e = store_write(o->store.st, apply_fn, o, &err);
		if (store_op_count() < n)
			break;
		store_fail_from(0);
		assert_int_not_equal(e, ERR_OK);
		assert_string_equal(leads(o, "15551230001"), "to-user 1001 straight");
		assert_string_equal(row_of(o, "15551230001").description, "Direct line of Anna");
	}
	store_fail_from(0);
	assert_int_equal(e, ERR_OK);
	assert_true(n > 20);
	assert_string_equal(leads(o, "15551230001"), "available-number  not");
}

/* ---- the registrar's file ---- */

static char file[64];

/* The office's registrar is the real file; its JSON-RPC is nobody's. */
static int real_open(void **state)
{
	struct registrar_conf conf = { .db_path = file, .rpc_url = "http://127.0.0.1:1/RPC", .rpc_key = { "k", 1 } };
	struct office *o;
	struct err err = { 0 };
	bool fresh_file;

	snprintf(file, sizeof(file), "/tmp/numbers-%d.db", (int)getpid());
	if (office_open(state))
		return -1;
	o = *state;
	if (kamailio_open(&conf, &fresh_file, &o->rs.registrar, &err))
		fail_msg("%s", err.text);
	return 0;
}

static int real_close(void **state)
{
	struct office *o = *state;
	char name[80];

	registrar_close(o->rs.registrar);
	o->rs.registrar = NULL;
	unlink(file);
	snprintf(name, sizeof(name), "%s-wal", file);
	unlink(name);
	snprintf(name, sizeof(name), "%s-shm", file);
	unlink(name);
	return office_close(state);
}

/* "15551230001>1001 1001>1001b": what Kamailio reads in one of its two tables. */
static const char *routes(struct office *o, const char *table)
{
	const char *sql =
		strcmp(table, "dbaliases") == 0
			? "SELECT alias_username || '>' || username || '@' || domain FROM dbaliases ORDER BY 1"
			: "SELECT alias_username || '>' || username || '@' || domain FROM dbdevices ORDER BY 1";
	const char *out = "";
	sqlite3 *db;
	sqlite3_stmt *st;

	assert_int_equal(sqlite3_open_v2(file, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
	while (sqlite3_step(st) == SQLITE_ROW) {
		const char *text = (const char *)sqlite3_column_text(st, 0);

		out = arena_printf(&o->store.a, "%s%s%.*s", out, *out ? " " : "", (int)strcspn(text, "@"), text);
		assert_string_equal(strchr(text, '@') + 1, DOMAIN);
	}
	sqlite3_finalize(st);
	sqlite3_close(db);
	return out;
}

static enum err_code settled_fn(struct txn *t, void *arg, struct err *err)
{
	return outbox_cancel(t->db, "alias", arg, NULL, err);
}

/* As the outbox does it: every "alias" row that is due, and then it is gone. */
static void deliver(struct office *o)
{
	struct outbox_kind kinds[RESET_KINDS_MAX];
	struct outbox_row *rows;
	struct snap s;
	struct err err = { 0 };
	size_t n, i, k, nkinds;

	reset_kinds(&o->rs, kinds, &nkinds);
	for (k = 0; strcmp(kinds[k].name, "alias") != 0; k++)
		;
	s = must_snap(&o->store);
	assert_int_equal(outbox_list(s.db, "alias", (struct page){ 0, 0 }, &o->store.a, &rows, &n, NULL), ERR_OK);
	snap_end(&s);
	for (i = 0; i < n; i++) {
		struct outbox_job job = { .key = rows[i].key, .payload = "{}", .arena = &o->store.a };

		assert_int_equal(kinds[k].deliver(&job, &o->rs, &err), OUTBOX_DONE);
		assert_int_equal(kinds[k].deliver(&job, &o->rs, &err), OUTBOX_DONE); /* safe to repeat */
		must_write(&o->store, settled_fn, (void *)(uintptr_t)rows[i].key);
	}
}

static void test_calls_ring_what_the_store_says(void **state)
{
	struct office *o = *state;

	give_numbers(o);
	assert_string_equal(routes(o, "dbaliases"), ""); /* nothing before the commit's work */
	deliver(o);
	assert_string_equal(routes(o, "dbaliases"),
		"15551230001>1001 15551230001>1001b 15551230001>1001m 15551230002>1001b 15551230004>1002");
	must(o, (struct wish){
			.number = "15551230001", .application = "to-user", .destination = "1002", .what = SAVE });
	deliver(o);
	assert_string_equal(routes(o, "dbaliases"), "15551230001>1002 15551230002>1001b 15551230004>1002");
	must(o, (struct wish){ .number = "15551230002", .what = DELETE });
	must(o, (struct wish){ .number = "1002b", .destination = "1002", .what = ADD_DEVICE });
	deliver(o);
	assert_string_equal(
		routes(o, "dbaliases"), "15551230001>1002 15551230001>1002b 15551230004>1002 15551230004>1002b");
	assert_non_null(strstr(routes(o, "dbdevices"), "1002>1002 1002>1002b"));
}

static void test_after_a_reset_nothing_rings_by_the_persons_numbers(void **state)
{
	struct office *o = *state;
	bool mended;
	struct err err = { 0 };

	give_numbers(o);
	deliver(o);
	assert_string_equal(routes(o, "dbdevices"), "1001>1001 1001>1001b 1001>1001m");
	reset_numbers(o);
	assert_non_null(strstr(routes(o, "dbaliases"), "15551230001>1001"));
	deliver(o);
	assert_string_equal(routes(o, "dbaliases"), "15551230004>1002");
	assert_string_equal(routes(o, "dbdevices"), ""); /* the additional devices are gone */
	assert_int_equal(aliases_compare_all(&o->rs, &mended, &err), ERR_OK);
	assert_false(mended);
}

static void damage(const char *sql)
{
	sqlite3 *db;

	assert_int_equal(sqlite3_open_v2(file, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	sqlite3_close(db);
}

static void test_what_differs_is_mended_at_the_start(void **state)
{
	static const char *const damages[] = { "DELETE FROM aliases", "DELETE FROM aliases WHERE device = '1001b'",
		"UPDATE aliases SET device = '1003' WHERE name = '15551230004'",
		"INSERT INTO aliases (name, number, domain, device, owner)"
		" VALUES ('15559999999', 1, 'example.test', '1003', '1003@example.test')",
		"UPDATE aliases SET owner = 'x'" };
	struct office *o = *state;
	const char *want;
	struct err err = { 0 };
	bool mended;
	size_t i;

	give_numbers(o);
	assert_int_equal(aliases_compare_all(&o->rs, &mended, &err), ERR_OK);
	want = routes(o, "dbaliases");
	for (i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
		damage(damages[i]);
		assert_int_equal(aliases_compare_all(&o->rs, &mended, &err), ERR_OK);
		assert_true(mended);
		assert_string_equal(routes(o, "dbaliases"), want);
	}
}

/* The step of the one who has the number now may come before or after that of the one who had it. */
static void test_a_number_never_rings_two_users(void **state)
{
	struct office *o = *state;
	struct err err = { 0 };
	int order;

	for (order = 0; order < 2; order++) {
		const char *number = order ? "15551230008" : "15551230007";

		must(o, (struct wish){ .number = number, .destination = "1002" });
		deliver(o);
		must(o, (struct wish){
				.number = number, .application = "to-user", .destination = "1003", .what = SAVE });
		assert_int_equal(aliases_bring(&o->rs, order ? "1003@" DOMAIN : "1002@" DOMAIN, &err), ERR_OK);
		assert_null(strstr(routes(o, "dbaliases"), arena_printf(&o->store.a, "%s>1002", number)));
		assert_int_equal(aliases_bring(&o->rs, order ? "1002@" DOMAIN : "1003@" DOMAIN, &err), ERR_OK);
		assert_non_null(strstr(routes(o, "dbaliases"), arena_printf(&o->store.a, "%s>1003", number)));
		assert_null(strstr(routes(o, "dbaliases"), arena_printf(&o->store.a, "%s>1002", number)));
	}
}

static void test_a_switched_off_number_and_a_deleted_user_ring_nobody(void **state)
{
	struct office *o = *state;
	struct err err = { 0 };

	give_numbers(o);
	deliver(o);
	must(o, (struct wish){ .what = DELETE_USER, .destination = "1001" });
	deliver(o);
	assert_string_equal(routes(o, "dbaliases"), "15551230004>1002");
	assert_string_equal(routes(o, "dbdevices"), "");
	assert_int_equal(aliases_bring(&o->rs, "nobody@nowhere.test", &err), ERR_OK);
	assert_int_equal(aliases_bring(&o->rs, "nobody", &err), ERR_INPUT);
}

static void test_a_file_that_is_gone_is_an_error_and_the_step_stays(void **state)
{
	struct office *o = *state;
	struct outbox_kind kinds[RESET_KINDS_MAX];
	struct outbox_job job = { .key = ANNA, .payload = "{}", .arena = &o->store.a };
	struct err err = { 0 };
	size_t n, k;

	reset_kinds(&o->rs, kinds, &n);
	for (k = 0; strcmp(kinds[k].name, "alias") != 0; k++)
		;
	assert_int_equal(kinds[k].attempts_max, 0); /* for ever */
	unlink(file);
	assert_int_equal(kinds[k].deliver(&job, &o->rs, &err), OUTBOX_RETRY);
	assert_non_null(strstr(err.text, "removed or replaced"));
}

static void test_no_memory_changes_no_route(void **state)
{
	struct office *o = *state;
	const char *want;
	struct err err = { 0 };
	unsigned long n;
	enum err_code e = ERR_NOMEM;

	give_numbers(o);
	deliver(o);
	want = routes(o, "dbaliases");
	reset_numbers(o);
	for (n = 1; n < 500 && e != ERR_OK; n++) {
		mem_fail_from(n);
		e = aliases_bring(&o->rs, ANNA, &err);
		mem_fail_from(0);
		if (e != ERR_OK)
			assert_string_equal(routes(o, "dbaliases"), want);
	}
	assert_int_equal(e, ERR_OK);
	assert_string_equal(routes(o, "dbaliases"), "15551230004>1002");
}

#define OFFICE(test) cmocka_unit_test_setup_teardown(test, office_open, office_close)
#define REAL(test) cmocka_unit_test_setup_teardown(test, real_open, real_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OFFICE(test_a_number_leads_where_its_application_says),
		cmocka_unit_test(test_every_application_has_its_word_once),
		OFFICE(test_digits_and_nothing_else_make_a_number),
		OFFICE(test_what_leads_nowhere_that_exists_is_refused),
		OFFICE(test_the_plan_names_what_is_freed_and_what_stays),
		OFFICE(test_a_reset_frees_what_leads_straight_to_the_user),
		OFFICE(test_a_deleted_user_leaves_every_number_behind),
		OFFICE(test_each_failing_store_call_frees_no_number),
		REAL(test_calls_ring_what_the_store_says),
		REAL(test_after_a_reset_nothing_rings_by_the_persons_numbers),
		REAL(test_what_differs_is_mended_at_the_start),
		REAL(test_a_number_never_rings_two_users),
		REAL(test_a_switched_off_number_and_a_deleted_user_ring_nobody),
		REAL(test_a_file_that_is_gone_is_an_error_and_the_step_stays),
		REAL(test_no_memory_changes_no_route),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
