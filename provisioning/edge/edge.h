/* TLS by OpenSSL in front of libmicrohttpd: one plane, one listening socket, N threads. README.md says how and why. */
#ifndef PROVISIONING_EDGE_EDGE_H
#define PROVISIONING_EDGE_EDGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "phonecfg/base/err.h"
#include "provisioning/http/http.h"

struct edge;

enum { EDGE_BUNDLES = 8 };

struct edge_cert {
	const char *chain; /* PEM file, leaf first; NULL = none of this kind */
	const char *key;   /* PEM file */
	const char *ocsp;  /* DER file: what its authority says of it; NULL = nothing is stapled */
	bool any_kind;     /* RSA or ECDSA, under whichever setting it is named */
};

/* Handshakes that wait for this server: whose bytes are there and not read, and connections that nobody has accepted. A
 * client that keeps its side waiting is none of them. Kept up to date by the edge, read by anybody; it outlives the
 * edge. */
struct edge_queue {
	atomic_int unread, unaccepted;
};
unsigned edge_queue_length(const struct edge_queue *q);

/* Strings are copied by edge_open. A zero takes the default. */
struct edge_conf {
	const char *address; /* "0.0.0.0", "::", "127.0.0.1"; default "::" with IPv4, or "0.0.0.0" where IPv6 is off */
	uint16_t port;       /* 0 = any; edge_port() tells */
	struct edge_cert rsa, ecdsa;
	int64_t ticket_ms; /* a new key for session tickets; default 12 hours */
	/* PEM bundles: a client certificate is asked for, and may be left out. Which one vouched is told by its place.
	 */
	const char *client_ca[EDGE_BUNDLES];
	bool tls_old;              /* TLS 1.0 and 1.1 too, for firmware that knows nothing newer */
	unsigned threads;          /* default 1 */
	unsigned connections_max;  /* over all threads of this plane; default edge_room() */
	unsigned connections_each; /* of them from one address; default 4 000: a fleet behind one NAT */
	unsigned handshake_ms;     /* default 10 000 */
	unsigned head_ms;          /* from a request's first byte to the end of its head; default 10 000 */
	unsigned idle_ms;          /* keep-alive without a request; default 30 000 */
	unsigned stall_ms;         /* output or input that does not move; default 30 000 */
	unsigned linger_ms;        /* after the answer, for the other side to end; default 2 000 */
	struct edge_queue *queue;  /* NULL = nobody wants to know */
};

/* Raises the soft limit of descriptors to the hard one. Returns how many connections all planes together may have:
 * three descriptors each, 200 left for the rest. */
unsigned edge_room(void);

/* Binds, reads the certificates; accepts nothing yet. Errors name the file or the address. */
enum err_code edge_open(const struct edge_conf *conf, struct http *plane, struct edge **out, struct err *err);
enum err_code edge_start(struct edge *e, struct err *err);
/* No accept, "Connection: close", suspended requests end; after deadline_ms the rest is cut. Joins the threads. */
void edge_stop(struct edge *e, unsigned deadline_ms);
/* After edge_stop, or without edge_start. */
void edge_close(struct edge *e);

uint16_t edge_port(const struct edge *e);
/* Reads the certificates and the bundle again; on an error the old ones stay. One thread at a time. */
enum err_code edge_reload(struct edge *e, struct err *err);
/* Every few seconds: does the same when the files have changed and nobody is writing them (*taken = it has), and turns
 * the ticket keys. The thread that reloads. */
enum err_code edge_tick(struct edge *e, bool *taken, struct err *err);

struct edge_stats {
	uint64_t accepted, handshakes, resumed, handshake_failed, closed_idle, closed_stalled, refused_limit,
		refused_address;
	uint64_t open_now;
};
/* Adds to *out; of NULL nothing. */
void edge_stats(const struct edge *e, struct edge_stats *out);

#endif
