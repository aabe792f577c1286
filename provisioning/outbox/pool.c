#include "provisioning/outbox/pool.h"

#include <pthread.h>

#include "phonecfg/base/mem.h"
#include "provisioning/conf/role.h"

struct task {
	struct task *next;
	void (*fn)(void *arg);
	void *arg;
};

struct pool {
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct task *first, **last;
	size_t queued;
	bool closing;
	unsigned nthreads;
	pthread_t threads[];
};

static struct task *take(struct pool *p)
{
	struct task *t;

	pthread_mutex_lock(&p->lock);
	while (p->first == NULL && !p->closing)
		pthread_cond_wait(&p->more, &p->lock);
	t = p->first;
	if (t) {
		p->first = t->next;
		if (p->first == NULL)
			p->last = &p->first;
		p->queued--;
	}
	pthread_mutex_unlock(&p->lock);
	return t;
}

static void *worker_main(void *arg)
{
	struct pool *p = arg;
	struct task *t;

	thread_role_set(ROLE_WORKER);
	while ((t = take(p)) != NULL) {
		t->fn(t->arg);
		mem_free(t);
	}
	return NULL;
}

enum err_code pool_open(unsigned threads, struct pool **out, struct err *err)
{
	struct pool *p = mem_zalloc(sizeof(*p) + threads * sizeof(p->threads[0]));

	if (p == NULL)
		return err_set(err, ERR_NOMEM, "out of memory for %u worker threads", threads);
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->more, NULL);
	p->last = &p->first;
	for (; p->nthreads < threads; p->nthreads++) {
		if (pthread_create(&p->threads[p->nthreads], NULL, worker_main, p)) {
			pool_close(p);
			return err_set(
				err, ERR_IO, "cannot start a worker thread; raise the limit on processes (ulimit -u)");
		}
	}
	*out = p;
	return ERR_OK;
}

bool pool_post(struct pool *p, void (*fn)(void *arg), void *arg)
{
	struct task *t = mem_alloc(sizeof(*t));
	bool taken = false;

	if (t == NULL)
		return false;
	*t = (struct task){ NULL, fn, arg };
	pthread_mutex_lock(&p->lock);
	if (!p->closing && p->queued < POOL_QUEUE_MAX) {
		*p->last = t;
		p->last = &t->next;
		p->queued++;
		taken = true;
		pthread_cond_signal(&p->more);
	}
	pthread_mutex_unlock(&p->lock);
	if (!taken)
		mem_free(t);
	return taken;
}

size_t pool_queued(struct pool *p)
{
	size_t n;

	pthread_mutex_lock(&p->lock);
	n = p->queued;
	pthread_mutex_unlock(&p->lock);
	return n;
}

void pool_close(struct pool *p)
{
	unsigned i;

	if (p == NULL)
		return;
	pthread_mutex_lock(&p->lock);
	p->closing = true;
	pthread_cond_broadcast(&p->more);
	pthread_mutex_unlock(&p->lock);
	for (i = 0; i < p->nthreads; i++)
		pthread_join(p->threads[i], NULL);
	pthread_cond_destroy(&p->more);
	pthread_mutex_destroy(&p->lock);
	mem_free(p);
}
