/* May a phone's word for its own firmware be taken? */
#include <string.h>

#include "phonecfg/vendor/vendor.h"

enum { PARTS_MIN = 3, PARTS_MAX = 4, DIGITS_MAX = 5 };

/* Three or four numbers of at most five digits, dots between them, nothing else. Returns how many, 0 when not. */
static unsigned dotted(const char *s)
{
	unsigned parts = 1, digits = 0;

	for (; *s; s++) {
		if (*s >= '0' && *s <= '9' && ++digits <= DIGITS_MAX)
			continue;
		if (*s != '.' || !digits || digits > DIGITS_MAX)
			return 0;
		parts++;
		digits = 0;
	}
	return digits && parts >= PARTS_MIN && parts <= PARTS_MAX ? parts : 0;
}

/* Yealink's first number of four is the hardware's, which the model's own firmware has too. */
static bool same_line(const struct profile *pf, const char *firmware, unsigned parts)
{
	size_t n;

	if (pf->vendor != VENDOR_YEALINK || !pf->firmware_line)
		return true;
	n = strlen(pf->firmware_line);
	return parts == PARTS_MAX && strncmp(firmware, pf->firmware_line, n) == 0 && firmware[n] == '.';
}

const char *vendor_running(const struct catalog *cat, const struct profile *pf, const struct ua_info *ua)
{
	unsigned parts = dotted(ua->firmware);

	if (!parts || ua->updater || ua->vendor != pf->vendor ||
		catalog_by_ua_token(cat, ua->vendor, slice_str(ua->model)) != pf || !same_line(pf, ua->firmware, parts))
		return NULL;
	if (pf->firmware_min && firmware_compare(pf->vendor, ua->firmware, pf->firmware_min) < 0)
		return NULL;
	return ua->firmware;
}
