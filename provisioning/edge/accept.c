/* New connections, and their three limits: in total, by address, and descriptors. */
#include <errno.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "provisioning/edge/loop.h"

enum { ACCEPTS = 16, PAUSE_MS = 50, LOOK_MOST = 256 };

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

/* Idle after an answer; or a handshake, or what has asked for nothing yet, whose client has not said a word for long.
 * The others get their time: a handshake that is thrown away is paid for again, and a whole fleet that comes at once
 * would never be served. */
static bool can_go(const struct loop *l, const struct conn *c)
{
	if (c->state == CONN_OPEN && c->link.served > 0)
		return true;
	return !c->can_read && l->now_ms - c->moved_ms >= EDGE_SILENT_MS;
}

/* Who goes first where there is no room; of one address, where it has no room of its own. */
static struct conn *spare(const struct loop *l, const struct net_addr *caller)
{
	struct conn *c = l->idle_first;
	int i;

	for (i = 0; c && i < LOOK_MOST; i++, c = c->idle_next)
		if (can_go(l, c) && (caller == NULL || net_addr_eq(&c->address->caller, caller)))
			return c;
	return NULL;
}

static bool make_room(struct loop *l, const struct net_addr *caller)
{
	struct conn *c = spare(l, caller);

	if (c == NULL)
		return false;
	atomic_fetch_add(&l->edge->closed_idle, 1);
	conn_kill(c, false);
	return true;
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
		make_room(l, NULL);
		pause_accept(l);
		return false;
	default:
		return true; /* that one has gone already */
	}
}

/* NULL: the address has as many as it may, and none of them can go. */
static struct address *enter(struct loop *l, const struct sockaddr_storage *addr)
{
	struct edge *e = l->edge;
	struct net_addr from = net_addr_of(addr), caller = net_caller(&from).addr;
	struct address *one = addresses_enter(&e->addresses, &caller, e->conf.connections_each);

	if (one == NULL && make_room(l, &caller))
		one = addresses_enter(&e->addresses, &caller, e->conf.connections_each);
	if (one == NULL)
		atomic_fetch_add(&e->refused_address, 1);
	return one;
}

/* True: there may be more. */
static bool accept_one(struct loop *l)
{
	struct edge *e = l->edge;
	struct sockaddr_storage addr;
	socklen_t n = sizeof(addr);
	struct address *address;
	struct conn *c;
	int fd;

	if (atomic_load(&e->open) >= e->conf.connections_max && spare(l, NULL) == NULL) {
		pause_accept(l);
		return false;
	}
	memset(&addr, 0, sizeof(addr));
	fd = accept4(e->listener, (struct sockaddr *)&addr, &n, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return accept_failed(l);
	atomic_fetch_add(&e->accepted, 1);
	address = enter(l, &addr);
	if (address == NULL) {
		close(fd);
		return true;
	}
	if (atomic_fetch_add(&e->open, 1) >= e->conf.connections_max)
		make_room(l, NULL);
	c = conn_new(l, fd, &addr);
	if (c == NULL) {
		addresses_leave(&e->addresses, address);
		atomic_fetch_sub(&e->open, 1);
		return true;
	}
	c->address = address;
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

/* The queue is of several listeners. */
static void report_unaccepted(struct edge *e, int now)
{
	atomic_fetch_add(&e->conf.queue->unaccepted, now - atomic_exchange(&e->unaccepted, now));
}

void loop_accept(struct loop *l)
{
	bool more = true;
	int i;

	for (i = 0; more && i < ACCEPTS && l->accepting; i++)
		more = accept_one(l);
	if (l->edge->conf.queue)
		report_unaccepted(l->edge, more || !l->accepting ? unaccepted(l->edge->listener) : 0);
}
