/* Where keys stand: the vendor guides say "5 left and 5 right of the screen, the last one turns the page, 3 pages". */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "phonecfg/profile/place.h"

static struct key_block blocks[] = {
	{ .name = "line",
		.first = 1,
		.max = 27,
		.layout = { .left = 5, .right = 5, .pages = 3, .paging = true, .confirmed = true } },
	{ .name = "side", .first = 28, .max = 15 },
};
static const struct profile phone = { .id = "x",
	.blocks = blocks,
	.nblocks = 2,
	.modules = 2,
	.keys_per_module = 40,
	.module_layout = { .left = 0, .right = 20, .pages = 2 } };

static void at(unsigned module, unsigned index, unsigned page, enum key_side side, unsigned row)
{
	struct key_place p;

	assert_true(profile_place(&phone, module, index, &p));
	assert_int_equal(p.page, page);
	assert_int_equal(p.side, side);
	assert_int_equal(p.row, row);
}

static void beside_the_screen(void **state)
{
	(void)state;
	at(0, 1, 1, SIDE_LEFT, 1);
	at(0, 5, 1, SIDE_LEFT, 5);
	at(0, 6, 1, SIDE_RIGHT, 1);
	at(0, 9, 1, SIDE_RIGHT, 4);
	at(0, 10, 2, SIDE_LEFT, 1);
	at(0, 27, 3, SIDE_RIGHT, 4);
	at(1, 20, 1, SIDE_RIGHT, 20);
	at(2, 21, 2, SIDE_RIGHT, 1);
}

static void marks(void **state)
{
	struct key_place p;

	(void)state;
	assert_true(profile_place(&phone, 0, 1, &p));
	assert_true(p.known && p.confirmed);
	assert_int_equal(p.block, 0);
	assert_true(profile_place(&phone, 1, 1, &p));
	assert_true(p.known && !p.confirmed);
	assert_true(profile_place(&phone, 0, 28, &p));
	assert_true(!p.known && !p.confirmed);
	assert_int_equal(p.block, 1);
}

static void not_known_is_a_column(void **state)
{
	(void)state;
	at(0, 28, 1, SIDE_COLUMN, 1);
	at(0, 39, 1, SIDE_COLUMN, 12);
	at(0, 40, 2, SIDE_COLUMN, 1);
}

static void no_such_key(void **state)
{
	struct key_place p;
	struct key_shape s;

	(void)state;
	assert_false(profile_place(&phone, 0, 0, &p));
	assert_false(profile_place(&phone, 0, 43, &p));
	assert_false(profile_place(&phone, 1, 0, &p));
	assert_false(profile_place(&phone, 2, 41, &p));
	assert_false(profile_place(&phone, 3, 1, &p));
	assert_false(profile_shape(&phone, 3, 0, &s));
	assert_false(profile_shape(&phone, 0, 2, &s));
	assert_string_equal(key_side_word(SIDE_COUNT), "");
}

static void shapes(void **state)
{
	struct key_shape s;

	(void)state;
	assert_true(profile_shape(&phone, 0, 0, &s));
	assert_int_equal(s.pages, 3);
	assert_true(s.page_key && s.left == 5 && s.right == 5 && s.column == 0);
	assert_true(profile_shape(&phone, 0, 1, &s));
	assert_true(s.pages == 2 && s.column == 12 && !s.page_key);
	assert_true(profile_shape(&phone, 2, 0, &s));
	assert_true(s.pages == 2 && s.right == 20);
}

/* Every key of every model has one place, and no two have the same. */
static void every_model(void **state)
{
	struct catalog *cat;
	struct err err;

	(void)state;
	cat = catalog_open("firmware-profiles", &err);
	assert_non_null(cat);
	for (size_t i = 0; i < catalog_count(cat); i++) {
		const struct profile *pf = catalog_at(cat, i);
		for (unsigned m = 0; m <= pf->modules; m++) {
			struct key_place before = { 0 }, p;
			for (unsigned k = 1; k <= profile_keys(pf, m); k++) {
				assert_true(profile_place(pf, m, k, &p));
				assert_true(p.page && p.row);
				/* in order: so none is there twice */
				assert_true(k == 1 || p.block > before.block || p.page > before.page ||
					    p.side > before.side || (p.row > before.row && p.side == before.side));
				before = p;
			}
			assert_false(profile_place(pf, m, profile_keys(pf, m) + 1, &p));
		}
	}
	catalog_close(cat);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(beside_the_screen),
		cmocka_unit_test(marks),
		cmocka_unit_test(not_known_is_a_column),
		cmocka_unit_test(no_such_key),
		cmocka_unit_test(shapes),
		cmocka_unit_test(every_model),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
