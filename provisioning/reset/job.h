/* A job over many users: ordered, carried out one user at a time by the outbox, and taken up again after a crash.
 *
 * Two jobs never hold the same user. A queued or running job holds its users, each until its own commit. A scheduled
 * one that changes who sits there (reset, recycle, delete) stands against other such jobs alone: everything else about
 * its users may change until its time comes, and then the plan is made anew. Where another person has come meanwhile,
 * or the user is gone, that user's part fails and nothing of it is done. */
#ifndef PROVISIONING_RESET_JOB_H
#define PROVISIONING_RESET_JOB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "provisioning/reset/plan.h"

struct reset;
struct record_row;

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

enum {
	JOB_ID_TEXT = 33,
	JOB_USERS_MAX = 10000, /* in one order */
	JOB_LATE_MIN = 5,      /* a time so many minutes ago is taken for now */
	JOB_AHEAD_DAYS = 731,  /* and one more than so many days ahead for a slip of the pen */
};

/* Inside the transaction that makes the job, after everything else: the answer is kept together with what it answers.
 */
typedef enum err_code job_made_fn(struct db *db, const char *id, void *arg, struct err *err);

struct job_order {
	const char *domain;
	const char *kind;         /* job_kinds.h; NULL: "reset" where users are named, else "recycle" */
	const char *const *users; /* to reset, or whatever the kind does */
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
	job_made_fn *made;       /* may be NULL */
	void *made_arg;
};

bool job_id_read(const char *id, int64_t *out);

/* Checks the whole order, then writes job, users and the outbox row in one transaction. ERR_CONFLICT names the job that
 * holds a user already. Not from an edge thread. */
enum err_code job_create(struct reset *rs, const struct job_order *order, char id[JOB_ID_TEXT], struct err *err);

/* The plan of each user of an order, one at a time, in the order of the users: the dry run, in memory for one plan.
 * plan is gone when fn returns. Where one user's part would fail, plan is NULL and why says it. Reads alone, the
 * voicemail's disk too: on workers. */
typedef enum err_code job_plan_fn(
	const char *user, const struct plan *plan, const struct err *why, void *arg, struct err *err);
enum err_code job_plan(
	struct reset *rs, struct db *db, const struct job_order *order, job_plan_fn *fn, void *arg, struct err *err);

/* Carries out what is left of a job, in the calling worker thread. Safe to repeat. ERR_BUSY: the rest of its users are
 * held by other jobs; try again. */
enum err_code job_run(struct reset *rs, const char *id, struct err *err);

/* Cancels what has not begun. ERR_CONFLICT when nothing is left to cancel. */
enum err_code job_cancel(
	struct reset *rs, const char *domain, const char *id, const char *who, const char *from, struct err *err);
/* Takes one user out of it. ERR_CONFLICT when his turn has been. */
enum err_code job_cancel_user(struct reset *rs, const char *domain, const char *id, const char *user, const char *who,
	const char *from, struct err *err);

/* ---- looking ---- */

/* One user of a job. */
struct job_user_view {
	const char *user;
	const char *state; /* "waiting", "moving": the recycle waits for the last person's voicemail, "running", "done",
			      "failed", "cancelled" */
	const char *error; /* the sentence when failed, or what is in the way of the sound files; NULL otherwise */
	const char *steps; /* JSON object: what was done, in counts; "" before */
	const char *voicemail; /* sound files: "waiting", "moved", "deleted"; NULL: none go */
	const char *mail;      /* what became of the mail that it caused: mail_state_words; NULL: none */
	bool form_pending;     /* the recycle form waits to be filled in */
	int64_t ended_ms;
};

struct job_view {
	int64_t number;
	char id[JOB_ID_TEXT];
	const char *domain, *who;
	const char *kind;
	enum job_state state;
	unsigned options;
	bool cut_off;
	int64_t created_ms, at_ms, started_ms, ended_ms; /* 0 = not yet */
	size_t nusers, done, failed;
	int64_t records, open; /* of all its records, those whose proof is not there yet */
	int64_t news;
};

enum err_code job_view_load(
	struct db *db, const char *domain, const char *id, struct arena *a, struct job_view *out, struct err *err);
/* In the order of the order; state NULL or "" = any; limit 0 = all. */
enum err_code job_view_users(struct db *db, int64_t number, const char *state, size_t start, size_t limit,
	struct arena *a, struct job_user_view **out, size_t *n, struct err *err);
/* Newest first; state and kind NULL or "" = any. */
enum err_code job_list(struct db *db, const char *domain, const char *state, const char *kind, size_t start,
	size_t limit, struct arena *a, struct job_view **out, size_t *n, struct err *err);

enum err_code job_count(
	struct db *db, const char *domain, const char *state, const char *kind, int64_t *out, struct err *err);

/* What has changed since somebody was told everything up to `after`: users and records as they are now, each once, at
 * most JOB_NEWS_MAX of each at a time. upto: what he may ask for next; equal to after when there is nothing new. */
enum { JOB_NEWS_MAX = 250 };
struct job_news {
	struct job_user_view *users;
	size_t nusers;
	struct record_row *records;
	size_t nrecords;
	int64_t upto;
};
enum err_code job_news_load(
	struct db *db, int64_t number, int64_t after, struct arena *a, struct job_news *out, struct err *err);

/* A person decides that a record will not be proved. ERR_INPUT without a reason; ERR_NOT_FOUND: not in this domain;
 * ERR_CONFLICT when it has ended. */
enum err_code record_write_off(struct reset *rs, const char *domain, int64_t record, const char *reason,
	const char *who, const char *from, struct err *err);

#endif
