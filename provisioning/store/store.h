/* The store: one database, one writer thread, any number of readers.
 *
 *   - write: store_write(st, fn, arg, err): fn runs on the writer thread in a savepoint of its own, together with
 *     others in one commit; the call returns when that commit is on disk.
 *   - read: store_snap(st, &snap, err) … snap_end(&snap): one unchanging view; verbs take snap.db.
 *   - verbs: user_load(db, …), phone_save(db, …): in the header of their family (user.h, phone.h, …).
 *
 * What every family shares:
 *   - ids are positive int64_t made by the store; 0 means none and is NULL in the database.
 *   - times are milliseconds since 1970 UTC, `_ms`; 0 means never.
 *   - text in a row is never NULL when it was read; NULL given to a save is "".
 *   - everything that a load or list returns lives in the arena given to it.
 *   - x_load: ERR_NOT_FOUND with a sentence when there is none. x_add fills row->id. x_save writes the whole row by id.
 *   - verbs that write must be given a transaction's db, otherwise ERR_BUG. */
#ifndef PROVISIONING_STORE_STORE_H
#define PROVISIONING_STORE_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/err.h"

struct store;
struct db; /* one connection with its prepared statements; belongs to a transaction or a snapshot */

struct store_conf {
	const char *path;     /* the SQLite file; its folder must exist */
	const char *key_file; /* made by keyfile_create (seal.h) */
	bool create;          /* make the database when it is not there */
	unsigned group_max;   /* most functions in one commit, 0 = 100 */
	unsigned group_ms;    /* longest time that a commit is held open, 0 = 50 */
	unsigned readers_max; /* most snapshots at once, 0 = 64 */
	unsigned idle_ms;     /* the log is emptied after this much quiet, 0 = 5000 */
};

/* Opens, applies missing migrations and starts the writer thread. ERR_IO, ERR_INPUT (key file) or ERR_UNSUPPORTED (the
 * database was written by a newer version). *conf is not kept. */
enum err_code store_open(const struct store_conf *conf, struct store **out, struct err *err);
/* Finishes what is queued, then closes. Snapshots must have ended. NULL is allowed. */
void store_close(struct store *st);

/* ---- writing ---- */

struct txn {
	struct db *db;
};

/* One unit of change. Anything but ERR_OK undoes all that it changed, and nothing of anybody else's. May be run more
 * than once (a soft failure of the database repeats the whole commit), so it must not keep state of an earlier run: it
 * overwrites its results in arg. Runs on the writer thread: no network, no key derivation, no waiting. */
typedef enum err_code txn_fn(struct txn *t, void *arg, struct err *err);

/* Runs fn and waits until it is committed. Not on an edge, SIP or writer thread. Returns what fn returned, or why the
 * commit failed. */
enum err_code store_write(struct store *st, txn_fn *fn, void *arg, struct err *err);

/* Many functions, one savepoint each, grouped into commits as above; waits for all. code and err of each say how it
 * went. Returns the first code that is not ERR_OK. For a job over many users: give it a few hundred at a time. */
struct write {
	txn_fn *fn;
	void *arg;
	enum err_code code; /* out */
	struct err err;     /* out */
};
enum err_code store_write_many(struct store *st, struct write *w, size_t n);

/* Queues and returns at once; done (may be NULL) is called on the writer thread after the commit or the failure and
 * must not block. Allowed on every thread: this is how an edge thread leaves a note. ERR_LIMIT when the queue is full
 * (4096): done is not called then. */
typedef void write_done_fn(void *arg, enum err_code code, const struct err *err);
enum err_code store_post(struct store *st, txn_fn *fn, write_done_fn *done, void *arg, struct err *err);

/* Inside fn: hook runs on the writer thread after the commit, in order of registration, and never when the savepoint or
 * the commit failed. It must not block. */
typedef void txn_hook_fn(void *arg);
enum err_code txn_after_commit(struct txn *t, txn_hook_fn *hook, void *arg, struct err *err);

/* Inside fn: a savepoint of its own within the transaction. A failure of inner undoes inner alone. */
enum err_code txn_nested(struct txn *t, txn_fn *inner, void *arg, struct err *err);

/* ---- reading ---- */

struct snap {
	struct db *db;
	struct store *st;
};

/* ERR_BUSY when readers_max snapshots are open. Never waits for a writer; allowed on every thread. */
enum err_code store_snap(struct store *st, struct snap *out, struct err *err);
void snap_end(struct snap *s); /* safe on one that failed to begin */

/* ---- keeping what was read ---- */

/* A number that is another one after every commit: of this process before the write returns, its hooks run or done is
 * called; of another one as soon as it is there. Take the mark, then the snapshot: what the snapshot showed holds as
 * long as the mark is the same. No statement, no lock; any thread. 0 = it cannot be told: keep nothing. */
uint64_t store_mark(struct store *st);
/* Inside fn: nothing that this whole piece of work changes is kept by anybody under a mark, so the mark stays. */
void txn_quiet(struct txn *t);

/* ---- both ---- */

/* The time at which this transaction or snapshot began. */
int64_t db_now_ms(const struct db *db);
/* As long as it is set, reads leave sealed columns out, as if there were none: for who looks at many rows and needs no
 * secret of theirs. Returns what was set before. */
bool db_leave_sealed(struct db *db, bool leave);
/* Wall clock, milliseconds since 1970 UTC. */
int64_t store_clock_ms(void);

/* A part of a list. limit 0 = all. */
struct page {
	int64_t start, limit;
};

/* ---- care ---- */

/* Moves everything into the main file and empties the write-ahead log, so that deleted bytes are gone from both. Waits
 * up to wait_ms for snapshots to end; ERR_BUSY when they do not. Happens by itself after idle_ms without a
 * change, or 12 times that under steady load. */
enum err_code store_checkpoint(struct store *st, unsigned wait_ms, struct err *err);
/* A consistent copy in a new file, taken while all goes on. ERR_CONFLICT when the file exists. */
enum err_code store_backup(struct store *st, const char *to, struct err *err);

/* Counters for /metrics. */
struct store_stats {
	uint64_t commits, writes, rollbacks, retries;
	uint64_t queued; /* now */
};
void store_stats(struct store *st, struct store_stats *out);

/* For tests: the n-th operation of the store from now (1 = the next one: begin, savepoint, step, release, commit) and
 * every later one fails with ERR_IO; 0 switches it off. Undoing always works. */
void store_fail_from(unsigned long n);
/* As store_fail_from, but only the n-th fails. */
void store_fail_at(unsigned long n);
/* As store_fail_at, but softly: the store is to repeat the commit. */
void store_soft_fail_at(unsigned long n);
/* How many operations were made since either was last set. */
unsigned long store_op_count(void);

#endif
