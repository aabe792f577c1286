/* New connections, and the two limits: connections and descriptors. */
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include "provisioning/edge/loop.h"

enum { ACCEPTS = 16, PAUSE_MS = 50 };

static void on_accept_again(struct http_alarm *a);

static void pause_accept(struct loop *l)
{
	atomic_fetch_add(&l->edge->refused_limit, 1);
	loop_listen(l, false);
	timers_set(&l->timers, &l->accept_again, l->now_ms + PAUSE_MS);
}

void loop_listen(struct loop *l, bool on)
{
	if (l->accepting == on || (on && l->stopping))
		return;
	l->accepting = on;
	l->accept_again.fn = on_accept_again;
	if (on && !loop_watch_fd(l, l->edge->listener, EPOLLIN | EPOLLEXCLUSIVE, &l->accepting))
		pause_accept(l);
	if (!on)
		epoll_ctl(l->epoll, EPOLL_CTL_DEL, l->edge->listener, NULL);
}

static void on_accept_again(struct http_alarm *a)
{
	loop_listen((struct loop *)((char *)a - offsetof(struct loop, accept_again)), true);
}

static void make_room(struct loop *l)
{
	if (l->idle_first == NULL)
		return;
	atomic_fetch_add(&l->edge->closed_idle, 1);
	conn_kill(l->idle_first, false);
}

static bool accept_failed(struct loop *l)
{
	switch (errno) {
	case EAGAIN:
		return false;
	case EMFILE:
	case ENFILE:
	case ENOBUFS:
	case ENOMEM:
		/* The listener stays readable: without a pause this thread would do nothing else. */
		make_room(l);
		pause_accept(l);
		return false;
	default:
		return true; /* that one has gone already */
	}
}

/* True: there may be more. */
static bool accept_one(struct loop *l)
{
	struct edge *e = l->edge;
	struct sockaddr_storage addr;
	socklen_t n = sizeof(addr);
	struct conn *c;
	int fd;

	if (atomic_load(&e->open) >= e->conf.connections_max && l->idle_first == NULL) {
		pause_accept(l);
		return false;
	}
	memset(&addr, 0, sizeof(addr));
	fd = accept4(e->listener, (struct sockaddr *)&addr, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return accept_failed(l);
	if (atomic_fetch_add(&e->open, 1) >= e->conf.connections_max)
		make_room(l);
	atomic_fetch_add(&e->accepted, 1);
	c = conn_new(l, fd, &addr);
	if (c == NULL) {
		atomic_fetch_sub(&e->open, 1);
		return true;
	}
	if (!loop_watch_fd(l, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, c)) {
		conn_kill(c, true);
		return true;
	}
	c->can_write = true;
	conn_pump(c);
	return true;
}

/* Of a listening socket the kernel gives the length of its queue as tcpi_unacked. */
static int unaccepted(int listener)
{
	struct tcp_info info = { 0 };
	socklen_t n = sizeof(info);

	return getsockopt(listener, IPPROTO_TCP, TCP_INFO, &info, &n) == 0 ? (int)info.tcpi_unacked : 0;
}

void loop_accept(struct loop *l)
{
	struct edge_queue *q = l->edge->conf.queue;
	bool more = true;
	int i;

	for (i = 0; more && i < ACCEPTS && l->accepting; i++)
		more = accept_one(l);
	if (q)
		atomic_store(&q->unaccepted, more || !l->accepting ? unaccepted(l->edge->listener) : 0);
}
