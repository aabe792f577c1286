/* What a Grandstream phone's store takes, value by value. */
#ifndef PHONECFG_HANDSET_GRANDSTREAM_STORE_H
#define PHONECFG_HANDSET_GRANDSTREAM_STORE_H

#include "phonecfg/handset/internal.h"

/* The name under which a value is kept: a number that has a name in the version 2 language (accounts 1 to 6, keys, and
 * the values of the system that the templates write) is kept by that name. */
const char *gs_canonical(const struct handset_model *model, const char *name, char out[HS_NAME_MAX]);
/* Puts one value as the store would: silently refused when it is empty and mandatory, too long, out of range or of
 * forbidden letters. name in canonical form. source NULL = changed on the phone. */
enum err_code gs_store_put(
	struct handset *hs, const char *name, struct slice value, const char *source, struct err *err);

#endif
