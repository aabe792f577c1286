/* The parts of the Polycom handset: polycom.c is what files do, polycom_lines.c what the phone does with its values,
 * polycom_send.c what it uploads. */
#ifndef PHONECFG_HANDSET_POLYCOM_H
#define PHONECFG_HANDSET_POLYCOM_H

#include "phonecfg/handset/internal.h"

bool hs_polycom_line(const struct handset *hs, unsigned slot, struct arena *a, struct handset_line *out);
bool hs_polycom_keys(const struct handset *hs, struct arena *a, struct handset_key **v, size_t *n, size_t *cap);
void hs_polycom_credentials(const struct handset *hs, struct handset_credentials *out);
void hs_polycom_notify(
	const struct handset *hs, struct slice package, struct slice params, struct handset_reaction *out);

/* Sends <mac><suffix> when there is something to say: the changes of one layer (its web page's, its menu's). ERR_LIMIT,
 * ERR_NOMEM. */
enum err_code hs_polycom_send_layer(const struct handset *hs, enum handset_layer layer, const char *suffix,
	handset_put_fn *put, void *arg, struct err *err);
/* The same with contacts or calls, entries in order; data: the first part of their names, "directory" or "calls". */
enum err_code hs_polycom_send_data(const struct handset *hs, const char *data, const char *suffix, handset_put_fn *put,
	void *arg, struct err *err);

#endif
