/* Records and plans as JSON. */
#ifndef PROVISIONING_API_RECORD_PARTS_H
#define PROVISIONING_API_RECORD_PARTS_H

#include "provisioning/api/local.h"
#include "provisioning/reset/plan.h"
#include "provisioning/store/record.h"

json_t *record_shape(struct call *c, const struct record_row *row);
/* A sentence when this server cannot prove more than that a phone fetched its file; null when it can. */
json_t *shape_unproved(const struct call *c);
/* Those of a filter, as a list; NULL with err set. */
json_t *record_shapes(struct call *c, struct db *db, const struct record_filter *f, struct page page, struct err *err);
json_t *plan_shape(const struct plan *plan);

#endif
