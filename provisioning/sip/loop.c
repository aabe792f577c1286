#include <re/re.h>
#define DEBUG_MODULE "sip"
#define DEBUG_LEVEL 0
#include <re/re_dbg.h>
#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#include "phonecfg/base/mem.h"
#include "provisioning/sip/loop.h"

enum { STARTING, RUNNING, FAILED };
enum { WAKE, STOP };
enum { DESCRIPTORS = 4096 };

struct sip_loop {
	const struct sip_loop_ops *ops;
	void *arg;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	int state; /* under lock */
	enum err_code rc;
	struct err *err;
	struct mqueue *mq;
	atomic_bool woken, stopping;
};

static pthread_once_t once = PTHREAD_ONCE_INIT;

static void start_libre(void)
{
	(void)libre_init();
	dbg_init(DBG_EMERG, DBG_NONE); /* it would write to stderr what our results say already */
}

/* One message in the pipe stands for any number of wakes: the pipe never fills, so a push is never lost. */
static void at_message(int id, void *data, void *arg)
{
	struct sip_loop *l = arg;

	(void)id;
	(void)data;
	atomic_store(&l->woken, false);
	l->ops->woken(l->arg);
	if (atomic_exchange(&l->stopping, false))
		l->ops->stopping(l->arg);
}

static enum err_code begin(struct sip_loop *l, struct err *err)
{
	if (re_thread_init() != 0)
		return err_set(err, ERR_IO, "SIP's event loop cannot start; raise the limit of open files.");
	(void)fd_setsize(DESCRIPTORS);
	if (mqueue_alloc(&l->mq, at_message, l) != 0)
		return err_set(err, ERR_IO, "SIP's event loop has no pipe; raise the limit of open files.");
	return l->ops->begin(l->arg, err);
}

static void report(struct sip_loop *l, enum err_code rc)
{
	(void)pthread_mutex_lock(&l->lock);
	l->rc = rc;
	l->state = rc ? FAILED : RUNNING;
	(void)pthread_cond_signal(&l->changed);
	(void)pthread_mutex_unlock(&l->lock);
}

static void *thread_main(void *arg)
{
	struct sip_loop *l = arg;
	enum err_code rc = begin(l, l->err);

	report(l, rc);
	if (!rc)
		(void)re_main(NULL);
	l->ops->end(l->arg);
	(void)pthread_mutex_lock(&l->lock); /* a push may still be inside the pipe's write */
	l->mq = mem_deref(l->mq);
	(void)pthread_mutex_unlock(&l->lock);
	re_thread_close();
	return NULL;
}

enum err_code sip_loop_start(const struct sip_loop_ops *ops, void *arg, struct sip_loop **out, struct err *err)
{
	struct sip_loop *l = mem_zalloc(sizeof *l);
	enum err_code rc;

	if (!l)
		return err_set(err, ERR_NOMEM, "Out of memory while starting SIP.");
	(void)pthread_once(&once, start_libre);
	l->ops = ops;
	l->arg = arg;
	l->err = err;
	*out = l; /* begin() may want to keep it */
	(void)pthread_mutex_init(&l->lock, NULL);
	(void)pthread_cond_init(&l->changed, NULL);
	if (pthread_create(&l->thread, NULL, thread_main, l) != 0) {
		rc = err_set(err, ERR_IO, "No thread for SIP; raise the limit of processes.");
	} else {
		(void)pthread_mutex_lock(&l->lock);
		while (l->state == STARTING)
			(void)pthread_cond_wait(&l->changed, &l->lock);
		rc = l->rc;
		(void)pthread_mutex_unlock(&l->lock);
		if (!rc)
			return ERR_OK;
		(void)pthread_join(l->thread, NULL);
	}
	(void)pthread_cond_destroy(&l->changed);
	(void)pthread_mutex_destroy(&l->lock);
	mem_free(l);
	*out = NULL;
	return rc;
}

static void push(struct sip_loop *l, int id)
{
	(void)pthread_mutex_lock(&l->lock);
	if (l->mq)
		(void)mqueue_push(l->mq, id, NULL);
	(void)pthread_mutex_unlock(&l->lock);
}

void sip_loop_wake(struct sip_loop *l)
{
	if (!atomic_exchange(&l->woken, true))
		push(l, WAKE);
}

void sip_loop_leave(struct sip_loop *l)
{
	(void)l;
	re_cancel();
}

void sip_loop_stop(struct sip_loop *l)
{
	atomic_store(&l->stopping, true);
	push(l, STOP);
	(void)pthread_join(l->thread, NULL);
	(void)pthread_cond_destroy(&l->changed);
	(void)pthread_mutex_destroy(&l->lock);
	mem_free(l);
}
