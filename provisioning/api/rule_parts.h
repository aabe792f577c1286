/* The features of an answering rule: checked, opened, shown, and the outside numbers in them. */
#ifndef PROVISIONING_API_RULE_PARTS_H
#define PROVISIONING_API_RULE_PARTS_H

#include "provisioning/api/local.h"
#include "provisioning/store/answerrule.h"
#include "provisioning/store/timeframe.h"

enum { RULE_BODY_MAX = 16 * 1024, RULE_NUMBERS_MAX = 256, RULE_ORDER_DEFAULT = 99 };

/* ---- answerrules.c ---- */

/* The rules of one user: call and user come from the caller, the rest from the loads. */
struct rules {
	struct call *call;
	struct user_row user;
	struct rule_row *rows; /* with the default rule, by order; its id is 0 while it has no row */
	size_t n;
	struct timeframe_row *frames[2]; /* the user's, the domain's */
	size_t nframes[2];
	const struct rule_row *active; /* the first that is on and whose time frame holds now; NULL = none */
};

/* The rules alone. */
enum err_code rules_load(struct rules *rs, struct db *db, struct err *err);
/* From this call's snapshot, with time frames and the one that is active. */
enum err_code rules_load_now(struct rules *rs, struct err *err);
/* "*" is the default rule. */
enum err_code rules_find(const struct rules *rs, const char *timeframe, const struct rule_row **out, struct err *err);
json_t *rules_shape(const struct rules *rs, const struct rule_row *row);

/* ---- rule_parts.c ---- */

/* Can a time frame have this name? "*" is the default rule's, "count" and "reorder" stand in paths. */
bool rule_name_good(const char *name);

/* Moves the features of body into *text, laid over those that stand; null puts one back to nothing. ERR_INPUT names
 * what is wrong. */
enum err_code rule_take(struct call *c, json_t *body, const char **text, struct err *err);
/* Adds every feature to v; by_default: those of the default rule, where nothing was set. */
bool rule_give(json_t *v, const char *text, bool by_default);
/* The outside numbers that the features name, in the arena. */
enum err_code rule_numbers(struct call *c, const char *text, struct rule_number **out, size_t *n, struct err *err);

#endif
