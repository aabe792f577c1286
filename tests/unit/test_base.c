#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/base64.h"
#include "phonecfg/base/buf.h"
#include "phonecfg/base/file.h"
#include "phonecfg/base/hex.h"
#include "phonecfg/base/mac.h"
#include "phonecfg/base/map.h"
#include "phonecfg/base/mem.h"
#include "phonecfg/base/secret.h"
#include "phonecfg/base/slice.h"
#include "phonecfg/base/text.h"

/* ---- err ---- */

static void test_err(void **state)
{
	struct err e = { 0 };
	char longer[ERR_TEXT_MAX + 100];

	(void)state;
	assert_int_equal(err_set(NULL, ERR_IO, "x"), ERR_IO);
	assert_int_equal(err_set(&e, ERR_LIMIT, "at most %d", 3), ERR_LIMIT);
	assert_int_equal(err_prefix(&e, "file %s", "a"), ERR_LIMIT);
	assert_string_equal(e.text, "file a: at most 3");
	memset(longer, 'x', sizeof(longer) - 1);
	longer[sizeof(longer) - 1] = '\0';
	err_set(&e, ERR_INPUT, "%s", longer);
	assert_int_equal(strlen(e.text), ERR_TEXT_MAX - 1);
	err_prefix(&e, "%s", longer);
	assert_true(strlen(e.text) < ERR_TEXT_MAX);
	assert_string_equal(err_word(ERR_NOT_FOUND), "not-found");
	assert_string_equal(err_word(ERR_COUNT), "bug");
}

/* ---- buf ---- */

static void test_buf_limit(void **state)
{
	struct buf b;
	struct err e;

	(void)state;
	buf_init(&b, 10);
	assert_string_equal(b.data, "");
	buf_str(&b, "12345");
	buf_printf(&b, "%d", 67890);
	assert_int_equal(buf_check(&b, "it", &e), ERR_OK);
	assert_string_equal(b.data, "1234567890");
	buf_char(&b, 'x');
	assert_int_equal(buf_check(&b, "it", &e), ERR_LIMIT);
	assert_string_equal(e.text, "it would be larger than 10 bytes, the most allowed");
	/* Failed stays failed, and what was there stays, also when less would fit. */
	buf_add(&b, "", 0);
	assert_int_equal(b.failed, ERR_LIMIT);
	assert_string_equal(b.data, "1234567890");
	buf_reset(&b);
	assert_int_equal(b.failed, ERR_OK);
	assert_string_equal(b.data, "");
	buf_printf(&b, "%s", "12345678901");
	assert_int_equal(b.failed, ERR_LIMIT);
	buf_release(&b);
	buf_init(&b, 0);
	buf_str(&b, "");
	assert_int_equal(b.failed, ERR_OK);
	buf_char(&b, 'x');
	assert_int_equal(b.failed, ERR_LIMIT);
	buf_release(&b);
}

static void test_buf_grows(void **state)
{
	struct buf b;
	size_t i;

	(void)state;
	buf_init(&b, 100000);
	for (i = 0; i < 100000; i++) {
		buf_char(&b, (char)('a' + i % 26));
		assert_int_equal(b.data[b.len], '\0');
	}
	assert_int_equal(b.failed, ERR_OK);
	assert_int_equal(b.len, 100000);
	for (i = 0; i < b.len; i++)
		assert_int_equal(b.data[i], 'a' + i % 26);
	buf_release(&b);
	assert_int_equal(b.len, 0);
	/* A maximum near the largest size must not wrap. */
	buf_init(&b, SIZE_MAX);
	buf_str(&b, "abc");
	buf_add(&b, "x", SIZE_MAX - 2);
	assert_int_equal(b.failed, ERR_LIMIT);
	buf_release(&b);
}

static void test_buf_no_memory(void **state)
{
	struct buf b;
	struct err e;

	(void)state;
	buf_init(&b, 10000);
	buf_str(&b, "kept");
	mem_fail_from(1);
	while (b.len < 9000 && !b.failed)
		buf_str(&b, "more");
	mem_fail_from(0);
	assert_int_equal(buf_check(&b, "it", &e), ERR_NOMEM);
	assert_memory_equal(b.data, "keptmore", 8);
	buf_release(&b);
}

/* ---- arena ---- */

static void test_arena_limit(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 64);
	assert_non_null(arena_alloc(&a, 32));
	assert_non_null(arena_alloc(&a, 32));
	assert_false(arena_failed(&a));
	assert_null(arena_alloc(&a, 1));
	assert_true(arena_failed(&a));
	/* Failed stays failed, also for what costs nothing, until it is released. */
	assert_null(arena_alloc(&a, 0));
	arena_release(&a);
	assert_false(arena_failed(&a));
	assert_int_equal(a.limit, 64);
	assert_null(arena_alloc(&a, 65));
	arena_release(&a);
	assert_null(arena_alloc(&a, SIZE_MAX));
	arena_release(&a);
}

static void test_arena_memory(void **state)
{
	struct arena a;
	unsigned char *p[200];
	size_t i, j;

	(void)state;
	arena_init(&a, 0);
	for (i = 0; i < 200; i++) {
		p[i] = arena_alloc(&a, i * 37);
		assert_non_null(p[i]);
		assert_int_equal((uintptr_t)p[i] % 16, 0);
		for (j = 0; j < i * 37; j++)
			assert_int_equal(p[i][j], 0);
		memset(p[i], (int)i, i * 37);
	}
	for (i = 0; i < 200; i++)
		for (j = 0; j < i * 37; j++)
			assert_int_equal(p[i][j], i);
	assert_string_equal(arena_printf(&a, "%d-%s", 7, "x"), "7-x");
	assert_string_equal(arena_slice(&a, (struct slice){ NULL, 0 }), "");
	assert_string_equal(arena_strndup(&a, "abcdef", 3), "abc");
	assert_null(arena_strdup(&a, NULL));
	assert_false(arena_failed(&a));
	arena_release(&a);
}

static void test_arena_no_memory(void **state)
{
	struct arena a;
	int *v = NULL;
	size_t count = 0, cap = 0;
	void *slot;

	(void)state;
	arena_init(&a, 0);
	mem_fail_from(2); /* the first block is there, the second is not */
	do {
		slot = arena_push(&a, (void **)&v, &count, &cap, sizeof(*v));
		if (slot)
			v[count - 1] = (int)count;
	} while (slot && count < 1000000);
	mem_fail_from(0);
	assert_null(slot);
	assert_true(count > 8);
	for (; count > 0; count--)
		assert_int_equal(v[count - 1], count);
	assert_true(arena_failed(&a));
	arena_release(&a);
}

/* ---- map ---- */

static void test_map(void **state)
{
	static int values[500];
	struct arena a;
	struct map m;
	int i;

	(void)state;
	arena_init(&a, 0);
	map_init(&m, &a);
	assert_null(map_get(&m, "k0"));
	for (i = 0; i < 500; i++)
		assert_true(map_put(&m, arena_printf(&a, "k%d", i), &values[i]));
	for (i = 0; i < 500; i++) {
		assert_ptr_equal(map_get(&m, arena_printf(&a, "k%d", i)), &values[i]);
		assert_string_equal(m.entries[i].key, arena_printf(&a, "k%d", i));
	}
	assert_false(map_has(&m, "k500"));
	assert_false(map_has(&m, ""));
	assert_true(map_put(&m, "k7", &values[8]));
	assert_int_equal(m.count, 500);
	assert_ptr_equal(map_get(&m, "k7"), &values[8]);
	/* A NULL value is there; only has() can tell. */
	assert_true(map_put(&m, "null", NULL));
	assert_true(map_has(&m, "null"));
	arena_release(&a);
	arena_init(&a, 32);
	map_init(&m, &a);
	assert_false(map_put(&m, "k", &values[0]));
	arena_release(&a);
}

static void test_map_copy(void **state)
{
	static int values[40];
	struct arena a, b;
	struct map m, copy;
	char name[16];
	int i;

	(void)state;
	arena_init(&a, 0);
	arena_init(&b, 0);
	map_init(&m, &a);
	assert_true(map_copy(&copy, &b, &m));
	assert_int_equal(copy.count, 0);
	for (i = 0; i < 20; i++)
		assert_true(map_put(&m, arena_printf(&a, "k%d", i), &values[i]));
	assert_true(map_copy(&copy, &b, &m));
	for (i = 20; i < 40; i++)
		assert_true(map_put(&copy, arena_printf(&a, "k%d", i), &values[i]));
	for (i = 0; i < 40; i++)
		assert_ptr_equal(map_get(&m, arena_printf(&a, "k%d", i)), i < 20 ? &values[i] : NULL);
	for (i = 20; i < 40; i++)
		assert_true(map_put(&m, arena_printf(&a, "m%d", i), &values[i]));
	assert_true(map_put(&copy, "k3", &values[0]));
	assert_ptr_equal(map_get(&m, "k3"), &values[3]);
	assert_ptr_equal(map_get(&copy, "k3"), &values[0]);
	for (i = 0; i < 40; i++) {
		snprintf(name, sizeof(name), "k%d", i);
		assert_int_equal(map_has(&m, name), i < 20);
		assert_true(map_has(&copy, name));
		snprintf(name, sizeof(name), "m%d", i);
		assert_int_equal(map_has(&m, name), i >= 20);
		assert_false(map_has(&copy, name));
	}
	arena_release(&b);
	arena_init(&b, 32);
	assert_false(map_copy(&copy, &b, &m));
	arena_release(&b);
	arena_release(&a);
}

/* ---- mac ---- */

static void test_mac(void **state)
{
	static const char *const good[] = { "001565abcdef", "001565ABCDEF", "00:15:65:ab:cd:ef", "00-15-65-AB-CD-EF",
		"0015.65ab.cdef", "001565-abcdef", "0015:65ABCDEF" };
	static const char *const bad[] = { "", "001565abcde", "001565abcdef0", "001565abcdeg", ":001565abcdef",
		"001565abcdef:", "00::1565abcdef", "0:01565abcdef", " 001565abcdef", "001565abcdef ",
		"00 15 65 ab cd ef", "00:15:65:ab:cd:ef:" };
	struct mac m, again;
	char text[MAC_TEXT];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(*good); i++) {
		assert_true(mac_parse(slice_str(good[i]), &m));
		assert_string_equal(mac_text(&m, text), "001565abcdef");
	}
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		memset(&again, 0x5a, sizeof(again));
		assert_false(mac_parse(slice_str(bad[i]), &again));
		assert_int_equal(again.b[0], 0x5a); /* untouched */
	}
	assert_false(mac_parse((struct slice){ "001565abcde\0", 12 }, &again));
	assert_true(mac_parse((struct slice){ "001565abcdefXX", 12 }, &again));
	assert_true(mac_eq(&m, &again));
	again.b[5]++;
	assert_false(mac_eq(&m, &again));
}

/* ---- slice ---- */

static void test_slice(void **state)
{
	struct slice rest = SLICE_LIT("a,,b"), empty = { NULL, 0 };

	(void)state;
	assert_true(slice_eq_str(slice_cut(&rest, ','), "a"));
	assert_true(slice_eq_str(slice_cut(&rest, ','), ""));
	assert_true(slice_eq_str(slice_cut(&rest, ','), "b"));
	assert_int_equal(rest.n, 0);
	assert_int_equal(slice_cut(&rest, ',').n, 0);
	assert_true(slice_eq_str(slice_trim(SLICE_LIT(" \t a b\t ")), "a b"));
	assert_int_equal(slice_trim(SLICE_LIT(" \t ")).n, 0);
	assert_true(slice_ieq_str(SLICE_LIT("Ab"), "aB"));
	assert_false(slice_ieq_str(SLICE_LIT("Abc"), "aB"));
	assert_true(slice_starts(SLICE_LIT("abc"), "ab"));
	assert_true(slice_starts(empty, ""));
	assert_false(slice_starts(SLICE_LIT("a"), "ab"));
	assert_true(slice_ends(SLICE_LIT("abc"), "bc"));
	assert_false(slice_ends(SLICE_LIT("c"), "bc"));
	assert_int_equal(slice_find(SLICE_LIT("abcabc"), SLICE_LIT("ca")), 2);
	assert_int_equal(slice_find(SLICE_LIT("abc"), SLICE_LIT("abcd")), -1);
	assert_int_equal(slice_find(SLICE_LIT("abc"), empty), -1);
	assert_true(slice_eq(empty, slice_str("")));
	assert_int_equal(slice_str(NULL).n, 0);
	assert_false(slice_eq((struct slice){ "a\0b", 3 }, (struct slice){ "a\0c", 3 }));
}

/* ---- text ---- */

static void test_utf8(void **state)
{
	static const char *const good[] = { "", "a", "\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf",
		"\xee\x80\x80", "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf" };
	/* too short a form, surrogates, past the end, cut off, stray continuation: RFC 3629 sections 3 and 4 */
	static const char *const bad[] = { "\x80", "\xbf", "\xc0\x80", "\xc1\xbf", "\xc2", "\xc2\x41", "\xe0\x9f\xbf",
		"\xe0\xa0", "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x8f\xbf\xbf", "\xf0\x90\x80", "\xf4\x90\x80\x80",
		"\xf5\x80\x80\x80", "\xff", "a\xe2\x82" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(*good); i++)
		assert_true(text_is_utf8(slice_str(good[i])));
	for (i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(text_is_utf8(slice_str(bad[i])));
}

static void test_text(void **state)
{
	static const char *const control[] = { "a\n", "\r", "\t", "\x1f", "\x7f", "\xc2\x80", "\xc2\x9f",
		"\xe2\x80\xa8", "\xe2\x80\xa9", "\xff\n" };
	static const char *const plain[] = { " ", "~", "\xc2\xa0", "\xe2\x80\xa7", "\xe2\x80\xaa", "\xd7\x9e\xd7\xa8" };
	struct err e;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(control) / sizeof(*control); i++)
		assert_true(text_has_control(slice_str(control[i])));
	for (i = 0; i < sizeof(plain) / sizeof(*plain); i++)
		assert_false(text_has_control(slice_str(plain[i])));
	assert_true(text_has_control((struct slice){ "a\0b", 3 }));
	assert_int_equal(text_length(SLICE_LIT("a\xc3\xa9\xf0\x9f\x98\x80")), 3);
	assert_int_equal(text_check("name", SLICE_LIT("\xc3\xa9\xc3\xa9\xc3\xa9"), 3, &e), ERR_OK);
	assert_int_equal(text_check("name", SLICE_LIT("\xc3\xa9\xc3\xa9\xc3\xa9"), 2, &e), ERR_INPUT);
	assert_string_equal(e.text, "name has 3 characters; at most 2 are allowed");
	assert_int_equal(text_check("name", SLICE_LIT("\xc3"), 9, &e), ERR_INPUT);
	assert_int_equal(text_check("name", SLICE_LIT("a\nb"), 9, &e), ERR_INPUT);
	assert_int_equal(text_check("name", SLICE_LIT(""), 0, &e), ERR_OK);
}

/* ---- secret ---- */

static void test_secret(void **state)
{
	struct arena a;
	struct secret none = { 0 }, x, y, z;

	(void)state;
	arena_init(&a, 0);
	x = secret_copy(&a, SLICE_LIT("pass"));
	y = secret_copy(&a, SLICE_LIT("pass"));
	z = secret_copy(&a, SLICE_LIT("pasS"));
	assert_true(secret_eq(&x, &y));
	assert_false(secret_eq(&x, &z));
	assert_false(secret_eq(&x, &none));
	assert_true(secret_eq(&none, &none));
	assert_true(secret_set(&x));
	assert_false(secret_set(&none));
	assert_string_equal(secret_mask(&x), "***");
	assert_string_equal(secret_mask(&none), "(none)");
	assert_true(slice_eq_str(secret_reveal(&x), "pass"));
	assert_int_equal(secret_reveal(&none).n, 0);
	arena_release(&a);
	arena_init(&a, 8);
	x = secret_copy(&a, SLICE_LIT("longer than eight"));
	assert_false(secret_set(&x));
	assert_int_equal(x.n, 0);
	arena_release(&a);
}

/* ---- mem ---- */

static void test_hex(void **state)
{
	unsigned char bytes[3] = { 0 };
	char text[7];

	(void)state;
	assert_string_equal(hex_write("\x00\x9f\xff", 3, text), "009fff");
	assert_string_equal(hex_write("", 0, text), "");
	assert_true(hex_read(SLICE_LIT("009Fff"), bytes, 3));
	assert_memory_equal(bytes, "\x00\x9f\xff", 3);
	assert_false(hex_read(SLICE_LIT("009fff"), bytes, 2)); /* more */
	assert_false(hex_read(SLICE_LIT("009ff"), bytes, 3));  /* less */
	assert_false(hex_read(SLICE_LIT("009ffg"), bytes, 3));
	assert_false(hex_read(SLICE_LIT("00\09ff"), bytes, 3));
	assert_int_equal(hex_digit('a'), 10);
	assert_int_equal(hex_digit('F'), 15);
	assert_int_equal(hex_digit('/'), -1); /* before 0, behind 9, A to F and a to f */
	assert_int_equal(hex_digit(':'), -1);
	assert_int_equal(hex_digit('@'), -1);
	assert_int_equal(hex_digit('G'), -1);
	assert_int_equal(hex_digit('`'), -1);
	assert_int_equal(hex_digit('\0'), -1);
}

/* The vectors of RFC 4648 section 10, and one with the two characters in which the alphabets differ. */
static void test_base64_write(void **state)
{
	static const struct {
		const char *plain, *text;
	} rows[] = { { "", "" }, { "f", "Zg==" }, { "fo", "Zm8=" }, { "foo", "Zm9v" }, { "foob", "Zm9vYg==" },
		{ "fooba", "Zm9vYmE=" }, { "foobar", "Zm9vYmFy" }, { "\xfb\xff", "+/8=" } };
	char out[16];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		size_t n = strlen(rows[i].plain);
		assert_int_equal(base64_write(rows[i].plain, n, out), BASE64_LEN(n));
		assert_string_equal(out, rows[i].text);
	}
}

static void test_base64url(void **state)
{
	unsigned char in[40], out[40];
	char text[64];
	size_t n;

	(void)state;
	for (n = 0; n < sizeof(in); n++) {
		in[n] = (unsigned char)(n * 37 + 200);
		assert_int_equal(base64url_write(in, n, text), BASE64URL_LEN(n));
		assert_true(base64url_read(slice_str(text), out, n));
		assert_memory_equal(in, out, n);
	}
	base64url_write("\xfb\xff", 2, text);
	assert_string_equal(text, "-_8"); /* RFC 4648 §5: 62 is -, 63 is _ */
	assert_false(base64url_read(SLICE_LIT("A+=="), out, 3));
	assert_false(base64url_read(SLICE_LIT("-_8"), out, 1));
	assert_false(base64url_read(SLICE_LIT("-_8"), out, 3));
}

/* RFC 4648 §10. */
static void test_base64(void **state)
{
	static const struct {
		const char *text, *bytes;
	} rows[] = { { "", "" }, { "Zg==", "f" }, { "Zm8=", "fo" }, { "Zm9v", "foo" }, { "Zm9vYg==", "foob" },
		{ "Zm9vYmE=", "fooba" }, { "Zm9vYmFy", "foobar" }, { "Zm9vYmE", "fooba" }, { "+/8", "\xfb\xff" } };
	char out[16];
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		assert_true(base64_read(slice_str(rows[i].text), out, &n));
		assert_int_equal(n, strlen(rows[i].bytes));
		assert_memory_equal(out, rows[i].bytes, n);
	}
	assert_false(base64_read(SLICE_LIT("-_8"), out, &n));
	assert_false(base64_read(SLICE_LIT("Zm9v\n"), out, &n));
	assert_false(base64_read(SLICE_LIT("Zg==Zg=="), out, &n));
}

static void test_mem(void **state)
{
	void *p;

	(void)state;
	mem_fail_from(2);
	p = mem_alloc(0);
	assert_non_null(p);
	assert_null(mem_zalloc(1));
	assert_null(mem_realloc(p, 10)); /* and p is still ours */
	assert_null(mem_strdup("x"));
	assert_int_equal(mem_count(), 4);
	mem_fail_from(0);
	p = mem_realloc(p, 10);
	assert_non_null(p);
	mem_free(p);
	mem_free(NULL);
}

/* ---- file ---- */

static void test_file(void **state)
{
	char path[] = "/tmp/rekey-file-XXXXXX", text[5000];
	struct err err = { 0 };
	struct buf b;
	int fd = mkstemp(path);

	(void)state;
	memset(text, 'x', sizeof(text));
	text[4000] = '\0';
	assert_int_equal(write(fd, text, sizeof(text)), sizeof(text));
	close(fd);
	buf_init(&b, sizeof(text));
	assert_int_equal(file_read(path, &b, &err), ERR_OK);
	assert_int_equal(b.len, sizeof(text));
	assert_memory_equal(b.data, text, sizeof(text));
	buf_release(&b);
	buf_init(&b, sizeof(text) - 1);
	assert_int_equal(file_read(path, &b, &err), ERR_LIMIT);
	assert_non_null(strstr(err.text, path));
	buf_release(&b);
	unlink(path);
	buf_init(&b, sizeof(text));
	assert_int_equal(file_read(path, &b, &err), ERR_NOT_FOUND);
	assert_non_null(strstr(err.text, "No such file"));
	assert_int_equal(file_read("/", &b, &err), ERR_IO);
	assert_non_null(strstr(err.text, "cannot read /: Is a directory"));
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_err),
		cmocka_unit_test(test_buf_limit),
		cmocka_unit_test(test_buf_grows),
		cmocka_unit_test(test_buf_no_memory),
		cmocka_unit_test(test_arena_limit),
		cmocka_unit_test(test_arena_memory),
		cmocka_unit_test(test_arena_no_memory),
		cmocka_unit_test(test_map),
		cmocka_unit_test(test_map_copy),
		cmocka_unit_test(test_mac),
		cmocka_unit_test(test_slice),
		cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_text),
		cmocka_unit_test(test_secret),
		cmocka_unit_test(test_hex),
		cmocka_unit_test(test_base64_write),
		cmocka_unit_test(test_base64url),
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_mem),
		cmocka_unit_test(test_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
