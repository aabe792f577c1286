/* Who proves nothing: limits from both sides, windows, bans that end, MACs that were named and then proved, networks,
 * bounded memory. */
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "provisioning/phones/strangers.h"
#include "tests/unit/pace.h"

enum { T0 = 1000000, BAN = 60000, PER_ADDRESS = 10, PER_NETWORK = 25, TOTAL = 1000 };

static struct strangers *open_with(unsigned address, unsigned network, unsigned total)
{
	struct strangers *s = strangers_new(&(struct strangers_conf){ address, network, total, BAN });

	assert_non_null(s);
	return s;
}

static struct strangers *open_(void)
{
	return open_with(PER_ADDRESS, PER_NETWORK, TOTAL);
}

static struct net_addr addr(const char *text)
{
	struct net_addr a;

	assert_true(net_addr_read(slice_str(text), &a));
	return a;
}

static struct mac mac(unsigned n)
{
	return (struct mac){ { 0, 0x15, 0x65, (unsigned char)(n >> 16), (unsigned char)(n >> 8), (unsigned char)n } };
}

static struct strangers_word failed(struct strangers *s, const char *from, int64_t at)
{
	struct net_addr a = addr(from);
	struct strangers_word w;

	strangers_failed(s, &a, at, &w);
	return w;
}

static struct strangers_word named(struct strangers *s, const char *from, unsigned n, int64_t at)
{
	struct net_addr a = addr(from);
	struct mac m = mac(n);
	struct strangers_word w;

	strangers_named(s, &a, &m, at, &w);
	return w;
}

static void proved(struct strangers *s, const char *from, unsigned n, int64_t at)
{
	struct net_addr a = addr(from);
	struct mac m = mac(n);

	strangers_proved(s, &a, &m, at);
}

static void by_address(void **state)
{
	struct strangers *s = open_();
	struct strangers_stats st;
	struct strangers_word w;
	char text[NET_TEXT];
	unsigned i;

	(void)state;
	for (i = 1; i < PER_ADDRESS; i++)
		assert_false(failed(s, "192.0.2.7", T0 + i).refused);
	w = failed(s, "192.0.2.7", T0 + PER_ADDRESS);
	assert_true(w.refused && w.begun);
	assert_string_equal(net_text(&w.of, text), "192.0.2.7");
	assert_string_equal(net_text(&w.network, text), "192.0.2.0/24");
	assert_int_equal(w.failures, PER_ADDRESS);
	w = failed(s, "192.0.2.7", T0 + 11);
	assert_true(w.refused && !w.begun); /* said once */
	assert_false(failed(s, "192.0.2.8", T0 + 12).refused);
	strangers_stats(s, T0 + 20, &st);
	assert_true(st.bans == 1 && st.addresses == 1 && st.networks == 0 && st.failures == 12 && st.refused == 2);
	/* the ban ends when it was said to, however busy its address is */
	assert_true(failed(s, "192.0.2.7", T0 + PER_ADDRESS + BAN - 1).refused);
	assert_false(failed(s, "192.0.2.7", T0 + PER_ADDRESS + BAN).refused);
	strangers_stats(s, T0 + PER_ADDRESS + BAN, &st);
	assert_true(st.bans == 1 && st.addresses == 0);
	strangers_free(s);
}

static void windows(void **state)
{
	struct strangers *s = open_();
	unsigned i;

	(void)state;
	for (i = 1; i < PER_ADDRESS; i++)
		failed(s, "192.0.2.7", T0);
	assert_false(failed(s, "192.0.2.7", T0 + STRANGERS_WINDOW_MS).refused); /* the first of the next one */
	for (i = 2; i < PER_ADDRESS; i++)
		assert_false(failed(s, "192.0.2.7", T0 + STRANGERS_WINDOW_MS).refused);
	assert_true(failed(s, "192.0.2.7", T0 + 2 * STRANGERS_WINDOW_MS - 1).refused);
	strangers_free(s);
}

static void by_network(void **state)
{
	struct strangers *s = open_();
	char from[NET_TEXT], text[NET_TEXT];
	struct strangers_word w = { false };
	unsigned i;

	(void)state;
	for (i = 1; i <= PER_NETWORK; i++) {
		assert_false(w.refused);
		snprintf(from, sizeof(from), "192.0.2.%u", i);
		w = failed(s, from, T0);
	}
	assert_true(w.refused && w.begun);
	assert_string_equal(net_text(&w.of, text), "192.0.2.0/24");
	assert_true(failed(s, "192.0.2.200", T0).refused);
	assert_false(failed(s, "192.0.3.1", T0).refused);
	/* a /64 is one address, a /56 one network */
	for (i = 1; i <= PER_ADDRESS; i++) {
		snprintf(from, sizeof(from), "2001:db8:0:100::%x", i);
		w = failed(s, from, T0);
	}
	assert_true(w.refused);
	assert_string_equal(net_text(&w.of, text), "2001:db8:0:100::/64");
	assert_false(failed(s, "2001:db8:0:101::1", T0).refused);
	for (i = PER_ADDRESS + 2; i < PER_NETWORK; i++) {
		snprintf(from, sizeof(from), "2001:db8:0:1%02x::1", i);
		assert_false(failed(s, from, T0).refused);
	}
	assert_true(failed(s, "2001:db8:0:1ff::1", T0).refused);
	assert_false(failed(s, "2001:db8:0:200::1", T0).refused);
	strangers_free(s);
}

static void in_total(void **state)
{
	struct strangers *s = open_with(500, 800, 3);
	char from[NET_TEXT];
	unsigned i;

	(void)state;
	for (i = 0; i < 3; i++) {
		snprintf(from, sizeof(from), "192.0.%u.1", i);
		assert_false(failed(s, from, T0).refused);
	}
	assert_true(failed(s, "198.51.100.1", T0).refused);
	assert_false(named(s, "198.51.100.2", 1, T0).refused); /* who shows nothing costs nothing */
	assert_false(failed(s, "198.51.100.3", T0 + 1000).refused);
	for (i = 1; i < 3; i++)
		assert_false(failed(s, "198.51.100.3", T0 + 1000).refused);
	assert_true(failed(s, "198.51.100.3", T0 + 1000).refused);
	assert_true(failed(s, "198.51.100.3", T0 + 1333).refused);
	assert_false(failed(s, "198.51.100.3", T0 + 1334).refused); /* a third of a second is one of three */
	strangers_free(s);
}

/* A fleet: each names itself, and proves it a moment later. */
static void fleet(void **state)
{
	struct strangers *s = open_();
	unsigned i;

	(void)state;
	for (i = 0; i < 20000; i++) {
		int64_t at = T0 + (i & ~1023u) * 2;

		assert_false(named(s, "192.0.2.7", i, at).refused);
		if (i % 1024 == 1023) {
			unsigned k;

			for (k = i - 1023; k <= i; k++)
				proved(s, "192.0.2.7", k, at + 2000);
		}
	}
	strangers_free(s);
}

static void scan(void **state)
{
	struct strangers *s = open_();
	struct strangers_word w = { false };
	unsigned i;

	(void)state;
	for (i = 0; i < 300; i++)
		assert_false(named(s, "192.0.2.7", i, T0 + i).refused); /* it might be a fleet */
	assert_false(named(s, "192.0.2.7", 300, T0 + STRANGERS_SETTLE_MS).refused);
	w = named(s, "192.0.2.7", 301, T0 + 2 * STRANGERS_SETTLE_MS);
	assert_true(w.refused && w.begun && w.failures == 0);
	assert_in_range(w.names, 230, 300);
	assert_true(failed(s, "192.0.2.7", T0 + 2 * STRANGERS_SETTLE_MS).refused);
	strangers_free(s);
	/* one MAC over and over is one, and nine are not ten */
	s = open_();
	for (i = 0; i < 1000; i++)
		assert_false(named(s, "192.0.2.7", i % (PER_ADDRESS - 1), T0 + i * 100).refused);
	for (i = 500; i < 530; i++) /* more than one of them, since two may share a bit */
		assert_false(named(s, "192.0.2.7", i, T0 + 100000).refused);
	assert_true(named(s, "192.0.2.7", 500, T0 + 120000).refused);
	strangers_free(s);
	/* what was proved counts no more, settled or not; the failures beside it still do */
	s = open_();
	for (i = 0; i < 8; i++)
		named(s, "192.0.2.7", i, T0);
	named(s, "192.0.2.7", 0, T0 + 30000);
	for (i = 0; i < 8; i++)
		proved(s, "192.0.2.7", i, T0 + 30001);
	for (i = 1; i < PER_ADDRESS; i++)
		assert_false(failed(s, "192.0.2.7", T0 + 30002).refused);
	assert_true(failed(s, "192.0.2.7", T0 + 30002).refused);
	strangers_free(s);
}

static void log_lines(void **state)
{
	struct strangers *s = open_();
	unsigned i, n = 0;

	(void)state;
	assert_false(named(s, "192.0.2.7", 1, T0).log); /* each phone does that */
	for (i = 0; i < 1000; i++)
		n += failed(s, "192.0.2.7", T0).log;
	assert_int_equal(n, STRANGERS_LINES);
	assert_false(failed(s, "192.0.2.7", T0 + 99).log);
	assert_true(failed(s, "192.0.2.7", T0 + 200).log);
	assert_true(named(s, "192.0.2.7", 2, T0 + 400).log); /* banned by now */
	strangers_free(s);
}

/* A crowd of addresses bans one after the other: so many alerts, and one more when the window's share of it is over. */
static void alerts(void **state)
{
	enum { EACH = STRANGERS_WINDOW_MS / STRANGERS_ALERTS };
	struct strangers *s = open_with(1, 800, 100000);
	char from[NET_TEXT];
	unsigned i, n = 0;

	(void)state;
	for (i = 0; i < 200; i++) {
		struct strangers_word w;

		snprintf(from, sizeof(from), "10.%u.0.1", i);
		w = failed(s, from, T0);
		assert_true(w.begun);
		n += w.alert;
	}
	assert_int_equal(n, STRANGERS_ALERTS);
	assert_false(failed(s, "10.0.0.1", T0).alert); /* that ban has begun already */
	for (i = 1, n = 0; i < EACH; i += 7) {         /* asked often, it fills up all the same */
		snprintf(from, sizeof(from), "11.%u.%u.1", i >> 8, i & 255);
		n += failed(s, from, T0 + i).alert;
	}
	assert_int_equal(n, 0);
	assert_true(failed(s, "12.0.0.1", T0 + EACH).alert);
	assert_false(failed(s, "12.1.0.1", T0 + EACH).alert);
	strangers_free(s);
}

/* A million addresses: the same memory, and the one that goes on is still known for what it is. */
static void crowd(void **state)
{
	struct strangers *s = open_with(PER_ADDRESS, 800, 100000);
	char from[NET_TEXT];
	unsigned i, refused = 0;

	(void)state;
	for (i = 0; i < 1000000; i++) {
		if (i % pace_step() == 0) {
			snprintf(from, sizeof(from), "10.%u.%u.%u", i >> 16 & 255, i >> 8 & 255, i & 255);
			failed(s, from, T0 + i / 100);
		}
		if (i % 100 == 0)
			refused += failed(s, "192.0.2.7", T0 + i / 100).refused;
	}
	assert_true(refused >= 9900);
	strangers_free(s);
}

/* Each of them is banned at once, and so is its network: no more bans are held than there are places. */
static void banned_crowd(void **state)
{
	struct strangers *s = open_with(1, 1, 1000000);
	struct strangers_stats st;
	char from[NET_TEXT];
	unsigned i, n = 0;

	(void)state;
	for (i = 0; i < 1000000; i += (unsigned)pace_step(), n++) {
		snprintf(from, sizeof(from), "10.%u.%u.%u", i >> 16 & 255, i >> 8 & 255, i & 255);
		failed(s, from, T0 + i / 100);
	}
	strangers_stats(s, T0 + 10000, &st);
	assert_in_range(st.addresses, STRANGERS_ADDRESSES / 2, STRANGERS_ADDRESSES);
	assert_in_range(st.networks, STRANGERS_NETWORKS / 2, STRANGERS_NETWORKS);
	assert_true(st.bans >= n && st.bans > 10 * (STRANGERS_ADDRESSES + STRANGERS_NETWORKS));
	strangers_free(s);
}

enum { THREADS = 4, EACH = 20000 };

static void *busy(void *arg)
{
	struct strangers *s = arg;
	struct strangers_stats st;
	char from[NET_TEXT];
	unsigned i;

	for (i = 0; i < EACH; i++) {
		snprintf(from, sizeof(from), "10.0.%u.%u", i >> 8 & 255, i & 255);
		failed(s, from, T0 + i);
		named(s, "192.0.2.7", i % 5, T0 + i);
		proved(s, "192.0.2.7", i % 5, T0 + i);
		if (i % 1000 == 0)
			strangers_stats(s, T0 + i, &st);
	}
	return NULL;
}

static void threads(void **state)
{
	struct strangers *s = open_with(500, 800, 100000);
	struct strangers_stats st;
	pthread_t t[THREADS];
	unsigned i;

	(void)state;
	for (i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&t[i], NULL, busy, s), 0);
	for (i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	strangers_stats(s, T0 + EACH, &st);
	assert_int_equal(st.failures, THREADS * EACH);
	strangers_free(s);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(by_address), cmocka_unit_test(windows),
		cmocka_unit_test(by_network), cmocka_unit_test(in_total), cmocka_unit_test(fleet),
		cmocka_unit_test(scan), cmocka_unit_test(log_lines), cmocka_unit_test(alerts), cmocka_unit_test(crowd),
		cmocka_unit_test(banned_crowd), cmocka_unit_test(threads) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
