/* One text as pieces of another one and bytes of its own: what thousands of phones' files share is kept once. */
#ifndef PROVISIONING_PHONES_DELTA_H
#define PROVISIONING_PHONES_DELTA_H

#include <stdbool.h>
#include <stdint.h>

#include "phonecfg/base/slice.h"

enum { DELTA_PIECES = 200 };

struct delta_piece {
	uint32_t off; /* in the base, or in the text */
	uint32_t n : 31;
	uint32_t own : 1;
};

struct delta {
	struct delta_piece v[DELTA_PIECES];
	size_t n;
	size_t own; /* bytes of all own pieces */
};

/* By lines, in one pass; what was moved is not found again. False: too many pieces. */
bool delta_make(struct slice base, struct slice text, struct delta *out);

#endif
