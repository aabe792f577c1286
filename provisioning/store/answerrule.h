/* Answering rules: what happens to a call to a user, one rule per time frame. */
#ifndef PROVISIONING_STORE_ANSWERRULE_H
#define PROVISIONING_STORE_ANSWERRULE_H

#include "provisioning/store/store.h"

enum { RULES_MAX = 64 }; /* of one user */

struct rule_row {
	int64_t id, domain_id, user_id;
	int64_t timeframe_id; /* 0 = always: the default rule. It has a row only when somebody changed it */
	bool enabled;
	int64_t position; /* smaller comes first */
	const char *body; /* its features as JSON; "" = none set */
	int64_t created_ms, modified_ms;
	/* out only */
	const char *timeframe; /* its name; "" for the default rule */
};

/* By position, then name. */
enum err_code rule_list(
	struct db *db, int64_t user_id, struct arena *a, struct rule_row **out, size_t *n, struct err *err);
/* timeframe "*": the default rule, ERR_NOT_FOUND when it was never changed. */
enum err_code rule_load(
	struct db *db, int64_t user_id, const char *timeframe, struct arena *a, struct rule_row *out, struct err *err);
/* ERR_CONFLICT when the time frame has a rule, or there are too many. */
enum err_code rule_add(struct db *db, struct rule_row *row, struct err *err);
enum err_code rule_save(struct db *db, struct rule_row *row, struct err *err); /* enabled, position, body */
enum err_code rule_delete(struct db *db, int64_t id, struct err *err);
/* Every rule of the user, with their numbers; how many. The default rule stands again. */
enum err_code rule_delete_user(struct db *db, int64_t user_id, int64_t *n, struct err *err);

/* An outside number that a rule names, by its last digits (reset/outside.h). */
struct rule_number {
	const char *number;
	bool rings; /* the feature that names it is on */
};

/* From now on exactly these. */
enum err_code rule_set_numbers(
	struct db *db, const struct rule_row *row, const struct rule_number *numbers, size_t n, struct err *err);
/* Those of all rules of the user, each once. */
enum err_code rule_list_numbers(
	struct db *db, int64_t user_id, struct arena *a, struct rule_number **out, size_t *n, struct err *err);

struct rule_ringing {
	const char *ext, *timeframe, *number; /* whose rule, which ("*" = the default rule), and what it rings */
};
/* Rules that are on and ring this number, of everybody in the domain but user_id. By extension. */
enum err_code rule_list_ringing(struct db *db, int64_t domain_id, int64_t user_id, const char *number, struct arena *a,
	struct rule_ringing **out, size_t *n, struct err *err);

#endif
