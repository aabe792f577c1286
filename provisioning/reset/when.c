#include "provisioning/reset/when.h"

#include <stddef.h>

#include "provisioning/reset/quiet.h"

enum { MINUTE_S = 60, HOUR_S = 3600, DAY_S = 86400 };

/* Exactly n digits; moves *p behind them. */
static bool digits(const char **p, int n, int *out)
{
	for (*out = 0; n > 0; n--, (*p)++) {
		if (**p < '0' || **p > '9')
			return false;
		*out = *out * 10 + (**p - '0');
	}
	return true;
}

static bool leap(int year)
{
	return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int days_in(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

	return days[month - 1] + (month == 2 && leap(year));
}

static int64_t days_since_1970(int year, int month, int day)
{
	int64_t days = day - 1;
	int i;

	for (i = 1970; i < year; i++)
		days += 365 + leap(i);
	for (i = 1; i < month; i++)
		days += days_in(year, i);
	return days;
}

/* The date and the time of day, as if it were UTC. */
static bool read_local(const char **p, int64_t *out_s)
{
	int year, month, day, hour, minute, second = 0;

	if (!digits(p, 4, &year) || *(*p)++ != '-' || !digits(p, 2, &month) || *(*p)++ != '-' || !digits(p, 2, &day) ||
		(**p != 'T' && **p != 't' && **p != ' '))
		return false;
	(*p)++;
	if (!digits(p, 2, &hour) || *(*p)++ != ':' || !digits(p, 2, &minute))
		return false;
	if (**p == ':') {
		(*p)++;
		if (!digits(p, 2, &second))
			return false;
		if (**p == '.') {
			int one;

			for ((*p)++; digits(p, 1, &one);)
				;
			if ((*p)[-1] == '.')
				return false;
		}
	}
	if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days_in(year, month) || hour > 23 ||
		minute > 59 || second > 60)
		return false;
	*out_s = days_since_1970(year, month, day) * DAY_S + hour * HOUR_S + minute * MINUTE_S + second;
	return true;
}

/* "Z", "+01:00" or "-03:30": seconds ahead of UTC. */
static bool read_offset(const char **p, int64_t *out_s)
{
	int hours, minutes, sign = **p == '-' ? -1 : 1;

	*out_s = 0;
	if (**p == 'Z' || **p == 'z') {
		(*p)++;
		return true;
	}
	if (**p != '+' && **p != '-')
		return false;
	(*p)++;
	if (!digits(p, 2, &hours) || *(*p)++ != ':' || !digits(p, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*out_s = sign * (int64_t)(hours * HOUR_S + minutes * MINUTE_S);
	return true;
}

/* The offset that holds at the moment that is meant: looked up once with a guess, once with what came of it. In the
 * hour that a change of the clocks repeats, the later one. */
static int64_t offset_of(const char *zone, int64_t local_s)
{
	int64_t guess = zone_offset_s(zone, local_s);

	return zone_offset_s(zone, local_s - guess);
}

bool when_read(const char *text, const char *zone, int64_t *out_ms)
{
	const char *p = text;
	int64_t local_s, offset_s;

	if (!read_local(&p, &local_s))
		return false;
	if (*p == '\0' && zone != NULL && *zone != '\0')
		offset_s = offset_of(zone, local_s);
	else if (!read_offset(&p, &offset_s) || *p != '\0')
		return false;
	*out_ms = (local_s - offset_s) * 1000;
	return true;
}
