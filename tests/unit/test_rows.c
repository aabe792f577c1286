#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "phonecfg/base/mem.h"
#include "phonecfg/vendor/book.h"

static struct param_book *book(enum vendor_id vendor, const char *text)
{
	struct param_book *b = NULL;
	struct err err = { 0 };

	if (param_book_read(slice_str(text), "rows.txt", vendor, &b, &err))
		fail_msg("%s", err.text);
	return b;
}

/* Limits from both sides; what a value may never hold; %NULL% is Yealink's. */
static void values_by_their_row(void **state)
{
	static const struct {
		enum vendor_id vendor;
		const char *row, *value;
		bool fine;
	} cases[] = {
		{ VENDOR_YEALINK, "a\t-\tint 0 10", "0", true },
		{ VENDOR_YEALINK, "a\t-\tint 0 10", "10", true },
		{ VENDOR_YEALINK, "a\t-\tint 0 10", "11", false },
		{ VENDOR_YEALINK, "a\t-\tint 0 10", "-1", false },
		{ VENDOR_YEALINK, "a\t-\tint -5 10", "-5", true },
		{ VENDOR_YEALINK, "a\t-\tint -5 10", "-6", false },
		{ VENDOR_YEALINK, "a\t-\tint 0 10", "", false },
		{ VENDOR_YEALINK, "a\t-\tint 0 10 empty", "", true },
		{ VENDOR_YEALINK, "a\t-\tint 0 10\tempty", "", true },
		{ VENDOR_YEALINK, "a\t-\tint 0 10", " 3", false },
		{ VENDOR_YEALINK, "a\t-\tint 0 10", "3x", false },
		{ VENDOR_YEALINK, "a\t-\tint 0 10", "+3", false },
		{ VENDOR_YEALINK, "a\t-\tint 0 10", "9999999999999999999999", false },
		{ VENDOR_YEALINK, "a\t-\tint 0 10", "%NULL%", true },
		{ VENDOR_POLYCOM, "a\t-\tint 0 10", "%NULL%", false },
		{ VENDOR_YEALINK, "a\t-\tbool", "1", true },
		{ VENDOR_YEALINK, "a\t-\tbool", "2", false },
		{ VENDOR_YEALINK, "a\t-\tbool", "true", false },
		{ VENDOR_POLYCOM, "a\t-\tbool", "true", true },
		{ VENDOR_POLYCOM, "a\t-\tbool", "yes", false },
		{ VENDOR_YEALINK, "a\t-\ttext 0 3", "", true },
		{ VENDOR_YEALINK, "a\t-\ttext 0 3", "äöü", true },
		{ VENDOR_YEALINK, "a\t-\ttext 0 3", "äöüx", false },
		{ VENDOR_YEALINK, "a\t-\tbytes 0 3", "äö", false },
		{ VENDOR_YEALINK, "a\t-\tbytes 0 4", "äö", true },
		{ VENDOR_YEALINK, "a\t-\ttext 2 3", "x", false },
		{ VENDOR_YEALINK, "a\t-\ttext 1 3", "", false },
		{ VENDOR_YEALINK, "a\t-\ttext 0 3\tmandatory", "", false },
		{ VENDOR_YEALINK, "a\t-\t-\tmandatory", "", false },
		{ VENDOR_YEALINK, "a\t-\t-\tascii", "a b~", true },
		{ VENDOR_YEALINK, "a\t-\t-\tascii", "ä", false },
		{ VENDOR_YEALINK, "a\t-\t-\tprint", "a!~", true },
		{ VENDOR_YEALINK, "a\t-\t-\tprint", "a b", false },
		{ VENDOR_YEALINK, "a\t-\t-\talnum", "aZ9", true },
		{ VENDOR_YEALINK, "a\t-\t-\talnum", "a-9", false },
		{ VENDOR_YEALINK, "a\t-\t-\tdigits", "0123456789", true },
		{ VENDOR_YEALINK, "a\t-\t-\tdigits", "1a", false },
		{ VENDOR_YEALINK, "a", "a\nb = c", false },
		{ VENDOR_YEALINK, "a", "a\rb", false },
		{ VENDOR_YEALINK, "a", "a\x7f", false },
		{ VENDOR_YEALINK, "a", "a\xc2\x85z", false },
		{ VENDOR_YEALINK, "a", "a\xe2\x80\xa8z", false },
		{ VENDOR_YEALINK, "a", "\xff", false },
		{ VENDOR_YEALINK, "a", "\xc3\xa4 anything at all", true },
		{ VENDOR_POLYCOM, "a\t-\t-\tlines", "-----BEGIN\nQUJD\r\n\t-----END", true },
		{ VENDOR_POLYCOM, "a\t-\t-\tlines", "a\x01", false },
		{ VENDOR_POLYCOM, "a\t-\tword on|off", "on", true },
		{ VENDOR_POLYCOM, "a\t-\tword on|off", "On", false },
		{ VENDOR_POLYCOM, "a\t-\tword on|off", "", false },
		{ VENDOR_POLYCOM, "a\t-\tenum on||off", "", true },
		{ VENDOR_POLYCOM, "a\t-\tword on|", "", true },
		{ VENDOR_GRANDSTREAM, "a\t-\tstring", "", true },
		{ VENDOR_GRANDSTREAM, "a\t-\tstring", "anything & \xc3\xa4", true },
		{ VENDOR_GRANDSTREAM, "a\t-\tstring", "a\nb", false },
		{ VENDOR_GRANDSTREAM, "a\t-\tstring", "\xff", false },
		{ VENDOR_GRANDSTREAM, "a\t-\tstring\tmandatory", "", false },
		{ VENDOR_POLYCOM, "a\t-\turl 0 20", "https://x.example/", true },
		{ VENDOR_POLYCOM, "a\t-\turl 0 20", "https://xx.example/ab", false },
		{ VENDOR_POLYCOM, "a\t-\turl 0 20", "x.example/", false },
		{ VENDOR_POLYCOM, "a\t-\turl 0 20", "://x", false },
		{ VENDOR_POLYCOM, "a\t-\turl 0 20", "http://", false },
		{ VENDOR_POLYCOM, "a\t-\turl 0 20", "", true },
	};
	char why[PARAM_WHY_MAX];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct param_book *b = book(cases[i].vendor, cases[i].row);
		const char *bad = param_row_judge(param_book_row(b, "a"), slice_str(cases[i].value), why);
		if ((bad == NULL) != cases[i].fine)
			fail_msg("%s with \"%s\": %s", cases[i].row, cases[i].value, bad ? bad : "taken");
		param_book_free(b);
	}
}

static void names_and_their_numbers(void **state)
{
	struct param_book *b = book(VENDOR_POLYCOM, "reg.{}.server.{}.address\t1..34,1..4\ttext 0 255\n"
						    "any.{}.x\n"
						    "plain\t-\tint 1 2\n");
	char why[PARAM_WHY_MAX];
	const struct param_row *row;

	(void)state;
	assert_int_equal(param_judge(b, "reg.34.server.4.address", slice_str("x"), &row, why), PARAM_FINE);
	assert_string_equal(row->name, "reg.{}.server.{}.address");
	assert_int_equal(row->line, 1);
	assert_int_equal(param_judge(b, "reg.35.server.4.address", slice_str("x"), NULL, why), PARAM_NUMBER);
	assert_string_equal(why, "has the number 35 in its name, which must be 1 to 34");
	assert_int_equal(param_judge(b, "reg.1.server.5.address", slice_str("x"), NULL, why), PARAM_NUMBER);
	assert_int_equal(param_judge(b, "reg.0.server.1.address", slice_str("x"), NULL, why), PARAM_NUMBER);
	assert_int_equal(param_judge(b, "any.99999.x", slice_str("x"), NULL, why), PARAM_FINE);
	assert_int_equal(param_judge(b, "plain", slice_str("3"), NULL, why), PARAM_VALUE);
	assert_string_equal(why, "must be a number from 1 to 2");
	assert_int_equal(param_judge(b, "plane", slice_str("3"), &row, why), PARAM_UNKNOWN);
	assert_null(row);
	assert_string_equal(param_book_nearest(b, "plane"), "plain");
	assert_string_equal(param_book_nearest(b, "reg.7.server.1.adress"), "reg.{}.server.{}.address");
	assert_null(param_book_nearest(b, "nothing.like.it.at.all"));
	assert_null(param_book_nearest(b, ""));
	param_book_free(b);
}

static void p_values_and_their_names(void **state)
{
	struct param_book *b = book(VENDOR_GRANDSTREAM, "account.{}.enable\t1..16\tword Yes|No\tmandatory\n"
							"P271\t-\t-\talias=account.1.enable\n"
							"P 2-3 8 28-31\nP 20\n");
	static const char *const known[] = { "P2", "P3", "P8", "P20", "P28", "P31" };
	static const char *const unknown[] = { "P1", "P4", "P32", "P", "P2x", "p2", "P99999999999" };
	const struct param_row *row = param_book_row(b, "P271");
	char why[PARAM_WHY_MAX];

	(void)state;
	assert_string_equal(row->same->name, "account.{}.enable");
	assert_null(param_row_judge(row, slice_str("Yes"), why));
	assert_non_null(param_row_judge(row, slice_str("1"), why));
	assert_non_null(param_row_judge(row, slice_str(""), why));
	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++)
		assert_int_equal(param_judge(b, known[i], slice_str("x"), NULL, why), PARAM_FINE);
	for (size_t i = 0; i < sizeof(unknown) / sizeof(*unknown); i++)
		assert_int_equal(param_judge(b, unknown[i], slice_str("x"), NULL, why), PARAM_UNKNOWN);
	param_book_free(b);
}

static void every_column(void **state)
{
	struct param_book *b =
		book(VENDOR_YEALINK, "# a comment\n\n"
				     "a.{}.expires\t1..16\tint 60 86400\treboot,unit=s\t3600\t81.0.0\tHow long.\n"
				     "a.{}.label\t1..16\ttext 0 30\tsecret,repeats\t\"\"\t-\t-\n");
	const struct param_row *row = param_book_row(b, "a.{}.expires");
	char type[100];

	(void)state;
	assert_int_equal(param_book_count(b), 2);
	assert_int_equal(param_book_vendor(b), VENDOR_YEALINK);
	assert_ptr_equal(param_book_at(b, 0), row);
	assert_null(param_book_at(b, 2));
	assert_int_equal(row->line, 3);
	assert_int_equal(row->ranges[0].last, 16);
	assert_int_equal(row->type, PARAM_INT);
	assert_int_equal(row->flags, PARAM_REBOOT);
	assert_string_equal(row->unit, "s");
	assert_string_equal(row->fallback, "3600");
	assert_string_equal(row->since, "81.0.0");
	assert_string_equal(row->meaning, "How long.");
	param_row_type(row, type, sizeof(type));
	assert_string_equal(type, "a number from 60 to 86400 s");
	row = param_book_row(b, "a.2.label");
	assert_int_equal(row->flags, PARAM_SECRET | PARAM_REPEATS);
	assert_string_equal(row->fallback, "");
	assert_null(row->since);
	assert_null(row->meaning);
	param_book_free(b);
}

static void bad_rows_name_their_line(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "a\n\tb\n", "rows.txt:2: " },
		{ "a b\n", "rows.txt:1: " },
		{ "a.1.b\n", "rows.txt:1: a.1.b has a number as a part; write a.{}.b" },
		{ "a\t1..2\n", "rows.txt:1: a has 0 numbers and 1 ranges" },
		{ "a.{}\t1..2,3..4\n", "rows.txt:1: " },
		{ "a.{}\t2..1\n", "rows.txt:1: " },
		{ "a.{}\t1-2\n", "rows.txt:1: " },
		{ "a\t-\tnumber\n", "rows.txt:1: a: there is no type" },
		{ "a\t-\tint 1\n", "rows.txt:1: " },
		{ "a\t-\tint 2 1\n", "rows.txt:1: " },
		{ "a\t-\ttext -1 1\n", "rows.txt:1: " },
		{ "a\t-\tint 1 2 3\n", "rows.txt:1: " },
		{ "a\t-\tbool 1\n", "rows.txt:1: " },
		{ "a\t-\tstring 1\n", "rows.txt:1: " },
		{ "a\t-\tword \n", "rows.txt:1: a: its type names no word" },
		{ "a\t-\t-\tmandatroy\n", "rows.txt:1: a: there is no flag \"mandatroy\"" },
		{ "a\t-\t-\tunit=\n", "rows.txt:1: " },
		{ "a\t-\t-\tmandatory,empty\n", "rows.txt:1: " },
		{ "a\t-\tint 0 3\t-\t4\n", "rows.txt:1: a: its own default \"4\" must be a number" },
		{ "a\t-\t-\t-\t-\tV81\n", "rows.txt:1: " },
		{ "a\t-\t-\t-\t-\t-\t-\t-\n", "rows.txt:1: a: there are more than 7 columns" },
		{ "a\nb\na\n", "rows.txt:3: a stands in line 1 already" },
		{ "P1\t-\t-\talias=b\n", "rows.txt:1: P1: its alias b has no row" },
		{ "P 3-2\n", "rows.txt:1: " },
		{ "P x\n", "rows.txt:1: " },
		{ "a\xff\n", "rows.txt:1: " },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct param_book *b = NULL;
		struct err err = { 0 };
		assert_int_equal(
			param_book_read(slice_str(cases[i].text), "rows.txt", VENDOR_YEALINK, &b, &err), ERR_INPUT);
		assert_null(b);
		if (strncmp(err.text, cases[i].want, strlen(cases[i].want)) != 0)
			fail_msg("%s: %s", cases[i].text, err.text);
	}
}

static void ours_are_well_formed(void **state)
{
	(void)state;
	for (int v = VENDOR_YEALINK; v <= VENDOR_GRANDSTREAM; v++) {
		struct param_book *b;
		struct err err = { 0 };
		if (param_book_open("firmware-profiles", (enum vendor_id)v, &b, &err))
			fail_msg("%s", err.text);
		assert_true(param_book_count(b) > 1000);
		param_book_free(b);
	}
}

static void memory_that_runs_out(void **state)
{
	(void)state;
	for (unsigned long n = 1; n < 40; n++) {
		struct param_book *b = NULL;
		struct err err = { 0 };
		enum err_code rc;
		mem_fail_from(n);
		rc = param_book_read(slice_str("a.{}\t1..2\tword x|y\tunit=s\tx\t1\tm\nb\t-\t-\talias=a.1\nP 1 3\n"),
			"rows.txt", VENDOR_GRANDSTREAM, &b, &err);
		mem_fail_from(0);
		assert_true(rc == ERR_NOMEM || rc == ERR_OK);
		param_book_free(b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_by_their_row),
		cmocka_unit_test(names_and_their_numbers),
		cmocka_unit_test(p_values_and_their_names),
		cmocka_unit_test(every_column),
		cmocka_unit_test(bad_rows_name_their_line),
		cmocka_unit_test(ours_are_well_formed),
		cmocka_unit_test(memory_that_runs_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
