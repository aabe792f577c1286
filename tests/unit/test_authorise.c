/* The index of logins: present and previous password, the user of the path, and what stays when memory runs out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "phonecfg/base/mem.h"
#include "provisioning/phones/access.h"
#include "provisioning/phones/cache.h"
#include "provisioning/phones/logins.h"

#define REALM "rekey"
enum { NOW = 1000000 };

static const struct mac one = { { 0, 0x15, 0x65, 0xaa, 0xbb, 1 } }, two = { { 0, 0x15, 0x65, 0xaa, 0xbb, 2 } };
static struct digest server = { .realm = REALM, .listener = "phones", .key = "0123456789abcdef0123456789abcde" };

static struct secret word(const char *s)
{
	return (struct secret){ s, s ? strlen(s) : 0 };
}

static void put(struct logins *ix, const struct mac *mac, const char *present, const char *previous)
{
	struct secret a = word(present), b = word(previous);
	struct login login;

	login_make(ix, mac, 7, &a, &b, false, &login);
	assert_int_equal(logins_put(ix, &login, NULL), ERR_OK);
}

static void hex(const unsigned char *p, size_t n, char *out)
{
	size_t i;

	for (i = 0; i < n; i++)
		snprintf(out + i * 2, 3, "%02x", p[i]);
}

/* RFC 7616 §3.4.1 with qop, as a client computes it. */
static void answer(const char *user, const char *password, const char *uri, char *out, size_t size)
{
	char challenge[DIGEST_HEADER_MAX], nonce[256], text[1024], ha1[65], ha2[65], response[65];
	unsigned char md[32];
	const char *at;

	assert_int_equal(digest_challenge(&server, DIGEST_SHA256, false, NOW, challenge, NULL), ERR_OK);
	at = strstr(challenge, "nonce=\"") + 7;
	snprintf(nonce, sizeof(nonce), "%.*s", (int)strcspn(at, "\""), at);
	digest_ha1(DIGEST_SHA256, slice_str(user), slice_str(REALM), slice_str(password), md);
	hex(md, 32, ha1);
	/* H(a:b:c) is what the library hashes, so the URI of these tests has a colon in it. */
	digest_ha1(DIGEST_SHA256, slice_str("GET"), slice_str(uri), slice_str("x"), md);
	hex(md, 32, ha2);
	snprintf(text, sizeof(text), "%s:00000001:c:auth", nonce);
	digest_ha1(DIGEST_SHA256, slice_str(ha1), slice_str(text), slice_str(ha2), md);
	hex(md, 32, response);
	snprintf(out, size,
		"Digest username=\"%s\", realm=\"" REALM "\", nonce=\"%s\", uri=\"%s:x\", response=\"%s\", "
		"algorithm=SHA-256, qop=auth, nc=00000001, cnonce=\"c\"",
		user, nonce, uri, response);
}

static struct login_check check(struct logins *ix, const char *user, const char *password, const struct mac *path)
{
	struct login_check c;
	char header[1024];

	answer(user, password, "/cfg/f", header, sizeof(header));
	logins_check_digest(ix, &server, header, "GET", slice_str("/cfg/f:x"), path, NOW, &c);
	return c;
}

static void test_digest(void **state)
{
	struct logins *ix = logins_new(REALM);
	struct login_check c;

	(void)state;
	put(ix, &one, "present-word-1", "previous-word-1");
	put(ix, &two, "present-word-2", NULL);
	c = check(ix, "001565aabb01", "present-word-1", &one);
	assert_int_equal(c.result, DIGEST_OK);
	assert_int_equal(c.which, LOGIN_PRESENT);
	assert_int_equal(c.login.phone_id, 7);
	c = check(ix, "001565aabb01", "previous-word-1", &one);
	assert_int_equal(c.result, DIGEST_OK);
	assert_int_equal(c.which, LOGIN_PREVIOUS);
	assert_int_equal(check(ix, "001565aabb01", "present-word-1", NULL).result, DIGEST_OK);
	assert_int_equal(check(ix, "001565aabb01", "present-word-2", &one).result, DIGEST_BAD);
	assert_int_equal(check(ix, "001565aabb02", "present-word-2", &one).result, DIGEST_BAD); /* identity = file */
	assert_int_equal(check(ix, "001565AABB01", "present-word-1", &one).result, DIGEST_BAD);
	assert_int_equal(check(ix, "00:15:65:aa:bb:01", "present-word-1", &one).result, DIGEST_BAD);
	assert_int_equal(check(ix, "001565aabb02", "", &two).result, DIGEST_BAD); /* no previous is no empty one */
	c = check(ix, "001565aabb03", "x", NULL);
	assert_int_equal(c.result, DIGEST_BAD);
	assert_true(c.named);
	logins_check_digest(ix, &server, NULL, "GET", slice_str("/cfg/f"), &one, NOW, &c);
	assert_int_equal(c.result, DIGEST_NONE);
	assert_false(c.named);
	logins_free(ix);
}

static void test_stale(void **state)
{
	struct logins *ix = logins_new(REALM);
	struct login_check c;
	char header[1024];

	(void)state;
	put(ix, &one, "present-word-1", NULL);
	answer("001565aabb01", "present-word-1", "/cfg/f", header, sizeof(header));
	logins_check_digest(ix, &server, header, "GET", slice_str("/cfg/f:x"), &one, NOW + DIGEST_NONCE_MS + 1, &c);
	assert_int_equal(c.result, DIGEST_STALE);
	logins_free(ix);
}

static void test_basic(void **state)
{
	struct logins *ix = logins_new(REALM);
	struct login_check c;

	(void)state;
	put(ix, &one, "present-word-1", "previous-word-1");
	logins_check_basic(ix, slice_str("001565aabb01"), slice_str("present-word-1"), &one, &c);
	assert_int_equal(c.result, DIGEST_OK);
	logins_check_basic(ix, slice_str("001565aabb01"), slice_str("previous-word-1"), NULL, &c);
	assert_int_equal(c.result, DIGEST_OK);
	assert_int_equal(c.which, LOGIN_PREVIOUS);
	logins_check_basic(ix, slice_str("001565aabb01"), slice_str("present-word-1"), &two, &c);
	assert_int_equal(c.result, DIGEST_BAD);
	logins_check_basic(ix, slice_str("001565aabb02"), slice_str(""), &two, &c);
	assert_int_equal(c.result, DIGEST_BAD);
	logins_check_basic(ix, slice_str(""), slice_str(""), NULL, &c);
	assert_int_equal(c.result, DIGEST_BAD);
	logins_free(ix);
}

static void test_index(void **state)
{
	struct logins *ix = logins_new(REALM);
	struct login login;
	struct secret none = { 0 };
	unsigned i;

	(void)state;
	for (i = 0; i < 5000; i++) {
		struct mac m = { { 0, 1, 2, 3, (uint8_t)(i >> 8), (uint8_t)i } };

		memset(&login, 0, sizeof(login));
		login.mac = m;
		login.phone_id = i + 1;
		assert_int_equal(logins_put(ix, &login, NULL), ERR_OK);
	}
	assert_int_equal(logins_count(ix), 5000);
	for (i = 0; i < 5000; i++) {
		struct mac m = { { 0, 1, 2, 3, (uint8_t)(i >> 8), (uint8_t)i } };

		assert_true(logins_get(ix, &m, &login));
		assert_int_equal(login.phone_id, i + 1);
		if (i % 2)
			logins_remove(ix, &m);
	}
	assert_int_equal(logins_count(ix), 2500);
	assert_false(logins_get(ix, &one, &login));
	put(ix, &one, "w", NULL);
	assert_true(logins_mark_asked(ix, &one, 4));
	assert_false(logins_mark_asked(ix, &one, 4));
	put(ix, &one, "another", NULL); /* another password: what was asked for is still known */
	assert_false(logins_mark_asked(ix, &one, 4));
	login_make(ix, &one, 1, &none, &none, false, &login);
	mem_fail_from(1);
	assert_int_equal(logins_put(ix, &(struct login){ .mac = two }, NULL), ERR_NOMEM);
	mem_fail_from(0);
	assert_false(logins_get(ix, &two, &login));
	logins_free(ix);
}

static bool previous_good(struct logins *ix)
{
	struct login login;

	assert_true(logins_get(ix, &one, &login));
	return login.hash[LOGIN_PREVIOUS].set;
}

/* A login ends the one before it when it is used: that very one, and for good. */
static void test_index_used(void **state)
{
	struct logins *ix = logins_new(REALM);
	const struct secret first = word("first"), second = word("second"), third = word("third");
	struct login login, both;
	const unsigned char *of_first = both.hash[LOGIN_PREVIOUS].sha256;
	const unsigned char *of_second = both.hash[LOGIN_PRESENT].sha256;

	(void)state;
	login_make(ix, &one, 1, &second, &first, false, &both);
	assert_false(logins_hold(ix, &one, &first));
	put(ix, &one, "second", "first");
	assert_true(logins_hold(ix, &one, &second));
	assert_false(logins_hold(ix, &one, &first));
	assert_false(logins_hold(ix, &one, &(struct secret){ 0 }));
	/* somebody was let in by the first, and it was replaced in the meantime */
	assert_false(logins_mark_seen(ix, &one, of_first));
	assert_true(previous_good(ix));
	assert_true(logins_mark_seen(ix, &one, of_second));
	assert_false(previous_good(ix));
	assert_false(logins_mark_seen(ix, &one, of_second));
	assert_false(logins_mark_seen(ix, &two, of_second));
	/* since files were given by an address, its use is news again, once */
	logins_mark_given(ix, &one);
	assert_true(logins_mark_seen(ix, &one, of_second));
	assert_false(logins_mark_seen(ix, &one, of_second));
	/* read from the store before that was written there */
	put(ix, &one, "second", "first");
	assert_false(previous_good(ix));
	assert_true(logins_get(ix, &one, &login) && login.seen);
	/* the next one: the second is good until it is used */
	put(ix, &one, "third", "second");
	assert_true(logins_hold(ix, &one, &third));
	assert_true(previous_good(ix));
	assert_true(logins_get(ix, &one, &login) && !login.seen);
	logins_free(ix);
}

static void test_cache(void **state)
{
	struct cache *c = cache_new(4096);
	struct cache_key k = { 1, 5, 1, 0 };
	const struct cached *a, *b;
	struct cache_counts n;
	char big[3000];

	(void)state;
	memset(big, 'x', sizeof(big));
	assert_null(cache_get(c, &k));
	a = cache_put(c, &k, slice_str("hello"));
	assert_non_null(a);
	assert_string_equal(a->hash, "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"); /* FIPS 180 */
	assert_string_equal(a->etag, "g5-2cf24dba5fb0a30e");
	b = cache_get(c, &k);
	assert_ptr_equal(a, b);
	cache_release((void *)(uintptr_t)b);
	k.generation = 6;
	assert_null(cache_get(c, &k));
	b = cache_put(c, &k, (struct slice){ big, sizeof(big) });
	cache_release((void *)(uintptr_t)b);
	k.generation = 7; /* no room for both: the older one goes, and what is being sent stays readable */
	b = cache_put(c, &k, (struct slice){ big, sizeof(big) });
	cache_release((void *)(uintptr_t)b);
	k.generation = 5;
	assert_null(cache_get(c, &k));
	assert_true(cached_is(a, slice_str("hello")));
	cache_release((void *)(uintptr_t)a);
	k.generation = 8;
	b = cache_put(c, &k, (struct slice){ NULL, 0 });
	assert_int_equal(b->bytes, 0);
	cache_release((void *)(uintptr_t)b);
	cache_counts(c, &n);
	assert_true(n.bytes <= 4096);
	assert_int_equal(n.hits, 1);
	cache_free(c);
}

/* What counts as one place: a phone behind a NAT, or with a new lease, is no stranger. */
static void test_networks(void **state)
{
	static const struct {
		const char *one, *two;
		bool same;
	} rows[] = {
		{ "192.0.2.7:4711", "192.0.2.9:80", true },
		{ "192.0.2.7", "192.0.2.9:80", true },
		{ "192.0.2.7", "192.0.3.7", false },
		{ "192.0.2.7", "198.51.100.7", false },
		{ "[2001:db8::1]:4711", "2001:db8::ffff:1", true },
		{ "2001:db8::1", "2001:db8:0:1::1", false },
		{ "192.0.2.7", "::ffff:192.0.2.9", true },
		{ "", "192.0.2.7", false },
		{ "192.0.2.7", "", false },
		{ "", "", false },
		{ "[", "[", false },
		{ "x", "x", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (access_same_network(rows[i].one, rows[i].two) != rows[i].same)
			fail_msg("%s and %s", rows[i].one, rows[i].two);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_digest),
		cmocka_unit_test(test_stale),
		cmocka_unit_test(test_basic),
		cmocka_unit_test(test_index),
		cmocka_unit_test(test_index_used),
		cmocka_unit_test(test_cache),
		cmocka_unit_test(test_networks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
