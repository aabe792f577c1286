#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "phonecfg/base/mem.h"
#include "phonecfg/vendor/inspect.h"

static struct param_book *books[VENDOR_COUNT];

static int open_books(void **state)
{
	struct err err;

	(void)state;
	for (int v = VENDOR_YEALINK; v <= VENDOR_GRANDSTREAM; v++) {
		if (param_book_open("firmware-profiles", (enum vendor_id)v, &books[v], &err))
			return -1;
	}
	return 0;
}

static int close_books(void **state)
{
	(void)state;
	for (int v = 0; v < VENDOR_COUNT; v++)
		param_book_free(books[v]);
	return 0;
}

static const struct inspect_options plain = { .books = (const struct param_book *const *)books };

static void what_a_file_is(void **state)
{
	static const struct {
		const char *text;
		enum vendor_id vendor;
		enum params_form form;
		size_t n;
	} cases[] = {
		{ "#!version:1.0.0.1\na.b = 1\nc=2\n# d = 3\n", VENDOR_YEALINK, FORM_CONFIG, 2 },
		{ "#!version:1.0.0.1\ninclude:config <a.cfg>\nx = 1", VENDOR_YEALINK, FORM_BOOT, 1 },
		{ "<contactData/>", VENDOR_YEALINK, FORM_CONTACTS, 0 },
		{ "<vp_contact><root_contact/></vp_contact>", VENDOR_YEALINK, FORM_CONTACTS, 0 },
		{ "<?xml version=\"1.0\"?>\n<root_group>\n</root_group>\n<root_contact/>", VENDOR_YEALINK,
			FORM_CONTACTS, 0 },
		{ "<root_call_log/>", VENDOR_YEALINK, FORM_CONTACTS, 0 },
		{ "<PHONE_CONFIG a.b=\"1\"><x c=\"2\" d=\"\"/></PHONE_CONFIG>", VENDOR_POLYCOM, FORM_CONFIG, 3 },
		{ "<APPLICATION CONFIG_FILES=\"a.cfg\"/>", VENDOR_POLYCOM, FORM_MASTER, 1 },
		{ "<directory/>", VENDOR_POLYCOM, FORM_CONTACTS, 0 },
		{ "<?xml version=\"1.0\"?><gs_provision version=\"1\"><config version=\"1\"><P1>a</P1></config></gs_provision>",
			VENDOR_GRANDSTREAM, FORM_NUMBERS, 1 },
		{ "<?xml version=\"1.0\"?><gs_provision version=\"1\"><config version=\"2\"><part><item name=\"a.b\">1</item>"
		  "</part></config></gs_provision>",
			VENDOR_GRANDSTREAM, FORM_NAMES, 1 },
		{ "<config><section name=\"s\"><entry name=\"e\">1</entry></section></config>", VENDOR_LINPHONE,
			FORM_APP, 1 },
		{ "\xef\xbb\xbf<directory/>", VENDOR_POLYCOM, FORM_CONTACTS, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct findings found;
		struct params p;
		struct arena a;
		arena_init(&a, 0);
		findings_init(&found, &a);
		assert_int_equal(params_scan(slice_str(cases[i].text), &a, &p, &found, NULL), ERR_OK);
		if (p.vendor != cases[i].vendor || p.form != cases[i].form || p.n != cases[i].n || found.errors)
			fail_msg("%s: %d %d %zu %zu", cases[i].text, p.vendor, p.form, p.n, found.errors);
		arena_release(&a);
	}
}

static void read_strictly(void **state)
{
	struct params p;
	struct arena a;
	struct err err;

	(void)state;
	arena_init(&a, 0);
	assert_int_equal(params_read(slice_str("#!version:1.0.0.1\na = 1\nb\nc\n"), "x.cfg", &a, &p, &err), ERR_INPUT);
	assert_string_equal(err.text, "x.cfg:3: there is no '=' in this line");
	assert_int_equal(params_read(slice_str("<a><b></a>"), "x.cfg", &a, &p, &err), ERR_INPUT);
	assert_int_equal(strncmp(err.text, "x.cfg:1: ", 9), 0);
	assert_int_equal(params_read(slice_str("#!version:1.0.0.1\na = 1\na = 2\n"), "x.cfg", &a, &p, &err), ERR_OK);
	assert_int_equal(p.n, 2);
	assert_int_equal(p.v[1].line, 3);
	arena_release(&a);
}

static void lines_of_attributes(void **state)
{
	static const char text[] = "<a\n x.y=\"1\"\n\n z=\"2\">\n<b x.y=\"3\"/>\n</a>\n";
	struct params p;
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	assert_int_equal(params_read(slice_str(text), "x", &a, &p, NULL), ERR_OK);
	assert_int_equal(p.n, 3);
	assert_int_equal(p.v[0].line, 2);
	assert_int_equal(p.v[1].line, 4);
	assert_int_equal(p.v[2].line, 5);
	arena_release(&a);
}

/* The first FINDINGS_MAX are kept, all are counted, what is kept is ordered by line. */
static void many_findings(void **state)
{
	struct findings f;
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	findings_init(&f, &a);
	for (unsigned i = 0; i < FINDINGS_MAX + 7; i++)
		findings_add(&f, i % 2 ? FINDING_ERROR : FINDING_WARNING, 10000 - i, "%s%u", "a\nb\x1b", i);
	findings_sort(&f);
	assert_int_equal(f.n, FINDINGS_MAX);
	assert_int_equal(f.errors + f.warnings, FINDINGS_MAX + 7);
	assert_int_equal(f.v[0].line, 10000 - FINDINGS_MAX + 1);
	assert_string_equal(f.v[FINDINGS_MAX - 1].text, "a?b?0");
	arena_release(&a);
}

static void two_of_one_line_stay_in_order(void **state)
{
	struct findings f;
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	findings_init(&f, &a);
	findings_add(&f, FINDING_ERROR, 3, "c");
	findings_add(&f, FINDING_ERROR, 2, "a");
	findings_add(&f, FINDING_WARNING, 2, "b");
	findings_sort(&f);
	assert_string_equal(f.v[0].text, "a");
	assert_string_equal(f.v[1].text, "b");
	assert_string_equal(f.v[2].text, "c");
	arena_release(&a);
}

static void memory_that_runs_out(void **state)
{
	static const char text[] =
		"#!version:1.0.0.1\naccount.1.enable = 1\nacount.1.enable = 1\naccount.1.enable = 3\n";

	(void)state;
	for (unsigned long n = 1; n < 30; n++) {
		struct findings found;
		struct params p;
		struct arena a;
		enum err_code rc;
		arena_init(&a, 0);
		mem_fail_from(n);
		rc = inspect_file(slice_str(text), &plain, &a, &p, &found, NULL);
		mem_fail_from(0);
		assert_true(rc == ERR_OK || rc == ERR_NOMEM);
		arena_release(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_file_is),
		cmocka_unit_test(read_strictly),
		cmocka_unit_test(lines_of_attributes),
		cmocka_unit_test(many_findings),
		cmocka_unit_test(two_of_one_line_stay_in_order),
		cmocka_unit_test(memory_that_runs_out),
	};

	return cmocka_run_group_tests(tests, open_books, close_books);
}
