/* Time zones: phones want an offset and the two changes of the year, not a name. Private to vendor/. */
#ifndef PHONECFG_VENDOR_ZONE_H
#define PHONECFG_VENDOR_ZONE_H

#include <stdbool.h>
#include <stddef.h>

struct zone_name {
	const char *name, *rule;
};
extern const struct zone_name zone_names[];
extern const size_t zone_count;

/* "The week-th weekday of the month at that hour of local time"; week 5 = the last. */
struct zone_change {
	unsigned month;   /* 1..12 */
	unsigned week;    /* 1..5 */
	unsigned weekday; /* 0 = Sunday */
	unsigned hour;    /* 0..23; minutes are beyond what phones take */
};

struct zone {
	int offset_s; /* east of Greenwich */
	bool summer;  /* are there changes? */
	int shift_s;  /* how far the clock goes forward */
	struct zone_change start, end;
	char std[8], dst[8]; /* letters only; "STD" and "DST" where the zone has none */
};

/* False when the name is unknown. NULL is UTC. */
bool zone_find(const char *name, struct zone *out);
/* POSIX text as Grandstream's phones take it: CET-1CEST-2,M3.5.0/02:00:00,M10.5.0/03:00:00. */
void zone_posix(const struct zone *z, char *out, size_t size);

#endif
