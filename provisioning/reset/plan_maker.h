/* What the parts of one plan share: plan_make.c (the steps) and plan_review.c (what a person reads). */
#ifndef PROVISIONING_RESET_PLAN_MAKER_H
#define PROVISIONING_RESET_PLAN_MAKER_H

#include "provisioning/reset/plan_rows.h"
#include "provisioning/reset/reset.h"

struct maker {
	const struct plan_rows *rows;
	const struct reset_conf *conf;
	const struct plan_request *rq;
	struct arena *arena;
	struct plan *plan;
	size_t steps_cap, phones_cap, records_cap, stays_cap;
	bool person_goes;    /* there is something of a person to clear */
	bool person_changes; /* names, secrets and labels change: a person goes or comes */
	const char *name_after;
	const struct plan_device *primary;
	struct plan_step spare; /* where goes what found no memory; asked once at the end */
	struct plan_record spare_record;
};

/* What becomes of one phone. */
struct fate {
	const struct plan_desk *desk;
	bool vacant_before, vacant_after, had_idle;
	bool touched; /* it loses, gets or keeps a line of the user while the person changes */
	bool changed; /* its lines change */
	bool stripped;
	bool changes_hands; /* a person's line is taken from it, or a person comes to where nobody was */
	int slot;           /* the line that it gets; 0 = none */
};

/* A key of a line goes with the line; a key of the person goes with the person. A line key without a slot of its own
 * works on the first line. */
bool plan_key_goes(const struct maker *m, const struct plan_desk *desk, const struct key_row *key);
/* How this key's label reads now and afterwards, as far as it shows the user; false when it does not change. */
bool plan_label_change(const struct maker *m, const struct key_row *key, const char **from, const char **to);

/* "override X, set by hand on phone …": a sentence for what stays. by: whose name makes it worth a look; NULL =
 * nobody's. */
const char *plan_override_stays(
	struct arena *a, const struct phone_row *phone, const struct override_row *ov, const struct user_row *by);
/* What the server cannot clear on such a phone; NULL = nothing. */
const char *plan_cannot_reach(const struct profile *pf);
/* Adds a phone to the review. relabel_only: nothing but labels changes on it. */
void plan_review_phone(struct maker *m, const struct fate *f, bool relabel_only);
/* Adds what stays with the desk. */
void plan_review_stays(struct maker *m);

#endif
