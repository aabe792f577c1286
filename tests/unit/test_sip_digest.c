/* The client's half of digest: the examples of the RFCs, and challenges as phones and strangers write them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "provisioning/sip/digest.h"

static struct slice text(const char *s)
{
	return slice_str(s);
}

static void expect(const char *challenge, const char *user, const char *password, const char *method, const char *uri,
	const char *cnonce, const char *want)
{
	struct secret secret = { password, strlen(password) };
	struct sip_challenge c;
	struct buf b;

	assert_true(sip_digest_read(text(challenge), &c));
	buf_init(&b, 4096);
	assert_true(sip_digest_write(&c, user, &secret, method, uri, cnonce, &b));
	if (!strstr(b.data, want))
		fail_msg("%s is not in %s", want, b.data);
	buf_release(&b);
}

static void examples(void **state)
{
	static const char rfc7616[] =
		"Digest realm=\"http-auth@example.org\", qop=\"auth, auth-int\", algorithm=%s,"
		" nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"";
	char challenge[512];

	(void)state;
	(void)snprintf(challenge, sizeof challenge, rfc7616, "MD5"); /* RFC 7616 3.9.1 */
	expect(challenge, "Mufasa", "Circle of Life", "GET", "/dir/index.html",
		"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ", "response=\"8ca523f5e9506fed4657c9700eebdbec\"");
	(void)snprintf(challenge, sizeof challenge, rfc7616, "SHA-256");
	expect(challenge, "Mufasa", "Circle of Life", "GET", "/dir/index.html",
		"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ",
		"response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\"");
	expect(challenge, "Mufasa", "Circle of Life", "GET", "/dir/index.html", "c",
		"opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"");
	/* RFC 2617 3.5, and RFC 2069 2.4 as corrected by erratum 749: without qop */
	expect("Digest realm=\"testrealm@host.com\",qop=\"auth,auth-int\",nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\"",
		"Mufasa", "Circle Of Life", "GET", "/dir/index.html", "0a4f113b",
		"response=\"6629fae49393a05397450978507c4ef1\"");
	expect("digest nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", realm=\"testrealm@host.com\"", "Mufasa",
		"CircleOfLife", "GET", "/dir/index.html", "x", "response=\"1949323746fe6a43ef61f9606e7febea\"");
}

static void counts_up(void **state)
{
	struct secret secret = { "s", 1 };
	struct sip_challenge c;
	struct buf b;

	(void)state;
	assert_true(sip_digest_read(text("Digest realm=\"r\", nonce=\"n\", qop=auth"), &c));
	for (int i = 1; i <= 3; i++) {
		char want[32];

		buf_init(&b, 4096);
		assert_true(sip_digest_write(&c, "u", &secret, "NOTIFY", "sip:u@h", "c", &b));
		(void)snprintf(want, sizeof want, "nc=%08x", i);
		assert_non_null(strstr(b.data, want));
		buf_release(&b);
	}
}

static void read_or_refuse(void **state)
{
	static const struct {
		const char *value;
		bool good;
	} cases[] = {
		{ "Digest realm=\"grandstream.com\", nonce=\"1\", qop=\"auth\", algorithm=MD5", true },
		{ "Digest realm=\"\", nonce=\"1\"", true },
		{ "DIGEST Realm=a , Nonce=b , Stale=TRUE", true },
		{ "Digest realm=\"a\\b\", nonce=\"1\"", false }, /* hashed with or without the backslash? */
		{ "Digest realm=\"a\"", false },                 /* no nonce */
		{ "Digest realm=\"a\", nonce=\"1\", qop=\"auth-int\"", false },
		{ "Digest realm=\"a\", nonce=\"1\", algorithm=SHA-512-256", false },
		{ "Digest realm=\"a\", nonce=\"1\", algorithm=MD5-sess", false },
		{ "Digest realm=\"a, nonce=\"1\"", false },
		{ "Digest realm=\"a\", nonce=\"unterminated", false },
		{ "Basic realm=\"a\"", false },
		{ "Digest", false },
		{ "", false },
		{ "Digestrealm=\"a\", nonce=\"1\"", false },
	};
	struct sip_challenge c;
	char big[2000] = "Digest realm=\"a\", nonce=\"";

	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		if (sip_digest_read(text(cases[i].value), &c) != cases[i].good)
			fail_msg("%s", cases[i].value);
	assert_true(sip_digest_read(text(cases[2].value), &c) && c.stale);
	memset(big + strlen(big), 'x', 1500);
	assert_false(sip_digest_read(text(big), &c)); /* never cut in silence */
}

static void nothing_breaks_out(void **state)
{
	struct secret secret = { "s", 1 };
	struct sip_challenge c;
	struct buf b;

	(void)state;
	buf_init(&b, 4096);
	assert_true(sip_digest_read(text("Digest realm=\"r\", nonce=\"n\""), &c));
	assert_false(sip_digest_write(&c, "u\"", &secret, "NOTIFY", "sip:u@h", "c", &b));
	assert_false(sip_digest_write(&c, "u", &secret, "NOTIFY", "sip:u@h\"", "c", &b));
	assert_false(sip_digest_write(&c, "u\r\n", &secret, "NOTIFY", "sip:u@h", "c", &b));
	assert_int_equal(b.len, 0);
	buf_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(examples),
		cmocka_unit_test(counts_up),
		cmocka_unit_test(read_or_refuse),
		cmocka_unit_test(nothing_breaks_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
