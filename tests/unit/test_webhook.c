/* Where a webhook may lead, what its calls are signed with, and how its address is shown. What a receiver sees:
 * tests/daemon/webhook.t. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "phonecfg/base/mem.h"
#include "provisioning/webhook/address.h"
#include "provisioning/webhook/sign.h"
#include "provisioning/webhook/url.h"

/* By IANA's registries of special-purpose addresses: the first and the last of each block, and their neighbours. */
static void addresses(void **state)
{
	static const struct {
		const char *text, *what;
	} rows[] = {
		{ "0.0.0.0", "reserved" },
		{ "0.255.255.255", "reserved" },
		{ "1.0.0.0", NULL },
		{ "9.255.255.255", NULL },
		{ "10.0.0.0", "private" },
		{ "10.255.255.255", "private" },
		{ "11.0.0.0", NULL },
		{ "100.63.255.255", NULL },
		{ "100.64.0.0", "private" },
		{ "100.127.255.255", "private" },
		{ "100.128.0.0", NULL },
		{ "126.255.255.255", NULL },
		{ "127.0.0.1", "loopback" },
		{ "127.255.255.255", "loopback" },
		{ "128.0.0.0", NULL },
		{ "169.253.255.255", NULL },
		{ "169.254.169.254", "link-local" },
		{ "169.255.0.0", NULL },
		{ "172.15.255.255", NULL },
		{ "172.16.0.0", "private" },
		{ "172.31.255.255", "private" },
		{ "172.32.0.0", NULL },
		{ "192.0.0.0", "reserved" },
		{ "192.0.1.0", NULL },
		{ "192.0.2.1", "reserved" },
		{ "192.88.99.1", "reserved" },
		{ "192.167.255.255", NULL },
		{ "192.168.0.0", "private" },
		{ "192.168.255.255", "private" },
		{ "192.169.0.0", NULL },
		{ "198.17.255.255", NULL },
		{ "198.18.0.0", "reserved" },
		{ "198.19.255.255", "reserved" },
		{ "198.20.0.0", NULL },
		{ "198.51.100.1", "reserved" },
		{ "203.0.113.1", "reserved" },
		{ "223.255.255.255", NULL },
		{ "224.0.0.1", "multicast" },
		{ "239.255.255.255", "multicast" },
		{ "240.0.0.0", "reserved" },
		{ "255.255.255.255", "reserved" },
		{ "8.8.8.8", NULL },
		{ "::", "reserved" },
		{ "::1", "loopback" },
		{ "[::1]", "loopback" },
		{ "::2", "reserved" }, /* as 0.0.0.2 */
		{ "::ffff:127.0.0.1", "loopback" },
		{ "::ffff:8.8.8.8", NULL },
		{ "::ffff:10.0.0.1", "private" },
		{ "::7f00:1", "loopback" },
		{ "64:ff9b::7f00:1", "loopback" },
		{ "64:ff9b::808:808", NULL },
		{ "64:ff9b:1::1", "private" },
		{ "100::1", "reserved" },
		{ "2001::1", "reserved" },
		{ "2001:1ff:ffff::1", "reserved" },
		{ "2001:200::1", NULL },
		{ "2001:db8::1", "reserved" },
		{ "2001:db9::1", NULL },
		{ "2002:7f00:1::1", "loopback" },
		{ "2002:808:808::1", NULL },
		{ "2002:c0a8:1::1", "private" },
		{ "2606:4700::1111", NULL },
		{ "3fff::1", "reserved" },
		{ "3fff:1000::1", NULL },
		{ "4000::1", "reserved" },
		{ "fbff::1", "reserved" },
		{ "fc00::1", "private" },
		{ "fdff::1", "private" },
		{ "fe80::1", "link-local" },
		{ "febf::1", "link-local" },
		{ "fec0::1", "private" },
		{ "ff02::1", "multicast" },
		{ "[2606:4700::1111]", NULL },
		{ "hooks.example.com", NULL }, /* a name: judged when it is connected to */
		{ "", NULL },
		{ "[", NULL },
		{ "[]", NULL },
	};
	const struct sockaddr other = { .sa_family = AF_UNIX };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *what = address_refused_text(rows[i].text);

		if ((what == NULL) != (rows[i].what == NULL) || (what && strcmp(what, rows[i].what) != 0))
			fail_msg("%s is %s, not %s", rows[i].text, what ? what : "public",
				rows[i].what ? rows[i].what : "public");
	}
	assert_non_null(address_refused(&other));
}

/* The example of Standard Webhooks' and Svix' documentation. */
static void published(void **state)
{
	static const char secret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
	struct arena a;
	struct secret s;
	char out[SIGN_TEXT];

	(void)state;
	arena_init(&a, 0);
	s = secret_copy(&a, slice_str(secret));
	assert_int_equal(
		sign(&s, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, slice_str("{\"test\": 2432232314}"), out, NULL),
		ERR_OK);
	assert_string_equal(out, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
	arena_release(&a);
}

static void secrets(void **state)
{
	static const char *const bad[] = {
		"", "whsec_", "whsec_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
		"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLa\nw",
		"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
	};
	struct arena a;
	struct secret one, two;
	char out[SIGN_TEXT];
	size_t i;

	(void)state;
	arena_init(&a, 0);
	assert_int_equal(sign_secret(&a, &one, NULL), ERR_OK);
	assert_int_equal(sign_secret(&a, &two, NULL), ERR_OK);
	assert_int_equal(one.n, 6 + 44);
	assert_memory_equal(one.bytes, "whsec_", 6);
	assert_false(secret_eq(&one, &two));
	assert_int_equal(sign(&one, "x", 1, slice_str("{}"), out, NULL), ERR_OK);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		one = (struct secret){ bad[i], strlen(bad[i]) };
		assert_int_equal(sign(&one, "x", 1, slice_str("{}"), out, NULL), ERR_INPUT);
	}
	arena_release(&a);
}

static void urls(void **state)
{
	static const struct {
		const char *url;
		bool plain, private, good;
	} rows[] = {
		{ "https://hooks.example.com/a/b?c=d&e=%20", false, false, true },
		{ "https://hooks.example.com", false, false, true },
		{ "https://hooks.example.com:8443/", false, false, true },
		{ "https://8.8.8.8/", false, false, true },
		{ "http://hooks.example.com/", false, false, false },
		{ "http://hooks.example.com/", true, false, true },
		{ "http://127.0.0.1/", true, false, false },
		{ "http://127.0.0.1/", true, true, true },
		{ "https://127.1/", false, false, false },
		{ "https://0177.0.0.1/", false, false, false },
		{ "https://LOCALHOST/", false, false, false },
		{ "https://localhost/", false, true, true },
		{ "https://[::1]:9/", false, false, false },
		{ "https://user@hooks.example.com/", false, true, false },
		{ "https://user:word@hooks.example.com/", false, true, false },
		{ "https://hooks.example.com/#x", false, true, false },
		{ "https://hooks.example.com/a b", false, true, false },
		{ "https://hooks.example.com/\r\nX: y", false, true, false },
		{ "file:///etc/passwd", true, true, false },
		{ "gopher://hooks.example.com/", true, true, false },
		{ "hooks.example.com", true, true, false },
		{ "//hooks.example.com/", true, true, false },
		{ "https:///x", true, true, false },
		{ "", true, true, false },
		{ "javascript:alert(1)", true, true, false },
	};
	char longest[URL_MAX + 2];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct err err = { 0 };
		enum err_code e = url_check(rows[i].url, rows[i].plain, rows[i].private, &err);

		if ((e == ERR_OK) != rows[i].good || (e && (e != ERR_INPUT || *err.text == '\0')))
			fail_msg("%s: %d %s", rows[i].url, (int)e, err.text);
	}
	memset(longest, 'x', sizeof(longest));
	memcpy(longest, "https://h.example/", 18);
	longest[URL_MAX] = '\0';
	assert_int_equal(url_check(longest, false, false, NULL), ERR_OK);
	longest[URL_MAX] = 'x';
	longest[URL_MAX + 1] = '\0';
	assert_int_equal(url_check(longest, false, false, NULL), ERR_INPUT);
}

static void masks(void **state)
{
	static const struct {
		const char *url, *shown;
	} rows[] = {
		{ "https://h.example/secret?x=y", "https://h.example/***" },
		{ "https://h.example:8443/secret", "https://h.example:8443/***" },
		{ "https://h.example?key=secret", "https://h.example/***" },
		{ "https://h.example/", "https://h.example/" },
		{ "https://h.example", "https://h.example" },
		{ "secret", "***" },
	};
	struct arena a;
	size_t i;

	(void)state;
	arena_init(&a, 0);
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_string_equal(url_masked(rows[i].url, &a), rows[i].shown);
	arena_release(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(addresses),
		cmocka_unit_test(published),
		cmocka_unit_test(secrets),
		cmocka_unit_test(urls),
		cmocka_unit_test(masks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
