/* Values that mean nothing, for fields that a phone does not let be empty. Private to vendor/. */
#ifndef PHONECFG_VENDOR_FILLER_H
#define PHONECFG_VENDOR_FILLER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "phonecfg/base/mac.h"
#include "phonecfg/base/secret.h"

enum { FILLER_MAX = 64 };

/* n letters and digits (digits only, if asked) that follow from key, mac, purpose and round alone and look random:
 * SipHash-2-4 (Aumasson and Bernstein, 2012) in counter mode. Terminates out. */
void filler_make(const struct secret *key, const struct mac *mac, const char *purpose, uint64_t round, bool digits,
	char *out, size_t n);

#endif
