/* Turns between sources, the rates, and what happens without memory. Time is a number here. */
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
#include "provisioning/sip/pace.h"

struct thing {
	struct pace_item item;
	int id;
};

static struct thing things[2000];

static int next(struct pace *p, uint64_t now)
{
	uint64_t wait;
	struct pace_item *i = pace_next(p, now, &wait);

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
	pace_init(&p, 0, 0);
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
	pace_init(&p, 10, 0); /* one per 100 ms */
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
	pace_init(&p, 0, 10);
	for (int i = 0; i < 3; i++)
		push(&p, i, "a");
	push(&p, 10, "b");
	assert_int_equal(next(&p, 5000), 0);
	assert_int_equal(next(&p, 5000), 10); /* b is not held up by a */
	assert_null(pace_next(&p, 5000, &wait));
	assert_int_equal(wait, 100000);
	assert_int_equal(next(&p, 105000), 1);
	assert_int_equal(next(&p, 105000), -1);
	push(&p, 11, "b"); /* b was emptied; its gap is remembered, and over */
	assert_int_equal(next(&p, 105000), 11);
	push(&p, 12, "b");
	assert_int_equal(next(&p, 105001), -1);
	while (pace_take(&p))
		;
	pace_release(&p);
}

static void nothing_waits(void **state)
{
	struct pace p;
	uint64_t wait = 0;

	(void)state;
	pace_init(&p, 5, 5);
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
	pace_init(&p, 0, 1000000);
	for (int i = 0; i < 20000; i++) {
		(void)snprintf(name, sizeof name, "10.%d.%d.1", i / 250, i % 250);
		things[0].id = i;
		assert_true(pace_push(&p, &things[0].item, name, (uint64_t)i * 10));
		assert_int_equal(next(&p, (uint64_t)i * 10), i);
	}
	assert_in_range(p.sources, 1, 4097);
	pace_release(&p);
}

static void no_memory(void **state)
{
	struct pace p;

	(void)state;
	pace_init(&p, 0, 0);
	mem_fail_from(1);
	assert_false(pace_push(&p, &things[0].item, "a", 0));
	mem_fail_from(0);
	assert_int_equal(p.waiting, 0);
	push(&p, 1, "a");
	assert_int_equal(next(&p, 0), 1);
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
		cmocka_unit_test(no_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
