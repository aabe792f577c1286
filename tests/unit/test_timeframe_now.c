/* Which time frames hold at a moment: the week's days with their spans, dates from begin to end, every year, and what
 * is not worked out. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

#include "provisioning/api/timeframe_now.h"
#include "provisioning/reset/quiet.h"

/* 2026-11-23 is a Monday. */
enum { NOV = 11 };

static struct local_time at(int month, int day, int weekday, int hour, int minute)
{
	return (struct local_time){ 2026, month, day, weekday, hour * 60 + minute };
}

static bool holds(const char *type, const char *body, struct local_time when)
{
	json_t *v = json_loads(body, 0, NULL);
	bool good;

	assert_non_null(v);
	good = timeframe_holds(type, v, &when);
	json_decref(v);
	return good;
}

static void test_always(void **state)
{
	(void)state;
	assert_true(holds("always", "{}", at(1, 1, 4, 0, 0)));
	assert_false(holds("custom", "{}", at(1, 1, 4, 0, 0)));
}

static void test_days(void **state)
{
	static const char week[] =
		"{\"timeframe-days-of-week-array\":[{"
		"\"timeframe-weekly-monday-begin-time-1\":\"08:00\",\"timeframe-weekly-monday-end-time-1\":\"12:00\","
		"\"timeframe-weekly-monday-begin-time-2\":\"13:00:00\",\"timeframe-weekly-monday-end-time-2\":\"17:30:00\","
		"\"timeframe-weekly-tuesday-begin-time-1\":\"\",\"timeframe-weekly-tuesday-end-time-1\":\"\","
		"\"timeframe-weekly-sunday-begin-time-1\":\"00:00\",\"timeframe-weekly-sunday-end-time-1\":\"24:00\"}]}";

	(void)state;
	assert_false(holds("days-of-week", week, at(NOV, 23, 1, 7, 59)));
	assert_true(holds("days-of-week", week, at(NOV, 23, 1, 8, 0)));
	assert_false(holds("days-of-week", week, at(NOV, 23, 1, 12, 0)));
	assert_true(holds("days-of-week", week, at(NOV, 23, 1, 17, 29)));
	assert_false(holds("days-of-week", week, at(NOV, 24, 2, 9, 0)));
	assert_true(holds("days-of-week", week, at(NOV, 22, 0, 0, 0)));
	assert_true(holds("days-of-week", week, at(NOV, 22, 0, 23, 59)));
	assert_false(holds("days-of-week",
		"{\"timeframe-days-of-week-array\":[{\"timeframe-weekly-monday-begin-time-1\":\"x\","
		"\"timeframe-weekly-monday-end-time-1\":\"y\"}]}",
		at(NOV, 23, 1, 9, 0)));
}

static const char *dates(const char *begin, const char *end, const char *again)
{
	static char text[400];

	snprintf(text, sizeof(text),
		"{\"timeframe-specific-dates-array\":[{\"timeframe-specific-dates-begin-date\":\"%s\","
		"\"timeframe-specific-dates-begin-time\":\"09:00\",\"timeframe-specific-dates-end-date\":\"%s\","
		"\"timeframe-specific-dates-end-time\":\"18:00\",\"timeframe-recurrence-type\":\"%s\"}]}",
		begin, end, again);
	return text;
}

static void test_dates(void **state)
{
	const char *once = dates("2026-11-20", "2026-11-23", "doesNotRecur");

	(void)state;
	assert_false(holds("specific-dates", once, at(NOV, 20, 5, 8, 59)));
	assert_true(holds("specific-dates", once, at(NOV, 20, 5, 9, 0)));
	assert_true(holds("specific-dates", once, at(NOV, 22, 0, 3, 0)));
	assert_false(holds("specific-dates", once, at(NOV, 23, 1, 18, 0)));
	assert_false(holds("specific-dates", dates("2025-11-20", "2025-11-23", ""), at(NOV, 21, 6, 12, 0)));
	assert_true(holds("specific-dates", dates("2019-11-20", "2019-11-23", "yearly-on-selected-dates"),
		at(NOV, 21, 6, 12, 0)));
	assert_false(holds("specific-dates", dates("2026-11-20", "2026-11-23", "monthly-date"), at(NOV, 21, 6, 12, 0)));
	assert_true(holds("specific-dates", dates("2026-11-21", "", ""), at(NOV, 21, 6, 12, 0)));
	assert_false(holds("specific-dates", dates("someday", "2026-11-23", ""), at(NOV, 21, 6, 12, 0)));
	assert_false(holds("specific-dates", dates("2026-13-01", "2026-11-23", ""), at(NOV, 21, 6, 12, 0)));
}

static void test_the_clock_of_the_place(void **state)
{
	const int64_t utc_s = 1795474800; /* 2026-11-23T23:00:00Z */
	struct local_time berlin = local_time_of(utc_s * 1000, zone_offset_s("Europe/Berlin", utc_s));
	struct local_time pacific = local_time_of(utc_s * 1000, zone_offset_s("US/Pacific", utc_s));

	(void)state;
	assert_int_equal(berlin.day, 24);
	assert_int_equal(berlin.weekday, 2);
	assert_int_equal(berlin.minute, 0);
	assert_int_equal(pacific.day, 23);
	assert_int_equal(pacific.weekday, 1);
	assert_int_equal(pacific.minute, 15 * 60);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_always),
		cmocka_unit_test(test_days),
		cmocka_unit_test(test_dates),
		cmocka_unit_test(test_the_clock_of_the_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
