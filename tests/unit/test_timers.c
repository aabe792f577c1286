/* The heap of alarms against a plain list, over many random moves. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "provisioning/edge/timers.h"

enum { ALARMS = 200, MOVES = 20000 };

static unsigned next_random(void)
{
	static unsigned s = 12345;

	s = s * 1103515245u + 12345u;
	return s >> 8;
}

static void against_a_list(void **state)
{
	static struct http_alarm alarms[ALARMS];
	struct timers t = { 0 };
	int64_t now = 1000;
	int i, k;

	(void)state;
	for (i = 0; i < MOVES; i++) {
		struct http_alarm *a = &alarms[next_random() % ALARMS], *due;
		int64_t least = INT64_MAX;

		timers_set(&t, a, next_random() % 4 ? now + 1 + next_random() % 500 : 0);
		for (k = 0; k < ALARMS; k++)
			if (alarms[k].slot && alarms[k].at_ms < least)
				least = alarms[k].at_ms;
		assert_true(timers_next(&t) == least);
		now += next_random() % 5;
		while ((due = timers_due(&t, now)) != NULL) {
			assert_true(due->at_ms <= now && due->slot == 0);
			for (k = 0; k < ALARMS; k++)
				assert_true(alarms[k].slot == 0 || alarms[k].at_ms >= due->at_ms);
		}
	}
	timers_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(against_a_list) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
