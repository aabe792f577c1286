/* What http needs of whoever carries the bytes: one link per connection, one loop per edge thread. The edge embeds
 * both; http never knows a socket. All calls belong to the owning thread, but post(). */
#ifndef PROVISIONING_HTTP_LINK_H
#define PROVISIONING_HTTP_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "provisioning/http/http.h"

struct exchange;

/* Work for a loop's thread; embedded in what it is about. */
struct http_task {
	struct http_task *next;
	void (*fn)(struct http_task *t);
};

/* A time at which fn shall run; embedded. */
struct http_alarm {
	int64_t at_ms; /* CLOCK_MONOTONIC */
	size_t slot;   /* the loop's own; 0 = not set */
	void (*fn)(struct http_alarm *a);
};

struct http_loop;
struct http_loop_ops {
	void (*post)(struct http_loop *l, struct http_task *t);                  /* any thread */
	void (*alarm)(struct http_loop *l, struct http_alarm *a, int64_t at_ms); /* 0 = switch off */
};

struct http_loop {
	const struct http_loop_ops *ops;
	bool crowded; /* connections are scarce: every answer says Connection: close */
};

/* A body that stands in memory until it is released. */
struct http_body {
	struct slice whole; /* or: */
	const struct slice *v;
	size_t n;
	uint64_t bytes;
	void (*release)(void *arg); /* may be NULL */
	void *arg;
};
/* The i-th piece. */
struct slice http_body_piece(const struct http_body *b, size_t i);
void http_body_release(struct http_body *b);

struct http_link;
struct http_link_ops {
	/* An answer has just been handed over whole: call fn once its fate is known. */
	void (*watch)(struct http_link *l, delivery_fn *fn, void *arg);
	/* A request began or goes on after waiting (true), or its answer was handed over (false). */
	void (*busy)(struct http_link *l, bool busy);
	/* The next answer is handed over as a head with "Content-Length: 0" at its end. This is its body: the link puts
	 * its length into the head and sends it behind, straight from memory. True: taken over. NULL: all bodies go the
	 * way of the heads. */
	bool (*body)(struct http_link *l, const struct http_body *b);
	/* That head has been handed over whole, or will never be. */
	void (*headed)(struct http_link *l, bool whole);
};

struct http_link {
	const struct http_link_ops *ops;
	struct http_loop *loop;
	struct http_peer peer;
	unsigned served;      /* requests so far */
	struct exchange *now; /* the request that is being answered, or NULL */
};

/* The other side hung up: a suspended request is cancelled (its handler does not run again) and resumed, so that
 * libmicrohttpd sees the end. Safe at any time. */
void http_link_hangup(struct http_link *l);
/* The server stops: a request that sleeps runs again at once, with request.stopping. */
void http_link_stop(struct http_link *l);
/* True while the request's connection is suspended. */
bool http_link_waiting(const struct http_link *l);
/* What became of a watched answer, for the counters. */
void http_count(struct http *h, enum delivery outcome);
/* From now on every answer says Connection: close. */
void http_stopping(struct http *h);

#endif
