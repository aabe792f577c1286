/* Requests, responses and the table of routes.
 *
 * A plane (phones, admin) is one struct http: its routes, its hook for authentication, its limits. The edge feeds it.
 * A handler fills the response and returns HANDLED; or says ON_WORKER, and is run again on a worker thread; or returns
 * request_later(), and is run again when the time has come. While a request waits, its connection is suspended and its
 * edge thread serves others.
 *
 * Nothing here, and no handler that runs on an edge thread, writes to the store or waits. */
#ifndef PROVISIONING_HTTP_HTTP_H
#define PROVISIONING_HTTP_HTTP_H

#include <netinet/in.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/buf.h"
#include "phonecfg/base/err.h"
#include "phonecfg/base/mac.h"
#include "phonecfg/base/slice.h"

struct request;
struct response;
struct principal;  /* who asks; the auth hook's own type */
struct http;       /* one plane */
struct http_trust; /* forwarded.h */

enum http_method {
	HTTP_NONE = 0,
	HTTP_GET = 1, /* HEAD arrives as GET with request.head set */
	HTTP_POST = 2,
	HTTP_PUT = 4,
	HTTP_PATCH = 8,
	HTTP_DELETE = 16,
};

enum handled {
	HANDLED,   /* the response is complete */
	ON_WORKER, /* run me again on a worker thread (a worker must not say this again) */
	LATER,     /* only as the result of request_later() */
};

enum where { ON_EDGE, WORKER }; /* where a handler's first run happens */

enum {
	HTTP_PARAMS_MAX = 8,
	HTTP_ADDRESS_TEXT = 64, /* "[ipv6%scope]:port" and NUL */
	HTTP_BODY_DEFAULT = 64 * 1024,
};

typedef enum handled handler_fn(struct request *rq, struct response *rs);

/* One row of the table. Patterns are absolute within their mount: "/domains/{domain}/users/{user}". A segment is text
 * or {name}; the last one may be {name*}, which takes the rest of the path, slashes included. Text wins over {name},
 * and {name} over {name*}. GET answers HEAD too. */
struct route {
	enum http_method method;
	const char *pattern;
	handler_fn *handler;
	enum where where;
	unsigned scope;          /* what the auth hook shall demand; the hook's own numbers */
	size_t body_max;         /* bytes; 0 = HTTP_BODY_DEFAULT for POST, PUT, PATCH, DELETE. Beyond it: 413 */
	unsigned concurrent_max; /* so many at once, counted until the answer has left; more get 503. 0 = no cap */
};

/* The same table may be mounted twice ("/api/v1" and "/ns-api/v2"); prefix "" is the root. */
struct mount {
	const char *prefix;
	const struct route *routes;
	size_t count;
};

/* ---- the request: valid until the last run of the handler has returned ---- */

struct http_param {
	const char *name, *value; /* value: percent-decoded, no NUL inside */
};

struct http_header {
	const char *name, *value;
};

/* What the handshake said about the other side. Behind a trusted proxy the address is that of the proxy's client
 * (forwarded.h) and all else the proxy's. */
struct http_peer {
	struct sockaddr_storage addr;
	char text[HTTP_ADDRESS_TEXT]; /* "192.0.2.7:4711", "[2001:db8::1]:4711"; without a port behind a proxy */
	bool tls;
	bool cert;        /* a client certificate was given and one of the listener's bundles vouches for it */
	unsigned bundles; /* which: bit n for the n-th of the listener's settings */
	bool has_mac;     /* it names one phone */
	struct mac mac;
};

struct request {
	struct arena arena; /* dies with the request */
	enum http_method method;
	bool head;                                 /* it was HEAD: same answer, the body is left out for you */
	const char *method_text;                   /* as sent */
	struct slice target;                       /* as in the request line, with the query; for Digest */
	const char *path;                          /* without the query, still encoded */
	const char *prefix;                        /* the mount that matched */
	struct http_param params[HTTP_PARAMS_MAX]; /* of the pattern */
	size_t nparams;
	const struct route *route;
	struct slice body; /* whole */
	const struct http_peer *peer;
	const char *listener;              /* name of the plane: "phones", "admin" */
	const struct principal *principal; /* set by the auth hook */
	void *ctx;                         /* struct http_conf.ctx */
	void *state;                       /* the handler's own, kept between its runs; in the arena */
	unsigned run;                      /* 0 in the first run */
	int64_t started_ms;                /* CLOCK_MONOTONIC when the headers were there */
	bool stopping;                     /* the server is going down: answer now */
	atomic_bool gone;                  /* the client hung up: nobody reads the answer */
	struct request_rest *rest;         /* the library's own */
};

/* A header's value, or NULL; the first of several. Name in any case. */
const char *request_header(const struct request *rq, const char *name);
/* The i-th header of that name, or NULL. */
const char *request_header_nth(const struct request *rq, const char *name, size_t i);
/* A parameter of the route's pattern; "" when there is none of that name. */
const char *request_param(const struct request *rq, const char *name);
/* A parameter of the query, percent-decoded, '+' = space; "" when present without a value, NULL when absent. */
const char *request_query(const struct request *rq, const char *name);
/* The same of a form that was posted (application/x-www-form-urlencoded); NULL for any other body. */
const char *request_form(const struct request *rq, const char *name);
/* A cookie's value, or NULL (RFC 6265 §5.4). */
const char *request_cookie(const struct request *rq, const char *name);
/* What stands behind "Authorization: Bearer ", or the empty slice (RFC 6750 §2.1). */
struct slice request_bearer(const struct request *rq);
/* User and password of "Authorization: Basic" (RFC 7617); false when absent or malformed, and always without TLS.
 * Copies in the arena. */
bool request_basic(struct request *rq, struct slice *user, struct slice *password);
/* Milliseconds since the headers were there. */
int64_t request_age_ms(const struct request *rq);

/* Suspends the request; the handler runs again after ms (at most 60 s), where it ran before (rq->run counts). It runs
 * earlier when the server stops (rq->stopping). When the client hangs up it does not run again: clean-ups run. */
enum handled request_later(struct request *rq, unsigned ms);
/* fn(arg) when the request is over, latest first, exactly once, on any thread; false when memory ran out (fn was then
 * called at once). */
bool request_cleanup(struct request *rq, void (*fn)(void *arg), void *arg);

/* ---- the response: born as 200 without a body ---- */

/* Added after those the library sets. Name and value are copied; line breaks make it a 500. */
void response_header(struct response *rs, const char *name, const char *value);
void response_status(struct response *rs, unsigned status);
/* The body to write into; max is its limit in bytes. Sets Content-Type. A failed buffer is answered by 500. */
struct buf *response_body(struct response *rs, const char *content_type, size_t max);
/* A body that somebody else keeps until release(arg) is called (any thread, exactly once; may be NULL). */
void response_shared(
	struct response *rs, const char *content_type, const void *p, size_t n, void (*release)(void *arg), void *arg);
/* The same in n pieces, one behind the other; v belongs to the body. */
void response_pieces(struct response *rs, const char *content_type, const struct slice *v, size_t n,
	void (*release)(void *arg), void *arg);
/* A body of unknown length, made piece by piece in bounded memory: fn appends the next one to *out (STREAM_PIECE bytes
 * or so; beyond STREAM_PIECE_MAX it fails) and says whether more will follow. The first one is made at once, so that
 * its failure can still be answered: it is returned, and rs has no body. The others are made on a worker when the
 * client has taken what was there; a failure then cuts the connection, so that nobody takes a part for the whole.
 * release(arg) is called exactly once, on any thread; arg may live in the request's arena. For handlers on a worker. */
enum { STREAM_PIECE = 64 * 1024, STREAM_PIECE_MAX = 1024 * 1024 };
typedef enum err_code stream_fn(void *arg, struct buf *out, bool *more, struct err *err);
enum err_code response_stream(struct response *rs, const char *content_type, stream_fn *fn, void *arg,
	void (*release)(void *arg), struct err *err);
/* A piece of an open regular file; the descriptor is closed afterwards. For Range: the handler sets 206 and
 * Content-Range itself; http_range() reads the header. */
void response_file(struct response *rs, const char *content_type, int fd, uint64_t offset, uint64_t n);
/* Strong validator, without quotes. A matching If-None-Match turns a 200 into 304 (RFC 9110 §13.1.2). */
void response_etag(struct response *rs, const char *etag);
/* Set-Cookie with HttpOnly, Secure, SameSite=Strict, Path=/; max_age_s 0 deletes it. */
void response_cookie(struct response *rs, const char *name, const char *value, unsigned max_age_s);

enum delivery {
	DELIVERY_DONE,      /* 200, whole body, acknowledged, and a sign of life afterwards */
	DELIVERY_UNCHANGED, /* GET turned into a 304 by its own tag; has been handed to TCP, nothing more is known */
	DELIVERY_LOST,      /* anything else: HEAD, reset, time-out, another status, a 304 to "*" */
};
/* Called exactly once, on the edge thread that owns the connection (so: no write, no wait; post it), possibly long
 * after the request is gone: arg must live on its own. Also called when the response is thrown away: LOST, and then on
 * whichever thread lets go of it. */
typedef void delivery_fn(void *arg, enum delivery outcome);
void response_on_delivery(struct response *rs, delivery_fn *fn, void *arg);

/* application/problem+json (RFC 9457) with the code's status, the stable type "urn:rekey:problem:<word>" and
 * NetSapiens' code and message; a 503 with Retry-After. Replaces what was in rs. Returns HANDLED. */
enum handled problem(struct response *rs, const struct err *err);
enum handled problem_status(struct response *rs, unsigned status, const char *word, const char *detail);
unsigned problem_http_status(enum err_code code);
/* Constant answers of a plane that tells nothing: same bytes for everybody. */
enum handled plain_not_found(struct response *rs);
enum handled plain_too_many(struct response *rs);     /* 429; the caller adds Retry-After */
enum handled plain_unauthorized(struct response *rs); /* the caller adds WWW-Authenticate */

/* Range: bytes=a-b (one range; RFC 9110 §14.1.2) against a body of size bytes. */
enum http_range { RANGE_NONE, RANGE_OK, RANGE_BAD };
enum http_range http_range(const struct request *rq, uint64_t size, uint64_t *offset, uint64_t *n);

/* ---- server-sent events: one answer that is filled and ended ---- */

/* text/event-stream with Cache-Control: no-store. Then any number of events. */
struct buf *response_events(struct response *rs, unsigned retry_ms);
/* "id:", "event:" (NULL = message) and "data:" lines; data may have line breaks. */
void event_add(struct buf *b, const char *id, const char *event, struct slice data);

/* ---- a plane ---- */

/* Runs before the handler and before the body is read, on the edge thread: snapshot reads only. False = rs holds the
 * refusal. */
typedef bool auth_fn(struct request *rq, struct response *rs);
/* Queues fn(arg) on a worker thread; false when it cannot (the request is answered 503). */
typedef bool post_worker_fn(void *workers, void (*fn)(void *arg), void *arg);

struct http_conf {
	const char *name; /* "phones", "admin" */
	const struct mount *mounts;
	size_t nmounts;
	auth_fn *auth; /* NULL = everybody */
	void *ctx;
	post_worker_fn *post_worker;
	void *workers;
	size_t head_max; /* bytes of request line and headers; 0 = what libmicrohttpd's memory holds. Beyond: 431 */
	unsigned requests_max;          /* on one connection, then it is closed; 0 = no end */
	const struct http_trust *trust; /* proxies in front; NULL = none. Must outlive the plane */
	bool browser;                   /* security headers for browsers on every answer (admin plane) */
	bool plain; /* 404, 405 and 413 tell nothing: constant bytes (phone plane); otherwise problem+json */
};

/* Compiles the table. Errors name the route. The tables must outlive the plane. */
enum err_code http_open(const struct http_conf *conf, struct http **out, struct err *err);
/* After the edge is closed; waits until workers have let go of the last request, so they must still run (or have
 * drained their queue). What handlers use is freed after this. */
void http_close(struct http *h);
const char *http_name(const struct http *h);

/* Counters since start, for /metrics. */
struct http_stats {
	uint64_t requests, delivered, lost, suspended_now;
	uint64_t by_class[6]; /* [2] = answers 200 to 299 … */
};
void http_stats(const struct http *h, struct http_stats *out);

#endif
