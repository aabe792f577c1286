/* Firmware versions, and the file syntax that each one reads. */
#include <stdlib.h>
#include <string.h>

#include "phonecfg/profile/profile.h"

enum { VERSION_PARTS = 5 };

static unsigned parts(const char *s, unsigned long out[VERSION_PARTS])
{
	unsigned n = 0;

	memset(out, 0, VERSION_PARTS * sizeof(*out));
	while (s && *s >= '0' && *s <= '9' && n < VERSION_PARTS) {
		char *end;
		out[n++] = strtoul(s, &end, 10);
		s = *end == '.' ? end + 1 : "";
	}
	return n;
}

int firmware_compare(enum vendor_id vendor, const char *a, const char *b)
{
	unsigned long va[VERSION_PARTS], vb[VERSION_PARTS];
	unsigned na = parts(a, va), nb = parts(b, vb);
	unsigned first = vendor == VENDOR_YEALINK && na == 4 && nb == 4 ? 1 : 0;

	for (unsigned i = first; i < VERSION_PARTS; i++) {
		if (va[i] != vb[i])
			return va[i] < vb[i] ? -1 : 1;
	}
	return 0;
}

const struct syntax *profile_syntax(const struct profile *pf, const char *firmware)
{
	size_t i = pf->nsyntaxes - 1;

	while (firmware && *firmware && i && firmware_compare(pf->vendor, firmware, pf->syntaxes[i].since) < 0)
		i--;
	return &pf->syntaxes[i];
}

bool profile_speaks(const struct profile *pf, const char *firmware, const char *syntax)
{
	const struct syntax *newest = profile_syntax(pf, firmware);
	const struct syntax *oldest = newest;

	if (!firmware || !*firmware)
		oldest = pf->firmware_min ? profile_syntax(pf, pf->firmware_min) : pf->syntaxes;
	for (const struct syntax *s = oldest; s <= newest; s++) {
		if (strcmp(s->name, syntax) == 0)
			return true;
	}
	return false;
}
