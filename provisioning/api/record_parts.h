/* Records and plans as JSON. */
#ifndef PROVISIONING_API_RECORD_PARTS_H
#define PROVISIONING_API_RECORD_PARTS_H

#include "provisioning/api/local.h"
#include "provisioning/reset/move.h"
#include "provisioning/reset/plan.h"
#include "provisioning/store/record.h"

/* registrar: is there one? */
json_t *record_shape(const struct record_row *row, bool registrar, struct arena *a);
/* With the model of its phone, "" when that is gone. */
json_t *record_shape_of(struct call *c, struct db *db, const struct record_row *row);
/* A sentence when this server cannot prove more than that a phone fetched its file; null when it can. */
json_t *shape_unproved(const struct call *c);
/* Those of a filter, as a list; NULL with err set. */
json_t *record_shapes(struct call *c, struct db *db, const struct record_filter *f, struct page page, struct err *err);
/* The same as a file of any length. The filter's texts live in the request's arena. */
enum err_code record_export(struct call *c, const char *name, const struct record_filter *f, struct err *err);
/* One record as a row of CSV, and the header row. */
void record_csv_head(struct buf *out);
void record_csv_row(struct buf *out, const struct record_row *r);
json_t *plan_shape(const struct plan *plan);
json_t *plan_step_shape(const char *word, const struct plan_step *step);
json_t *plan_phone_shape(const struct plan_phone *phone);
json_t *move_shape(const struct move_plan *plan);

#endif
