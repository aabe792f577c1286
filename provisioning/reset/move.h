/* Hardware changes hands or place: re-home (another user, site or domain), swap (another MAC), retire, delete.
 *
 * As a reset: move_load() reads the rows and plans, purely; move_apply() makes the plan again inside its transaction
 * and carries that one out, with new secrets for every line of a touched phone, records and proof. */
#ifndef PROVISIONING_RESET_MOVE_H
#define PROVISIONING_RESET_MOVE_H

#include "provisioning/reset/plan.h"

struct reset;

enum move_kind { MOVE_REHOME, MOVE_SWAP, MOVE_RETIRE, MOVE_DELETE, MOVE_KIND_COUNT };
const char *move_kind_word(enum move_kind kind); /* "rehome" */

struct move_request {
	enum move_kind kind;
	const char *domain; /* where the phone is */
	struct mac mac;
	/* re-home; NULL = as it is */
	const char *to_domain;
	const char *to_site;   /* "" = none */
	const char *to_user;   /* "" = nobody: the lines go, the phone is vacant */
	const char *from_user; /* whose lines go, where the phone carries those of several */
	/* swap */
	struct mac to_mac;
	const char
		*to_model; /* profile id, for a MAC that is not known yet; NULL = as it knocked, else the old one's */
	const char *then;  /* "retire" or "delete": what becomes of the old phone when its drop is confirmed; NULL = it
			      stays vacant */
	const char *const
		*leave_behind; /* what does not fit on the new phone and was agreed to: the names of misfits */
	size_t nleave_behind;
	bool cut_off;     /* the old secrets die at the commit */
	bool offered;     /* nothing moves yet: may it leave its domain at all? */
	int64_t transfer; /* the consent of the other domain that this carries out; 0 = none is needed */
};

enum move_step_kind {
	MOVE_STEP_UNASSIGN_LINE,
	MOVE_STEP_STRIP_KEY,
	MOVE_STEP_STRIP_OVERRIDE,
	MOVE_STEP_DELETE_UPLOADS,
	MOVE_STEP_DROP_IDLE_LINE,
	MOVE_STEP_ADD_PHONE, /* the new MAC, not known yet */
	MOVE_STEP_PLACE,     /* domain, site */
	MOVE_STEP_ASSIGN_LINE,
	MOVE_STEP_MOVE_KEY, /* to the new MAC, to the byte */
	MOVE_STEP_MOVE_OVERRIDE,
	MOVE_STEP_REKEY_LINE,
	MOVE_STEP_NEW_LOGIN, /* the phone's own */
	MOVE_STEP_RETIRE,
	MOVE_STEP_FORGET, /* the row goes: nothing of it is open */
	MOVE_STEP_COUNT
};
const char *move_step_word(enum move_step_kind kind); /* "unassign-line" */

struct move_step {
	enum move_step_kind kind;
	struct plan_step at; /* its kind means nothing here; row: id of the line, key or phone */
};

/* What the new phone cannot take over. */
struct move_misfit {
	const char *what; /* "line 3", "key 1.14", "override linekey.1.type": what leave_behind names */
	const char *why;
};

struct move_plan {
	enum move_kind kind;
	const char *domain, *domain_after;
	const char *site, *site_after; /* "" = none */
	struct mac mac, mac_after;     /* mac_after: of a swap; else as mac */
	const char *model, *model_after;
	const char *user_after;                 /* who gets a line; NULL = nobody new */
	const char *state_before, *state_after; /* of the phone with mac */
	bool gone_later; /* it stays, retired and blank, until its last record has ended; then it is deleted */
	struct move_step *steps;
	size_t nsteps;
	struct plan_phone *phones;
	size_t nphones;
	struct plan_record *records;
	size_t nrecords;
	struct move_misfit *misfits;
	size_t nmisfits;
	const char **notes; /* one sentence each */
	size_t nnotes;
};

/* Reads and plans; what does not fit is listed, agreed to or not. All in the arena. ERR_NOT_FOUND: no such phone, user,
 * site or domain; ERR_CONFLICT: retired, held by a job, offered to another domain, a MAC that is taken, no free line,
 * nothing to do; ERR_INPUT: a MAC to itself, a model that is not known. */
enum err_code move_load(struct reset *rs, struct db *db, const struct move_request *rq, struct arena *a,
	struct move_plan **out, struct err *err);

struct move_order {
	struct move_request request;
	const char *who, *from; /* login and address, for records and audit */
	const char *client;     /* "portal", "api", "cli" */
};

/* db is the write transaction. *out (may be NULL) is the plan that was carried out. ERR_CONFLICT also when something
 * does not fit and leave_behind does not name it. Any error leaves the caller's savepoint to be rolled back. */
enum err_code move_apply(struct reset *rs, struct db *db, const struct move_order *order, struct arena *a,
	struct move_plan **out, struct err *err);

/* How many steps of one kind. */
size_t move_count(const struct move_plan *plan, enum move_step_kind kind);
/* The plan as a person reads it on a terminal. */
void move_print(const struct move_plan *plan, struct buf *out);

#endif
