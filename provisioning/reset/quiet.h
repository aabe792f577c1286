/* The hours in which a phone may restart without anybody noticing. */
#ifndef PROVISIONING_RESET_QUIET_H
#define PROVISIONING_RESET_QUIET_H

#include <stdint.h>

/* Seconds that local time is ahead of UTC at that moment, by the system's time zone database; 0 for a zone that is not
 * there. Thread-safe, unlike setting TZ. */
int64_t zone_offset_s(const char *zone, int64_t utc_s);

/* The first moment from now_ms on that lies in the window from_min..to_min (minutes after local midnight; from > to
 * goes over midnight; from = to means any time). */
int64_t quiet_due_ms(const char *zone, int64_t from_min, int64_t to_min, int64_t now_ms);

#endif
