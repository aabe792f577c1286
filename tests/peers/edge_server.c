/* A server on http/ and edge/ with routes for tests/daemon/edge-*.t and the benchmark.
 *
 * edge_server RSA.pem RSA.key ECDSA.pem ECDSA.key [name=value …]: threads, max, idle, stall, handshake, linger, ca,
 * ca2, head, ticket (ms), ocsp, ecdsa-ocsp, old, plain, browser, stop (deadline in ms). An empty file name leaves that
 * certificate out. Prints "port N", then one line per event: "delivery NAME done|lost|unchanged",
 * "cancelled NAME", "stopped". SIGHUP reloads, SIGTERM stops. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "phonecfg/base/mem.h"
#include "provisioning/conf/role.h"
#include "provisioning/edge/edge.h"
#include "provisioning/http/digest.h"
#include "provisioning/http/json.h"

/* ---- a small pool of workers ---- */

struct work {
	struct work *next;
	void (*fn)(void *arg);
	void *arg;
};

static struct pool {
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct work *first, **end;
	bool over;
	pthread_t threads[4];
} pool = { .lock = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER };

static void *work(void *arg)
{
	thread_role_set(ROLE_WORKER);
	for (;;) {
		struct work *w;

		pthread_mutex_lock(&pool.lock);
		while (pool.first == NULL && !pool.over)
			pthread_cond_wait(&pool.more, &pool.lock);
		w = pool.first;
		if (w && (pool.first = w->next) == NULL)
			pool.end = &pool.first;
		pthread_mutex_unlock(&pool.lock);
		if (w == NULL)
			return arg;
		w->fn(w->arg);
		free(w);
	}
}

static bool post_worker(void *workers, void (*fn)(void *arg), void *arg)
{
	struct work *w = malloc(sizeof(*w));

	(void)workers;
	if (w == NULL)
		return false;
	*w = (struct work){ NULL, fn, arg };
	pthread_mutex_lock(&pool.lock);
	*pool.end = w;
	pool.end = &w->next;
	pthread_cond_signal(&pool.more);
	pthread_mutex_unlock(&pool.lock);
	return true;
}

static void pool_start(void)
{
	size_t i;

	pool.end = &pool.first;
	for (i = 0; i < 4; i++)
		pthread_create(&pool.threads[i], NULL, work, NULL);
}

static void pool_stop(void)
{
	size_t i;

	pthread_mutex_lock(&pool.lock);
	pool.over = true;
	pthread_cond_broadcast(&pool.more);
	pthread_mutex_unlock(&pool.lock);
	for (i = 0; i < 4; i++)
		pthread_join(pool.threads[i], NULL);
}

/* ---- the events that tests read ---- */

static void say(const char *what, const char *name, const char *how)
{
	flockfile(stdout);
	printf("%s %s%s%s\n", what, name, *how ? " " : "", how);
	fflush(stdout);
	funlockfile(stdout);
}

static void on_delivery(void *arg, enum delivery outcome)
{
	static const char *const words[] = { "done", "unchanged", "lost" };

	if (arg) /* the benchmark's pulls have no name */
		say("delivery", arg, words[outcome]);
	free(arg);
}

static void watch(struct request *rq, struct response *rs)
{
	const char *name = request_query(rq, "name");

	response_on_delivery(rs, on_delivery, name ? strdup(name) : NULL);
}

/* ---- routes ---- */

static struct http *plane;
static struct edge *edge;
static struct digest digest = { .realm = "rekey", .listener = "test" };
static char pattern[64 * 1024];

static enum handled hello(struct request *rq, struct response *rs)
{
	buf_printf(response_body(rs, "text/plain", 4096), "hello %s %s\n", rq->peer->tls ? "tls" : "plain",
		rq->method_text);
	return HANDLED;
}

/* Up to the pattern's length nobody has to hold them. */
static enum handled many_bytes(struct response *rs, size_t n)
{
	struct buf *b;
	size_t i;

	if (n <= sizeof(pattern)) {
		response_shared(rs, "application/octet-stream", pattern, n, NULL, NULL);
		return HANDLED;
	}
	b = response_body(rs, "application/octet-stream", n);
	for (i = 0; i < n; i += sizeof(pattern))
		buf_add(b, pattern, n - i < sizeof(pattern) ? n - i : sizeof(pattern));
	return HANDLED;
}

static enum handled bytes(struct request *rq, struct response *rs)
{
	watch(rq, rs);
	return many_bytes(rs, strtoul(request_param(rq, "n"), NULL, 10));
}

static enum handled tagged(struct request *rq, struct response *rs)
{
	watch(rq, rs);
	response_etag(rs, "v1");
	buf_str(response_body(rs, "text/plain", 4096), "tagged\n");
	return HANDLED;
}

static enum handled part(struct request *rq, struct response *rs)
{
	char text[64];
	uint64_t at, n;

	watch(rq, rs);
	switch (http_range(rq, sizeof(pattern), &at, &n)) {
	case RANGE_BAD:
		return problem_status(rs, 416, "range", "outside of the file");
	case RANGE_OK:
		response_status(rs, 206);
		snprintf(text, sizeof(text), "bytes %llu-%llu/%zu", (unsigned long long)at,
			(unsigned long long)(at + n - 1), sizeof(pattern));
		response_header(rs, "Content-Range", text);
		break;
	default:
		at = 0;
		n = sizeof(pattern);
	}
	response_shared(rs, "application/octet-stream", pattern + at, n, NULL, NULL);
	return HANDLED;
}

static char firmware[] = "/tmp/edge_server_fw_XXXXXX";

static enum handled send_firmware(struct request *rq, struct response *rs)
{
	int fd = open(firmware, O_RDONLY | O_CLOEXEC);

	(void)rq;
	if (fd < 0)
		return plain_not_found(rs);
	response_file(rs, "application/octet-stream", fd, 0, 4 * 1024 * 1024);
	return HANDLED;
}

static enum handled upload(struct request *rq, struct response *rs)
{
	uint32_t sum = 0;
	size_t i;

	for (i = 0; i < rq->body.n; i++)
		sum = sum * 31 + (unsigned char)rq->body.p[i];
	buf_printf(response_body(rs, "text/plain", 256), "%zu %u\n", rq->body.n, sum);
	return HANDLED;
}

static enum handled on_worker(struct request *rq, struct response *rs)
{
	const char *ms = request_query(rq, "ms");

	if (thread_role() == ROLE_EDGE)
		return ON_WORKER;
	if (ms)
		usleep((useconds_t)atoi(ms) * 1000);
	watch(rq, rs);
	if (request_query(rq, "name") && atomic_load(&rq->gone))
		say("cancelled", request_query(rq, "name"), "worker");
	buf_printf(response_body(rs, "text/plain", 256), "%s run %u\n", thread_role_word(thread_role()), rq->run);
	return HANDLED;
}

static void say_over(void *arg)
{
	say("over", arg, "");
	free(arg);
}

/* Sleeps ms at a time, `times` times; then n bytes, or how it ran. */
static enum handled sleeper(struct request *rq, struct response *rs)
{
	const char *ms = request_query(rq, "ms"), *times = request_query(rq, "times"),
		   *name = request_query(rq, "name");

	if (rq->run == 0 && name)
		request_cleanup(rq, say_over, strdup(name));
	if (rq->run < (unsigned)atoi(times ? times : "1") && !rq->stopping)
		return request_later(rq, (unsigned)atoi(ms ? ms : "20"));
	if (request_query(rq, "n"))
		return many_bytes(rs, strtoul(request_query(rq, "n"), NULL, 10));
	buf_printf(response_body(rs, "text/plain", 256), "%s run %u%s\n", thread_role_word(thread_role()), rq->run,
		rq->stopping ? " stopping" : "");
	return HANDLED;
}

static enum handled rest(struct request *rq, struct response *rs)
{
	buf_printf(response_body(rs, "text/plain", 4096), "%s\n", request_param(rq, "path"));
	return HANDLED;
}

static enum handled client(struct request *rq, struct response *rs)
{
	const struct http_peer *p = rq->peer;
	char mac[MAC_TEXT];

	buf_printf(response_body(rs, "text/plain", 1024), "cert=%d bundles=%x mac=%s from=%s\n", p->cert, p->bundles,
		p->has_mac ? mac_text(&p->mac, mac) : "", p->text);
	return HANDLED;
}

static enum handled echo(struct request *rq, struct response *rs)
{
	struct err err;
	json_t *v;

	if (request_json(rq, &v, &err) != ERR_OK)
		return problem(rs, &err);
	return response_json(rs, 200, json_incref(v));
}

static enum handled events(struct request *rq, struct response *rs)
{
	const char *last = request_header(rq, "Last-Event-ID");
	struct buf *b;

	if (rq->run < 3 && !rq->stopping)
		return request_later(rq, 10);
	b = response_events(rs, 500);
	event_add(b, "8", "state", SLICE_LIT("one\ntwo"));
	event_add(b, "9", NULL, slice_str(last ? last : "none"));
	return HANDLED;
}

static enum handled forbidden(struct request *rq, struct response *rs)
{
	(void)rq;
	role_forbid(ROLE_EDGE, "write to the store");
	return hello(rq, rs);
}

static enum handled whoami(struct request *rq, struct response *rs)
{
	struct slice user = { "", 0 }, password = { "", 0 }, bearer = request_bearer(rq);
	const char *cookie = request_cookie(rq, "session");

	request_basic(rq, &user, &password);
	response_cookie(rs, "session", "abc", 60);
	buf_printf(response_body(rs, "text/plain", 1024), "bearer=%.*s basic=%.*s/%.*s cookie=%s tid=%ld\n",
		SLICE_ARG(bearer), SLICE_ARG(user), SLICE_ARG(password), cookie ? cookie : "-", (long)gettid());
	return HANDLED;
}

/* The longest that each part of the queue has been, looked at every half millisecond. */
static struct edge_queue queue;
static atomic_int unread_most, unaccepted_most;
static atomic_bool looking = true;

static void *look_at_queue(void *arg)
{
	struct timespec t = { 0, 500000 };

	while (atomic_load(&looking)) {
		int unread = atomic_load(&queue.unread), unaccepted = atomic_load(&queue.unaccepted);

		if (unread > atomic_load(&unread_most))
			atomic_store(&unread_most, unread);
		if (unaccepted > atomic_load(&unaccepted_most))
			atomic_store(&unaccepted_most, unaccepted);
		nanosleep(&t, NULL);
	}
	return arg;
}

static enum handled stats(struct request *rq, struct response *rs)
{
	struct http_stats h;
	struct edge_stats e = { 0 };
	struct rusage u;

	(void)rq;
	http_stats(plane, &h);
	edge_stats(edge, &e);
	getrusage(RUSAGE_SELF, &u);
	return response_json(rs, 200,
		json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:i, s:i, s:i}",
			"requests", (json_int_t)h.requests, "delivered", (json_int_t)h.delivered, "lost",
			(json_int_t)h.lost, "suspended", (json_int_t)h.suspended_now, "accepted",
			(json_int_t)e.accepted, "handshakes", (json_int_t)e.handshakes, "resumed",
			(json_int_t)e.resumed, "handshake_failed", (json_int_t)e.handshake_failed, "closed_idle",
			(json_int_t)e.closed_idle, "closed_stalled", (json_int_t)e.closed_stalled, "refused_limit",
			(json_int_t)e.refused_limit, "open", (json_int_t)e.open_now, "cpu_us",
			(json_int_t)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) * 1000000 + u.ru_utime.tv_usec +
				u.ru_stime.tv_usec,
			"queue", (int)edge_queue_length(&queue), "unread_most", atomic_load(&unread_most),
			"unaccepted_most", atomic_load(&unaccepted_most)));
}

/* ---- Digest: the user is the last segment's name before its dot ---- */

static bool ha1_of(void *arg, struct slice user, enum digest_alg alg, unsigned char ha1[32])
{
	const char *want = arg;

	if (!slice_eq_str(user, want))
		return false;
	digest_ha1(alg, user, SLICE_LIT("rekey"), SLICE_LIT("Circle of Life"), ha1);
	return true;
}

static int64_t wall_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static bool authorise(struct request *rq, struct response *rs)
{
	char user[64], challenge[DIGEST_HEADER_MAX];
	const char *skew = request_header(rq, "X-Skew");
	int64_t now = wall_ms();
	enum digest_result r;
	void *args[] = { user };
	unsigned which;
	int alg;

	if (rq->route->scope == 0)
		return true;
	snprintf(user, sizeof(user), "%.*s", (int)strcspn(request_param(rq, "file"), "."), request_param(rq, "file"));
	r = digest_check(&digest, request_header(rq, "Authorization"), rq->method_text, rq->target,
		now + (skew ? atoll(skew) : 0), ha1_of, args, 1, &which);
	if (r == DIGEST_OK)
		return true;
	plain_unauthorized(rs);
	for (alg = DIGEST_SHA256; alg >= DIGEST_MD5; alg--)
		if (digest_challenge(&digest, (enum digest_alg)alg, r == DIGEST_STALE, now, challenge, NULL) == ERR_OK)
			response_header(rs, "WWW-Authenticate", challenge);
	return false;
}

static struct route routes[] = {
	{ HTTP_GET, "/hello", hello },
	{ HTTP_GET, "/bytes/{n}", bytes },
	{ HTTP_GET, "/tagged", tagged },
	{ HTTP_GET, "/part", part },
	{ HTTP_GET, "/frm/{file}", send_firmware, .concurrent_max = 2 },
	{ HTTP_PUT, "/put", upload, .body_max = 6 * 1024 * 1024 },
	{ HTTP_PUT, "/small", upload, .body_max = 1000 },
	{ HTTP_GET, "/worker", on_worker },
	{ HTTP_GET, "/sleep", sleeper },
	{ HTTP_GET, "/sleep-worker", sleeper, WORKER },
	{ HTTP_GET, "/client", client },
	{ HTTP_POST, "/echo", echo },
	{ HTTP_GET, "/events", events },
	{ HTTP_GET, "/forbidden", forbidden },
	{ HTTP_GET, "/whoami", whoami },
	{ HTTP_GET, "/stats", stats },
	{ HTTP_GET, "/cfg/{file}", hello, .scope = 1 },
	{ HTTP_PUT, "/cfg/{file}", upload, .scope = 1, .body_max = 1024 * 1024 },
	{ HTTP_GET, "/rest/{path*}", rest },
};

/* ---- main ---- */

static bool option(struct edge_conf *conf, struct http_conf *http, unsigned *stop_ms, const char *arg)
{
	struct slice value = slice_str(arg), name = slice_cut(&value, '=');
	const struct {
		const char *name;
		unsigned *at;
	} numbers[] = {
		{ "threads", &conf->threads },
		{ "max", &conf->connections_max },
		{ "idle", &conf->idle_ms },
		{ "stall", &conf->stall_ms },
		{ "head", &conf->head_ms },
		{ "handshake", &conf->handshake_ms },
		{ "linger", &conf->linger_ms },
		{ "stop", stop_ms },
	};
	size_t i;

	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (slice_eq_str(name, numbers[i].name)) {
			*numbers[i].at = (unsigned)atoi(value.p);
			return true;
		}
	if (slice_eq_str(name, "ticket"))
		conf->ticket_ms = atoi(value.p);
	else if (slice_eq_str(name, "ocsp"))
		conf->rsa.ocsp = value.p;
	else if (slice_eq_str(name, "ecdsa-ocsp"))
		conf->ecdsa.ocsp = value.p;
	else if (slice_eq_str(name, "ca"))
		conf->client_ca[0] = value.p;
	else if (slice_eq_str(name, "ca2"))
		conf->client_ca[2] = value.p;
	else if (slice_eq_str(name, "old"))
		conf->tls_old = true;
	else if (slice_eq_str(name, "plain"))
		http->plain = true;
	else if (slice_eq_str(name, "browser"))
		http->browser = true;
	else
		return false;
	return true;
}

static void make_firmware(void)
{
	int fd = mkstemp(firmware), i;

	for (i = 0; fd >= 0 && i < 64; i++)
		if (write(fd, pattern, sizeof(pattern)) < 0)
			perror("firmware");
	close(fd);
}

static sigset_t signals;

static void block_signals(void)
{
	sigemptyset(&signals);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	pthread_sigmask(SIG_BLOCK, &signals, NULL);
}

static void wait_for_signals(void)
{
	const struct timespec tick = { 0, 100 * 1000 * 1000 };
	struct err err;
	bool taken;
	int sig;

	while ((sig = sigtimedwait(&signals, NULL, &tick)) != SIGTERM && sig != SIGINT) {
		if (sig == SIGHUP)
			say("reload", edge_reload(edge, &err) == ERR_OK ? "ok" : err.text, "");
		else if (edge_tick(edge, &taken, &err) != ERR_OK || taken)
			say("changed", taken ? "ok" : err.text, "");
	}
}

int main(int argc, char **argv)
{
	struct mount mounts[] = { { "", routes, sizeof(routes) / sizeof(routes[0]) } };
	struct http_conf http = {
		.name = "test", .mounts = mounts, .nmounts = 1, .auth = authorise, .post_worker = post_worker
	};
	struct edge_conf conf = { .address = "127.0.0.1", .queue = &queue };
	pthread_t looker;
	unsigned stop_ms = 2000;
	struct err err;
	size_t i;
	int k;

	if (argc < 5)
		return 2;
	block_signals();
	conf.rsa = (struct edge_cert){ argv[1], argv[2] };
	conf.ecdsa = (struct edge_cert){ argv[3], argv[4] };
	for (k = 5; k < argc; k++)
		if (!option(&conf, &http, &stop_ms, argv[k]))
			return 2;
	for (i = 0; i < sizeof(pattern); i++)
		pattern[i] = (char)('a' + i % 26);
	make_firmware();
	if (http_open(&http, &plane, &err) != ERR_OK || edge_open(&conf, plane, &edge, &err) != ERR_OK) {
		fprintf(stderr, "edge_server: %s\n", err.text);
		unlink(firmware);
		return 1;
	}
	pool_start();
	pthread_create(&looker, NULL, look_at_queue, NULL);
	if (edge_start(edge, &err) != ERR_OK)
		return 1;
	printf("port %u\n", edge_port(edge));
	fflush(stdout);
	wait_for_signals();
	edge_stop(edge, stop_ms);
	pool_stop();
	atomic_store(&looking, false);
	pthread_join(looker, NULL);
	edge_close(edge);
	http_close(plane);
	unlink(firmware);
	say("stopped", "", "");
	return 0;
}
