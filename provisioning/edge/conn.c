#include "provisioning/edge/conn.h"

#include <errno.h>
#include <openssl/err.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <arpa/inet.h>
#include <unistd.h>

#include "phonecfg/base/mem.h"
#include "provisioning/edge/loop.h"
#include "provisioning/http/exchange.h"

static void on_alarm(struct http_alarm *a);

static struct conn *conn_of(struct http_link *l)
{
	return (struct conn *)l;
}

static void link_watch(struct http_link *l, delivery_fn *fn, void *arg)
{
	watch_add(conn_of(l), fn, arg);
}

static void link_busy(struct http_link *l, bool busy)
{
	struct conn *c = conn_of(l);

	c->busy = busy;
	c->head_ms = 0;
	/* Out of the list and in again at its end: the longest idle one goes first. */
	if (busy) {
		c->busy_ms = c->loop->now_ms;
		c->busy_bytes = 0;
		loop_idle(c->loop, c, false);
	}
	c->moved_ms = c->loop->now_ms;
	if (c->state == CONN_OPEN)
		loop_queue(c->loop, c);
}

static bool link_body(struct http_link *l, const struct http_body *b)
{
	return body_add(conn_of(l), b);
}

static void link_headed(struct http_link *l, bool whole)
{
	if (whole)
		body_headed(conn_of(l));
	else
		conn_kill(conn_of(l), true);
}

static const struct http_link_ops link_ops = {
	.watch = link_watch, .busy = link_busy, .body = link_body, .headed = link_headed
};

static void address_text(const struct sockaddr_storage *addr, char out[HTTP_ADDRESS_TEXT])
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)addr;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)addr;
	char text[INET6_ADDRSTRLEN] = "?";

	if (addr->ss_family == AF_INET) {
		inet_ntop(AF_INET, &v4->sin_addr, text, sizeof(text));
		snprintf(out, HTTP_ADDRESS_TEXT, "%s:%u", text, ntohs(v4->sin_port));
		return;
	}
	inet_ntop(AF_INET6, &v6->sin6_addr, text, sizeof(text));
	if (IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr))
		snprintf(out, HTTP_ADDRESS_TEXT, "%s:%u", text + strlen("::ffff:"), ntohs(v6->sin6_port));
	else
		snprintf(out, HTTP_ADDRESS_TEXT, "[%s]:%u", text, ntohs(v6->sin6_port));
}

struct conn *conn_new(struct loop *l, int fd, const struct sockaddr_storage *addr)
{
	struct conn *c = mem_zalloc(sizeof(*c));

	if (c)
		c->ssl = tls_accept(&l->edge->tls, fd);
	/* Two alarms a connection: its own and its request's. */
	if (c == NULL || c->ssl == NULL || !timers_reserve(&l->timers, 2 * (l->count + 1) + 8)) {
		if (c)
			SSL_free(c->ssl);
		mem_free(c);
		close(fd);
		return NULL;
	}
	c->link.ops = &link_ops;
	c->link.loop = &l->http;
	c->link.peer.addr = *addr;
	address_text(addr, c->link.peer.text);
	c->loop = l;
	c->refs = 1;
	c->fd = fd;
	c->pair = c->mhd_fd = -1;
	c->watches_end = &c->watches;
	c->bodies_end = &c->bodies;
	c->alarm.fn = on_alarm;
	c->moved_ms = l->now_ms;
	c->next = l->all;
	if (l->all)
		l->all->prev = c;
	l->all = c;
	l->count++;
	return c;
}

void conn_unref(struct conn *c)
{
	struct loop *l = c->loop;

	if (--c->refs > 0)
		return;
	if (c->prev)
		c->prev->next = c->next;
	else
		l->all = c->next;
	if (c->next)
		c->next->prev = c->prev;
	l->count--;
	mem_free(c);
}

bool conn_idle(const struct conn *c)
{
	return c->state == CONN_OPEN && !c->busy && c->out.n == 0 && c->in.n == 0 && c->bodies == NULL;
}

bool conn_spare(const struct conn *c)
{
	return c->state == CONN_HANDSHAKE || (conn_idle(c) && c->head_ms == 0);
}

void conn_kill(struct conn *c, bool hard)
{
	struct loop *l = c->loop;
	struct linger reset = { .l_onoff = 1, .l_linger = 0 };

	if (c->state == CONN_CLOSED)
		return;
	loop_idle(l, c, false);
	timers_set(&l->timers, &c->alarm, 0);
	c->state = CONN_CLOSED;
	watch_lost(c);
	if (hard)
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &reset, sizeof(reset));
	SSL_free(c->ssl);
	c->ssl = NULL;
	close(c->fd);
	c->fd = -1;
	stuck_free(&c->in);
	stuck_free(&c->out);
	bodies_free(c);
	if (c->pair >= 0)
		close(c->pair);
	c->pair = -1;
	http_link_hangup(&c->link);
	l->mhd_due = true;
	loop_closed(l, c);
}

/* ---- time ---- */

/* Nothing more comes, and nothing waits to go: libmicrohttpd does not always end by itself what was broken off. */
static bool said_all(const struct conn *c)
{
	return c->in_end && c->in.n == 0 && c->out.n == 0 && c->bodies == NULL;
}

static int64_t deadline(const struct conn *c)
{
	const struct edge_conf *conf = &c->loop->edge->conf;
	int64_t at, silence;

	switch (c->state) {
	case CONN_HANDSHAKE:
		return c->moved_ms + conf->handshake_ms;
	case CONN_LINGER:
		return c->moved_ms + (c->half && !c->loop->stopping ? conf->linger_ms : EDGE_LAST_WORD_MS);
	case CONN_OPEN:
		break;
	default:
		return 0;
	}
	if (c->busy && http_link_waiting(&c->link))
		return 0;
	if (said_all(c))
		return c->moved_ms + EDGE_LAST_WORD_MS;
	if (!conn_idle(c)) {
		/* Less than a byte a millisecond, or nothing at all: one byte now and then would hold a place for ever.
		 */
		at = c->moved_ms;
		if ((c->busy || c->bodies) && c->busy_ms + c->busy_bytes < at)
			at = c->busy_ms + c->busy_bytes;
		return at + conf->stall_ms;
	}
	silence = c->watches && conf->idle_ms > EDGE_PROOF_MS ? EDGE_PROOF_MS : conf->idle_ms;
	at = c->moved_ms + silence;
	/* A head that trickles in. */
	if (c->head_ms && c->head_ms + conf->head_ms < at)
		at = c->head_ms + conf->head_ms;
	return at;
}

/* Alarms move earlier at once and later when they ring: most never ring. */
void conn_rearm(struct conn *c)
{
	int64_t at = deadline(c);

	if (at && (c->alarm.slot == 0 || at < c->alarm.at_ms))
		timers_set(&c->loop->timers, &c->alarm, at);
}

static void linger_out_of_time(struct conn *c)
{
	if (c->half || c->watches == NULL) {
		conn_kill(c, false);
		return;
	}
	if (c->notified) {
		/* It has taken its leave and did not reset: that is the end of the story. */
		watch_alive(c, false);
		conn_kill(c, false);
		return;
	}
	/* No close_notify of ours: unread in a phone that has all it wants, it would turn the phone's close into a
	 * reset. */
	c->half = true;
	c->moved_ms = c->loop->now_ms;
	shutdown(c->fd, SHUT_WR);
	conn_rearm(c);
}

static void on_alarm(struct http_alarm *a)
{
	struct conn *c = (struct conn *)((char *)a - offsetof(struct conn, alarm));
	struct edge *e = c->loop->edge;
	int64_t at = deadline(c);

	if (at == 0)
		return;
	if (at > c->loop->now_ms) {
		timers_set(&c->loop->timers, a, at);
		return;
	}
	if (c->state == CONN_LINGER) {
		linger_out_of_time(c);
	} else if (c->state == CONN_HANDSHAKE) {
		atomic_fetch_add(&e->handshake_failed, 1);
		conn_kill(c, true);
	} else if (conn_idle(c) || said_all(c)) {
		atomic_fetch_add(&e->closed_idle, 1);
		conn_linger(c);
	} else {
		atomic_fetch_add(&e->closed_stalled, 1);
		conn_kill(c, true);
	}
}

/* ---- the end ---- */

/* Nothing more to send. With an answer unproved the other side gets the time to end first. What still comes is thrown
 * away, so that an early refusal of a body is read before a reset can overtake it. */
void conn_linger(struct conn *c)
{
	struct loop *l = c->loop;

	loop_idle(l, c, false);
	if (c->pair >= 0) {
		close(c->pair);
		c->pair = -1;
		l->mhd_due = true;
	}
	http_link_hangup(&c->link);
	c->state = CONN_LINGER;
	c->moved_ms = l->now_ms;
	if (c->in_end && !c->watches) {
		ERR_clear_error();
		SSL_shutdown(c->ssl);
		conn_kill(c, false);
		return;
	}
	if (!c->watches) {
		ERR_clear_error();
		SSL_shutdown(c->ssl);
		shutdown(c->fd, SHUT_WR);
		c->half = true;
	}
	c->can_read = true;
	loop_queue(l, c);
}

/* TLS is over: bytes are counted and thrown away, FIN and reset are what we wait for. */
void conn_linger_read(struct conn *c)
{
	struct loop *l = c->loop;

	while (c->can_read) {
		ssize_t n = recv(c->fd, l->piece, sizeof(l->piece), MSG_DONTWAIT);

		if (n > 0) {
			c->discarded += (uint64_t)n;
			if (c->discarded > HTTP_DISCARD_MAX) {
				conn_kill(c, true);
				return;
			}
		} else if (n == 0) {
			watch_alive(c, false);
			conn_kill(c, false);
			return;
		} else if (errno == EAGAIN) {
			c->can_read = false;
		} else if (errno != EINTR) {
			conn_kill(c, false);
			return;
		}
	}
	conn_rearm(c);
}

void conn_tcp_event(struct conn *c, uint32_t events)
{
	if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		c->can_read = true;
	if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
		c->can_write = true;
	/* Behind bytes that a suspended request does not let us read on, FIN would go unseen, and with it the hang-up.
	 */
	if (c->state == CONN_OPEN &&
		(events & EPOLLERR || (events & EPOLLRDHUP && c->in.n > 0 && http_link_waiting(&c->link)))) {
		conn_kill(c, false);
		return;
	}
	conn_pump(c);
}

void conn_pair_event(struct conn *c, uint32_t events)
{
	if (events & (EPOLLIN | EPOLLRDHUP | EPOLLHUP | EPOLLERR))
		c->pair_can_read = true;
	if (events & (EPOLLOUT | EPOLLHUP | EPOLLERR))
		c->pair_can_write = true;
	conn_pump(c);
}

void conn_stop(struct conn *c)
{
	http_link_stop(&c->link);
	if (c->state == CONN_HANDSHAKE)
		conn_kill(c, true);
	else if (conn_idle(c) && c->in_end == false)
		conn_linger(c);
	else
		conn_rearm(c);
}
