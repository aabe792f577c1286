/* A point in time as a person or a program writes it. */
#ifndef PROVISIONING_RESET_WHEN_H
#define PROVISIONING_RESET_WHEN_H

#include <stdbool.h>
#include <stdint.h>

/* "2026-11-30T18:00:00+01:00" or "…Z" (RFC 3339 §5.6), also with a blank for the T and without seconds. Without an
 * offset it is local time of that zone; false when zone is NULL or "". Milliseconds since 1970 UTC; fractions are cut.
 * False for anything else, and for a day that is not in the calendar. */
bool when_read(const char *text, const char *zone, int64_t *out_ms);

#endif
