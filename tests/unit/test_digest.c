/* Digest: the RFCs' own examples, the syntax from both sides, nonces and what a wrong one is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "provisioning/http/digest.h"

enum { NOW = 1700000000 };
static const int64_t now_ms = (int64_t)NOW * 1000;

/* RFC 7616 §3.9.1 and RFC 2617 §3.5. */
static void examples(void **state)
{
	static const struct {
		const char *header, *realm, *password, *want;
	} cases[] = {
		{ "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", algorithm=MD5, "
		  "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, "
		  "cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, "
		  "response=\"8ca523f5e9506fed4657c9700eebdbec\", opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"",
			"http-auth@example.org", "Circle of Life", "8ca523f5e9506fed4657c9700eebdbec" },
		{ "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", algorithm=SHA-256, "
		  "nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, "
		  "cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, "
		  "response=\"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1\", "
		  "opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"",
			"http-auth@example.org", "Circle of Life",
			"753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1" },
		{ "Digest username=\"Mufasa\",\trealm=\"testrealm@host.com\", nonce=\"dcd98b7102dd2f0e8b11d0f600bfb0c093\", "
		  "uri=\"/dir/index.html\", qop=auth, nc=00000001, cnonce=\"0a4f113b\", "
		  "response=\"6629fae49393a05397450978507c4ef1\", opaque=\"5ccc069c403ebaf9f0171e9517f40e41\"",
			"testrealm@host.com", "Circle Of Life", "6629fae49393a05397450978507c4ef1" },
	};
	char scratch[1024], out[DIGEST_RESPONSE_TEXT];
	unsigned char ha1[32];
	struct digest_answer a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(digest_parse(slice_str(cases[i].header), scratch, sizeof(scratch), &a));
		assert_true(slice_eq_str(a.user, "Mufasa"));
		assert_true(slice_eq_str(a.realm, cases[i].realm));
		digest_ha1(a.alg, a.user, a.realm, slice_str(cases[i].password), ha1);
		assert_true(digest_response(&a, ha1, "GET", out));
		assert_string_equal(out, cases[i].want);
		assert_true(slice_eq_str(a.response, out));
	}
}

#define GOOD                                                                                                             \
	"username=\"u\", realm=\"r\", nonce=\"n\", uri=\"/\", response=\"0123456789abcdef0123456789ABCDEF\", qop=auth, " \
	"nc=00000001, cnonce=\"c\""

static void syntax(void **state)
{
	static const struct {
		const char *header;
		bool good;
	} cases[] = {
		{ "Digest " GOOD, true },
		{ "digest\t" GOOD, true },
		{ "Digest " GOOD ", other=thing, more=\"a\\\"b\"", true },
		{ "Digest " GOOD " ", true },
		{ "Digest " GOOD ",", false },
		{ "Digest " GOOD " x", false },
		{ "Digest " GOOD ", username=\"v\"", false },
		{ "Digest " GOOD ", algorithm=SHA-512-256", false },
		{ "Digest " GOOD ", algorithm=SHA-256", false }, /* the response is too short for it */
		{ "Digest " GOOD ", algorithm=\"md5\"", true },
		{ "Digest", false },
		{ "Digest ", false },
		{ "Digest =", false },
		{ "Digest username", false },
		{ "Digest username=", false },
		{ "Digest username=\"u", false },
		{ "Digest username=\"u\\", false },
		{ "Basic dTpw", false },
		{ "", false },
		{ "Digest username=\"u\", realm=\"r\", nonce=\"n\", uri=\"/\", response=\"0123456789abcdef0123456789abcdef\"",
			true },
		{ "Digest username=\"u\", realm=\"r\", nonce=\"n\", uri=\"/\", response=\"0123456789abcdef0123456789abcde\"",
			false },
		{ "Digest username=\"u\", realm=\"r\", nonce=\"n\", uri=\"/\", response=\"0123456789abcdef0123456789abcdeg\"",
			false },
		{ "Digest username=\"u\", realm=\"r\", nonce=\"n\", uri=\"/\", response=\"0123456789abcdef0123456789abcdef\", qop=auth-int, nc=00000001, cnonce=\"c\"",
			false },
		{ "Digest username=\"u\", realm=\"r\", nonce=\"n\", uri=\"/\", response=\"0123456789abcdef0123456789abcdef\", qop=auth, nc=1, cnonce=\"c\"",
			false },
		{ "Digest username=\"u\", realm=\"r\", nonce=\"n\", uri=\"/\", response=\"0123456789abcdef0123456789abcdef\", qop=auth, nc=00000001",
			false },
	};
	char scratch[256];
	struct digest_answer a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if (digest_parse(slice_str(cases[i].header), scratch, sizeof(scratch), &a) != cases[i].good)
			fail_msg("%s", cases[i].header);
	assert_true(digest_parse(SLICE_LIT("Digest username=\"a\\\"b\\\\c\", realm=\"r\", nonce=\"n\", uri=\"/\", "
					   "response=\"0123456789abcdef0123456789abcdef\""),
		scratch, sizeof(scratch), &a));
	assert_true(slice_eq_str(a.user, "a\"b\\c"));
	assert_false(digest_parse(SLICE_LIT("Digest " GOOD), scratch, 8, &a));
}

/* ---- the check ---- */

static bool ha1_of(void *arg, struct slice user, enum digest_alg alg, unsigned char ha1[32])
{
	++*(int *)arg;
	if (!slice_eq_str(user, "001565abcdef"))
		return false;
	digest_ha1(alg, user, SLICE_LIT("rekey"), SLICE_LIT("secret"), ha1);
	return true;
}

static struct digest server(const char *listener, unsigned char key)
{
	struct digest d = { .realm = "rekey", .listener = listener };

	memset(d.key, key, sizeof(d.key));
	return d;
}

/* What an honest phone says to a challenge. */
static void say(char out[1024], const char *challenge, const char *user, const char *password, enum digest_alg alg,
	const char *method, const char *uri, bool qop)
{
	const char *n = strstr(challenge, "nonce=\"");
	struct slice rest, nonce;
	unsigned char ha1[32];
	char response[DIGEST_RESPONSE_TEXT];
	struct digest_answer a = { .user = slice_str(user),
		.uri = slice_str(uri),
		.cnonce = SLICE_LIT("c"),
		.nc = SLICE_LIT("00000001"),
		.alg = alg,
		.qop = qop };

	assert_non_null(n);
	rest = slice_str(n + 7);
	nonce = slice_cut(&rest, '"');
	a.nonce = nonce;
	digest_ha1(alg, a.user, SLICE_LIT("rekey"), slice_str(password), ha1);
	assert_true(digest_response(&a, ha1, method, response));
	snprintf(out, 1024,
		"Digest username=\"%s\", realm=\"rekey\", nonce=\"%.*s\", uri=\"%s\", response=\"%s\", algorithm=%s%s",
		user, SLICE_ARG(nonce), uri, response, alg == DIGEST_MD5 ? "MD5" : "SHA-256",
		qop ? ", qop=auth, nc=00000001, cnonce=\"c\"" : "");
}

static enum digest_result check(
	const struct digest *d, const char *header, const char *method, struct slice target, int64_t at_ms, int *asked)
{
	void *args[] = { asked };
	unsigned which;

	return digest_check(d, header, method, target, at_ms, ha1_of, args, 1, &which);
}

static void accepted(void **state)
{
	struct digest d = server("phones", 1), twin = server("phones", 1);
	char challenge[DIGEST_HEADER_MAX], header[1024];
	int alg, asked = 0;

	(void)state;
	for (alg = DIGEST_MD5; alg <= DIGEST_SHA256; alg++) {
		assert_int_equal(digest_challenge(&d, (enum digest_alg)alg, false, now_ms, challenge, NULL), ERR_OK);
		assert_null(strstr(challenge, "stale"));
		say(header, challenge, "001565abcdef", "secret", (enum digest_alg)alg, "GET", "/cfg/a?b", true);
		/* Another thread or node that has the key. */
		assert_int_equal(check(&twin, header, "GET", SLICE_LIT("/cfg/a?b"), now_ms, &asked), DIGEST_OK);
		assert_int_equal(
			check(&d, header, "GET", SLICE_LIT("/cfg/a?b"), now_ms + DIGEST_NONCE_MS, &asked), DIGEST_OK);
		assert_int_equal(check(&d, header, "GET", SLICE_LIT("/cfg/a?b"), now_ms + DIGEST_NONCE_MS + 1, &asked),
			DIGEST_STALE);
		assert_int_equal(check(&d, header, "GET", SLICE_LIT("/cfg/a?b"), now_ms - 60000, &asked), DIGEST_STALE);
	}
	assert_int_equal(digest_challenge(&d, DIGEST_MD5, true, now_ms, challenge, NULL), ERR_OK);
	assert_non_null(strstr(challenge, ", stale=true"));
	assert_int_equal(asked, 8);
}

struct way {
	const char *password; /* NULL = there is none */
	int asked;
};

static bool way_of(void *arg, struct slice user, enum digest_alg alg, unsigned char ha1[32])
{
	struct way *w = arg;

	w->asked++;
	if (w->password)
		digest_ha1(alg, user, SLICE_LIT("rekey"), slice_str(w->password), ha1);
	return w->password != NULL;
}

/* A user with two passwords: either does, both are walked whichever fits, and a stale nonce is stale for both. */
static void either(void **state)
{
	static const struct {
		const char *first, *second;
		unsigned which;
		enum digest_result now, late;
	} cases[] = {
		{ "secret", "former", 0, DIGEST_OK, DIGEST_STALE },
		{ "newer", "secret", 1, DIGEST_OK, DIGEST_STALE },
		{ "secret", "secret", 0, DIGEST_OK, DIGEST_STALE },
		{ NULL, "secret", 1, DIGEST_OK, DIGEST_STALE },
		{ "secret", NULL, 0, DIGEST_OK, DIGEST_STALE },
		{ "newer", "former", 0, DIGEST_BAD, DIGEST_BAD },
		{ NULL, NULL, 0, DIGEST_BAD, DIGEST_BAD },
	};
	struct digest d = server("phones", 1);
	char challenge[DIGEST_HEADER_MAX], header[1024];
	size_t i;

	(void)state;
	assert_int_equal(digest_challenge(&d, DIGEST_SHA256, false, now_ms, challenge, NULL), ERR_OK);
	say(header, challenge, "001565abcdef", "secret", DIGEST_SHA256, "GET", "/", true);
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct way ways[] = { { cases[i].first, 0 }, { cases[i].second, 0 } };
		void *args[] = { &ways[0], &ways[1] };
		unsigned which = 7;

		assert_int_equal(
			digest_check(&d, header, "GET", SLICE_LIT("/"), now_ms, way_of, args, 2, &which), cases[i].now);
		if (cases[i].now == DIGEST_OK)
			assert_int_equal(which, cases[i].which);
		assert_int_equal(digest_check(&d, header, "GET", SLICE_LIT("/"), now_ms + DIGEST_NONCE_MS + 1, way_of,
					 args, 2, &which),
			cases[i].late);
		assert_int_equal(ways[0].asked, 2);
		assert_int_equal(ways[1].asked, 2);
	}
}

static void refused(void **state)
{
	struct digest d = server("phones", 1), other = server("admin", 1), key = server("phones", 2);
	char challenge[DIGEST_HEADER_MAX], header[1024];
	struct slice uri = SLICE_LIT("/cfg/a");
	int asked = 0;

	(void)state;
	assert_int_equal(digest_challenge(&d, DIGEST_MD5, false, now_ms, challenge, NULL), ERR_OK);
	say(header, challenge, "001565abcdef", "secret", DIGEST_MD5, "GET", "/cfg/a", true);
	assert_int_equal(check(&other, header, "GET", uri, now_ms, &asked), DIGEST_BAD);
	assert_int_equal(check(&key, header, "GET", uri, now_ms, &asked), DIGEST_BAD);
	assert_int_equal(check(&d, header, "GET", SLICE_LIT("/cfg/b"), now_ms, &asked), DIGEST_BAD);
	assert_int_equal(asked, 0); /* nothing was looked up for them */
	assert_int_equal(check(&d, header, "PUT", uri, now_ms, &asked), DIGEST_BAD);
	assert_int_equal(check(&d, NULL, "GET", uri, now_ms, &asked), DIGEST_NONE);
	assert_int_equal(check(&d, "Basic dTpw", "GET", uri, now_ms, &asked), DIGEST_NONE);
	assert_int_equal(asked, 1);
	say(header, challenge, "001565abcdef", "Secret", DIGEST_MD5, "GET", "/cfg/a", true);
	assert_int_equal(check(&d, header, "GET", uri, now_ms, &asked), DIGEST_BAD);
	/* Not stale: that would tell a guesser that the password was right. */
	assert_int_equal(check(&d, header, "GET", uri, now_ms + DIGEST_NONCE_MS + 1, &asked), DIGEST_BAD);
	say(header, challenge, "001565000000", "secret", DIGEST_MD5, "GET", "/cfg/a", true);
	assert_int_equal(check(&d, header, "GET", uri, now_ms, &asked), DIGEST_BAD);
	say(header, challenge, "001565abcdef", "secret", DIGEST_MD5, "GET", "/cfg/a", false);
	assert_int_equal(check(&d, header, "GET", uri, now_ms, &asked), DIGEST_OK);
	say(header, challenge, "001565abcdef", "secret", DIGEST_SHA256, "GET", "/cfg/a", false);
	assert_int_equal(check(&d, header, "GET", uri, now_ms, &asked), DIGEST_BAD);
}

/* The dummy's HA1 must be nobody's: not even zeros, not even with the key's bytes as a password of the asker's choice.
 */
static void dummy(void **state)
{
	struct digest d = server("phones", 7);
	char challenge[DIGEST_HEADER_MAX], header[1024];
	int asked = 0;

	(void)state;
	assert_int_equal(digest_challenge(&d, DIGEST_MD5, false, now_ms, challenge, NULL), ERR_OK);
	say(header, challenge, "nobody", "\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7\7", DIGEST_MD5,
		"GET", "/", true);
	assert_int_equal(check(&d, header, "GET", SLICE_LIT("/"), now_ms, &asked), DIGEST_BAD);
	assert_int_equal(asked, 1);
}

static void nonces_differ(void **state)
{
	struct digest d = server("phones", 1);
	char a[DIGEST_HEADER_MAX], b[DIGEST_HEADER_MAX];
	struct err err;

	(void)state;
	assert_int_equal(digest_challenge(&d, DIGEST_MD5, false, now_ms, a, &err), ERR_OK);
	assert_int_equal(digest_challenge(&d, DIGEST_MD5, false, now_ms, b, &err), ERR_OK);
	assert_string_not_equal(a, b);
	d.realm = "a\"b";
	assert_int_equal(digest_challenge(&d, DIGEST_MD5, false, now_ms, a, &err), ERR_INPUT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(examples),
		cmocka_unit_test(syntax),
		cmocka_unit_test(accepted),
		cmocka_unit_test(either),
		cmocka_unit_test(refused),
		cmocka_unit_test(dummy),
		cmocka_unit_test(nonces_differ),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
