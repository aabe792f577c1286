/* One edge thread: epoll, its own libmicrohttpd daemon, its connections and their timers. */
#ifndef PROVISIONING_EDGE_LOOP_H
#define PROVISIONING_EDGE_LOOP_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>

#include "provisioning/edge/addresses.h"
#include "provisioning/edge/conn.h"
#include "provisioning/edge/edge.h"
#include "provisioning/edge/timers.h"
#include "provisioning/edge/tls.h"

enum {
	EDGE_PIECE = 16 * 1024,       /* one TLS record */
	EDGE_FAIR = 16,               /* pieces that one connection may move before others have their turn */
	EDGE_TCP_BUFFER = 64 * 1024,  /* the kernel doubles it */
	EDGE_PAIR_BUFFER = 16 * 1024, /* likewise */
	EDGE_POOL = 12 * 1024,        /* libmicrohttpd's memory per connection: the head of a request must fit */
	EDGE_SCARCE = 4,              /* connections are scarce when less than one in so many is left */
	EDGE_PROOF_MS = 3000,    /* silence after which we end a connection whose last answer waits for its proof */
	EDGE_SILENT_MS = 2000,   /* a client that owes a word for so long may go where there is no room */
	EDGE_LAST_WORD_MS = 300, /* how long the other side may end first */
};

struct loop {
	struct http_loop http; /* first */
	struct edge *edge;
	pthread_t thread;
	bool running;
	int epoll, wake, mhd_epoll;
	struct MHD_Daemon *mhd;
	pthread_mutex_t lock; /* of first, last */
	struct http_task *first, *last;
	struct timers timers;
	struct conn *all, *idle_first, *idle_last, *adding, *queued, *graves;
	size_t count; /* connection objects, those that only libmicrohttpd holds included */
	struct http_alarm accept_again;
	bool accepting, mhd_due, stopping;
	int unread; /* this loop's part of edge_queue */
	int64_t now_ms, stop_at_ms;
	char piece[EDGE_PIECE];
};

struct edge {
	struct edge_conf conf;
	struct arena arena;
	struct http *plane;
	struct tls tls;
	int listener;
	uint16_t port;
	struct loop *loops;
	unsigned nloops;
	unsigned stop_ms;
	atomic_bool stopping;
	atomic_uint open;
	atomic_int unaccepted; /* this edge's part of edge_queue */
	struct addresses addresses;
	atomic_uint_fast64_t accepted, handshakes, resumed, handshake_failed, closed_idle, closed_stalled,
		refused_limit, refused_address;
};

enum err_code loop_open(struct loop *l, struct edge *e, struct err *err);
/* The thread must have ended. */
void loop_close(struct loop *l);
void *loop_run(void *loop);
void loop_wake(struct loop *l);

/* accept.c: watches the listening socket or not; takes what waits there. */
void loop_listen(struct loop *l, bool on);
void loop_accept(struct loop *l);

bool loop_watch_fd(struct loop *l, int fd, uint32_t events, void *word);
/* For connections. */
/* Makes the socketpair and gives one end to libmicrohttpd. */
bool loop_attach(struct loop *l, struct conn *c);
void loop_queue(struct loop *l, struct conn *c);
void loop_idle(struct loop *l, struct conn *c, bool idle);
void loop_closed(struct loop *l, struct conn *c);

#endif
