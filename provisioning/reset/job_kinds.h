/* What a job can do with a user: one row per kind. */
#ifndef PROVISIONING_RESET_JOB_KINDS_H
#define PROVISIONING_RESET_JOB_KINDS_H

#include "provisioning/reset/form.h"
#include "provisioning/store/job.h"

struct reset;

/* One user's turn. */
struct job_turn {
	struct reset *rs;
	const struct job_row *job;
	const char *domain;
	const struct job_user_row *user;  /* with its form */
	const struct plan_sounds *sounds; /* as they were just before; NULL: nobody has looked */
};

/* What came of it; all in the arena. */
struct job_result {
	const char *steps;     /* JSON: what was done, in counts */
	const char *voicemail; /* job_users.voicemail */
	struct job_form *rest; /* what can be done only when the last person's voicemail is away; NULL: all is done */
};

/* Inside the user's own savepoint: all of it or nothing, and nothing leaves the machine. *out comes as it was before.
 * A sentence that stays (ERR_INPUT, ERR_CONFLICT, …) is noted as this user's result and the job goes on. */
typedef enum err_code job_turn_fn(
	const struct job_turn *t, struct db *db, struct arena *a, struct job_result *out, struct err *err);
job_turn_fn job_turn_plan, job_turn_welcome, job_turn_force;

struct job_kind {
	const char *word;    /* jobs.kind; of a bulk kind the action of POST …/bulk */
	bool bulk;           /* may be ordered as such: users alone */
	bool changes_person; /* no two of these may be promised one user */
	bool plans;          /* the turn is a plan carried out, so there is a dry run */
	bool clears;         /* voicemail too, so it is looked at before */
	bool removes;        /* the user as well */
	job_turn_fn *turn;
};

/* NULL for a word that is none. */
const struct job_kind *job_kind_find(const char *word);

/* What one user's part asks of the plan. */
struct plan_request job_request(const struct reset *rs, const struct job_kind *kind, const char *domain,
	const char *user, const struct job_form *form, unsigned options, bool cut_off);

/* What is kept of the switches of an order. */
const char *job_options_text(struct arena *a, unsigned options, bool cut_off);
unsigned job_options_mask(const char *text);
bool job_options_cut_off(const char *text);

#endif
