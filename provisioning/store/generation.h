/* One counter feeds every generation. */
#ifndef PROVISIONING_STORE_GENERATION_H
#define PROVISIONING_STORE_GENERATION_H

#include "provisioning/store/store.h"

/* The next number, incremented in the transaction. */
enum err_code generation_next(struct db *db, int64_t *out, struct err *err);
/* The last number given. */
enum err_code generation_last(struct db *db, int64_t *out, struct err *err);

/* A new generation for every phone of a domain, site, brand, model or (name NULL) of this build. */
enum generation_layer { GENERATION_DOMAIN, GENERATION_SITE, GENERATION_BRAND, GENERATION_MODEL, GENERATION_BUILD };
enum err_code generation_bump(
	struct db *db, enum generation_layer layer, int64_t id, const char *name, int64_t *out, struct err *err);
/* At start: when the build's mark (a hash over templates and profiles) is another one than last time, a new generation
 * for all. *changed says so. */
enum err_code generation_build(struct db *db, const char *mark, bool *changed, struct err *err);

#endif
