/* One connection: TLS on one side, a socketpair to libmicrohttpd on the other, and what became of each answer.
 *
 * Two references: the edge's, dropped when the TCP socket closes, and libmicrohttpd's, dropped when it tells that its
 * connection is closed. All on the loop's thread. */
#ifndef PROVISIONING_EDGE_CONN_H
#define PROVISIONING_EDGE_CONN_H

#include <openssl/ssl.h>

#include "provisioning/http/link.h"

struct loop;

enum conn_state {
	CONN_HANDSHAKE,
	CONN_OPEN,
	CONN_LINGER, /* libmicrohttpd has ended; the last bytes are with TCP, the other side has the word */
	CONN_CLOSED, /* no socket any more; libmicrohttpd or the graveyard holds the rest */
};

/* An answer whose fate is not known yet. Offsets count from the connection's first byte. */
struct watch {
	struct watch *next;
	delivery_fn *fn;
	void *arg;
	uint64_t plain_end; /* of the answer, in bytes before encryption */
	uint64_t tcp_end;   /* the same in bytes given to TCP; 0 = not all given yet */
	uint64_t tcp_heard; /* bytes that TCP had received by then */
};

/* A body that follows a head out of the socketpair. */
struct following {
	struct following *next;
	struct http_body body;
	uint64_t head, at; /* its head's bytes in the socketpair's stream; at 0: it is not there whole */
	uint64_t left;
	size_t piece, off; /* what goes next */
};

struct stuck { /* bytes that the other side would not take: allocated only while there are any */
	char *p;
	size_t n, off;
};

struct conn {
	struct http_link link; /* first: libmicrohttpd's socket_context */
	struct loop *loop;
	unsigned refs;
	enum conn_state state;
	struct address *address;
	int fd, pair, mhd_fd;
	SSL *ssl;
	bool can_read, can_write, pair_can_read, pair_can_write; /* edge-triggered readiness */
	bool in_end;                                             /* nothing more comes: close_notify or FIN */
	bool notified;                                           /* close_notify has come */
	bool pair_end;                                           /* libmicrohttpd has closed its end */
	bool busy;                                               /* a request is being answered */
	bool half;                                               /* linger: our FIN is out */
	bool queued;                                             /* on the loop's list of those with more to do */
	struct stuck in, out;
	struct following *bodies, **bodies_end;
	uint64_t pair_out;   /* bytes out of the socketpair */
	uint64_t bodies_all; /* bytes of all bodies, those that wait included */
	uint64_t plain_out, discarded;
	struct watch *watches, **watches_end;
	struct http_alarm alarm;
	int64_t moved_ms;                   /* when bytes last moved, or the state changed */
	int64_t busy_ms;                    /* when the request began, or went on after waiting */
	int64_t busy_bytes;                 /* moved since then, both ways */
	int64_t head_ms;                    /* when the first byte of a request without a head came; 0 = none */
	struct conn *next, *prev;           /* all of the loop */
	struct conn *idle_next, *idle_prev; /* idle ones, longest first; idle_next NULL = not in the list */
	struct conn *more;                  /* the list of `queued` */
	struct conn *adding;                /* the list of those just given to libmicrohttpd */
	struct conn *grave;                 /* the list of those closed in this round */
};

/* Takes the socket over (closes it on failure). */
struct conn *conn_new(struct loop *l, int fd, const struct sockaddr_storage *addr);
void conn_unref(struct conn *c);
/* epoll said so. */
void conn_tcp_event(struct conn *c, uint32_t events);
void conn_pair_event(struct conn *c, uint32_t events);
/* pump.c: moves what can be moved. */
void conn_pump(struct conn *c);
void stuck_free(struct stuck *s);
/* Nothing more to send: gives the other side the last word, and throws away what it still sends. */
void conn_linger(struct conn *c);
void conn_linger_read(struct conn *c);
/* Sets the alarm for whatever this connection now waits for. */
void conn_rearm(struct conn *c);
/* The server goes down: idle ones end, sleeping requests wake. */
void conn_stop(struct conn *c);
/* The end, at once. hard: by a reset, so that the kernel keeps nothing. */
void conn_kill(struct conn *c, bool hard);
bool conn_idle(const struct conn *c);
/* It belongs in the list of those that may go where there is no room. */
bool conn_spare(const struct conn *c);

/* body.c: takes a body over, whose head is what libmicrohttpd writes next. False: no memory. */
bool body_add(struct conn *c, const struct http_body *b);
/* That head is there. */
void body_headed(struct conn *c);
/* How much of what stands in the socketpair may go out as it is. */
size_t body_before(const struct conn *c);
/* Is it the turn of a head that belongs to a body; of the body itself? */
bool head_due(const struct conn *c);
bool body_due(const struct conn *c);
/* The head with its body's length, and of the body what fits, into buf (EDGE_PIECE bytes): how much; 0 = it is no head
 * that we know. */
size_t head_take(struct conn *c, char *buf);
/* Its next record, without a copy where it can be: good until body_gone(). buf: EDGE_PIECE bytes. */
struct slice body_next(const struct conn *c, char *buf);
void body_gone(struct conn *c, size_t n);
void bodies_free(struct conn *c);

/* deliver.c */
void watch_add(struct conn *c, delivery_fn *fn, void *arg);
/* After each SSL_write that was taken whole. */
void watch_sent(struct conn *c);
/* A sign of life: bytes of a next request (data), or the end. Settles what it proves. */
void watch_alive(struct conn *c, bool data);
/* close_notify, with no FIN yet: what is not acknowledged by now is lost, the rest waits for FIN or reset. */
void watch_notified(struct conn *c);
void watch_lost(struct conn *c);

#endif
