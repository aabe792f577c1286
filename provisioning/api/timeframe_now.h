/* Does a time frame hold at a given moment? Pure. */
#ifndef PROVISIONING_API_TIMEFRAME_NOW_H
#define PROVISIONING_API_TIMEFRAME_NOW_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/* A moment on the clock of the place. */
struct local_time {
	int year, month, day; /* 2026, 1 to 12, 1 to 31 */
	int weekday;          /* 0 = Sunday */
	int minute;           /* of the day */
};

/* offset_s: seconds east of UTC, now. */
struct local_time local_time_of(int64_t utc_ms, int64_t offset_s);

/* body: the frame's arrays. "always" holds always. A week's days count with their one or two spans; dates count from
 * begin to end, also those that come again every year. Every other recurrence, and holidays by name, are not worked
 * out: such an entry does not hold. */
bool timeframe_holds(const char *type, const json_t *body, const struct local_time *at);

#endif
