/* Jobs over many users: reset, recycle, re-home, bulk actions. */
#ifndef PROVISIONING_STORE_JOB_H
#define PROVISIONING_STORE_JOB_H

#include "provisioning/store/store.h"

struct job_row {
	int64_t id, domain_id;
	const char *kind;     /* "reset", "recycle", "send-welcome-email", … */
	const char *state;    /* "scheduled", "queued", "running", "cancelled", "done", "done-with-errors" */
	const char *options;  /* JSON: switches alone, no names */
	struct slice payload; /* sealed at rest; whatever names people. Gone when the job ends */
	const char *who, *from;
	int64_t at_ms; /* scheduled for; 0 = at once */
	int64_t created_ms, started_ms, ended_ms;
	/* out only */
	int64_t users, done, failed;
};

struct job_user_row {
	int64_t id, job_id, domain_id;
	int64_t user_id; /* 0 when the user is gone */
	const char *ext;
	const char *state;     /* "waiting", "moving", "running", "done", "failed", "cancelled" */
	const char *error;     /* why it failed */
	const char *steps;     /* JSON of what was done, counts alone */
	const char *voicemail; /* sound files: "" none, "waiting", "moved", "deleted" */
	struct slice form; /* sealed at rest; the recycle form. Gone when the user's part ends, unless it is pending */
	bool form_pending; /* a recycle form waits for an admin: survives a closed browser */
	int64_t begun_ms, ended_ms;
};

enum err_code job_row_add(struct db *db, struct job_row *row, struct err *err);
enum err_code job_row_load(struct db *db, int64_t id, struct arena *a, struct job_row *out, struct err *err);
/* Newest first. domain_id 0 = all. */
enum err_code job_row_list(struct db *db, int64_t domain_id, struct page page, struct arena *a, struct job_row **out,
	size_t *n, struct err *err);
/* Those not ended, oldest first: what goes on at the next start. */
enum err_code job_row_list_open(struct db *db, struct arena *a, struct job_row **out, size_t *n, struct err *err);
/* Also notes when it started ("running") and, with ended, when it ended; an end wipes the payload and frees its users.
 */
enum err_code job_row_state(struct db *db, int64_t id, const char *state, bool ended, struct err *err);

/* Takes the user for this job. ERR_CONFLICT when another job holds it: *holder (may be NULL) is that job's id, which
 * the sentence names too. */
enum err_code job_user_add(struct db *db, struct job_user_row *row, int64_t *holder, struct err *err);
/* In the order in which they were added. */
enum err_code job_user_list(struct db *db, int64_t job_id, struct page page, struct arena *a, struct job_user_row **out,
	size_t *n, struct err *err);
/* The next ones that have not ended, those that a crash left running among them; "moving" ones wait for somebody else.
 */
enum err_code job_user_next(struct db *db, int64_t job_id, int64_t limit, struct arena *a, struct job_user_row **out,
	size_t *n, struct err *err);
enum err_code job_user_load(
	struct db *db, int64_t job_id, int64_t user_id, struct arena *a, struct job_user_row *out, struct err *err);
/* How many are "moving". */
enum err_code job_user_moving(struct db *db, int64_t job_id, int64_t *n, struct err *err);
/* state, error, steps, voicemail, form, form_pending and times. ended_ms frees the user for another job. */
enum err_code job_user_save(struct db *db, struct job_user_row *row, struct err *err);
/* Which job holds this user now; 0 = none. */
enum err_code job_user_holder(struct db *db, int64_t user_id, int64_t *job_id, struct err *err);
/* Cancels what has not begun; how many were. */
enum err_code job_cancel_waiting(struct db *db, int64_t job_id, int64_t *n, struct err *err);

#endif
