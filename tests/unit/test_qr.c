/* What a QR code's pictures are made of; that a camera reads them is asked by tests/golden/qr.t. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "phonecfg/base/mem.h"
#include "phonecfg/qr/qr.h"

static struct qr make(struct arena *a, const char *text)
{
	struct err err;
	struct qr qr;

	assert_int_equal(qr_make(slice_str(text), a, &qr, &err), ERR_OK);
	return qr;
}

/* ISO/IEC 18004: version v has 17 + 4 v modules a side; at level M version 1 holds 14 bytes, version 2 holds 26. */
static void sizes(void **state)
{
	struct arena a;

	(void)state;
	arena_init(&a, 0);
	assert_int_equal(make(&a, "x").size, 21);
	assert_int_equal(make(&a, "fourteen bytes").size, 21);
	assert_int_equal(make(&a, "fifteen bytes!!").size, 25);
	assert_int_equal(make(&a, "twenty-seven bytes are here").size, 29);
	arena_release(&a);
}

/* The finder of three corners: a dark ring of seven, a light one of five, three dark in the middle. */
static void finders(void **state)
{
	struct arena a;
	struct qr qr;
	size_t c;

	(void)state;
	arena_init(&a, 0);
	qr = make(&a, "https://prov.example.test:8443/soft/abc");
	for (c = 0; c < 3; c++) {
		size_t x0 = c == 1 ? qr.size - 7 : 0, y0 = c == 2 ? qr.size - 7 : 0;
		for (size_t y = 0; y < 7; y++)
			for (size_t x = 0; x < 7; x++) {
				bool ring = x == 0 || x == 6 || y == 0 || y == 6;
				bool core = x > 1 && x < 5 && y > 1 && y < 5;
				assert_int_equal(qr.module[(y0 + y) * qr.size + x0 + x], ring || core);
			}
	}
	arena_release(&a);
}

static void path_is_runs(void **state)
{
	static const bool dots[] = { true, true, false, false, false, false, true, false, true };
	const struct qr qr = { 3, dots };
	struct buf b;

	(void)state;
	buf_init(&b, QR_SVG_MAX);
	qr_path(&qr, &b);
	assert_string_equal(b.data, "M4 4h2v1h-2zM4 6h1v1h-1zM6 6h1v1h-1z");
	buf_release(&b);
}

static void svg_escapes_its_title(void **state)
{
	struct arena a;
	struct buf b;
	struct qr qr;
	struct err err;

	(void)state;
	arena_init(&a, 0);
	buf_init(&b, QR_SVG_MAX);
	qr = make(&a, "x");
	assert_int_equal(qr_svg(&qr, "Alice <A&B>", &b, &err), ERR_OK);
	assert_non_null(strstr(b.data, "<title>Alice &lt;A&amp;B&gt;</title>"));
	assert_non_null(strstr(b.data, "viewBox=\"0 0 29 29\"")); /* 21 and a quiet zone of 4 on each side */
	buf_release(&b);
	buf_init(&b, 100);
	assert_int_equal(qr_svg(&qr, "x", &b, &err), ERR_LIMIT);
	buf_release(&b);
	arena_release(&a);
}

/* PNG (ISO/IEC 15948): signature, then IHDR with width, height, bit depth 1, colour type 0 (grey). */
static void png_head(void **state)
{
	static const unsigned char want[] = { 0x89, 'P', 'N', 'G', 13, 10, 26, 10, 0, 0, 0, 13, 'I', 'H', 'D', 'R', 0,
		0, 0, 87, 0, 0, 0, 87, 1, 0, 0, 0, 0 };
	struct arena a;
	struct buf b;
	struct qr qr;
	struct err err;

	(void)state;
	arena_init(&a, 0);
	buf_init(&b, QR_PNG_MAX);
	qr = make(&a, "x");
	assert_int_equal(qr_png(&qr, 3, &b, &err), ERR_OK);
	assert_true(b.len > sizeof(want));
	assert_memory_equal(b.data, want, sizeof(want));
	assert_int_equal(qr_png(&qr, 0, &b, &err), ERR_INPUT);
	assert_int_equal(qr_png(&qr, QR_SCALE_MAX + 1, &b, &err), ERR_INPUT);
	buf_release(&b);
	buf_init(&b, 40);
	assert_int_equal(qr_png(&qr, 3, &b, &err), ERR_LIMIT);
	buf_release(&b);
	arena_release(&a);
}

static void bad_texts(void **state)
{
	char secret[QR_TEXT_MAX + 2];
	struct arena a;
	struct qr qr;
	struct err err;

	(void)state;
	arena_init(&a, 0);
	assert_int_equal(qr_make(slice_str(""), &a, &qr, &err), ERR_INPUT);
	assert_int_equal(qr_make(slice_str("S\xc3\xb6hne"), &a, &qr, &err), ERR_INPUT);
	memset(secret, 's', sizeof(secret) - 1);
	secret[sizeof(secret) - 1] = '\0';
	assert_int_equal(qr_make(slice_str(secret), &a, &qr, &err), ERR_LIMIT);
	assert_null(strstr(err.text, "sss")); /* it never says the text */
	assert_int_equal(qr_make((struct slice){ secret, QR_TEXT_MAX }, &a, &qr, &err), ERR_OK);
	arena_release(&a);
}

static void out_of_memory(void **state)
{
	enum err_code rc = ERR_NOMEM;

	(void)state;
	for (unsigned long n = 1; rc != ERR_OK; n++) {
		struct arena a;
		struct buf b;
		struct qr qr;
		struct err err;
		assert_true(n < 100);
		arena_init(&a, 0);
		buf_init(&b, QR_PNG_MAX);
		mem_fail_from(n);
		rc = qr_make(slice_str("linphone-config:x"), &a, &qr, &err);
		if (rc == ERR_OK)
			rc = qr_png(&qr, 2, &b, &err);
		if (rc == ERR_OK)
			rc = qr_svg(&qr, "x", &b, &err);
		mem_fail_from(0);
		assert_true(rc == ERR_OK || rc == ERR_NOMEM);
		buf_release(&b);
		arena_release(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),
		cmocka_unit_test(finders),
		cmocka_unit_test(path_is_runs),
		cmocka_unit_test(svg_escapes_its_title),
		cmocka_unit_test(png_head),
		cmocka_unit_test(bad_texts),
		cmocka_unit_test(out_of_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
