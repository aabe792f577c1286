/* Turns between sources, the bounds of any second, pressure, places that are kept, and what happens without memory.
 * Time is a number here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "phonecfg/base/mem.h"
#include "provisioning/sip/book.h"
#include "provisioning/sip/pace.h"

struct thing {
	struct pace_item item;
	int id;
};

static struct thing things[6000];

static void start(struct pace *p, unsigned rate, unsigned rate_source)
{
	assert_true(pace_init(p, rate, rate_source, 0));
}

/* What is given out leaves at once. */
static int next(struct pace *p, uint64_t now)
{
	uint64_t wait;
	struct pace_item *i = pace_next(p, now, &wait);

	if (i)
		pace_sent(p, i, now);
	return i ? ((struct thing *)i)->id : -1;
}

static void push(struct pace *p, int id, const char *source)
{
	things[id].id = id;
	assert_true(pace_push(p, &things[id].item, source, 0));
}

static void turns(void **state)
{
	static const int want[] = { 0, 10, 20, 1, 11, 2, 3, -1 };
	struct pace p;

	(void)state;
	start(&p, 0, 0);
	for (int i = 0; i < 4; i++)
		push(&p, i, "10.0.0.1");
	push(&p, 10, "10.0.0.2");
	push(&p, 11, "10.0.0.2");
	push(&p, 20, "10.0.0.3");
	for (size_t i = 0; i < sizeof want / sizeof *want; i++)
		assert_int_equal(next(&p, 0), want[i]);
	assert_int_equal(p.waiting, 0);
	push(&p, 5, "10.0.0.1"); /* a source that was empty comes back */
	assert_int_equal(next(&p, 0), 5);
	pace_release(&p);
}

static void overall_rate(void **state)
{
	struct pace p;
	uint64_t wait;

	(void)state;
	start(&p, 10, 0); /* one per 100 ms */
	for (int i = 0; i < 6; i++)
		push(&p, i, "a");
	assert_int_equal(next(&p, 1000000), 0);
	assert_null(pace_next(&p, 1000000, &wait));
	assert_in_range(wait, 1, 100000);
	assert_int_equal(next(&p, 1000000 + wait), 1);
	assert_int_equal(next(&p, 1150000), -1);
	assert_int_equal(next(&p, 1205000), 2); /* 5 ms late … */
	assert_int_equal(next(&p, 1300000), 3); /* … is caught up */
	assert_int_equal(next(&p, 9000000), 4); /* a long pause is not */
	assert_int_equal(next(&p, 9000001), -1);
	while (pace_take(&p))
		;
	pace_release(&p);
}

static void rate_per_source(void **state)
{
	struct pace p;
	uint64_t wait;

	(void)state;
	start(&p, 0, 10);
	for (int i = 0; i < 3; i++)
		push(&p, i, "a");
	push(&p, 10, "b");
	assert_int_equal(next(&p, 5000), 0);
	assert_int_equal(next(&p, 5000), 10); /* b is not held up by a */
	assert_null(pace_next(&p, 5000, &wait));
	assert_in_range(wait, 100000, 101000); /* ten in any second, and a little for the way */
	assert_int_equal(next(&p, 5000 + wait), 1);
	assert_int_equal(next(&p, 5000 + wait), -1);
	push(&p, 11, "b"); /* b was emptied; its gap is remembered, and over */
	assert_int_equal(next(&p, 5000 + wait), 11);
	push(&p, 12, "b");
	assert_int_equal(next(&p, 5001 + wait), -1);
	while (pace_take(&p))
		;
	pace_release(&p);
}

static void nothing_waits(void **state)
{
	struct pace p;
	uint64_t wait = 0;

	(void)state;
	start(&p, 5, 5);
	assert_null(pace_next(&p, 1, &wait));
	assert_true(wait == UINT64_MAX);
	assert_null(pace_take(&p));
	pace_release(&p);
}

static void many_sources_are_forgotten(void **state)
{
	struct pace p;
	char name[32];

	(void)state;
	start(&p, 0, 1000000);
	for (int i = 0; i < 20000; i++) {
		(void)snprintf(name, sizeof name, "10.%d.%d.1", i / 250, i % 250);
		things[0].id = i;
		assert_true(pace_push(&p, &things[0].item, name, (uint64_t)i * 10));
		assert_int_equal(next(&p, (uint64_t)i * 10), i);
	}
	assert_in_range(p.sources, 1, 4097);
	pace_release(&p);
}

/* ---- the bound of any second, as the receiver sees it ---- */

static uint64_t seed;

static uint64_t rnd(uint64_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return seed % n;
}

struct flight {
	struct pace_item *item;
	uint64_t leaves_us;
	int source;
};

/* Sends n items of some sources. What was given out leaves up to delay_us later, or with all others when the name
 * server answers, every held_us; now and then the machine stands still for up to stall_us. arrived[k] is when thing k
 * left. Returns when the last one did. */
static uint64_t run(
	struct pace *p, int n, int sources, uint64_t delay_us, uint64_t held_us, uint64_t stall_us, uint64_t *arrived)
{
	static struct flight air[64];
	uint64_t now = 1, wait, last = 0;
	int left = n, flying = 0;

	for (int i = 0; i < n; i++) {
		char name[16];

		(void)snprintf(name, sizeof name, "s%d", i % sources);
		push(p, i, name);
	}
	while (left) {
		for (int i = 0; i < flying; i++)
			if (air[i].leaves_us <= now) {
				struct thing *t = (struct thing *)air[i].item;

				arrived[t->id] = last = now;
				pace_sent(p, air[i].item, now);
				air[i--] = air[--flying];
				left--;
			}
		while (flying < 64) {
			struct pace_item *item = pace_next(p, now, &wait);

			if (!item)
				break;
			air[flying++] = (struct flight){ item,
				held_us ? (now / held_us + 1) * held_us : now + (delay_us ? rnd(delay_us) : 0), 0 };
		}
		now += 1000;
		if (stall_us && rnd(200) == 0)
			now += rnd(stall_us);
	}
	return last;
}

static int by_time(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* The most in any second [t, t + 1 s). */
static int most(uint64_t *t, int n)
{
	int best = 0;

	qsort(t, (size_t)n, sizeof *t, by_time);
	for (int i = 0, k = 0; i < n; i++) {
		while (k < n && t[k] < t[i] + 1000000)
			k++;
		best = k - i > best ? k - i : best;
	}
	return best;
}

static void no_second_holds_more_than_the_rate(void **state)
{
	static const struct {
		unsigned rate, source_rate;
		int n, sources;
		uint64_t delay_us, held_us, stall_us;
	} rows[] = {
		{ 200, 0, 3000, 1, 0, 0, 0 },
		{ 200, 0, 3000, 40, 0, 0, 100000 },
		{ 200, 0, 3000, 40, 300000, 0, 0 },
		{ 200, 20, 3000, 40, 100000, 0, 50000 },
		{ 1000, 7, 3000, 300, 20000, 0, 500000 },
		{ 40, 0, 1000, 40, 0, 2000000, 0 },
		{ 200, 5, 500, 10, 0, 2000000, 0 },
		{ 3, 0, 30, 3, 0, 0, 20000 },
		{ 1, 1, 10, 3, 1000000, 0, 0 },
	};
	static uint64_t arrived[6000], mine[6000];

	(void)state;
	for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
		struct pace p;

		seed = 88172645463325252u + r;
		start(&p, rows[r].rate, rows[r].source_rate);
		(void)run(&p, rows[r].n, rows[r].sources, rows[r].delay_us, rows[r].held_us, rows[r].stall_us, arrived);
		for (int s = 0; rows[r].source_rate && s < rows[r].sources; s++) {
			int n = 0;

			for (int i = s; i < rows[r].n; i += rows[r].sources)
				mine[n++] = arrived[i];
			assert_true(most(mine, n) <= (int)rows[r].source_rate);
		}
		assert_true(most(arrived, rows[r].n) <= (int)rows[r].rate);
		pace_release(&p);
	}
}

/* A bound that nobody reaches would be easy to keep. */
static void the_rate_is_used(void **state)
{
	static uint64_t arrived[6000];
	struct pace p;

	(void)state;
	seed = 88172645463325252u;
	start(&p, 200, 0);
	assert_in_range(run(&p, 4000, 10, 2000, 0, 0, arrived), 19900000, 21000000);
	pace_release(&p);
	start(&p, 200, 20); /* ten sources of 20 make just the 200 */
	assert_in_range(run(&p, 4000, 10, 2000, 0, 0, arrived), 19900000, 22000000);
	pace_release(&p);
}

static void what_never_leaves_holds_nobody_up(void **state)
{
	struct pace p;
	uint64_t wait;
	struct pace_item *one;

	(void)state;
	start(&p, 1, 1);
	push(&p, 0, "a");
	push(&p, 1, "a");
	one = pace_next(&p, 5000000, &wait);
	assert_non_null(one);
	assert_null(pace_next(&p, 9000000, &wait)); /* it may still leave */
	assert_in_range(wait, 1, 10000);
	pace_sent(&p, one, 9000000);
	pace_sent(&p, one, 99000000); /* once more changes nothing */
	assert_null(pace_next(&p, 9900000, &wait));
	assert_int_equal(next(&p, 10100000), 1);
	pace_release(&p);
}

/* ---- pressure ---- */

static uint64_t gap_under(struct pace *p, unsigned pressure)
{
	uint64_t wait = 0, now = p->last_us + 10000000;

	push(p, 0, "a");
	push(p, 1, "a");
	pace_press(p, pressure);
	assert_int_equal(next(p, now), 0);
	assert_null(pace_next(p, now, &wait));
	assert_non_null(pace_take(p));
	return wait;
}

static void pressure_slows_in_proportion(void **state)
{
	struct pace p;

	(void)state;
	assert_true(pace_init(&p, 200, 0, 32));
	assert_int_equal(gap_under(&p, 0), 5000);
	assert_int_equal(gap_under(&p, 32), 5000);
	assert_int_equal(gap_under(&p, 64), 10000);
	assert_int_equal(gap_under(&p, 320), 50000);
	assert_int_equal(gap_under(&p, 1000000), 1000000); /* never below one a second */
	assert_int_equal(gap_under(&p, 0), 5000);
	pace_release(&p);
	assert_true(pace_init(&p, 200, 0, 0)); /* nothing is to slow it */
	assert_int_equal(gap_under(&p, 1000000), 5000);
	pace_release(&p);
	assert_true(pace_init(&p, 0, 0, 32)); /* no rate, yet pressure counts */
	assert_true(gap_under(&p, 64) >= 2000);
	pace_release(&p);
}

/* ---- places ---- */

static void a_few_come_in_and_the_rest_get_a_time(void **state)
{
	struct book b;
	int64_t wait, last = 0;
	int in = 0;

	(void)state;
	book_init(&b, 200, 20);
	for (uint64_t id = 0; id < 500; id++) {
		bool room = book_room(&b, id, "10.0.0.1", 1000000, &wait);

		if (room) {
			assert_int_equal(wait, 0);
			in++;
			continue;
		}
		assert_true(wait >= last && wait <= 500 * 50);
		last = wait;
	}
	assert_in_range(in, 30, 60); /* about two seconds of the source's rate */
	assert_int_equal(b.places, 500 - in);
	assert_true(book_room(&b, 1000, "10.0.0.2", 1000000, &wait)); /* another source does not wait for that one */
	assert_true(book_room(&b, 499, "10.0.0.1", 26000000, &wait)); /* whoever has a place comes in when he comes */
	assert_true(book_room(&b, 300, "10.0.0.1", 1000001, &wait));
	assert_int_equal(b.places, 500 - in - 2);
	assert_false(book_room(&b, 300, "10.0.0.1", 1000002, &wait)); /* once */
	book_release(&b);
}

static void the_overall_rate_gives_times_too(void **state)
{
	struct book b;
	int64_t wait;
	int in = 0;
	char name[32];

	(void)state;
	book_init(&b, 100, 0);
	for (uint64_t id = 0; id < 1000; id++) {
		(void)snprintf(name, sizeof name, "10.0.%u.%u", (unsigned)id / 250, (unsigned)id % 250);
		in += book_room(&b, id, name, 5000000, &wait);
	}
	assert_in_range(in, 150, 300);
	book_release(&b);
	book_init(&b, 0, 0); /* no rates: everybody comes in */
	for (uint64_t id = 0; id < 1000; id++)
		assert_true(book_room(&b, id, "a", 0, &wait));
	book_release(&b);
}

static void places_that_nobody_takes_are_forgotten(void **state)
{
	struct book b;
	int64_t wait;

	(void)state;
	book_init(&b, 10000, 1);
	for (uint64_t id = 0; id < 50000; id++) {
		char name[32];

		(void)snprintf(name, sizeof name, "s%u", (unsigned)id / 10);
		(void)book_room(&b, id, name, (int64_t)id * 100000, &wait);
	}
	assert_true(b.places < 13000 && b.sources < 5000);
	book_release(&b);
}

static void without_memory_everybody_comes_in(void **state)
{
	struct book b;
	int64_t wait;

	(void)state;
	book_init(&b, 1, 1);
	assert_true(book_room(&b, 1, "a", 0, &wait));
	mem_fail_from(1);
	assert_true(book_room(&b, 2, "b", 0, &wait));
	assert_true(book_room(&b, 3, "a", 0, &wait));
	mem_fail_from(0);
	book_release(&b);
}

static void no_memory(void **state)
{
	struct pace p;

	(void)state;
	start(&p, 0, 0);
	mem_fail_from(1);
	assert_false(pace_push(&p, &things[0].item, "a", 0));
	mem_fail_from(0);
	assert_int_equal(p.waiting, 0);
	push(&p, 1, "a");
	assert_int_equal(next(&p, 0), 1);
	pace_release(&p);
	mem_fail_from(1);
	assert_false(pace_init(&p, 200, 0, 0));
	mem_fail_from(0);
	pace_release(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(turns),
		cmocka_unit_test(overall_rate),
		cmocka_unit_test(rate_per_source),
		cmocka_unit_test(nothing_waits),
		cmocka_unit_test(many_sources_are_forgotten),
		cmocka_unit_test(no_second_holds_more_than_the_rate),
		cmocka_unit_test(the_rate_is_used),
		cmocka_unit_test(what_never_leaves_holds_nobody_up),
		cmocka_unit_test(pressure_slows_in_proportion),
		cmocka_unit_test(a_few_come_in_and_the_rest_get_a_time),
		cmocka_unit_test(the_overall_rate_gives_times_too),
		cmocka_unit_test(places_that_nobody_takes_are_forgotten),
		cmocka_unit_test(without_memory_everybody_comes_in),
		cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
