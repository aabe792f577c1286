/* Jobs over many users: reset, recycle, delete and other bulk actions.
 *
 * Every change of a job or of one of its users gets a new number, `news`, that only grows: who was told everything up
 * to one of them asks for what came after it. */
#ifndef PROVISIONING_STORE_JOB_H
#define PROVISIONING_STORE_JOB_H

#include "provisioning/store/store.h"

struct job_row {
	int64_t id, domain_id;
	const char *kind;     /* "reset", "recycle", "delete", "send-welcome-email", … */
	const char *state;    /* "scheduled", "queued", "running", "cancelled", "done", "done-with-errors" */
	const char *options;  /* JSON: switches alone, no names */
	struct slice payload; /* sealed at rest; whatever names people. Gone when the job ends */
	const char *who, *from;
	int64_t at_ms; /* scheduled for; 0 = at once */
	int64_t created_ms, started_ms, ended_ms;
	int64_t users; /* how many it is given, at the add */
	/* out only */
	int64_t done, failed;          /* users */
	int64_t records, records_open; /* handovers that it caused, and those not proved yet */
	int64_t news;
};

/* What a job has of a user. */
enum job_hold {
	HOLD_NONE,     /* scheduled, and it leaves the person where he is */
	HOLD_PROMISED, /* scheduled, and it changes who sits there: no other such job may come between */
	HOLD_HELD      /* queued or running: nobody else's */
};

struct job_user_row {
	int64_t id, job_id, domain_id;
	int64_t user_id; /* 0 when the user is gone */
	const char *ext;
	const char *state;     /* "waiting", "moving", "running", "done", "failed", "cancelled" */
	const char *error;     /* why it failed */
	const char *steps;     /* JSON of what was done, counts alone */
	const char *voicemail; /* sound files: "" none, "waiting", "moved", "deleted" */
	const char *mail;      /* out only, of lists: what became of the mail that the part caused; "" = none */
	struct slice form; /* sealed at rest; the recycle form. Gone when the user's part ends, unless it is pending */
	bool form_pending; /* a recycle form waits for an admin: survives a closed browser */
	int64_t begun_ms, ended_ms;
	int64_t hold;   /* enum job_hold */
	int64_t person; /* users.person when it was ordered */
	int64_t news;
};

enum err_code job_row_add(struct db *db, struct job_row *row, struct err *err);
enum err_code job_row_load(struct db *db, int64_t id, struct arena *a, struct job_row *out, struct err *err);
/* Without the counts and without the payload: cheap, however many users it has. */
enum err_code job_row_brief(struct db *db, int64_t id, struct arena *a, struct job_row *out, struct err *err);

struct job_filter {
	int64_t domain_id;        /* 0 = all */
	const char *state, *kind; /* NULL or "" = any */
};
/* Newest first. */
enum err_code job_row_list(struct db *db, const struct job_filter *f, struct page page, struct arena *a,
	struct job_row **out, size_t *n, struct err *err);
enum err_code job_row_count(struct db *db, const struct job_filter *f, int64_t *out, struct err *err);
/* Also notes when it started ("running") and, with ended, when it ended; an end wipes the payload, keeps the counts and
 * frees its users. */
enum err_code job_row_state(struct db *db, int64_t id, const char *state, bool ended, struct err *err);

/* Takes the user for this job as far as row->hold says. ERR_CONFLICT when another job has the user at least as far as
 * against says (HOLD_NONE: nobody stands against it): *holder (may be NULL) is that job's id, which the sentence names
 * too. */
enum err_code job_user_add(
	struct db *db, struct job_user_row *row, enum job_hold against, int64_t *holder, struct err *err);
/* In the order in which they were added; state NULL or "" = any. */
enum err_code job_user_list(struct db *db, int64_t job_id, const char *state, struct page page, struct arena *a,
	struct job_user_row **out, size_t *n, struct err *err);
enum err_code job_user_count(struct db *db, int64_t job_id, const char *state, int64_t *out, struct err *err);
/* Those whose news is greater than after, by news; at most limit. Without forms. */
enum err_code job_user_news(struct db *db, int64_t job_id, int64_t after, int64_t limit, struct arena *a,
	struct job_user_row **out, size_t *n, struct err *err);
/* The next ones that are held and have not ended; "moving" ones wait for somebody else. Without forms. */
enum err_code job_user_next(struct db *db, int64_t job_id, int64_t limit, struct arena *a, struct job_user_row **out,
	size_t *n, struct err *err);
enum err_code job_user_load(struct db *db, int64_t id, struct arena *a, struct job_user_row *out, struct err *err);
enum err_code job_user_by_ext(
	struct db *db, int64_t job_id, const char *ext, struct arena *a, struct job_user_row *out, struct err *err);
/* The user's part that is "moving". ERR_NOT_FOUND: none. */
enum err_code job_user_parked(
	struct db *db, int64_t user_id, struct arena *a, struct job_user_row *out, struct err *err);
/* How many are "moving". */
enum err_code job_user_moving(struct db *db, int64_t job_id, int64_t *n, struct err *err);
/* state, error, steps, voicemail, form, form_pending and times. ended_ms frees the user for another job. */
enum err_code job_user_save(struct db *db, struct job_user_row *row, struct err *err);
/* Something that is seen with this user's part has changed: it is news. No part is no error. */
enum err_code job_user_touch(struct db *db, int64_t job_id, int64_t user_id, struct err *err);
/* Which job has the user at least so far now; 0 = none. */
enum err_code job_user_holder(struct db *db, int64_t user_id, enum job_hold least, int64_t *job_id, struct err *err);
/* The job's time has come: it takes every user that nobody else holds. */
enum err_code job_user_take(struct db *db, int64_t job_id, struct err *err);
/* How many of its users have not ended. */
enum err_code job_user_left(struct db *db, int64_t job_id, int64_t *n, struct err *err);
/* What is said of a part that was cancelled while it was "moving". */
#define JOB_HALF_CANCELLED                                                                                             \
	"Cancelled while the last person's voicemail was still being moved away: nobody new has come. What the steps " \
	"say was done before."
/* Cancels what has not begun; how many were. */
enum err_code job_cancel_waiting(struct db *db, int64_t job_id, int64_t *n, struct err *err);

/* Recycle forms that wait for an admin, in a domain; by extension. */
enum err_code job_form_list(struct db *db, int64_t domain_id, struct page page, struct arena *a,
	struct job_user_row **out, size_t *n, struct err *err);
enum err_code job_form_count(struct db *db, int64_t domain_id, int64_t *out, struct err *err);
enum err_code job_form_load(struct db *db, int64_t user_id, struct arena *a, struct job_user_row *out, struct err *err);
/* Nothing is to be filled in for this user any more. */
enum err_code job_form_clear(struct db *db, int64_t user_id, struct err *err);

#endif
