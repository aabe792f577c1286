/* A phone's hardware address (EUI-48). */
#ifndef PHONECFG_BASE_MAC_H
#define PHONECFG_BASE_MAC_H

#include <stdbool.h>
#include <stdint.h>

#include "phonecfg/base/slice.h"

enum { MAC_TEXT = 13 }; /* 12 hexadecimal digits and NUL */

struct mac {
	uint8_t b[6];
};

/* Reads 12 hexadecimal digits in either case, bare or with ':', '-' or '.' between pairs or groups; nothing else around
 * them. */
bool mac_parse(struct slice s, struct mac *out);
/* 12 lower-case digits, the spelling of every table and file name here. Returns out. */
const char *mac_text(const struct mac *m, char out[MAC_TEXT]);
bool mac_eq(const struct mac *a, const struct mac *b);

#endif
