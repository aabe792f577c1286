/* Worker threads for work that need not survive a crash: a request that has to wait, evidence that came in. What must
 * survive goes through the outbox. */
#ifndef PROVISIONING_OUTBOX_POOL_H
#define PROVISIONING_OUTBOX_POOL_H

#include <stdbool.h>
#include <stddef.h>

#include "phonecfg/base/err.h"

enum { POOL_QUEUE_MAX = 65536 };

struct pool;

enum err_code pool_open(unsigned threads, struct pool **out, struct err *err);
/* fn(arg) on a worker thread, in order of posting as far as threads are free. False when the queue holds
 * POOL_QUEUE_MAX, the pool is closing, or memory ran out: fn is not called then. Any thread; never waits. */
bool pool_post(struct pool *p, void (*fn)(void *arg), void *arg);
/* How many wait now. */
size_t pool_queued(struct pool *p);
/* Finishes what is queued, then ends the threads. NULL is allowed. */
void pool_close(struct pool *p);

#endif
