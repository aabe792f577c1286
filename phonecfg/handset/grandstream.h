/* The two halves of the Grandstream handset: grandstream.c is what files do, grandstream_lines.c what the phone does
 * with its values. */
#ifndef PHONECFG_HANDSET_GRANDSTREAM_H
#define PHONECFG_HANDSET_GRANDSTREAM_H

#include "phonecfg/handset/internal.h"

bool hs_grandstream_line(const struct handset *hs, unsigned slot, struct arena *a, struct handset_line *out);
bool hs_grandstream_keys(const struct handset *hs, struct arena *a, struct handset_key **v, size_t *n, size_t *cap);
void hs_grandstream_credentials(const struct handset *hs, struct handset_credentials *out);
void hs_grandstream_notify(
	const struct handset *hs, struct slice package, struct slice params, struct handset_reaction *out);

#endif
