/* Durable work: put in the transaction that causes it, delivered after the commit outside any transaction, settled in
 * one.
 *
 * The outbox knows no kind of work. Its owner hands it a table; each kind has deliver (network, slow things) and settle
 * (what the result means, in the transaction that ends the row). Every deliver must be safe to repeat: a crash between
 * deliver and settle delivers again. Rows with the same key never run at once, and run in the order of their due times.
 */
#ifndef PROVISIONING_OUTBOX_OUTBOX_H
#define PROVISIONING_OUTBOX_OUTBOX_H

#include "provisioning/store/store.h"

enum outbox_result {
	OUTBOX_DONE,  /* settled, the row goes */
	OUTBOX_RETRY, /* later, by the kind's back-off; settle is told only when attempts are used up (OUTBOX_FAILED) */
	OUTBOX_FAILED, /* will never work; settled as failed, the row goes */
	OUTBOX_AGAIN,  /* not a failure: again at job->again_ms, attempts not counted */
	OUTBOX_PENDING /* deliver has handed it on and outbox_finish will be called, from any thread */
};

struct outbox_job {
	int64_t id;
	const char *kind, *key;
	const char *payload; /* JSON text */
	int64_t due_ms;
	unsigned attempt;    /* 1, 2, … */
	struct arena *arena; /* for deliver; what settle shall see goes to note */
	int64_t again_ms;    /* set by deliver with OUTBOX_AGAIN */
	const char *note; /* set by deliver (in the arena) or by outbox_finish: for settle; JSON or a sentence. May be
			     NULL */
};

typedef enum outbox_result outbox_deliver_fn(struct outbox_job *job, void *arg, struct err *err);
/* result is OUTBOX_DONE or OUTBOX_FAILED. why is deliver's error when it failed. An error undoes the settling and makes
 * it a retry. May put new rows. */
typedef enum err_code outbox_settle_fn(struct txn *t, const struct outbox_job *job, enum outbox_result result,
	const struct err *why, void *arg, struct err *err);

struct outbox_kind {
	const char *name;
	outbox_deliver_fn *deliver;
	outbox_settle_fn *settle; /* NULL = nothing to note */
	void *arg;
	unsigned attempts_max;     /* 0 = for ever */
	unsigned first_ms, cap_ms; /* back-off: first_ms, doubled up to cap_ms; 0 = 1000 and 300000 */
};

/* ---- in a transaction ---- */

enum { OUTBOX_KEY_MAX = 200, OUTBOX_PAYLOAD_MAX = 65536 };

/* As due_ms: before all that is due already. For what somebody waits for, such as a job that is to begin or a secret
 * that is to die, while ten thousand phones wait to be told. */
#define OUTBOX_FIRST 1

/* due_ms 0 = at once. *id may be NULL. The workers wake at the commit. */
enum err_code outbox_put(struct db *db, const char *kind, const char *key, const char *payload, int64_t due_ms,
	int64_t *id, struct err *err);
/* As outbox_put, but when a row of this kind and key waits unclaimed, that one stays: its payload becomes this one and
 * its due time the earlier of both. *merged may be NULL. */
enum err_code outbox_put_once(struct db *db, const char *kind, const char *key, const char *payload, int64_t due_ms,
	bool *merged, struct err *err);
/* Drops those of this kind and key that nobody has claimed; *n may be NULL. */
enum err_code outbox_cancel(struct db *db, const char *kind, const char *key, int64_t *n, struct err *err);

/* Is a row of this kind and key due that nobody has claimed? */
enum err_code outbox_waits(struct db *db, const char *kind, const char *key, bool *out, struct err *err);
/* Is a row of this kind and key there, waiting or at work? */
enum err_code outbox_there(struct db *db, const char *kind, const char *key, bool *out, struct err *err);

struct outbox_row {
	int64_t id;
	const char *kind, *key, *state; /* "due", "claimed" */
	int64_t due_ms, attempts, created_ms;
	const char *error; /* of the last attempt */
};
/* Of a kind (NULL = all), by due time. */
enum err_code outbox_list(struct db *db, const char *kind, struct page page, struct arena *a, struct outbox_row **out,
	size_t *n, struct err *err);
enum err_code outbox_count(struct db *db, const char *kind, int64_t *out, struct err *err);

/* ---- the workers ---- */

struct outbox;

/* kinds must outlive the outbox; threads 0 = 4. Nothing runs before outbox_start. */
enum err_code outbox_open(struct store *st, const struct outbox_kind *kinds, size_t n, unsigned threads,
	struct outbox **out, struct err *err);
/* Returns rows that a crash left claimed, then starts the threads. */
enum err_code outbox_start(struct outbox *ob, struct err *err);
/* No new claims; waits for the running deliveries. Pending ones go back to due at the next start. */
void outbox_stop(struct outbox *ob);
void outbox_close(struct outbox *ob); /* stops when running; before store_close. NULL is allowed */
/* The end of an OUTBOX_PENDING one. note and err are copied. Any thread; does not wait. */
void outbox_finish(struct outbox *ob, int64_t id, enum outbox_result result, const char *note, const struct err *err);
/* What the workers did since start with the i-th kind; false beyond the last. Any thread. */
struct outbox_stats {
	const char *kind;
	uint64_t done, retried, failed;
};
bool outbox_stats(struct outbox *ob, size_t i, struct outbox_stats *out);
/* No row is due now and none is running, within wait_ms? For tests and for a clean end. */
bool outbox_idle(struct outbox *ob, unsigned wait_ms);

/* The pause before attempt + 1, without jitter: first_ms << (attempt - 1), at most cap_ms. */
int64_t outbox_backoff_ms(unsigned attempt, unsigned first_ms, unsigned cap_ms);

#endif
