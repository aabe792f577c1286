/* Polycom's contact file: the server's part and the person's part. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/vendor/contacts.h"

#define FILE_OF(items) "<directory><item_list>" items "</item_list></directory>"
#define ITEM(fn, ct, more) "<item><fn>" fn "</fn><ct>" ct "</ct>" more "</item>"
#define MADE FILE_OF(ITEM("Anna", "1001", "<sd>1</sd>") ITEM("Gate", "1009", "<sd>2</sd>"))

typedef enum err_code contacts_fn(struct slice, struct slice, struct buf *, struct err *);

static enum err_code run(contacts_fn *fn, const char *made, const char *other, struct buf *out)
{
	struct err err;

	buf_init(out, 1 << 20);
	return fn(slice_str(made), slice_str(other), out, &err);
}

static bool has(const struct buf *b, const char *text)
{
	return slice_find(buf_view(b), slice_str(text)) >= 0;
}

static void own_is_what_the_server_did_not_make(void **state)
{
	struct buf out;

	(void)state;
	assert_int_equal(run(contacts_own, MADE,
				 FILE_OF(ITEM("Renamed here", "1001", "<sd>1</sd>") ITEM("Oma", "030", "<rt>3</rt>")
						 ITEM("Anna", "1001", "") ITEM("Mine", "1009", "<sd>7</sd>")),
				 &out),
		ERR_OK);
	assert_false(has(&out, "Renamed here")); /* the same number at the same index is the server's */
	assert_true(has(&out, ITEM("Oma", "030", "<rt>3</rt>")));
	assert_true(has(&out, ITEM("Anna", "1001", "")));
	assert_true(has(&out, ITEM("Mine", "1009", "<sd>7</sd>")));
	buf_release(&out);
}

static void joined_the_servers_come_first_and_keep_their_index(void **state)
{
	struct buf out;

	(void)state;
	assert_int_equal(run(contacts_join, MADE,
				 FILE_OF(ITEM("Old name", "1001", "<sd>1</sd>") ITEM(
					 "Mine", "040", "<sd>2</sd><rt>1</rt>") ITEM("Far", "050", "<sd>9</sd>")),
				 &out),
		ERR_OK);
	assert_true(has(&out, ITEM("Gate", "1009", "<sd>2</sd>") ITEM("Mine", "040", "<rt>1</rt>")));
	assert_true(has(&out, ITEM("Far", "050", "<sd>9</sd>")));
	assert_false(has(&out, "Old name"));
	buf_release(&out);
}

static void what_is_no_contact_file_is_refused(void **state)
{
	static const char *const bad[] = { "", "x", "<directory/>", "<list><item_list/></list>",
		"<directory><item_list>", "<!DOCTYPE d [<!ENTITY a \"b\">]><directory><item_list/></directory>" };
	struct buf out;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_int_equal(run(contacts_own, MADE, bad[i], &out), ERR_INPUT);
		buf_release(&out);
		assert_int_equal(run(contacts_join, MADE, bad[i], &out), ERR_INPUT);
		buf_release(&out);
	}
}

static void bounded(void **state)
{
	struct buf out;
	struct err err;

	(void)state;
	buf_init(&out, 20);
	assert_int_equal(contacts_join(SLICE_LIT(MADE), SLICE_LIT(FILE_OF("")), &out, &err), ERR_LIMIT);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(own_is_what_the_server_did_not_make),
		cmocka_unit_test(joined_the_servers_come_first_and_keep_their_index),
		cmocka_unit_test(what_is_no_contact_file_is_refused), cmocka_unit_test(bounded) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
