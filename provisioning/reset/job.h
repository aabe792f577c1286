/* A reset or recycle of many users: queued, carried out one user at a time by the outbox, and taken up again after a
 * crash. Two jobs never hold the same user. */
#ifndef PROVISIONING_RESET_JOB_H
#define PROVISIONING_RESET_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "provisioning/reset/plan.h"

struct reset;

enum job_state {
	JOB_SCHEDULED,
	JOB_QUEUED,
	JOB_RUNNING,
	JOB_CANCELLED,
	JOB_DONE,
	JOB_DONE_WITH_ERRORS,
	JOB_STATE_COUNT
};

const char *job_state_word(enum job_state state); /* "done-with-errors" */

enum { JOB_ID_TEXT = 33 };

struct job_order {
	const char *domain;
	const char *const *users; /* to reset */
	size_t nusers;
	unsigned options; /* bit n = enum reset_option n */
	const char *const
		*recycle_users; /* recycles[i] is the form of recycle_users[i]; also users that are not in users */
	const struct recycle_form *recycles;
	size_t nrecycles;
	bool cut_off;
	bool send_welcome_email; /* to each of recycles, whatever its form says */
	int64_t at_ms;           /* not before; 0 = now */
	const char *who, *from;  /* login of the admin; his address, "" = on this machine */
};

/* One user of a job. */
struct job_user_view {
	const char *user;
	const char *state; /* "waiting", "moving": the recycle waits for the last person's voicemail, "running", "done",
			      "failed", "cancelled" */
	const char *error; /* the sentence when failed, or what is in the way of the sound files; NULL otherwise */
	const char *steps; /* JSON object: what was done, in counts; "" before */
	const char *voicemail; /* sound files: "waiting", "moved", "deleted"; NULL: none go */
	int64_t ended_ms;
};

struct job_view {
	char id[JOB_ID_TEXT];
	const char *domain, *who;
	const char *kind; /* "reset" or "recycle" */
	enum job_state state;
	int64_t created_ms, at_ms, ended_ms; /* 0 = not yet */
	struct job_user_view *users;         /* NULL in lists */
	size_t nusers, done, failed;
	int64_t records, open; /* of all its records, those whose proof is not there yet */
};

bool job_id_read(const char *id, int64_t *out);

/* Checks the whole order, then writes job, users and the outbox row in one transaction. ERR_CONFLICT names the job that
 * holds a user already. Not from an edge thread. */
enum err_code job_create(struct reset *rs, const struct job_order *order, char id[JOB_ID_TEXT], struct err *err);

/* The plan of each user of an order, in the order of the users: the dry run. Reads alone, the voicemail's disk too: on
 * workers; all in the arena. */
enum err_code job_plan(struct reset *rs, struct db *db, const struct job_order *order, struct arena *a,
	struct plan ***out, size_t *n, struct err *err);

/* Carries out what is left of a job, in the calling worker thread. Safe to repeat. */
enum err_code job_run(struct reset *rs, const char *id, struct err *err);

/* Cancels what has not begun. ERR_CONFLICT when nothing is left to cancel. who, from: as in struct job_order. */
enum err_code job_cancel(
	struct reset *rs, const char *domain, const char *id, const char *who, const char *from, struct err *err);

enum err_code job_view_load(
	struct db *db, const char *domain, const char *id, struct arena *a, struct job_view *out, struct err *err);
/* A person decides that a record will not be proved. ERR_INPUT without a reason; ERR_NOT_FOUND: not in this domain;
 * ERR_CONFLICT when it has ended. */
enum err_code record_write_off(struct reset *rs, const char *domain, int64_t record, const char *reason,
	const char *who, const char *from, struct err *err);
/* Newest first. */
enum err_code job_list(struct db *db, const char *domain, size_t start, size_t limit, struct arena *a,
	struct job_view **out, size_t *n, struct err *err);

#endif
