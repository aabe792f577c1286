#include "phonecfg/vendor/zone.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phonecfg/vendor/vendor.h"

/* Reads an abbreviation: letters, or anything in <>. */
static const char *abbreviation(const char *p, char *out, size_t size, const char *nameless)
{
	size_t n = 0;

	if (*p == '<') {
		snprintf(out, size, "%s", nameless);
		while (*p && *p != '>')
			p++;
		return *p ? p + 1 : p;
	}
	while ((*p >= 'A' && *p <= 'Z') || (*p >= 'a' && *p <= 'z')) {
		if (n + 1 < size)
			out[n++] = *p;
		p++;
	}
	out[n] = 0;
	return p;
}

/* [+-]hh[:mm[:ss]] -> seconds. */
static const char *seconds(const char *p, int *out)
{
	int sign = 1, unit = 3600, sum = 0;

	if (*p == '+' || *p == '-')
		sign = *p++ == '-' ? -1 : 1;
	while (*p >= '0' && *p <= '9' && unit >= 1) {
		sum += (int)strtol(p, (char **)&p, 10) * unit;
		unit /= 60;
		if (*p != ':')
			break;
		p++;
	}
	*out = sign * sum;
	return p;
}

/* ,Mm.w.d[/time]. A time before 0 or from 24 on moves to the neighbouring weekday of the same week. */
static const char *change(const char *p, struct zone_change *out)
{
	int at = 2 * 3600, day;

	if (p[0] != ',' || p[1] != 'M')
		return p;
	out->month = (unsigned)strtoul(p + 2, (char **)&p, 10);
	out->week = (unsigned)strtoul(p + 1, (char **)&p, 10);
	out->weekday = (unsigned)strtoul(p + 1, (char **)&p, 10);
	if (*p == '/')
		p = seconds(p + 1, &at);
	day = (int)out->weekday;
	for (; at < 0; at += 86400)
		day--;
	for (; at >= 86400; at -= 86400)
		day++;
	out->weekday = (unsigned)((day % 7 + 7) % 7);
	out->hour = (unsigned)(at / 3600);
	return p;
}

static void parse(const char *rule, struct zone *out)
{
	const char *p = abbreviation(rule, out->std, sizeof(out->std), "STD");
	int west, dst_west;

	p = seconds(p, &west);
	out->offset_s = -west;
	if (!*p)
		return;
	out->summer = true;
	p = abbreviation(p, out->dst, sizeof(out->dst), "DST");
	dst_west = west - 3600;
	if (*p != ',')
		p = seconds(p, &dst_west);
	out->shift_s = west - dst_west;
	p = change(p, &out->start);
	change(p, &out->end);
}

static int by_name(const void *key, const void *entry)
{
	return strcmp(key, ((const struct zone_name *)entry)->name);
}

bool zone_find(const char *name, struct zone *out)
{
	const struct zone_name *z;

	memset(out, 0, sizeof(*out));
	z = bsearch(name ? name : "UTC", zone_names, zone_count, sizeof(zone_names[0]), by_name);
	if (!z)
		return false;
	parse(z->rule, out);
	/* Dublin's winter is written as the exception, with a negative shift. Phones only know "forward in summer". */
	if (out->summer && out->shift_s < 0) {
		struct zone_change swap = out->start;
		out->start = out->end;
		out->end = swap;
		out->offset_s += out->shift_s;
		out->shift_s = -out->shift_s;
	}
	return true;
}

bool vendor_zone_known(const char *name)
{
	struct zone z;

	return name && zone_find(name, &z);
}

static size_t posix_time(char *out, size_t size, int s)
{
	unsigned a = (unsigned)abs(s);

	if (a % 3600)
		return (size_t)snprintf(out, size, "%s%u:%02u", s < 0 ? "-" : "", a / 3600, a / 60 % 60);
	return (size_t)snprintf(out, size, "%s%u", s < 0 ? "-" : "", a / 3600);
}

void zone_posix(const struct zone *z, char *out, size_t size)
{
	char std[16], dst[16];

	posix_time(std, sizeof(std), -z->offset_s);
	posix_time(dst, sizeof(dst), -z->offset_s - z->shift_s);
	if (!z->summer)
		snprintf(out, size, "%s%s", z->std, std);
	else
		snprintf(out, size, "%s%s%s%s,M%u.%u.%u/%02u:00:00,M%u.%u.%u/%02u:00:00", z->std, std, z->dst, dst,
			z->start.month, z->start.week, z->start.weekday, z->start.hour, z->end.month, z->end.week,
			z->end.weekday, z->end.hour);
}
