/* One profile file -> struct profile. Private to profile/. */
#ifndef PHONECFG_PROFILE_LOAD_H
#define PHONECFG_PROFILE_LOAD_H

#include "phonecfg/base/arena.h"
#include "phonecfg/profile/profile.h"

struct profile_schema; /* profile.rng, compiled */

/* ERR_INPUT says file:line. */
enum err_code profile_schema_open(const char *path, struct profile_schema **out, struct err *err);
void profile_schema_free(struct profile_schema *s);

/* name is for errors. base: what vendor.xml says of all models, or NULL; its lists and prefixes are copied, its marks
 * not counted again. Everything of *out lives in the arena. */
enum err_code profile_load(const struct profile_schema *schema, struct slice text, const char *name,
	const struct profile *base, struct arena *a, struct profile *out, struct err *err);
/* vendor.xml: a profile of which only vendor, lists, prefixes and marks are set. */
enum err_code profile_load_vendor(const struct profile_schema *schema, struct slice text, const char *name,
	struct arena *a, struct profile *out, struct err *err);

#endif
