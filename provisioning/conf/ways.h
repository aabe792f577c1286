/* The ways of first access: by what, beside its own password, a phone may prove which one it is. */
#ifndef PROVISIONING_CONF_WAYS_H
#define PROVISIONING_CONF_WAYS_H

#include "phonecfg/base/slice.h"

enum { WAY_CERTIFICATE = 1, WAY_TOKEN = 2, WAY_PAIRING = 4, WAYS_ALL = 7, WAYS = 3 };

/* Of the n-th one (bit 1 << n): "certificate", "token", "pairing". */
const char *way_word(unsigned n);
/* Its bit; 0 for any other word. */
unsigned way_parse(struct slice word);
/* Words with blanks between them, none of them unknown. */
unsigned ways_parse(const char *text);

#endif
