#include "provisioning/api/timeframe_now.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#define DAYS "timeframe-days-of-week-array"
#define DATES "timeframe-specific-dates-array"
#define HOLIDAYS "timeframe-holiday-array"

enum { DAY_MIN = 1440, NAME_MAX_BYTES = 80 };

struct local_time local_time_of(int64_t utc_ms, int64_t offset_s)
{
	time_t t = (time_t)(utc_ms / 1000 + offset_s);
	struct tm tm = { 0 };

	gmtime_r(&t, &tm);
	return (struct local_time){ tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday, tm.tm_wday,
		tm.tm_hour * 60 + tm.tm_min };
}

static const char *text(const json_t *entry, const char *name)
{
	const char *s = json_string_value(json_object_get(entry, name));

	return s ? s : "";
}

/* "08:30" or "08:30:00" -> minutes of the day; otherwise is for "" and what is no time. */
static int minutes(const char *s, int otherwise)
{
	unsigned h, m;

	return sscanf(s, "%2u:%2u", &h, &m) == 2 && h <= 24 && m < 60 ? (int)(h * 60 + m) : otherwise;
}

static bool within(int minute, const char *begin, const char *end)
{
	return *begin && *end && minute >= minutes(begin, DAY_MIN) && minute < minutes(end, 0);
}

static bool day_holds(const json_t *entry, const struct local_time *at)
{
	static const char *const days[] = { "sunday", "monday", "tuesday", "wednesday", "thursday", "friday",
		"saturday" };
	char begin[NAME_MAX_BYTES], end[NAME_MAX_BYTES];
	int span;

	for (span = 1; span <= 2; span++) {
		snprintf(begin, sizeof(begin), "timeframe-weekly-%s-begin-time-%d", days[at->weekday], span);
		snprintf(end, sizeof(end), "timeframe-weekly-%s-end-time-%d", days[at->weekday], span);
		if (within(at->minute, text(entry, begin), text(entry, end)))
			return true;
	}
	return false;
}

/* A number that grows with time; yearly ones without the year. 0 when it is no date. */
static int64_t moment(const char *date, int minute, bool yearly)
{
	unsigned y, m, d;

	if (sscanf(date, "%4u-%2u-%2u", &y, &m, &d) != 3 || m < 1 || m > 12 || d < 1 || d > 31)
		return 0;
	return (int64_t)(((yearly ? 1 : y) * 12 + m) * 31 + d) * DAY_MIN + minute;
}

static bool date_holds(const json_t *entry, const struct local_time *at)
{
	const char *again = text(entry, "timeframe-recurrence-type");
	const char *begin_date = text(entry, "timeframe-specific-dates-begin-date");
	const char *end_date = text(entry, "timeframe-specific-dates-end-date");
	bool yearly = strcmp(again, "yearly-on-selected-dates") == 0 || strcmp(again, "annual-month-day") == 0;
	int64_t begin, end,
		now = (int64_t)(((yearly ? 1 : at->year) * 12 + at->month) * 31 + at->day) * DAY_MIN + at->minute;

	if (*again && !yearly && strcmp(again, "doesNotRecur") != 0)
		return false;
	begin = moment(begin_date, minutes(text(entry, "timeframe-specific-dates-begin-time"), 0), yearly);
	end = moment(*end_date ? end_date : begin_date,
		minutes(text(entry, "timeframe-specific-dates-end-time"), DAY_MIN), yearly);
	return begin && end && now >= begin && now < end;
}

typedef bool entry_fn(const json_t *entry, const struct local_time *at);

static bool any(const json_t *body, const char *name, entry_fn *fn, const struct local_time *at)
{
	const json_t *list = json_object_get(body, name);
	size_t i;

	for (i = 0; i < json_array_size(list); i++)
		if (fn(json_array_get(list, i), at))
			return true;
	return false;
}

bool timeframe_holds(const char *type, const json_t *body, const struct local_time *at)
{
	return strcmp(type, "always") == 0 || any(body, DAYS, day_holds, at) || any(body, DATES, date_holds, at) ||
	       any(body, HOLIDAYS, date_holds, at);
}
