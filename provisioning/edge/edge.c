#include "provisioning/edge/edge.h"

#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "phonecfg/base/mem.h"
#include "provisioning/edge/listen.h"
#include "provisioning/edge/loop.h"

enum {
	SPARE_DESCRIPTORS = 200,
	DESCRIPTORS_EACH = 3,
	BACKLOG = 4096,
	CONNECTIONS_MOST = 100000,
	TICKET_KEY_MS = 12 * 3600 * 1000
};

unsigned edge_room(void)
{
	struct rlimit r;

	if (getrlimit(RLIMIT_NOFILE, &r) != 0)
		return 1;
	if (r.rlim_cur < r.rlim_max) {
		rlim_t before = r.rlim_cur;

		r.rlim_cur = r.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &r) != 0)
			r.rlim_cur = before;
	}
	if (r.rlim_cur <= SPARE_DESCRIPTORS + DESCRIPTORS_EACH)
		return 1;
	if (r.rlim_cur > DESCRIPTORS_EACH * (rlim_t)CONNECTIONS_MOST)
		return CONNECTIONS_MOST;
	return (unsigned)((r.rlim_cur - SPARE_DESCRIPTORS) / DESCRIPTORS_EACH);
}

static unsigned or_default(unsigned v, unsigned d)
{
	return v ? v : d;
}

/* An empty name of a file means that there is none. */
static const char *copy(struct edge *e, const char *s)
{
	return s && *s ? arena_strdup(&e->arena, s) : NULL;
}

static struct edge_cert copy_cert(struct edge *e, const struct edge_cert *c)
{
	return (struct edge_cert){ copy(e, c->chain), copy(e, c->key), copy(e, c->ocsp), c->any_kind };
}

static void take_conf(struct edge *e, const struct edge_conf *conf)
{
	struct edge_conf *c = &e->conf;
	size_t i;

	*c = *conf;
	c->address = copy(e, conf->address);
	c->rsa = copy_cert(e, &conf->rsa);
	c->ecdsa = copy_cert(e, &conf->ecdsa);
	for (i = 0; i < EDGE_BUNDLES; i++)
		c->client_ca[i] = copy(e, conf->client_ca[i]);
	c->ticket_ms = conf->ticket_ms ? conf->ticket_ms : TICKET_KEY_MS;
	c->threads = or_default(conf->threads, 1);
	c->connections_max = or_default(conf->connections_max, edge_room());
	c->connections_each = or_default(conf->connections_each, 4000);
	c->head_ms = or_default(conf->head_ms, 10000);
	c->handshake_ms = or_default(conf->handshake_ms, 10000);
	c->idle_ms = or_default(conf->idle_ms, 30000);
	c->stall_ms = or_default(conf->stall_ms, 30000);
	c->linger_ms = or_default(conf->linger_ms, 2000);
}

static enum err_code open_loops(struct edge *e, struct err *err)
{
	enum err_code code = ERR_OK;
	unsigned i;

	e->loops = mem_zalloc(e->conf.threads * sizeof(*e->loops));
	if (e->loops == NULL)
		return err_set(err, ERR_NOMEM, "no memory for the threads of %s", http_name(e->plane));
	e->nloops = e->conf.threads;
	for (i = 0; i < e->nloops && code == ERR_OK; i++)
		code = loop_open(&e->loops[i], e, err);
	return code;
}

enum err_code edge_open(const struct edge_conf *conf, struct http *plane, struct edge **out, struct err *err)
{
	struct edge *e = mem_zalloc(sizeof(*e));
	enum err_code code;

	if (e == NULL)
		return err_set(err, ERR_NOMEM, "no memory for the listener %s", http_name(plane));
	arena_init(&e->arena, 0);
	e->plane = plane;
	e->listener = -1;
	addresses_open(&e->addresses);
	take_conf(e, conf);
	code = arena_failed(&e->arena) ? err_set(err, ERR_NOMEM, "no memory for the settings of %s", http_name(plane))
				       : tls_open(&e->tls, &e->conf, http_name(plane), err);
	if (code == ERR_OK)
		code = listen_open(
			e->conf.address, e->conf.port, BACKLOG, http_name(plane), &e->listener, &e->port, err);
	if (code == ERR_OK)
		code = open_loops(e, err);
	if (code != ERR_OK) {
		edge_close(e);
		return code;
	}
	*out = e;
	return ERR_OK;
}

enum err_code edge_start(struct edge *e, struct err *err)
{
	sigset_t all, old;
	unsigned i;
	int r = 0;

	/* Signals are the main thread's. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	for (i = 0; i < e->nloops && r == 0; i++) {
		r = pthread_create(&e->loops[i].thread, NULL, loop_run, &e->loops[i]);
		e->loops[i].running = r == 0;
	}
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (r != 0)
		edge_stop(e, 0);
	return r == 0 ? ERR_OK
		      : err_set(err, ERR_IO, "cannot start a thread for %s: %s", http_name(e->plane), strerror(r));
}

void edge_stop(struct edge *e, unsigned deadline_ms)
{
	unsigned i;

	http_stopping(e->plane);
	e->stop_ms = deadline_ms;
	atomic_store(&e->stopping, true);
	for (i = 0; i < e->nloops; i++)
		if (e->loops[i].running)
			loop_wake(&e->loops[i]);
	for (i = 0; i < e->nloops; i++)
		if (e->loops[i].running) {
			pthread_join(e->loops[i].thread, NULL);
			e->loops[i].running = false;
		}
}

void edge_close(struct edge *e)
{
	unsigned i;

	if (e == NULL)
		return;
	for (i = 0; i < e->nloops; i++)
		loop_close(&e->loops[i]);
	mem_free(e->loops);
	if (e->listener >= 0)
		close(e->listener);
	if (e->tls.listener)
		tls_close(&e->tls);
	addresses_close(&e->addresses);
	arena_release(&e->arena);
	mem_free(e);
}

uint16_t edge_port(const struct edge *e)
{
	return e->port;
}

enum err_code edge_reload(struct edge *e, struct err *err)
{
	return tls_reload(&e->tls, err);
}

enum err_code edge_tick(struct edge *e, bool *taken, struct err *err)
{
	return tls_tick(&e->tls, taken, err);
}

unsigned edge_queue_length(const struct edge_queue *q)
{
	int n = atomic_load(&q->unread) + atomic_load(&q->unaccepted);

	return n > 0 ? (unsigned)n : 0;
}

void edge_stats(const struct edge *e, struct edge_stats *out)
{
	if (e == NULL)
		return;
	out->accepted += atomic_load(&e->accepted);
	out->handshakes += atomic_load(&e->handshakes);
	out->resumed += atomic_load(&e->resumed);
	out->handshake_failed += atomic_load(&e->handshake_failed);
	out->closed_idle += atomic_load(&e->closed_idle);
	out->closed_stalled += atomic_load(&e->closed_stalled);
	out->refused_limit += atomic_load(&e->refused_limit);
	out->refused_address += atomic_load(&e->refused_address);
	out->open_now += atomic_load(&e->open);
}
