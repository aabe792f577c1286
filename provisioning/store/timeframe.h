/* Time frames: when an answering rule holds. A user's own, or shared by the domain. */
#ifndef PROVISIONING_STORE_TIMEFRAME_H
#define PROVISIONING_STORE_TIMEFRAME_H

#include "provisioning/store/store.h"

enum { TIMEFRAMES_MAX = 64, TIMEFRAMES_SHARED_MAX = 256 }; /* of one user, of one domain */

struct timeframe_row {
	int64_t id, domain_id;
	int64_t user_id;  /* 0 = shared by the domain */
	const char *name; /* unique among the user's, among the domain's shared ones */
	const char *type; /* a word of the API */
	const char *body; /* its days and dates as JSON; "" = none */
	int64_t created_ms, modified_ms;
};

/* user_id 0: the shared ones of the domain. By name. */
enum err_code timeframe_list(struct db *db, int64_t domain_id, int64_t user_id, struct page page, struct arena *a,
	struct timeframe_row **out, size_t *n, struct err *err);
enum err_code timeframe_count(struct db *db, int64_t domain_id, int64_t user_id, int64_t *out, struct err *err);
enum err_code timeframe_load(struct db *db, int64_t id, struct arena *a, struct timeframe_row *out, struct err *err);
/* What a rule of that user means by the name: his own one, else the shared one. */
enum err_code timeframe_by_name(struct db *db, int64_t domain_id, int64_t user_id, const char *name, struct arena *a,
	struct timeframe_row *out, struct err *err);
/* ERR_CONFLICT when the name is taken, or there are too many. */
enum err_code timeframe_add(struct db *db, struct timeframe_row *row, struct err *err);
enum err_code timeframe_save(struct db *db, struct timeframe_row *row, struct err *err); /* name, type, body */
/* ERR_CONFLICT while an answering rule stands on it. */
enum err_code timeframe_delete(struct db *db, int64_t id, struct err *err);
/* Every one of the user's own; how many. His rules must have gone before. */
enum err_code timeframe_delete_user(struct db *db, int64_t user_id, int64_t *n, struct err *err);

#endif
