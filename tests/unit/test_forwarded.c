/* Addresses, networks, and who asks where a trusted proxy stands in front: a request through a plane, with the address
 * of the connection and the headers given. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "provisioning/http/exchange.h"
#include "provisioning/http/forwarded.h"

static struct net_list list(const char *text)
{
	struct net_list l;

	assert_int_equal(net_list_read(text, &l, NULL), ERR_OK);
	return l;
}

static void addresses(void **state)
{
	static const char *const good[][2] = { { "192.0.2.7", "192.0.2.7" }, { " 192.0.2.7:4711\t", "192.0.2.7" },
		{ "2001:DB8::1", "2001:db8::1" }, { "[2001:db8::1]", "2001:db8::1" },
		{ "[2001:db8::1]:4711", "2001:db8::1" }, { "::ffff:192.0.2.7", "192.0.2.7" },
		{ "[::ffff:192.0.2.7]:1", "192.0.2.7" } };
	static const char *const bad[] = { "", " ", "unknown", "_hidden", "192.0.2", "192.0.2.256",
		"192.0.2.7:", "192.0.2.7:x", "192.0.2.7:123456", "[192.0.2.7]", "[2001:db8::1", "[2001:db8::1]x",
		"[2001:db8::1]:", "2001:db8::1::", "fe80::1%eth0", "\"192.0.2.7\"", "for=192.0.2.7",
		"192.0.2.7 192.0.2.8", "192.0.2.7\x01", "0192.0.2.7",
		"1111:2222:3333:4444:5555:6666:7777:8888:9999:aaaa:bbbb" };
	char text[NET_TEXT];
	struct net_addr a;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(net_addr_read(slice_str(good[i][0]), &a));
		assert_string_equal(net_addr_text(&a, text), good[i][1]);
	}
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (net_addr_read(slice_str(bad[i]), &a))
			fail_msg("%s was taken", bad[i]);
	assert_false(net_addr_read((struct slice){ "192.0.2.7\0"
						   "8",
					   11 },
		&a));
}

static void networks(void **state)
{
	static const char *const bad[] = { "192.0.2.0/33", "192.0.2.1/24", "192.0.2.0/", "192.0.2.0/x", "/24",
		"192.0.2.0/24/8", "2001:db8::/129", "2001:db8::1/56", "192.0.2.0/-1", "192.0.2.7:80", "proxy" };
	struct net_list l = list(" 192.0.2.0/24, 198.51.100.7\t2001:db8::/56,");
	char text[NET_TEXT], many[64 * NET_LIST_MAX] = "";
	struct net_addr a;
	struct net n;
	size_t i;

	(void)state;
	assert_int_equal(l.n, 3);
#define HAS(of, s) (net_addr_read(slice_str(s), &a) && net_list_has(&of, &a))
	assert_true(HAS(l, "192.0.2.0") && HAS(l, "192.0.2.255") && HAS(l, "198.51.100.7"));
	assert_true(HAS(l, "2001:db8:0:ff::1") && HAS(l, "::ffff:192.0.2.3"));
	assert_false(HAS(l, "192.0.1.255") || HAS(l, "192.0.3.0") || HAS(l, "198.51.100.6") || HAS(l, "198.51.100.8") ||
		     HAS(l, "2001:db8:0:100::1"));
	l = list("0.0.0.0/0");
	assert_true(HAS(l, "203.0.113.9"));
	assert_false(HAS(l, "2001:db8::1")); /* all of one kind are not all */
	l = list("");
	assert_int_equal(l.n, 0);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (net_list_read(bad[i], &l, NULL) == ERR_OK)
			fail_msg("%s was taken", bad[i]);
	for (i = 0; i < NET_LIST_MAX; i++)
		snprintf(many + strlen(many), sizeof(many) - strlen(many), "192.0.2.%zu ", i);
	assert_int_equal(list(many).n, NET_LIST_MAX);
	strcat(many, "192.0.2.99");
	assert_int_equal(net_list_read(many, &l, NULL), ERR_INPUT);
	net_addr_read(SLICE_LIT("192.0.2.77"), &a);
	n = net_around(&a, 24, 56);
	assert_string_equal(net_text(&n, text), "192.0.2.0/24");
	n = net_around(&a, 32, 64);
	assert_string_equal(net_text(&n, text), "192.0.2.77");
	net_addr_read(SLICE_LIT("2001:db8:1:2ff::9"), &a);
	n = net_around(&a, 24, 56);
	assert_string_equal(net_text(&n, text), "2001:db8:1:200::/56");
}

/* Whose address it is that a request from there with these headers (one line each) is taken to be from. */
static const char *from(const char *trusted, unsigned hops, const char *peer, const char *headers)
{
	static struct http_peer p;
	struct http_trust t = { list(trusted), hops };
	struct request_rest rest = { 0 };
	struct request rq = { .rest = &rest };
	struct http_header h[8];
	char text[512], *save = NULL, *line;
	struct net_addr a;

	memset(&p, 0, sizeof(p));
	assert_true(net_addr_read(slice_str(peer), &a));
	net_addr_put(&a, &p.addr);
	snprintf(p.text, sizeof(p.text), "%s:4711", peer);
	snprintf(text, sizeof(text), "%s", headers);
	rest.headers = h;
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save))
		h[rest.nheaders++] = (struct http_header){ "x-forwarded-for", strcmp(line, "-") ? line : "" };
	forwarded_peer(&t, &rq, &p);
	a = net_addr_of(&p.addr);
	if (strstr(p.text, ":4711") == NULL) {
		char same[NET_TEXT];

		assert_string_equal(net_addr_text(&a, same), p.text);
	}
	return p.text;
}

static void hops(void **state)
{
	static const struct {
		const char *trusted;
		unsigned hops;
		const char *peer, *headers, *want;
	} cases[] = {
		/* nobody is trusted, or not this one */
		{ "", 1, "192.0.2.1", "198.51.100.7", "192.0.2.1:4711" },
		{ "192.0.2.2", 1, "192.0.2.1", "198.51.100.7", "192.0.2.1:4711" },
		/* what the client wrote itself stands further left */
		{ "192.0.2.1", 1, "192.0.2.1", "198.51.100.7", "198.51.100.7" },
		{ "192.0.2.1", 1, "192.0.2.1", "203.0.113.5, 198.51.100.7", "198.51.100.7" },
		{ "192.0.2.1", 1, "192.0.2.1", "203.0.113.5\n198.51.100.7", "198.51.100.7" },
		{ "192.0.2.1", 8, "192.0.2.1", "203.0.113.5,198.51.100.7", "198.51.100.7" },
		{ "192.0.2.0/24", 1, "192.0.2.1", "203.0.113.5, 192.0.2.9", "192.0.2.9" },
		/* two proxies, one behind the other */
		{ "192.0.2.0/24", 2, "192.0.2.1", "203.0.113.5, 192.0.2.9", "203.0.113.5" },
		{ "192.0.2.0/24", 2, "192.0.2.1", "203.0.113.5\n192.0.2.9", "203.0.113.5" },
		{ "192.0.2.0/24", 2, "192.0.2.1", "9.9.9.9, 203.0.113.5, 192.0.2.9", "203.0.113.5" },
		{ "192.0.2.0/24", 3, "192.0.2.1", "192.0.2.8, 192.0.2.9", "192.0.2.8" },
		/* garbage: who wrote it counts */
		{ "192.0.2.1", 1, "192.0.2.1", "", "192.0.2.1:4711" },
		{ "192.0.2.1", 1, "192.0.2.1", "-", "192.0.2.1:4711" },
		{ "192.0.2.1", 1, "192.0.2.1", "198.51.100.7,", "192.0.2.1:4711" },
		{ "192.0.2.1", 1, "192.0.2.1", "198.51.100.7, unknown", "192.0.2.1:4711" },
		{ "192.0.2.0/24", 2, "192.0.2.1", "unknown, 192.0.2.9", "192.0.2.9" },
		{ "192.0.2.0/24", 2, "192.0.2.1", "203.0.113.5\n-\n192.0.2.9", "192.0.2.9" },
		/* forms */
		{ "192.0.2.1", 1, "192.0.2.1", "198.51.100.7:5555", "198.51.100.7" },
		{ "192.0.2.1", 1, "192.0.2.1", "[2001:db8::7]:5555", "2001:db8::7" },
		{ "2001:db8::/56", 1, "2001:db8::5", "198.51.100.7", "198.51.100.7" },
		{ "192.0.2.1", 1, "::ffff:192.0.2.1", "198.51.100.7", "198.51.100.7" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_string_equal(
			from(cases[i].trusted, cases[i].hops, cases[i].peer, cases[i].headers), cases[i].want);
	}
}

static void url_hosts(void **state)
{
	static const char *const cases[][2] = { { "https://pbx.example.com", "pbx.example.com" },
		{ "https://pbx.example.com:8443/x", "pbx.example.com" }, { "https://192.0.2.7/", "192.0.2.7" },
		{ "https://[2001:db8::1]:8443/x", "2001:db8::1" }, { "https://[::1]", "::1" },
		{ "pbx.example.com:1", "pbx.example.com" }, { "https://", "" }, { "", "" } };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct slice host = net_url_host(cases[i][0]);

		assert_true(slice_eq(host, slice_str(cases[i][1])));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(addresses), cmocka_unit_test(networks),
		cmocka_unit_test(hops), cmocka_unit_test(url_hosts) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
