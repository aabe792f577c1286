#include "provisioning/reset/quiet.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define ZONE_DIR "/usr/share/zoneinfo"

enum { HEADER = 44, DAY_MIN = 1440, MINUTE_MS = 60000, FILE_MAX = 65536 };

static int64_t big(const unsigned char *p, int n)
{
	int64_t v = (p[0] & 0x80) ? -1 : 0;
	int i;

	for (i = 0; i < n; i++)
		v = (int64_t)((uint64_t)v << 8 | p[i]);
	return v;
}

/* Counts of one TZif block (RFC 8536 §3.1). */
struct block {
	int64_t isut, isstd, leap, times, types, chars;
	const unsigned char *data;
};

static bool read_block(const unsigned char *p, size_t n, int time_size, struct block *b, size_t *size)
{
	if (n < HEADER || memcmp(p, "TZif", 4) != 0)
		return false;
	*b = (struct block){ big(p + 20, 4), big(p + 24, 4), big(p + 28, 4), big(p + 32, 4), big(p + 36, 4),
		big(p + 40, 4), p + HEADER };
	if (b->isut < 0 || b->isstd < 0 || b->leap < 0 || b->times < 0 || b->types <= 0 || b->chars < 0 ||
		b->isut + b->isstd + b->leap + b->times + b->types + b->chars > FILE_MAX)
		return false;
	*size = HEADER + (size_t)(b->times * (time_size + 1) + b->types * 6 + b->chars + b->leap * (time_size + 4) +
				  b->isstd + b->isut);
	return *size <= n;
}

static int64_t offset_in(const struct block *b, int time_size, int64_t utc_s)
{
	const unsigned char *index = b->data + b->times * time_size, *types = index + b->times;
	int64_t i, type = 0;

	for (i = 0; i < b->times && big(b->data + i * time_size, time_size) <= utc_s; i++)
		type = index[i];
	return type < b->types ? big(types + type * 6, 4) : 0;
}

static size_t read_zone(const char *zone, unsigned char *bytes, size_t max)
{
	char path[256];
	size_t n;
	FILE *f;

	if (zone == NULL || *zone == '\0' || *zone == '/' || strstr(zone, "..") ||
		snprintf(path, sizeof(path), ZONE_DIR "/%s", zone) >= (int)sizeof(path))
		return 0;
	f = fopen(path, "rb");
	if (f == NULL)
		return 0;
	n = fread(bytes, 1, max, f);
	fclose(f);
	return n;
}

int64_t zone_offset_s(const char *zone, int64_t utc_s)
{
	unsigned char bytes[FILE_MAX];
	size_t n = read_zone(zone, bytes, sizeof(bytes)), size, size64;
	struct block b, b64;

	if (!read_block(bytes, n, 4, &b, &size))
		return 0;
	/* Version 2 and later: a second block with times of 64 bits, which is the whole one. */
	if (bytes[4] >= '2' && read_block(bytes + size, n - size, 8, &b64, &size64))
		return offset_in(&b64, 8, utc_s);
	return offset_in(&b, 4, utc_s);
}

static int64_t local_minute(const char *zone, int64_t at_ms)
{
	return (at_ms / MINUTE_MS + zone_offset_s(zone, at_ms / 1000) / 60) % DAY_MIN;
}

static bool inside(int64_t minute, int64_t from_min, int64_t to_min)
{
	return from_min < to_min ? minute >= from_min && minute < to_min : minute >= from_min || minute < to_min;
}

int64_t quiet_due_ms(const char *zone, int64_t from_min, int64_t to_min, int64_t now_ms)
{
	int64_t minute = local_minute(zone, now_ms), due_ms, shift_ms;

	if (from_min == to_min || inside(minute, from_min, to_min))
		return now_ms;
	due_ms = now_ms + ((from_min - minute + DAY_MIN) % DAY_MIN) * MINUTE_MS - now_ms % MINUTE_MS;
	/* The clock is put forward or back before that: what was reckoned is an hour off, unless it is in the window
	 * all the same (02:00 does not exist on that night in spring). */
	shift_ms = (zone_offset_s(zone, now_ms / 1000) - zone_offset_s(zone, due_ms / 1000)) * 1000;
	if (shift_ms && !inside(local_minute(zone, due_ms), from_min, to_min))
		due_ms += shift_ms;
	return due_ms;
}
