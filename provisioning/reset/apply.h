/* Carries out the reset, the recycle or both of one user, inside one savepoint: all of it or nothing.
 *
 * It changes the rows, gives every line of a touched phone a new secret, raises the generations of the phones whose
 * file changed, writes the records, the audit entry and the outbox rows. Nothing leaves the machine here. */
#ifndef PROVISIONING_RESET_APPLY_H
#define PROVISIONING_RESET_APPLY_H

#include "provisioning/reset/plan.h"

struct reset;

struct apply_order {
	struct plan_request request;
	int64_t job;      /* for the records; 0 = none */
	int64_t part;     /* the user's row of job_users; 0 = none */
	const char *who;  /* login of the admin, for records and audit */
	const char *from; /* his address; "" = on this machine */
	const char *why;  /* "reset", "recycle", … */
};

/* db is the write transaction. *out (may be NULL) is the plan that was carried out, in the arena. Any error leaves the
 * caller's savepoint to be rolled back. */
enum err_code apply_user(struct reset *rs, struct db *db, const struct apply_order *order, struct arena *a,
	struct plan **out, struct err *err);

#endif
