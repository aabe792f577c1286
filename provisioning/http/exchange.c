#include "provisioning/http/exchange.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "phonecfg/base/mem.h"
#include "provisioning/conf/clock.h"
#include "provisioning/http/framing.h"
#include "provisioning/http/forwarded.h"

enum { ARENA_MAX = 32 * 1024 * 1024 };

/* What a head is beside its method, target, names and values. */
#define REQUEST_LINE "  HTTP/1.1\r\n\r\n"
#define HEADER_LINE ": \r\n"

struct exchange *exchange_new(struct http *h, struct http_link *link, const char *target)
{
	struct exchange *x = mem_zalloc(sizeof(*x));

	if (x == NULL)
		return NULL;
	arena_init(&x->rq.arena, ARENA_MAX);
	x->rq.rest = &x->rest;
	x->rest.peer = link->peer; /* a worker may outlive the connection */
	x->rq.peer = &x->rest.peer;
	x->rq.listener = h->conf.name;
	x->rq.ctx = h->conf.ctx;
	x->rq.prefix = "";
	x->rq.started_ms = clock_steady_ms();
	x->http = h;
	x->link = link;
	atomic_init(&x->refs, 1);
	atomic_init(&x->state, EXCHANGE_HERE);
	x->head = strlen(target) + sizeof(REQUEST_LINE) - 1;
	response_init(&x->rs, &x->rq.arena);
	buf_init(&x->body, 0);
	atomic_fetch_add(&h->live, 1);
	atomic_fetch_add(&h->requests, 1);
	if (!request_target(&x->rq, target))
		x->refused = true; /* exchange_begin answers */
	return x;
}

static void leave_cap(struct exchange *x)
{
	if (x->counted)
		atomic_fetch_sub(&x->row->running, 1);
	x->counted = false;
}

void exchange_unref(struct exchange *x)
{
	struct request_cleanup *c;
	struct http *h = x->http;

	if (atomic_fetch_sub(&x->refs, 1) != 1)
		return;
	if (x->rs.delivery)
		atomic_fetch_add(&x->http->lost, 1);
	leave_cap(x);
	response_release(&x->rs);
	for (c = x->rest.cleanups; c; c = c->next)
		c->fn(c->arg);
	buf_release(&x->body);
	arena_release(&x->rq.arena);
	mem_free(x);
	/* The last word: http_close waits for it. */
	atomic_fetch_sub(&h->live, 1);
}

bool exchange_header(struct exchange *x, const char *name, const char *value)
{
	struct arena *a = &x->rq.arena;
	struct http_header *h = arena_push(a, (void **)&x->rest.headers, &x->rest.nheaders, &x->rest.cap, sizeof(*h));

	if (h == NULL)
		return false;
	x->head += strlen(name) + (value ? strlen(value) : 0) + sizeof(HEADER_LINE) - 1;
	h->name = arena_strdup(a, name);
	h->value = arena_strdup(a, value ? value : "");
	return !arena_failed(a);
}

static enum http_method method_of(struct exchange *x, const char *text)
{
	static const struct {
		const char *text;
		enum http_method method;
	} methods[] = {
		{ "GET", HTTP_GET },
		{ "HEAD", HTTP_GET },
		{ "POST", HTTP_POST },
		{ "PUT", HTTP_PUT },
		{ "PATCH", HTTP_PATCH },
		{ "DELETE", HTTP_DELETE },
	};
	size_t i;

	x->rq.head = strcmp(text, "HEAD") == 0;
	for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++)
		if (strcmp(text, methods[i].text) == 0)
			return methods[i].method;
	return HTTP_NONE;
}

/* A refusal by the library itself; a plain plane says the same to all. */
static void refuse(struct exchange *x, unsigned status, const char *word, const char *detail)
{
	x->refused = true;
	if (!x->http->conf.plain) {
		problem_status(&x->rs, status, word, detail);
		return;
	}
	plain_not_found(&x->rs);
	response_status(&x->rs, status);
	if (status == 503)
		response_header(&x->rs, "Retry-After", "5");
}

static void refuse_method(struct exchange *x, unsigned methods)
{
	char allow[64];

	if (methods == 0) {
		refuse(x, 404, "not-found", "there is nothing at this path; the README lists the paths");
		return;
	}
	router_allow(methods, allow, sizeof(allow));
	refuse(x, 405, "method", "this path does not take that method; the Allow header lists those it takes");
	response_header(&x->rs, "Allow", allow);
}

static size_t body_max(const struct route *r)
{
	if (r->body_max)
		return r->body_max;
	return r->method == HTTP_GET ? 0 : HTTP_BODY_DEFAULT;
}

static bool enter_cap(struct exchange *x)
{
	unsigned max = x->rq.route->concurrent_max;

	if (max == 0)
		return true;
	x->counted = true;
	if (atomic_fetch_add(&x->row->running, 1) < max)
		return true;
	leave_cap(x);
	refuse(x, 503, "busy", "too many of these transfers run at once; come back later");
	return false;
}

static void too_large(struct exchange *x)
{
	refuse(x, 413, "limit", "the body is larger than this path takes");
}

void exchange_begin(struct exchange *x, const char *method, uint64_t announced)
{
	struct request *rq = &x->rq;
	struct router_match m;
	size_t max;

	x->begun = true;
	rq->method_text = arena_strdup(&rq->arena, method);
	rq->method = method_of(x, method);
	if (x->misread || !framing_good(rq)) {
		refuse(x, 400, "input", "the head of the request can be read in two ways");
		x->rs.close = true;
		return;
	}
	if (x->refused || arena_failed(&rq->arena)) {
		refuse(x, 400, "input", "the request line is malformed");
		x->rs.close = true;
		return;
	}
	if (x->http->conf.head_max && x->head + strlen(method) > x->http->conf.head_max) {
		refuse(x, 431, "limit", "the head of the request is larger than this server takes");
		x->rs.close = true;
		return;
	}
	if (x->http->conf.trust)
		forwarded_peer(x->http->conf.trust, rq, &x->rest.peer);
	router_match(&x->http->router, &rq->arena, rq->method, rq->path, &m);
	if (m.row == NULL) {
		refuse_method(x, m.allow);
		return;
	}
	x->row = m.row;
	rq->route = m.row->route;
	rq->prefix = m.row->prefix;
	memcpy(rq->params, m.params, sizeof(rq->params));
	rq->nparams = m.nparams;
	if (x->http->conf.auth && !x->http->conf.auth(rq, &x->rs)) {
		x->refused = true;
		return;
	}
	max = body_max(rq->route);
	buf_init(&x->body, max ? max : 1);
	if (announced != UINT64_MAX && announced > max)
		too_large(x);
	else
		enter_cap(x);
}

/* A phone sends its file before it is asked for its login, and is to read that it is asked. */
size_t exchange_discard_max(const struct exchange *x)
{
	size_t max = x->rq.route ? body_max(x->rq.route) : 0;

	return max > HTTP_DISCARD_MAX ? max : HTTP_DISCARD_MAX;
}

bool exchange_body(struct exchange *x, const char *p, size_t n)
{
	if (!x->refused && x->body.len + n > body_max(x->rq.route))
		too_large(x);
	if (!x->refused) {
		buf_add(&x->body, p, n);
		if (x->body.failed == ERR_OK)
			return true;
		refuse(x, 503, "nomem", "no memory for the body; come back later");
	}
	x->discarded += n;
	return x->discarded <= exchange_discard_max(x);
}

static void run_handler(struct exchange *x)
{
	x->rest.later = false;
	x->result = x->rq.route->handler(&x->rq, &x->rs);
	x->rq.run++;
	if (x->result == LATER && !x->rest.later)
		x->result = problem_status(&x->rs, 500, "bug", "a handler waits for nothing");
}

static void on_worker(void *arg)
{
	struct exchange *x = arg;
	enum exchange_state was = EXCHANGE_WORKER;

	if (!atomic_load(&x->rq.gone)) {
		run_handler(x);
		if (x->result == ON_WORKER)
			x->result = problem_status(&x->rs, 500, "bug", "a handler asks for a worker on a worker");
	}
	/* The post carries this thread's reference. Once detached, the loop may be gone: not a glance at it. */
	if (atomic_compare_exchange_strong(&x->state, &was, EXCHANGE_POSTED))
		x->link->loop->ops->post(x->link->loop, &x->task);
	else
		exchange_unref(x);
}

static bool to_worker(struct exchange *x);

/* True = the response is complete. */
static bool settle(struct exchange *x)
{
	struct http_loop *loop = x->link->loop;

	if (atomic_load(&x->rq.gone))
		return true;
	switch (x->result) {
	case ON_WORKER:
		return to_worker(x);
	case LATER:
		atomic_store(&x->state, EXCHANGE_ASLEEP);
		loop->ops->alarm(loop, &x->alarm, clock_steady_ms() + (x->rq.stopping ? 0 : x->rest.later_ms));
		return false;
	default:
		exchange_finish(x);
		return true;
	}
}

static void on_posted(struct http_task *t)
{
	struct exchange *x = (struct exchange *)((char *)t - offsetof(struct exchange, task));

	atomic_store(&x->state, EXCHANGE_HERE);
	if (settle(x)) {
		x->ready = true;
		exchange_wake(x);
	}
	exchange_unref(x);
}

static bool to_worker(struct exchange *x)
{
	const struct http_conf *conf = &x->http->conf;

	x->task.fn = on_posted;
	atomic_store(&x->state, EXCHANGE_WORKER);
	atomic_fetch_add(&x->refs, 1);
	if (conf->post_worker && conf->post_worker(conf->workers, on_worker, x))
		return false;
	atomic_store(&x->state, EXCHANGE_HERE);
	atomic_fetch_sub(&x->refs, 1);
	refuse(x, 503, "busy", "every worker is busy; come back later");
	exchange_finish(x);
	return true;
}

/* ---- a stream's next piece ---- */

static void on_refilled(struct http_task *t)
{
	struct exchange *x = (struct exchange *)((char *)t - offsetof(struct exchange, task));

	atomic_store(&x->state, EXCHANGE_HERE);
	exchange_wake(x);
	exchange_unref(x);
}

static void refill_on_worker(void *arg)
{
	struct exchange *x = arg;
	enum exchange_state was = EXCHANGE_WORKER;

	if (!atomic_load(&x->rq.gone))
		response_refill(&x->rs);
	if (atomic_compare_exchange_strong(&x->state, &was, EXCHANGE_POSTED)) /* as on_worker() */
		x->link->loop->ops->post(x->link->loop, &x->task);
	else
		exchange_unref(x);
}

static bool refill(struct exchange *x)
{
	const struct http_conf *conf = &x->http->conf;

	x->task.fn = on_refilled;
	atomic_store(&x->state, EXCHANGE_WORKER);
	atomic_fetch_add(&x->refs, 1);
	if (conf->post_worker && conf->post_worker(conf->workers, refill_on_worker, x))
		return true;
	atomic_store(&x->state, EXCHANGE_HERE);
	atomic_fetch_sub(&x->refs, 1);
	return false;
}

ptrdiff_t exchange_read(struct exchange *x, char *out, size_t max)
{
	struct response *rs = &x->rs;
	size_t n;

	if (atomic_load(&x->rq.gone))
		return -2; /* a worker may have the response in hand: not a glance at it */
	n = rs->buf.len - rs->taken;
	if (n == 0 && rs->more)
		return refill(x) ? 0 : -2;
	if (n == 0)
		return rs->cut ? -2 : -1;
	n = n < max ? n : max;
	memcpy(out, rs->buf.data + rs->taken, n);
	rs->taken += n;
	return (ptrdiff_t)n;
}

static void on_alarm(struct http_alarm *a)
{
	struct exchange *x = (struct exchange *)((char *)a - offsetof(struct exchange, alarm));

	atomic_store(&x->state, EXCHANGE_HERE);
	if (exchange_run(x)) {
		x->ready = true;
		exchange_wake(x);
	}
}

bool exchange_run(struct exchange *x)
{
	x->alarm.fn = on_alarm;
	x->rq.stopping = atomic_load(&x->http->stopping);
	x->rq.body = buf_view(&x->body);
	if (x->refused) {
		exchange_finish(x);
		return true;
	}
	if (x->rq.route->where == WORKER || (x->rq.run > 0 && x->rest.on_worker))
		return to_worker(x);
	run_handler(x);
	x->rest.on_worker = x->result == ON_WORKER;
	return settle(x);
}

static void browser_headers(struct response *rs)
{
	static const struct http_header always[] = {
		{ "Strict-Transport-Security", "max-age=31536000" },
		{ "X-Content-Type-Options", "nosniff" },
		{ "X-Frame-Options", "DENY" },
		{ "Referrer-Policy", "no-referrer" },
		{ "Cross-Origin-Opener-Policy", "same-origin" },
		{ "Cross-Origin-Resource-Policy", "same-origin" },
		{ "Content-Security-Policy", "default-src 'self'; img-src 'self' data:; object-src 'none'; "
					     "base-uri 'none'; form-action 'self'; frame-ancestors 'none'" },
		{ "Cache-Control", "no-store" },
	};
	size_t i;

	for (i = 0; i < sizeof(always) / sizeof(always[0]); i++)
		if (!response_has_header(rs, always[i].name))
			response_header(rs, always[i].name, always[i].value);
}

void exchange_finish(struct exchange *x)
{
	struct response *rs = &x->rs;
	const char *match = request_header(&x->rq, "If-None-Match");

	if (rs->failed || ((rs->kind == BODY_BUF || rs->kind == BODY_STREAM) && rs->buf.failed != ERR_OK)) {
		rs->failed = false;
		refuse(x, 500, "bug", "the answer could not be written");
	}
	if (rs->etag && rs->status == 200 && x->rq.method == HTTP_GET) {
		const char *quoted = arena_printf(&x->rq.arena, "\"%s\"", rs->etag);

		if (quoted)
			response_header(rs, "ETag", quoted);
		/* The body stays: it gives the Content-Length that a 200 would have (RFC 9110 §8.6) and is not sent. */
		if (match && etag_matches(match, rs->etag, &rs->has_it))
			rs->status = 304;
	}
	if (x->http->conf.browser)
		browser_headers(rs);
	if (atomic_load(&x->http->stopping) || x->link->loop->crowded ||
		(x->http->conf.requests_max && x->link->served >= x->http->conf.requests_max))
		rs->close = true;
}

void exchange_over(struct exchange *x, bool whole)
{
	struct response *rs = &x->rs;
	delivery_fn *fn;

	if (atomic_load(&x->state) == EXCHANGE_DETACHED)
		return; /* a worker has the response in hand and lets it go: not a glance at it */
	fn = rs->delivery;
	if (whole && rs->status < 600)
		atomic_fetch_add(&x->http->by_class[rs->status / 100], 1);
	leave_cap(x);
	if (fn == NULL)
		return;
	if (whole && rs->status == 200 && !x->rq.head) {
		rs->delivery = NULL;
		x->link->ops->watch(x->link, fn, rs->delivery_arg);
	} else if (whole && rs->status == 304 && rs->has_it && !x->rq.head) {
		rs->delivery = NULL;
		fn(rs->delivery_arg, DELIVERY_UNCHANGED);
	}
}

void http_link_hangup(struct http_link *l)
{
	struct exchange *x = l->now;
	enum exchange_state was = EXCHANGE_WORKER;

	if (x == NULL || atomic_exchange(&x->rq.gone, true))
		return;
	if (atomic_load(&x->state) == EXCHANGE_ASLEEP) {
		l->loop->ops->alarm(l->loop, &x->alarm, 0);
		atomic_store(&x->state, EXCHANGE_HERE);
	} else if (!atomic_compare_exchange_strong(&x->state, &was, EXCHANGE_DETACHED)) {
		return; /* here, or on its way back: it goes on by itself */
	}
	if (x->suspended)
		exchange_wake(x);
}

void http_link_stop(struct http_link *l)
{
	struct exchange *x = l->now;

	if (x && atomic_load(&x->state) == EXCHANGE_ASLEEP)
		l->loop->ops->alarm(l->loop, &x->alarm, 1);
}

bool http_link_waiting(const struct http_link *l)
{
	return l->now && l->now->suspended;
}
