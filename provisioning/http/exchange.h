/* One request and its response, and where they are: private to http/.
 *
 * Two references at most: the connection's (libmicrohttpd, or the caller of http_try) and the worker's. The state says
 * who may touch the response. */
#ifndef PROVISIONING_HTTP_EXCHANGE_H
#define PROVISIONING_HTTP_EXCHANGE_H

#include <stdatomic.h>

#include "provisioning/http/http.h"
#include "provisioning/http/link.h"
#include "provisioning/http/router.h"

enum {
	HTTP_DISCARD_MAX = 512 * 1024, /* of a refused body; where a route takes more, as much as that */
	HTTP_LATER_MAX_MS = 60000
};

struct request_cleanup {
	struct request_cleanup *next;
	void (*fn)(void *arg);
	void *arg;
};

struct request_rest {
	struct http_header *headers;
	size_t nheaders, cap;
	const char *query; /* raw, or NULL */
	unsigned later_ms;
	bool later;
	bool on_worker; /* later runs go there too */
	struct request_cleanup *cleanups;
	struct http_peer peer;
};

enum body_kind { BODY_NONE, BODY_BUF, BODY_SHARED, BODY_FILE, BODY_STREAM };

struct response {
	struct arena *arena;
	unsigned status;
	struct http_header *headers;
	size_t nheaders, cap;
	enum body_kind kind;
	struct buf buf; /* of a stream: the piece that is being sent */
	stream_fn *stream;
	size_t taken; /* of the piece */
	bool more;    /* another piece follows */
	bool cut;     /* the next piece could not be made */
	struct http_body shared;
	void (*release)(void *arg); /* of a stream */
	void *release_arg;
	int fd;
	uint64_t offset, length;
	const char *etag;
	const char *content_type;
	bool close, failed;
	bool has_it; /* the client named the tag of what it would get */
	delivery_fn *delivery;
	void *delivery_arg;
};

enum exchange_state {
	EXCHANGE_HERE,     /* its edge thread has it */
	EXCHANGE_WORKER,   /* queued for, or in the hands of, a worker */
	EXCHANGE_POSTED,   /* on the way back */
	EXCHANGE_ASLEEP,   /* request_later() */
	EXCHANGE_DETACHED, /* the connection is gone, a worker still has it */
};

struct exchange {
	struct request rq;
	struct response rs;
	struct request_rest rest;
	struct http *http;
	struct http_link *link;
	void *mhd; /* struct MHD_Connection * */
	struct http_task task;
	struct http_alarm alarm;
	atomic_int refs;
	_Atomic enum exchange_state state;
	enum handled result;
	bool begun;     /* headers have been looked at */
	bool misread;   /* a header is none */
	bool refused;   /* the answer stands before the body was read */
	bool ready;     /* the answer is complete */
	bool counted;   /* holds a place of its route's cap */
	bool suspended; /* libmicrohttpd's connection sleeps */
	size_t head;    /* bytes, as far as it has been seen */
	bool direct;    /* the link has the body */
	uint64_t discarded;
	struct buf body;
	struct router_row *row;
};

struct http {
	struct http_conf conf;
	struct router router;
	atomic_bool stopping;
	atomic_uint live; /* exchanges that are not freed yet */
	atomic_uint_fast64_t requests, delivered, lost, suspended, by_class[6];
};

struct exchange *exchange_new(struct http *h, struct http_link *link, const char *target);
void exchange_unref(struct exchange *x);
bool exchange_header(struct exchange *x, const char *name, const char *value);
/* Route, authenticate, check the announced length (UINT64_MAX = unknown). Sets refused when rs is the answer. */
void exchange_begin(struct exchange *x, const char *method, uint64_t announced);
/* More of the body: kept, or counted and thrown away. False = too much even to throw away. */
bool exchange_body(struct exchange *x, const char *p, size_t n);
/* So much of a refused body is read and thrown away. */
size_t exchange_discard_max(const struct exchange *x);
/* Runs the handler where it belongs. True = ready; false = it waits, wake() will be called on the link's thread. */
bool exchange_run(struct exchange *x);
/* The next piece of a stream, at most max bytes: how many; 0 = it is being made, and exchange_wake() follows; -1 = that
 * was all; -2 = it ends in the middle. */
ptrdiff_t exchange_read(struct exchange *x, char *out, size_t max);
/* The last changes before the answer leaves: 304, 500 for a failed body, default headers. */
void exchange_finish(struct exchange *x);
/* The answer is handed over (whole) or lost; reports or watches the delivery. */
void exchange_over(struct exchange *x, bool whole);
/* serve.c: libmicrohttpd shall call again. */
void exchange_wake(struct exchange *x);

void response_init(struct response *rs, struct arena *a);
/* Drops the body and the headers; keeps the delivery call. */
void response_clear(struct response *rs);
void response_release(struct response *rs);
/* Makes the next piece of a stream. */
void response_refill(struct response *rs);
bool response_has_header(const struct response *rs, const char *name);
/* Splits and checks the target; false = not a path. */
bool request_target(struct request *rq, const char *target);
/* Percent-decodes one piece; NULL when malformed, or when it holds a control character or is not UTF-8. */
char *request_decode(struct arena *a, struct slice s, bool plus);
/* *named: by its tag, not by "*". */
bool etag_matches(const char *if_none_match, const char *etag, bool *named);

#endif
