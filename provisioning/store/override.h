/* Overrides: a vendor parameter set by hand, per layer. */
#ifndef PROVISIONING_STORE_OVERRIDE_H
#define PROVISIONING_STORE_OVERRIDE_H

#include "phonecfg/model/model.h"
#include "provisioning/store/store.h"

struct override_row {
	int64_t id;
	enum override_layer layer;
	const char *target; /* brand or model; else the id in decimals */
	const char *name, *value;
	int64_t created_ms;
};

/* Those of one layer and target, by name. target_id for domain, site, phone; target for brand and model. */
enum err_code override_list(struct db *db, enum override_layer layer, const char *target, struct arena *a,
	struct override_row **out, size_t *n, struct err *err);
/* All that touch one phone, low layer to high, by name within. */
struct override_place {
	const char *brand, *model;
	int64_t domain_id, site_id, phone_id;
};
enum err_code override_list_phone(struct db *db, const struct override_place *at, struct arena *a,
	struct override_row **out, size_t *n, struct err *err);
/* Sets or replaces. Bumping generations is the caller's: see generation.h. */
enum err_code override_put(struct db *db, struct override_row *row, struct err *err);
enum err_code override_delete(
	struct db *db, enum override_layer layer, const char *target, const char *name, struct err *err);
enum err_code override_clear(struct db *db, enum override_layer layer, const char *target, struct err *err);
/* The target of domain, site and phone layers. */
const char *override_target(struct arena *a, int64_t id);

#endif
