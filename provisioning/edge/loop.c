#include "provisioning/edge/loop.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "phonecfg/base/mem.h"
#include "provisioning/conf/clock.h"
#include "provisioning/conf/log.h"
#include "provisioning/conf/role.h"
#include "provisioning/http/exchange.h"
#include "provisioning/http/serve.h"

enum { EVENTS = 128, STOP_STEP_MS = 10 };

/* The lowest bit of an epoll word says which side of a connection it is. */
#define TAG_PAIR ((uintptr_t)1)

static struct loop *loop_of(struct http_loop *l)
{
	return (struct loop *)l;
}

void loop_wake(struct loop *l)
{
	uint64_t one = 1;

	if (write(l->wake, &one, sizeof(one)) < 0)
		return; /* full means awake */
}

static void post(struct http_loop *http, struct http_task *t)
{
	struct loop *l = loop_of(http);
	bool first;

	t->next = NULL;
	pthread_mutex_lock(&l->lock);
	first = l->first == NULL;
	if (first)
		l->first = t;
	else
		l->last->next = t;
	l->last = t;
	/* Under the lock: once the task is taken, the loop may end. */
	if (first)
		loop_wake(l);
	pthread_mutex_unlock(&l->lock);
}

static void set_alarm(struct http_loop *http, struct http_alarm *a, int64_t at_ms)
{
	timers_set(&loop_of(http)->timers, a, at_ms);
}

static const struct http_loop_ops ops = { .post = post, .alarm = set_alarm };

/* ---- libmicrohttpd ---- */

static void on_connection(
	void *cls, struct MHD_Connection *mc, void **context, enum MHD_ConnectionNotificationCode what)
{
	struct loop *l = cls;
	const union MHD_ConnectionInfo *info;
	struct conn **at;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (*context) {
			serve_closed(&((struct conn *)*context)->link);
			conn_unref(*context);
		}
		*context = NULL;
		return;
	}
	info = MHD_get_connection_info(mc, MHD_CONNECTION_INFO_CONNECTION_FD);
	for (at = &l->adding; info && *at; at = &(*at)->adding)
		if ((*at)->mhd_fd == info->connect_fd) {
			struct conn *c = *at;

			*at = c->adding;
			c->adding = NULL;
			*context = c;
			return;
		}
}

static void on_log(void *cls, const char *fmt, va_list ap)
{
	char text[256];

	(void)cls;
	vsnprintf(text, sizeof(text), fmt, ap);
	text[strcspn(text, "\n")] = '\0';
	log_event(LOG_LEVEL_DEBUG, "microhttpd", "text", text, (char *)NULL);
}

static struct MHD_Daemon *start_daemon(struct loop *l)
{
	struct http *h = l->edge->plane;

	return MHD_start_daemon(MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG,
		0, NULL, NULL, serve_access, h, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL, MHD_OPTION_NOTIFY_COMPLETED,
		serve_completed, h, MHD_OPTION_NOTIFY_CONNECTION, on_connection, l, MHD_OPTION_URI_LOG_CALLBACK,
		serve_target, h, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)EDGE_POOL, MHD_OPTION_CONNECTION_LIMIT,
		1000000u, MHD_OPTION_CONNECTION_TIMEOUT, 0u, MHD_OPTION_END);
}

static void bound(int fd, int bytes)
{
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes)); /* of a socketpair the writer's counts alone */
}

bool loop_watch_fd(struct loop *l, int fd, uint32_t events, void *word)
{
	struct epoll_event ev = { .events = events, .data.ptr = word };

	return epoll_ctl(l->epoll, EPOLL_CTL_ADD, fd, &ev) == 0;
}

bool loop_attach(struct loop *l, struct conn *c)
{
	struct sockaddr_storage unix_addr = { .ss_family = AF_UNIX };
	int sv[2];

	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, sv) != 0)
		return false;
	bound(sv[0], EDGE_PAIR_BUFFER);
	bound(sv[1], EDGE_PAIR_BUFFER);
	c->pair = sv[0];
	c->mhd_fd = sv[1];
	if (!loop_watch_fd(l, c->pair, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, (void *)((uintptr_t)c | TAG_PAIR))) {
		close(sv[1]);
		return false;
	}
	c->pair_can_write = true;
	c->adding = l->adding;
	l->adding = c;
	c->refs++;
	l->mhd_due = true;
	if (MHD_add_connection(l->mhd, sv[1], (struct sockaddr *)&unix_addr, sizeof(sa_family_t)) == MHD_YES)
		return true;
	/* It has closed the socket. */
	if (l->adding == c) {
		l->adding = c->adding;
		c->adding = NULL;
		c->refs--;
	}
	return false;
}

/* ---- lists ---- */

void loop_queue(struct loop *l, struct conn *c)
{
	if (c->queued || c->state == CONN_CLOSED)
		return;
	c->queued = true;
	c->refs++;
	c->more = l->queued;
	l->queued = c;
}

void loop_idle(struct loop *l, struct conn *c, bool idle)
{
	bool in = c->idle_prev || c->idle_next || l->idle_first == c;

	if (in == idle)
		return;
	if (idle) {
		c->idle_prev = l->idle_last;
		if (l->idle_last)
			l->idle_last->idle_next = c;
		else
			l->idle_first = c;
		l->idle_last = c;
		return;
	}
	if (c->idle_prev)
		c->idle_prev->idle_next = c->idle_next;
	else
		l->idle_first = c->idle_next;
	if (c->idle_next)
		c->idle_next->idle_prev = c->idle_prev;
	else
		l->idle_last = c->idle_prev;
	c->idle_next = c->idle_prev = NULL;
}

/* Its events may still stand in this round's batch, so the edge's reference goes at the end of the round. */
void loop_closed(struct loop *l, struct conn *c)
{
	atomic_fetch_sub(&l->edge->open, 1);
	addresses_leave(&l->edge->addresses, c->address);
	c->grave = l->graves;
	l->graves = c;
}

static void bury(struct loop *l)
{
	while (l->graves) {
		struct conn *c = l->graves;

		l->graves = c->grave;
		conn_unref(c);
	}
}

/* ---- the round ---- */

/* Whoever has been served gives its place to one that waits. */
static bool edge_crowded(const struct edge *e)
{
	unsigned max = e->conf.connections_max;

	return atomic_load(&e->open) > max - max / EDGE_SCARCE;
}

static void run_tasks(struct loop *l)
{
	struct http_task *t, *next;

	pthread_mutex_lock(&l->lock);
	t = l->first;
	l->first = l->last = NULL;
	pthread_mutex_unlock(&l->lock);
	for (; t; t = next) {
		next = t->next;
		t->fn(t);
		l->mhd_due = true;
	}
}

static void run_alarms(struct loop *l)
{
	struct http_alarm *a;

	while ((a = timers_due(&l->timers, l->now_ms)) != NULL) {
		a->fn(a);
		l->mhd_due = true;
	}
}

static void run_queued(struct loop *l)
{
	struct conn *c = l->queued, *next;

	l->queued = NULL;
	for (; c; c = next) {
		next = c->more;
		c->more = NULL;
		c->queued = false;
		if (c->state != CONN_CLOSED)
			conn_pump(c);
		conn_unref(c);
	}
}

/* The shortest of: our alarms, what libmicrohttpd asks for, and nothing at all while somebody has more to do. Ignoring
 * libmicrohttpd's wish made a PUT of 5 MB take minutes. */
static int wait_ms(struct loop *l)
{
	int64_t due = timers_next(&l->timers), ms = 60000;
	MHD_UNSIGNED_LONG_LONG wish;

	if (l->queued || l->mhd_due)
		return 0;
	if (due != INT64_MAX && due - clock_steady_ms() < ms)
		ms = due - clock_steady_ms();
	if (MHD_get_timeout(l->mhd, &wish) == MHD_YES && (int64_t)wish < ms)
		ms = (int64_t)wish;
	if (l->stopping && ms > STOP_STEP_MS)
		ms = STOP_STEP_MS;
	return ms > 0 ? (int)ms : 0;
}

static void one_event(struct loop *l, const struct epoll_event *ev)
{
	uintptr_t word = (uintptr_t)ev->data.ptr;
	struct conn *c = (struct conn *)(word & ~TAG_PAIR);
	uint64_t n;

	if (ev->data.ptr == &l->wake) {
		if (read(l->wake, &n, sizeof(n)) < 0)
			return;
	} else if (ev->data.ptr == &l->mhd) {
		l->mhd_due = true;
	} else if (ev->data.ptr == &l->accepting) {
		loop_accept(l);
	} else if (c->state != CONN_CLOSED) {
		if (word & TAG_PAIR)
			conn_pair_event(c, ev->events);
		else
			conn_tcp_event(c, ev->events);
	}
}

/* A handshake whose next bytes are there. */
static bool is_handshake(const struct loop *l, const struct epoll_event *ev)
{
	const void *p = ev->data.ptr;

	return p != &l->wake && p != &l->mhd && p != &l->accepting && !((uintptr_t)p & TAG_PAIR) &&
	       (ev->events & EPOLLIN) && ((const struct conn *)p)->state == CONN_HANDSHAKE;
}

static void report_unread(struct loop *l, int now)
{
	struct edge_queue *q = l->edge->conf.queue;

	if (q && now != l->unread)
		atomic_fetch_add(&q->unread, now - l->unread);
	l->unread = now;
}

static void run_events(struct loop *l, const struct epoll_event *events, int n)
{
	int i, unread = 0;

	for (i = 0; i < n; i++)
		unread += is_handshake(l, &events[i]);
	report_unread(l, unread);
	for (i = 0; i < n; i++) {
		bool handshake = is_handshake(l, &events[i]);

		one_event(l, &events[i]);
		if (handshake)
			report_unread(l, --unread);
	}
	report_unread(l, 0);
}

static void round_once(struct loop *l)
{
	struct epoll_event events[EVENTS];
	MHD_UNSIGNED_LONG_LONG wish;
	int n = epoll_wait(l->epoll, events, EVENTS, wait_ms(l));

	l->now_ms = clock_steady_ms();
	run_tasks(l);
	run_events(l, events, n);
	run_alarms(l);
	run_queued(l);
	l->http.crowded = edge_crowded(l->edge);
	if (l->mhd_due || (MHD_get_timeout(l->mhd, &wish) == MHD_YES && wish == 0)) {
		l->mhd_due = false;
		MHD_run(l->mhd);
	}
	bury(l);
}

/* ---- stop ---- */

static void each_conn(struct loop *l, void (*fn)(struct conn *c))
{
	struct conn *c, *next;

	for (c = l->all; c; c = next) {
		next = c->next;
		if (c->state != CONN_CLOSED)
			fn(c);
	}
}

static void cut(struct conn *c)
{
	conn_kill(c, true);
}

static void begin_stop(struct loop *l)
{
	if (!l->stopping) {
		l->stopping = true;
		l->stop_at_ms = l->now_ms + l->edge->stop_ms;
		loop_listen(l, false);
		timers_set(&l->timers, &l->accept_again, 0);
	}
	each_conn(l, conn_stop);
	if (l->now_ms >= l->stop_at_ms)
		each_conn(l, cut);
}

void *loop_run(void *arg)
{
	struct loop *l = arg;

	thread_role_set(ROLE_EDGE);
	l->now_ms = clock_steady_ms();
	loop_listen(l, true);
	/* A connection object lives until libmicrohttpd has let it go, and a suspended one until its worker is done or
	 * detached: so an empty list is what MHD_stop_daemon needs. */
	while (!l->stopping || l->count > 0) {
		round_once(l);
		if (atomic_load(&l->edge->stopping))
			begin_stop(l);
	}
	run_tasks(l);
	return NULL;
}

/* ---- open, close ---- */

enum err_code loop_open(struct loop *l, struct edge *e, struct err *err)
{
	const union MHD_DaemonInfo *info;

	memset(l, 0, sizeof(*l));
	l->http.ops = &ops;
	l->edge = e;
	pthread_mutex_init(&l->lock, NULL);
	l->epoll = epoll_create1(EPOLL_CLOEXEC);
	l->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	l->mhd = start_daemon(l);
	if (l->epoll < 0 || l->wake < 0 || l->mhd == NULL || !timers_reserve(&l->timers, 16))
		return err_set(
			err, ERR_IO, "the listener %s cannot start a thread: %s", http_name(e->plane), strerror(errno));
	info = MHD_get_daemon_info(l->mhd, MHD_DAEMON_INFO_EPOLL_FD);
	l->mhd_epoll = info ? info->epoll_fd : -1;
	if (l->mhd_epoll < 0 || !loop_watch_fd(l, l->wake, EPOLLIN, &l->wake) ||
		!loop_watch_fd(l, l->mhd_epoll, EPOLLIN, &l->mhd))
		return err_set(err, ERR_IO, "the listener %s cannot watch its sockets: %s", http_name(e->plane),
			strerror(errno));
	return ERR_OK;
}

void loop_close(struct loop *l)
{
	if (l->edge == NULL)
		return;
	if (l->mhd)
		MHD_stop_daemon(l->mhd);
	if (l->wake >= 0)
		close(l->wake);
	if (l->epoll >= 0)
		close(l->epoll);
	timers_release(&l->timers);
	pthread_mutex_destroy(&l->lock);
	memset(l, 0, sizeof(*l));
}
