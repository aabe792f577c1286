/* The two halves of the Yealink handset: yealink.c is what files do, yealink_lines.c what the phone does with its
 * values. */
#ifndef PHONECFG_HANDSET_YEALINK_H
#define PHONECFG_HANDSET_YEALINK_H

#include "phonecfg/handset/internal.h"

/* Key types by number (vendor templates). */
enum { KEY_NONE = 0, KEY_SPEED_DIAL = 13, KEY_LINE = 15, KEY_BLF = 16 };

bool hs_yealink_line(const struct handset *hs, unsigned slot, struct arena *a, struct handset_line *out);
bool hs_yealink_keys(const struct handset *hs, struct arena *a, struct handset_key **v, size_t *n, size_t *cap);
void hs_yealink_credentials(const struct handset *hs, struct handset_credentials *out);
void hs_yealink_notify(
	const struct handset *hs, struct slice package, struct slice params, struct handset_reaction *out);

#endif
