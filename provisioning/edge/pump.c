/* Bytes from TLS to libmicrohttpd and back, one piece at a time. Readiness is edge-triggered: each side is used until
 * it says that it would block. */
#include <errno.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <string.h>
#include <sys/socket.h>

#include "phonecfg/base/mem.h"
#include "provisioning/edge/loop.h"
#include "provisioning/http/exchange.h"

void stuck_free(struct stuck *s)
{
	if (s->p) {
		explicit_bzero(s->p, s->n);
		mem_free(s->p);
	}
	*s = (struct stuck){ 0 };
}

static bool stuck_keep(struct stuck *s, const char *p, size_t n)
{
	s->p = mem_alloc(n);
	if (s->p == NULL)
		return false;
	memcpy(s->p, p, n);
	s->n = n;
	s->off = 0;
	return true;
}

/* SSL_read has said that nothing more comes. Was it FIN, or close_notify alone? */
static void read_end(struct conn *c)
{
	char byte;
	ssize_t n = recv(c->fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT);

	c->in_end = true;
	c->moved_ms = c->loop->now_ms;
	c->notified = (SSL_get_shutdown(c->ssl) & SSL_RECEIVED_SHUTDOWN) != 0;
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		conn_kill(c, false);
		return;
	}
	if (n == 0)
		watch_alive(c, false);
	else
		watch_notified(c);
	http_link_hangup(&c->link);
	if (c->pair >= 0)
		shutdown(c->pair, SHUT_WR);
	c->loop->mhd_due = true;
}

/* False: the connection is gone. */
static bool tls_failed(struct conn *c, int result, bool reading)
{
	switch (SSL_get_error(c->ssl, result)) {
	case SSL_ERROR_WANT_READ:
		c->can_read = false;
		return true;
	case SSL_ERROR_WANT_WRITE:
		c->can_write = false;
		return true;
	case SSL_ERROR_ZERO_RETURN:
		if (reading) {
			read_end(c);
			return c->state != CONN_CLOSED;
		}
		/* fall through */
	default:
		conn_kill(c, false);
		return false;
	}
}

/* Up to TLS 1.2 the client has the last word of a resumed handshake. One that waits for our ACK before it asks (Nagle's
 * algorithm) would get it 40 ms later; in TLS 1.3 it comes with the new ticket. */
static void ack_now(const struct conn *c)
{
	int one = 1;

	setsockopt(c->fd, IPPROTO_TCP, TCP_QUICKACK, &one, sizeof(one));
}

static void handshake(struct conn *c)
{
	struct edge *e = c->loop->edge;
	int r;

	ERR_clear_error();
	r = SSL_accept(c->ssl);
	if (r == 1) {
		tls_peer(c->ssl, &c->link.peer);
		atomic_fetch_add(SSL_session_reused(c->ssl) ? &e->resumed : &e->handshakes, 1);
		if (SSL_session_reused(c->ssl) && SSL_version(c->ssl) < TLS1_3_VERSION)
			ack_now(c);
		c->state = CONN_OPEN;
		c->moved_ms = c->loop->now_ms;
		if (!loop_attach(c->loop, c))
			conn_kill(c, true);
		return;
	}
	switch (SSL_get_error(c->ssl, r)) {
	case SSL_ERROR_WANT_READ:
		c->can_read = false;
		break;
	case SSL_ERROR_WANT_WRITE:
		c->can_write = false;
		break;
	default:
		atomic_fetch_add(&e->handshake_failed, 1);
		conn_kill(c, false);
	}
}

/* Plain bytes towards libmicrohttpd; what does not fit is kept. False: the connection is gone. */
static bool give(struct conn *c, const char *p, size_t n)
{
	ssize_t put = 0;

	if (!c->pair_end && c->pair >= 0) {
		put = send(c->pair, p, n, MSG_NOSIGNAL | MSG_DONTWAIT);
		c->loop->mhd_due = true;
	}
	if (put < 0 && errno == EAGAIN) {
		c->pair_can_write = false;
		put = 0;
	} else if (put < 0 || c->pair_end) {
		/* It has answered and closed without reading on: an early refusal. */
		c->discarded += n;
		if (c->discarded <= HTTP_DISCARD_MAX)
			return true;
		conn_kill(c, true);
		return false;
	}
	if ((size_t)put == n || stuck_keep(&c->in, p + put, n - (size_t)put))
		return true;
	conn_kill(c, true);
	return false;
}

static bool give_stuck(struct conn *c)
{
	ssize_t put = send(c->pair, c->in.p + c->in.off, c->in.n - c->in.off, MSG_NOSIGNAL | MSG_DONTWAIT);

	if (put < 0 && errno == EAGAIN) {
		c->pair_can_write = false;
		return true;
	}
	if (put > 0)
		c->in.off += (size_t)put;
	c->loop->mhd_due = true;
	c->moved_ms = c->loop->now_ms;
	if (put < 0 || c->in.off == c->in.n)
		stuck_free(&c->in);
	return true;
}

/* One piece from the phone to libmicrohttpd. True = something moved. */
static bool move_in(struct conn *c)
{
	struct loop *l = c->loop;
	int n;

	if (c->in.n > 0) {
		if (!c->pair_can_write)
			return false;
		give_stuck(c);
		return true;
	}
	/* Whoever asks on while a body is on its way waits for it: so little stands in memory for a client that does
	 * not read. */
	if (!c->can_read || c->in_end || c->bodies)
		return false;
	ERR_clear_error();
	n = SSL_read(c->ssl, l->piece, sizeof(l->piece));
	if (n <= 0)
		return tls_failed(c, n, true) && false;
	c->moved_ms = l->now_ms;
	c->busy_bytes += n;
	if (!c->busy && c->head_ms == 0)
		c->head_ms = l->now_ms;
	watch_alive(c, true);
	return give(c, l->piece, (size_t)n);
}

static bool send_piece(struct conn *c, const char *p, size_t n)
{
	int r;

	ERR_clear_error();
	r = SSL_write(c->ssl, p, (int)n);
	if (r > 0) {
		c->moved_ms = c->loop->now_ms;
		c->busy_bytes += r;
		stuck_free(&c->out);
		watch_sent(c);
		return true;
	}
	if (!tls_failed(c, r, false))
		return false;
	if (c->out.n == 0 && !stuck_keep(&c->out, p, n))
		conn_kill(c, true);
	return false;
}

/* A record straight from memory. One that would not go is offered again as it is: nothing of it was counted. */
static bool send_body(struct conn *c)
{
	struct slice s = body_next(c, c->loop->piece);
	int r;

	ERR_clear_error();
	r = SSL_write(c->ssl, s.p, (int)s.n);
	if (r <= 0)
		return tls_failed(c, r, false) && false;
	c->moved_ms = c->loop->now_ms;
	c->busy_bytes += r;
	body_gone(c, (size_t)r);
	watch_sent(c);
	return true;
}

/* One piece from libmicrohttpd to the phone. */
static bool move_out(struct conn *c)
{
	struct loop *l = c->loop;
	size_t max = body_before(c);
	ssize_t n;

	if (c->out.n > 0)
		return c->can_write && send_piece(c, c->out.p, c->out.n);
	if (body_due(c))
		return c->can_write && send_body(c);
	if (head_due(c)) {
		n = (ssize_t)head_take(c, l->piece);
		if (n > 0)
			return send_piece(c, l->piece, (size_t)n);
		conn_kill(c, true);
		return false;
	}
	if (!c->pair_can_read || c->pair_end || max == 0)
		return false;
	n = recv(c->pair, l->piece, max, MSG_DONTWAIT);
	if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
		c->pair_can_read = errno == EINTR;
		return false;
	}
	if (n <= 0) {
		c->pair_end = true;
		return false;
	}
	c->pair_out += (uint64_t)n;
	c->plain_out += (uint64_t)n;
	return send_piece(c, l->piece, (size_t)n);
}

void conn_pump(struct conn *c)
{
	unsigned i;

	if (c->state == CONN_HANDSHAKE)
		handshake(c);
	if (c->state == CONN_LINGER)
		conn_linger_read(c);
	for (i = 0; c->state == CONN_OPEN && i < EDGE_FAIR; i++) {
		bool moved = move_in(c);

		if (c->state == CONN_OPEN)
			moved |= move_out(c);
		if (c->state == CONN_OPEN && c->pair_end && c->out.n == 0 && c->bodies == NULL)
			conn_linger(c);
		if (!moved)
			break;
	}
	if (c->state == CONN_CLOSED)
		return;
	if (i == EDGE_FAIR)
		loop_queue(c->loop, c);
	loop_idle(c->loop, c, conn_spare(c));
	conn_rearm(c);
}
