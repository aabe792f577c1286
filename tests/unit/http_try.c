#include "tests/unit/http_try.h"

#include <string.h>

#include "provisioning/http/exchange.h"

static struct http_task *posted;
static struct http_alarm *alarm_set;
static void (*work)(void *arg);
static void *work_arg;
static enum delivery fate;

bool http_try_post(void *workers, void (*fn)(void *arg), void *arg)
{
	if (workers && *(bool *)workers)
		return false; /* the test says: all busy */
	work = fn;
	work_arg = arg;
	return true;
}

static void post(struct http_loop *l, struct http_task *t)
{
	(void)l;
	posted = t;
}

static void set_alarm(struct http_loop *l, struct http_alarm *a, int64_t at_ms)
{
	(void)l;
	alarm_set = at_ms ? a : NULL;
}

static void watch(struct http_link *l, delivery_fn *fn, void *arg)
{
	(void)l;
	fn(arg, fate);
}

static void busy(struct http_link *l, bool is)
{
	(void)l;
	(void)is;
}

static void turn_wheels(struct exchange *x, struct http_link *link, bool hang_up)
{
	while (!x->ready) {
		void (*fn)(void *arg) = work;
		struct http_task *t = posted;
		struct http_alarm *a = alarm_set;

		if (hang_up && (fn || a)) {
			http_link_hangup(link);
			link->now = NULL;
			hang_up = false;
			if (fn == NULL)
				return;
		}
		work = NULL;
		posted = NULL;
		alarm_set = NULL;
		if (fn) {
			fn(work_arg);
			if (atomic_load(&x->state) == EXCHANGE_DETACHED)
				return;
		} else if (t) {
			t->fn(t);
		} else if (a) {
			a->fn(a);
		} else {
			return;
		}
	}
}

/* Piece by piece, as the client takes them; each is made on the "worker" when the one before is gone. */
static void read_on(struct exchange *x, struct http_tried *out)
{
	char piece[1000];
	ptrdiff_t n;

	while ((n = exchange_read(x, piece, sizeof(piece))) >= 0) {
		void (*fn)(void *arg) = work;
		struct http_task *t;

		buf_add(&out->body, piece, (size_t)n);
		if (n > 0)
			continue;
		work = NULL;
		fn(work_arg);
		t = posted;
		posted = NULL;
		t->fn(t);
	}
	out->cut = n == -2;
}

static void take(struct exchange *x, struct http_tried *out)
{
	struct response *rs = &x->rs;
	size_t i;

	out->status = rs->status;
	if (rs->content_type)
		buf_printf(&out->headers, "Content-Type: %s\n", rs->content_type);
	for (i = 0; i < rs->nheaders; i++)
		buf_printf(&out->headers, "%s: %s\n", rs->headers[i].name, rs->headers[i].value);
	if (rs->kind == BODY_BUF)
		buf_slice(&out->body, buf_view(&rs->buf));
	if (rs->kind == BODY_SHARED)
		for (i = 0; i < rs->shared.n; i++)
			buf_slice(&out->body, http_body_piece(&rs->shared, i));
	if (rs->kind == BODY_STREAM)
		read_on(x, out);
}

void http_try(struct http *h, const struct http_try *in, struct http_tried *out)
{
	static const struct http_loop_ops loop_ops = { post, set_alarm };
	static const struct http_link_ops link_ops = { watch, busy };
	struct http_loop loop = { &loop_ops };
	struct http_link link = { .ops = &link_ops, .loop = &loop, .peer = { .text = "192.0.2.1:1", .tls = true } };
	struct exchange *x;
	bool whole;
	size_t i;

	memset(out, 0, sizeof(*out));
	buf_init(&out->body, 1024 * 1024);
	buf_init(&out->headers, 64 * 1024);
	work = NULL;
	posted = NULL;
	alarm_set = NULL;
	fate = in->delivery;
	out->gone = true;
	x = exchange_new(h, &link, in->target);
	if (x == NULL)
		return;
	link.now = x;
	for (i = 0; in->headers[i]; i += 2)
		if (!exchange_header(x, in->headers[i], in->headers[i + 1]))
			goto out;
	exchange_begin(x, in->method, in->chunked ? UINT64_MAX : in->body.n);
	out->refused = x->refused;
	if (in->body.n && !exchange_body(x, in->body.p, in->body.n))
		goto out;
	atomic_fetch_add(&x->refs, 1); /* to look at it when the worker has let go */
	if (exchange_run(x))
		x->ready = true;
	else
		turn_wheels(x, &link, in->hang_up);
	out->runs = x->rq.run;
	out->gone = atomic_load(&x->rq.gone);
	if (!out->gone)
		take(x, out);
	exchange_unref(x);
out:
	whole = !out->gone;
	exchange_over(x, whole);
	exchange_unref(x);
}

void http_tried_release(struct http_tried *out)
{
	buf_release(&out->body);
	buf_release(&out->headers);
}
