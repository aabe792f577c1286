#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "phonecfg/base/hex.h"
#include "phonecfg/base/mem.h"
#include "phonecfg/vendor/crypt.h"

#define SECRET(s) ((struct secret){ (s), sizeof(s) - 1 })

static const struct profile yealink = { .id = "y", .vendor = VENDOR_YEALINK };
static const struct profile grandstream = { .id = "g", .vendor = VENDOR_GRANDSTREAM };
static const struct profile polycom = { .id = "p", .vendor = VENDOR_POLYCOM };

/* The bytes come from `openssl enc -aes-128-ecb -K`. */
static void known_bytes(void **state)
{
	static const char want[] = "dcc2fdfb267496d9c897731662edccff";
	struct secret key = SECRET("0123456789abcdef");
	char text[2 * 64 + 1];
	struct buf out;

	(void)state;
	buf_init(&out, 64);
	assert_int_equal(vendor_encrypt(VENDOR_YEALINK, &key, SLICE_LIT("#!version:1"), &out, NULL), ERR_OK);
	assert_int_equal(out.len, 16);
	assert_string_equal(hex_write(out.data, out.len, text), want);
	buf_release(&out);
}

/* Every length around a block's and around the piece that goes through the cipher at once. */
static void there_and_back(void **state)
{
	static const size_t sizes[] = { 0, 1, 15, 16, 17, 4095, 4096, 4097, 9000 };
	struct secret keys[] = { SECRET("0123456789abcdef"), SECRET("0123456789abcdef0123456789abcdef"), SECRET("k") };
	enum vendor_id vendors[] = { VENDOR_YEALINK, VENDOR_YEALINK, VENDOR_GRANDSTREAM };
	static char plain[9000];
	struct buf sealed, again, back;
	struct err err;

	(void)state;
	memset(plain, 'x', sizeof(plain));
	buf_init(&sealed, 10000);
	buf_init(&again, 10000);
	buf_init(&back, 10000);
	for (size_t k = 0; k < 3; k++) {
		for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
			struct slice in = { plain, sizes[i] };
			buf_reset(&sealed);
			buf_reset(&again);
			buf_reset(&back);
			assert_int_equal(vendor_encrypt(vendors[k], &keys[k], in, &sealed, &err), ERR_OK);
			assert_int_equal(vendor_encrypt(vendors[k], &keys[k], in, &again, &err), ERR_OK);
			assert_true(slice_eq(buf_view(&sealed), buf_view(&again)));
			assert_int_equal(vendor_decrypt(vendors[k], &keys[k], buf_view(&sealed), &back, &err), ERR_OK);
			assert_true(slice_eq(in, buf_view(&back)));
		}
	}
	buf_reset(&back);
	assert_int_equal(
		vendor_decrypt(VENDOR_YEALINK, &keys[0], SLICE_LIT("#!version:1.0.0."), &back, &err), ERR_INPUT);
	buf_reset(&back);
	assert_int_equal(vendor_decrypt(VENDOR_YEALINK, &keys[0], SLICE_LIT("short"), &back, &err), ERR_INPUT);
	buf_reset(&back);
	assert_int_equal(vendor_decrypt(VENDOR_GRANDSTREAM, &keys[2], SLICE_LIT("Salted__"), &back, &err), ERR_INPUT);
	buf_release(&sealed);
	buf_release(&again);
	buf_release(&back);
}

static void made_keys(void **state)
{
	struct secret a = { 0 }, b = { 0 };
	struct arena arena;
	struct err err;

	(void)state;
	arena_init(&arena, 0);
	assert_int_equal(vendor_make_file_key(&yealink, NULL, &arena, &a, &err), ERR_OK);
	assert_int_equal(vendor_make_file_key(&yealink, "108.83.0.10", &arena, &b, &err), ERR_OK);
	assert_int_equal(a.n, 16);
	assert_int_equal(b.n, 16);
	assert_false(secret_eq(&a, &b));
	assert_int_equal(vendor_check_file_key(VENDOR_YEALINK, &a, &err), ERR_OK);
	assert_int_equal(vendor_make_file_key(&yealink, "108.86.0.90", &arena, &a, &err), ERR_OK);
	assert_int_equal(a.n, 32);
	assert_int_equal(vendor_check_file_key(VENDOR_YEALINK, &a, &err), ERR_OK);
	assert_int_equal(vendor_make_file_key(&grandstream, "1.0.11.85", &arena, &a, &err), ERR_OK);
	assert_int_equal(a.n, 40);
	assert_int_equal(vendor_check_file_key(VENDOR_GRANDSTREAM, &a, &err), ERR_OK);
	assert_int_equal(vendor_make_file_key(&polycom, NULL, &arena, &a, &err), ERR_UNSUPPORTED);
	mem_fail_from(1);
	arena_release(&arena);
	assert_int_equal(vendor_make_file_key(&yealink, NULL, &arena, &a, &err), ERR_NOMEM);
	mem_fail_from(0);
	arena_release(&arena);
}

static void what_is_encrypted(void **state)
{
	(void)state;
	assert_true(vendor_encrypts(VENDOR_YEALINK, FILE_MAC_CFG));
	assert_true(vendor_encrypts(VENDOR_YEALINK, FILE_LOCAL_CFG));
	assert_true(vendor_encrypts(VENDOR_GRANDSTREAM, FILE_GS_XML));
	assert_false(vendor_encrypts(VENDOR_YEALINK, FILE_MAC_BOOT));
	assert_false(vendor_encrypts(VENDOR_YEALINK, FILE_YEALINK_COMMON));
	assert_false(vendor_encrypts(VENDOR_GRANDSTREAM, FILE_UNKNOWN));
	assert_false(vendor_encrypts(VENDOR_POLYCOM, FILE_MAC_CFG));
	assert_false(vendor_can_encrypt(VENDOR_LINPHONE));
}

static void memory_runs_out(void **state)
{
	struct secret key = SECRET("0123456789abcdef");
	struct buf out;

	(void)state;
	buf_init(&out, 64);
	mem_fail_from(1);
	assert_int_equal(vendor_encrypt(VENDOR_YEALINK, &key, SLICE_LIT("text"), &out, NULL), ERR_NOMEM);
	mem_fail_from(0);
	buf_release(&out);
	buf_init(&out, 8);
	assert_int_equal(vendor_encrypt(VENDOR_YEALINK, &key, SLICE_LIT("text"), &out, NULL), ERR_LIMIT);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(known_bytes),
		cmocka_unit_test(there_and_back),
		cmocka_unit_test(made_keys),
		cmocka_unit_test(what_is_encrypted),
		cmocka_unit_test(memory_runs_out),
	};

	return cmocka_run_group_tests_name("crypt", tests, NULL, NULL);
}
