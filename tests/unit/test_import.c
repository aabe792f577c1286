/* CSV: every row or none, and the report says which line is wrong and how to mend it. */
#include "tests/unit/reset_fixture.h"

#include <stdio.h>
#include <string.h>

#include "provisioning/reset/csv.h"
#include "provisioning/reset/import.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/line.h"
#include "provisioning/store/phone.h"
#include "provisioning/store/user.h"

static enum err_code give(struct office *o, const char *text, bool dry, struct import_report *out, struct err *err)
{
	return import_csv(&o->rs, DOMAIN, slice_str(text), dry, true, "admin", "192.0.2.9", &o->store.a, out, err);
}

static bool has_user(struct office *o, const char *ext, struct user_row *out)
{
	struct snap s = must_snap(&o->store);
	struct domain_row d;
	enum err_code code;

	assert_int_equal(domain_by_name(s.db, DOMAIN, &o->store.a, &d, NULL), ERR_OK);
	code = user_load(s.db, d.id, ext, &o->store.a, out, NULL);
	snap_end(&s);
	return code == ERR_OK;
}

static void test_users_are_created_changed_and_left(void **state)
{
	struct office *o = *state;
	struct import_report r;
	struct user_row u;
	struct err err = { 0 };

	assert_int_equal(give(o,
				 "\xef\xbb\xbfuser,name-first-name,name-last-name,email-address\r\n"
				 "1001,Anna,Smith,anna@example.test\r\n"
				 "1002,Ben,\"O'Hara, jr\",ben@example.test\r\n"
				 "2001,Eva,Müller,eva@example.test\r\n"
				 "2002,,,\r\n",
				 false, &r, &err),
		ERR_OK);
	assert_string_equal(r.what, "users");
	assert_true(r.written);
	assert_int_equal(r.nrows, 4);
	assert_string_equal(r.rows[0].result, "same");
	assert_string_equal(r.rows[1].result, "changed");
	assert_string_equal(r.rows[2].result, "created");
	assert_string_equal(r.rows[3].key, "2002");
	assert_true(has_user(o, "1002", &u));
	assert_string_equal(u.last_name, "O'Hara, jr");
	assert_true(has_user(o, "2001", &u));
	assert_int_equal(u.status, USER_NEW);
	assert_true(has_user(o, "2002", &u));
	assert_int_equal(u.status, USER_RESET);
	/* The same file again changes nothing. */
	assert_int_equal(give(o, "user,name-first-name\n2001,Eva\n", false, &r, &err), ERR_OK);
	assert_string_equal(r.rows[0].result, "same");
}

static void test_a_bad_row_is_named_and_nothing_is_imported(void **state)
{
	struct office *o = *state;
	struct import_report r;
	struct user_row u;
	struct err err = { 0 };

	assert_int_equal(give(o,
				 "user,name-first-name,name-last-name,email-address\n"
				 "2001,Eva,Braun,eva@example.test\n"
				 "2002,Fritz,Lang,no address\n"
				 "2003,Grete,Weil,grete@example.test\n"
				 "bad user,Hans,Moser,\n",
				 false, &r, &err),
		ERR_INPUT);
	assert_non_null(strstr(err.text, "line 3"));
	assert_non_null(strstr(err.text, "email-address"));
	assert_non_null(strstr(err.text, "nothing was imported"));
	assert_false(r.written);
	assert_int_equal(r.nrows, 4);
	assert_int_equal(r.nerrors, 2);
	assert_null(r.rows[0].error);
	assert_int_equal(r.rows[1].line, 3);
	assert_string_equal(r.rows[1].result, "error");
	assert_non_null(r.rows[3].error);
	assert_false(has_user(o, "2001", &u));
	assert_false(has_user(o, "2003", &u));
}

static void test_a_dry_run_reports_and_writes_nothing(void **state)
{
	struct office *o = *state;
	struct import_report r;
	struct user_row u;
	struct err err = { 0 };

	assert_int_equal(give(o, "user,name-first-name,name-last-name\n2001,Eva,Braun\n", true, &r, &err), ERR_OK);
	assert_string_equal(r.rows[0].result, "created");
	assert_false(r.written);
	assert_false(has_user(o, "2001", &u));
}

static void test_the_header_decides_and_is_checked(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{ "", "line 1" },
		{ "name-first-name\nEva\n", "line 1 must name the columns" },
		{ "user,nickname\n2001,E\n", "nickname" },
		{ "user,user\n2001,2002\n", "twice" },
		{ "user,name-first-name\n2001,\"Eva\n", "never closed" },
		{ "user,name-first-name\n2001,\"Eva\"x\n", "closing quote" },
	};
	struct office *o = *state;
	struct import_report r;
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = { 0 };

		assert_int_equal(give(o, rows[i].text, false, &r, &err), ERR_INPUT);
		if (strstr(err.text, rows[i].says) == NULL)
			fail_msg("\"%s\" does not say \"%s\"", err.text, rows[i].says);
	}
}

static void test_a_row_with_too_few_fields_is_wrong(void **state)
{
	struct office *o = *state;
	struct import_report r;
	struct err err = { 0 };

	assert_int_equal(give(o, "user,name-first-name\n2001,Eva\n2002\n", false, &r, &err), ERR_INPUT);
	assert_non_null(strstr(err.text, "line 3: it has 1 fields, and the header has 2"));
}

static void test_no_scope_above_the_domain_comes_by_file(void **state)
{
	struct office *o = *state;
	struct import_report r;
	struct err err = { 0 };

	assert_int_equal(give(o, "user,user-scope\n2001,Super User\n", false, &r, &err), ERR_INPUT);
	assert_non_null(strstr(err.text, "user-scope"));
	assert_int_equal(give(o, "user,user-scope\n2001,Office Manager\n", false, &r, &err), ERR_OK);
}

static void test_phones_with_several_lines_and_vacant_ones(void **state)
{
	struct office *o = *state;
	struct mac mac = office_mac("001565bbbb01");
	struct import_report r;
	struct phone_row p;
	struct line_row *lines;
	struct snap s;
	struct err err = { 0 };
	size_t n;

	assert_int_equal(give(o,
				 "mac,model,line,device\n"
				 "00:15:65:BB:BB:01,yealink-t54w,1,1001\n"
				 "001565bbbb02,yealink-t31p,,\n"
				 "00-15-65-bb-bb-01,yealink-t54w,2,1002\n",
				 false, &r, &err),
		ERR_OK);
	assert_string_equal(r.rows[0].result, "created");
	assert_string_equal(r.rows[2].result, "same"); /* its phone was made by the row above */
	s = must_snap(&o->store);
	assert_int_equal(phone_load(s.db, &mac, &o->store.a, &p, &err), ERR_OK);
	assert_int_equal(p.state, PHONE_SHARED);
	assert_int_equal(line_list(s.db, p.id, &o->store.a, &lines, &n, &err), ERR_OK);
	assert_int_equal(n, 2);
	mac = office_mac("001565bbbb02");
	assert_int_equal(phone_load(s.db, &mac, &o->store.a, &p, &err), ERR_OK);
	assert_int_equal(p.state, PHONE_VACANT);
	snap_end(&s);
}

static void test_wrong_phones_are_named(void **state)
{
	static const struct {
		const char *row, *says;
	} rows[] = {
		{ "0015,yealink-t46u,1,1001", "MAC" },
		{ "001565bbbb01,nokia-3310,1,1001", "nokia-3310" },
		{ "001565bbbb01,yealink-t46u,99,1001", "1 to 16" },
		{ "001565bbbb01,yealink-t46u,1,9999", "no device 9999" },
		{ DESK ",yealink-t31p,1,1001", "yealink-t46u already" },
	};
	struct office *o = *state;
	struct import_report r;
	char text[256];
	size_t i;

	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = { 0 };

		snprintf(text, sizeof(text), "mac,model,line,device\n%s\n", rows[i].row);
		assert_int_equal(give(o, text, false, &r, &err), ERR_INPUT);
		if (strstr(err.text, rows[i].says) == NULL)
			fail_msg("\"%s\" does not say \"%s\"", err.text, rows[i].says);
	}
}

static void test_devices(void **state)
{
	struct office *o = *state;
	struct import_report r;
	struct err err = { 0 };

	assert_int_equal(give(o, "user,device,kind\n1002,1002b,desk\n1002,1002,\n", false, &r, &err), ERR_OK);
	assert_string_equal(r.rows[0].result, "created");
	assert_string_equal(r.rows[1].result, "same");
	assert_int_equal(give(o, "user,device\n1002,1001b\n", false, &r, &err), ERR_INPUT);
	assert_int_equal(give(o, "user,device\n9999,9999b\n", false, &r, &err), ERR_INPUT);
	assert_int_equal(give(o, "user,device,kind\n1002,1002c,fax\n", false, &r, &err), ERR_INPUT);
	assert_non_null(strstr(err.text, "fax"));
}

#define OFFICE(test) cmocka_unit_test_setup_teardown(test, office_open, office_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		OFFICE(test_users_are_created_changed_and_left),
		OFFICE(test_a_bad_row_is_named_and_nothing_is_imported),
		OFFICE(test_a_dry_run_reports_and_writes_nothing),
		OFFICE(test_the_header_decides_and_is_checked),
		OFFICE(test_a_row_with_too_few_fields_is_wrong),
		OFFICE(test_no_scope_above_the_domain_comes_by_file),
		OFFICE(test_phones_with_several_lines_and_vacant_ones),
		OFFICE(test_wrong_phones_are_named),
		OFFICE(test_devices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
