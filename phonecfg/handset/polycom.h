/* The two halves of the Polycom handset: polycom.c is what files do, polycom_lines.c what the phone does with its
 * values. */
#ifndef PHONECFG_HANDSET_POLYCOM_H
#define PHONECFG_HANDSET_POLYCOM_H

#include "phonecfg/handset/internal.h"

bool hs_polycom_line(const struct handset *hs, unsigned slot, struct arena *a, struct handset_line *out);
bool hs_polycom_keys(const struct handset *hs, struct arena *a, struct handset_key **v, size_t *n, size_t *cap);
void hs_polycom_credentials(const struct handset *hs, struct handset_credentials *out);
void hs_polycom_notify(
	const struct handset *hs, struct slice package, struct slice params, struct handset_reaction *out);

#endif
