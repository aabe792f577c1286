/* Raw bytes on a socket into libmicrohttpd and all of http/, as the edge gives them, and out again behind edge/body,
 * without TLS. Input: one byte that says how they come (the lowest six bits: bytes at a time, less one; 0x40: the
 * answers are not read until the end), then the bytes. What comes out is HTTP, and a body that goes past libmicrohttpd
 * is whole, in its place and of the length that its head says; what a handler sees is UTF-8 without controls; when the
 * input has ended and the edge has closed its end, as it does for whom nothing waits, the connection is gone within a
 * bounded number of rounds, and nothing of it stays. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "phonecfg/base/mem.h"
#include "phonecfg/base/text.h"
#include "provisioning/edge/loop.h"
#include "provisioning/http/digest.h"
#include "provisioning/http/exchange.h"
#include "provisioning/http/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { ROUNDS = 64, LIST = 8, SENT_MAX = 64 * 1024 };

static void fail(const char *what)
{
	fprintf(stderr, "fuzz_wire: %s\n", what);
	abort();
}

/* ---- a loop of one thread: what would go to a worker, come back, or ring later does so in the next round ---- */

static struct loop loop;
static struct edge edge;
static struct {
	void (*fn)(void *arg);
	void *arg;
} jobs[LIST];
static size_t njobs;
static struct http_task *tasks;
static struct http_alarm *alarms[LIST];

static bool post_worker(void *workers, void (*fn)(void *arg), void *arg)
{
	(void)workers;
	if (njobs == LIST)
		return false;
	jobs[njobs].fn = fn;
	jobs[njobs++].arg = arg;
	return true;
}

static void post(struct http_loop *l, struct http_task *t)
{
	(void)l;
	t->next = tasks;
	tasks = t;
}

static void set_alarm(struct http_loop *l, struct http_alarm *a, int64_t at_ms)
{
	size_t i;

	(void)l;
	for (i = 0; i < LIST; i++)
		if (alarms[i] == a || (alarms[i] == NULL && at_ms)) {
			alarms[i] = at_ms ? a : NULL;
			return;
		}
	if (at_ms)
		fail("more alarms than connections");
}

static const struct http_loop_ops loop_ops = { .post = post, .alarm = set_alarm };

static void round_once(void)
{
	struct http_task *t = tasks, *next;
	size_t i;

	tasks = NULL;
	for (; t; t = next) {
		next = t->next;
		t->fn(t);
	}
	while (njobs > 0) {
		njobs--;
		jobs[njobs].fn(jobs[njobs].arg);
	}
	for (i = 0; i < LIST; i++)
		if (alarms[i]) {
			struct http_alarm *a = alarms[i];

			alarms[i] = NULL;
			a->fn(a);
		}
	MHD_run(loop.mhd);
}

/* ---- a plane ---- */

static void check(const char *s)
{
	if (s && (!text_is_utf8(slice_str(s)) || text_has_control(slice_str(s))))
		fail("a handler sees what is no text");
}

static enum handled answer(struct request *rq, struct response *rs)
{
	uint64_t at, n;
	size_t i;

	for (i = 0; i < rq->nparams; i++)
		check(rq->params[i].value);
	check(request_query(rq, "q"));
	check(request_form(rq, "f"));
	if (http_range(rq, 1000, &at, &n) == RANGE_OK && (n == 0 || at + n > 1000))
		fail("a range that is none");
	if (rq->body.n > 64)
		fail("more of a body than the route takes");
	request_cookie(rq, "session");
	response_etag(rs, "abc");
	response_header(rs, "X-Path", rq->path);
	buf_printf(response_body(rs, "text/plain", 1024), "%zu\n", rq->body.n);
	return HANDLED;
}

static enum handled later(struct request *rq, struct response *rs)
{
	return rq->run < 2 ? request_later(rq, 5) : answer(rq, rs);
}

static enum handled json(struct request *rq, struct response *rs)
{
	struct err err;
	json_t *v;

	if (request_json(rq, &v, &err) != ERR_OK)
		return problem(rs, &err);
	return response_json(rs, 200, json_incref(v));
}

static enum err_code piece(void *arg, struct buf *out, bool *more, struct err *err)
{
	unsigned *left = arg;

	(void)err;
	buf_str(out, "a piece of it\n");
	*more = --*left > 0;
	return ERR_OK;
}

static enum handled stream(struct request *rq, struct response *rs)
{
	unsigned *left = arena_alloc(&rq->arena, sizeof(*left));
	struct err err;

	if (left == NULL)
		return plain_not_found(rs);
	*left = 3;
	return response_stream(rs, "text/plain", piece, left, NULL, &err) ? problem(rs, &err) : HANDLED;
}

/* Bodies that stand in memory; every one of them begins as this does. */
enum { FILE_MAX = 40000, FIRST_PIECE = 100, LAST_PIECE = 3000 };
static char file[FILE_MAX];
static unsigned held;

static void let_go(void *arg)
{
	(void)arg;
	held--;
}

static enum handled whole(struct request *rq, struct response *rs)
{
	size_t n = strtoul(request_param(rq, "n"), NULL, 10);

	response_etag(rs, "abc");
	held++;
	response_shared(rs, "text/plain", file, n < FILE_MAX ? n : FILE_MAX, let_go, NULL);
	return HANDLED;
}

static enum handled pieces(struct request *rq, struct response *rs)
{
	static const struct slice v[] = { { file, FIRST_PIECE },
		{ file + FIRST_PIECE, FILE_MAX - FIRST_PIECE - LAST_PIECE },
		{ file + FILE_MAX - LAST_PIECE, LAST_PIECE } };

	(void)rq;
	held++;
	response_pieces(rs, "text/plain", v, sizeof(v) / sizeof(v[0]), let_go, NULL);
	return HANDLED;
}

static struct digest digest = { .realm = "rekey", .listener = "fuzz" };

static bool ha1_of(void *arg, struct slice user, enum digest_alg alg, unsigned char ha1[32])
{
	(void)arg;
	digest_ha1(alg, user, SLICE_LIT("rekey"), SLICE_LIT("Circle of Life"), ha1);
	return true;
}

static bool authorise(struct request *rq, struct response *rs)
{
	struct slice user, password;
	void *args[] = { NULL };
	unsigned which;

	if (rq->route->scope == 0 || request_bearer(rq).n > 0 || request_basic(rq, &user, &password) ||
		digest_check(&digest, request_header(rq, "Authorization"), rq->method_text, rq->target, 1000000, ha1_of,
			args, 1, &which) == DIGEST_OK)
		return true;
	plain_unauthorized(rs);
	return false;
}

static const struct route routes[] = {
	{ HTTP_GET, "/cfg/{file}", answer, .scope = 1 },
	{ HTTP_PUT, "/cfg/{file}", answer, WORKER, .scope = 1, .body_max = 64, .concurrent_max = 2 },
	{ HTTP_GET, "/cfg/{token}/{file}", answer },
	{ HTTP_POST, "/up", answer, WORKER, .body_max = 64 },
	{ HTTP_PUT, "/up", answer, .body_max = 64 },
	{ HTTP_POST, "/json", json, WORKER },
	{ HTTP_GET, "/later", later },
	{ HTTP_GET, "/stream", stream, WORKER },
	{ HTTP_GET, "/file/{n}", whole },
	{ HTTP_GET, "/late/{n}", whole, WORKER },
	{ HTTP_GET, "/pieces", pieces },
	{ HTTP_GET, "/rest/{path*}", answer },
};
static const struct mount mounts[] = { { "", routes, sizeof(routes) / sizeof(routes[0]) } };

static void set_up(void)
{
	const struct http_conf conf = { .name = "fuzz",
		.mounts = mounts,
		.nmounts = 1,
		.auth = authorise,
		.post_worker = post_worker,
		.head_max = 4096,
		.requests_max = 5,
		.plain = true };
	size_t i;

	if (http_open(&conf, &edge.plane, NULL) != ERR_OK || loop_open(&loop, &edge, NULL) != ERR_OK)
		fail("no plane");
	loop.http.ops = &loop_ops;
	for (i = 0; i < FILE_MAX; i++)
		file[i] = (char)('a' + i % 26);
}

/* ---- a connection ---- */

static void link_watch(struct http_link *l, delivery_fn *fn, void *arg)
{
	(void)l;
	fn(arg, DELIVERY_DONE);
}

static void link_busy(struct http_link *l, bool busy)
{
	(void)l;
	(void)busy;
}

static struct conn *conn_of(struct http_link *l)
{
	return (struct conn *)((char *)l - offsetof(struct conn, link));
}

static bool link_body(struct http_link *l, const struct http_body *b)
{
	return body_add(conn_of(l), b);
}

static void hang_up(struct conn *c)
{
	bodies_free(c);
	if (c->pair >= 0)
		close(c->pair);
	c->pair = -1;
	http_link_hangup(&c->link);
}

static void link_headed(struct http_link *l, bool all)
{
	if (all)
		body_headed(conn_of(l));
	else
		hang_up(conn_of(l));
}

static const struct http_link_ops link_ops = {
	.watch = link_watch, .busy = link_busy, .body = link_body, .headed = link_headed
};

static struct conn *connect_one(void)
{
	struct conn *c = mem_zalloc(sizeof(*c));

	if (c == NULL)
		fail("no memory");
	c->link.ops = &link_ops;
	c->link.loop = &loop.http;
	c->link.peer.tls = true;
	c->loop = &loop;
	c->bodies_end = &c->bodies;
	c->refs = 1;
	c->state = CONN_OPEN;
	loop.count = 1;
	if (!loop_attach(&loop, c))
		fail("libmicrohttpd takes no connection");
	return c;
}

static void check_head(const char *out, size_t n, uint64_t length)
{
	const char *end = memmem(out, n, "\r\n\r\n", 4);
	char want[64];
	size_t w = (size_t)snprintf(want, sizeof(want), "\r\nContent-Length: %llu\r\n\r\n", (unsigned long long)length);

	if (n < 9 || memcmp(out, "HTTP/1.", 7) || end == NULL)
		fail("a body's head is none");
	end += 4;
	if ((size_t)(end - out) < w || memcmp(end - w, want, w))
		fail("a head says another length than its body has");
	if ((size_t)(out + n - end) > length || memcmp(end, file, (size_t)(out + n - end)))
		fail("a body begins otherwise");
}

/* What edge/pump does without a socket: false when there is nothing more to send. */
static bool send_one(struct conn *c, bool *first)
{
	char out[EDGE_PIECE];
	uint64_t length;
	ssize_t n;

	if (body_due(c)) {
		struct slice s = body_next(c, out);

		length = c->bodies->body.bytes;
		if (s.n == 0 || s.n > c->bodies->left || memcmp(s.p, file + length - c->bodies->left, s.n))
			fail("a body goes on otherwise");
		body_gone(c, s.n);
		return true;
	}
	if (head_due(c)) {
		length = c->bodies->body.bytes;
		check_head(out, head_take(c, out), length);
		*first = false;
		return true;
	}
	n = body_before(c) ? recv(c->pair, out, body_before(c), MSG_DONTWAIT) : 0;
	if (n <= 0)
		return false;
	c->pair_out += (uint64_t)n;
	if (c->bodies && c->bodies->head < c->pair_out)
		fail("a body's head goes out as it is");
	if (*first && (n < 9 || memcmp(out, "HTTP/1.", 7)))
		fail("what comes is no HTTP");
	*first = false;
	return true;
}

static void read_answers(struct conn *c, bool *first)
{
	while (send_one(c, first))
		;
}

static void feed(struct conn *c, const uint8_t *data, size_t size, bool *first)
{
	size_t step = (data[0] & 0x3f) + 1u, at = 1, n;
	unsigned stuck = 0;
	ssize_t put;

	/* Large inputs in few pieces: one round each. */
	step = size > 2048 ? step * 64 : step;
	while (at < size && stuck < ROUNDS) {
		n = size - at < step ? size - at : step;
		put = send(c->pair, data + at, n, MSG_NOSIGNAL | MSG_DONTWAIT);
		if (put < 0 && errno != EAGAIN)
			return; /* it has ended */
		stuck = put > 0 ? 0 : stuck + 1;
		at += put > 0 ? (size_t)put : 0;
		round_once();
		if (!(data[0] & 0x40))
			read_answers(c, first);
	}
}

static bool ends(struct conn *c, bool *first)
{
	unsigned i;

	for (i = 0; i < ROUNDS && c->refs > 1; i++) {
		round_once();
		read_answers(c, first);
	}
	return c->refs == 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	bool first = true;
	struct conn *c;

	if (size == 0 || size > SENT_MAX)
		return 0;
	if (edge.plane == NULL)
		set_up();
	c = connect_one();
	feed(c, data, size, &first);
	http_link_hangup(&c->link);
	shutdown(c->pair, SHUT_WR);
	/* Behind half a request libmicrohttpd may miss the end of the input. */
	if (!ends(c, &first))
		hang_up(c);
	if (!ends(c, &first))
		fail("the connection never ends");
	hang_up(c);
	if (c->link.now || tasks || njobs || held || atomic_load(&edge.plane->live))
		fail("something of a connection stays");
	conn_unref(c);
	return 0;
}
