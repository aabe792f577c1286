/* struct store, for store.c and writer.c alone. */
#ifndef PROVISIONING_STORE_INSIDE_H
#define PROVISIONING_STORE_INSIDE_H

#include <pthread.h>
#include <stdatomic.h>

#include "provisioning/store/db.h"

enum { GROUP_MAX = 100, QUEUE_MAX = 4096 };

/* Somebody who waits for one or more pieces of work. */
struct waiter {
	pthread_mutex_t lock;
	pthread_cond_t done;
	size_t left;
};

typedef enum err_code outside_fn(struct store *st, struct err *err);

struct work {
	struct work *next;
	txn_fn *fn;          /* in a transaction */
	outside_fn *outside; /* or between two */
	void *arg;
	enum err_code code;
	struct err err;
	struct waiter *waiter; /* store_write: the work lies on the caller's stack or array */
	write_done_fn *done;   /* store_post: the work is on the heap */
	bool posted;
};

struct store {
	const struct store_ops *ops;
	char *path;
	struct sealer *sealer;
	unsigned group_max, group_ms, readers_max;

	pthread_t writer;
	bool running;
	struct db *db;                     /* the writer's, as the next ones */
	int64_t log_first_ms, log_last_ms; /* commits that the log still holds; 0 = it is empty */
	unsigned idle_ms;
	pthread_mutex_t lock;
	pthread_cond_t queued;
	struct work *head, **tail; /* under lock, as all to the end of this part */
	size_t nposted;
	bool stop;
	void (*work_fn)(void *);
	void *work_arg;
	struct store_stats stats;

	const uint32_t *commits; /* mark.c */
	_Atomic uint32_t announced, expected;
	int64_t changed;
	atomic_uint_fast64_t mark;
	int64_t others;

	pthread_mutex_t readers_lock;
	struct db **idle;
	size_t nidle, nreaders;
};

enum err_code writer_start(struct store *st, struct err *err);
void writer_stop(struct store *st);
/* On the writer's connection: once; within each transaction at its begin, before a quiet commit and when that failed;
 * and after each. quiet: nobody keeps anything of it. */
void mark_open(struct store *st);
void mark_begin(struct store *st);
void mark_expect(struct store *st);
void mark_unexpect(struct store *st);
void mark_commit(struct store *st, bool quiet);

#endif
