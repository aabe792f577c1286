/* A real listener on three threads, driven by OpenSSL clients in threads: mixed work, reload under load, stop with
 * requests asleep and in hands of workers. Meant for the thread sanitizer as much as for its assertions. */
#include <arpa/inet.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "phonecfg/base/mem.h"
#include "provisioning/conf/role.h"
#include "provisioning/edge/edge.h"

/* ---- a certificate ---- */

static char cert_file[] = "/tmp/test-edge-cert-XXXXXX", key_file[] = "/tmp/test-edge-key-XXXXXX";

static int make_files(void **state)
{
	EVP_PKEY *key = EVP_EC_gen("P-256");
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x);
	int c = mkstemp(cert_file), k = mkstemp(key_file);
	FILE *cf = fdopen(c, "w"), *kf = fdopen(k, "w");

	(void)state;
	signal(SIGPIPE, SIG_IGN);
	ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
	X509_gmtime_adj(X509_getm_notBefore(x), 0);
	X509_gmtime_adj(X509_getm_notAfter(x), 86400);
	X509_set_pubkey(x, key);
	X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"test", -1, -1, 0);
	X509_set_issuer_name(x, name);
	X509_sign(x, key, EVP_sha256());
	PEM_write_X509(cf, x);
	PEM_write_PrivateKey(kf, key, NULL, NULL, 0, NULL, NULL);
	fclose(cf);
	fclose(kf);
	X509_free(x);
	EVP_PKEY_free(key);
	return 0;
}

static int drop_files(void **state)
{
	(void)state;
	unlink(cert_file);
	unlink(key_file);
	return 0;
}

/* ---- two workers ---- */

struct work {
	struct work *next;
	void (*fn)(void *arg);
	void *arg;
};

static struct {
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct work *first;
	bool over;
	pthread_t threads[2];
} pool = { .lock = PTHREAD_MUTEX_INITIALIZER, .more = PTHREAD_COND_INITIALIZER };

static void *worker(void *arg)
{
	thread_role_set(ROLE_WORKER);
	pthread_mutex_lock(&pool.lock);
	while (pool.first || !pool.over) {
		struct work *w = pool.first;

		if (w == NULL) {
			pthread_cond_wait(&pool.more, &pool.lock);
			continue;
		}
		pool.first = w->next;
		pthread_mutex_unlock(&pool.lock);
		w->fn(w->arg);
		free(w);
		pthread_mutex_lock(&pool.lock);
	}
	pthread_mutex_unlock(&pool.lock);
	return arg;
}

static bool post(void *workers, void (*fn)(void *arg), void *arg)
{
	struct work *w = malloc(sizeof(*w));

	(void)workers;
	*w = (struct work){ NULL, fn, arg };
	pthread_mutex_lock(&pool.lock);
	w->next = pool.first;
	pool.first = w;
	pthread_cond_signal(&pool.more);
	pthread_mutex_unlock(&pool.lock);
	return true;
}

/* ---- routes ---- */

static atomic_int done, lost, cleaned, wrong_thread, asked;

static void on_delivery(void *arg, enum delivery d)
{
	(void)arg;
	atomic_fetch_add(d == DELIVERY_DONE ? &done : &lost, 1);
}

static void on_clean(void *arg)
{
	(void)arg;
	atomic_fetch_add(&cleaned, 1);
}

static enum handled file(struct request *rq, struct response *rs)
{
	struct buf *b = response_body(rs, "text/plain", 100000);
	size_t n = strtoul(request_param(rq, "n"), NULL, 10);

	if (thread_role() != ROLE_EDGE)
		atomic_fetch_add(&wrong_thread, 1);
	atomic_fetch_add(&asked, 1);
	response_on_delivery(rs, on_delivery, NULL);
	while (b->len < n && b->failed == ERR_OK)
		buf_str(b, "0123456789abcdef");
	return HANDLED;
}

static enum handled slow(struct request *rq, struct response *rs)
{
	if (thread_role() != ROLE_WORKER)
		atomic_fetch_add(&wrong_thread, 1);
	request_cleanup(rq, on_clean, NULL);
	usleep((useconds_t)strtoul(request_param(rq, "ms"), NULL, 10) * 1000);
	buf_str(response_body(rs, "text/plain", 100), "slow");
	return HANDLED;
}

static enum handled nap(struct request *rq, struct response *rs)
{
	if (rq->run == 0) {
		request_cleanup(rq, on_clean, NULL);
		return request_later(rq, (unsigned)strtoul(request_param(rq, "ms"), NULL, 10));
	}
	buf_str(response_body(rs, "text/plain", 100), rq->stopping ? "stopping" : "rested");
	return HANDLED;
}

static const struct route routes[] = {
	{ HTTP_GET, "/file/{n}", file },
	{ HTTP_GET, "/slow/{ms}", slow, WORKER },
	{ HTTP_GET, "/nap/{ms}", nap },
};
static const struct mount mount = { "", routes, 3 };

struct server {
	struct http *http;
	struct edge *edge;
};

static void start(struct server *s)
{
	struct http_conf http = { .name = "test", .mounts = &mount, .nmounts = 1, .post_worker = post };
	struct edge_conf conf = {
		.address = "127.0.0.1", .ecdsa = { cert_file, key_file }, .threads = 3, .idle_ms = 5000
	};
	struct err err = { 0 };
	size_t i;

	atomic_store(&done, 0);
	atomic_store(&lost, 0);
	atomic_store(&cleaned, 0);
	pool.over = false;
	for (i = 0; i < 2; i++)
		pthread_create(&pool.threads[i], NULL, worker, NULL);
	assert_int_equal(http_open(&http, &s->http, &err), ERR_OK);
	assert_int_equal(edge_open(&conf, s->http, &s->edge, &err), ERR_OK);
	assert_int_equal(edge_start(s->edge, &err), ERR_OK);
}

static void stop(struct server *s, unsigned deadline_ms)
{
	size_t i;

	/* As the daemon does: the workers go last, and may have requests in hand until then. */
	edge_stop(s->edge, deadline_ms);
	edge_close(s->edge);
	http_close(s->http);
	pthread_mutex_lock(&pool.lock);
	pool.over = true;
	pthread_cond_broadcast(&pool.more);
	pthread_mutex_unlock(&pool.lock);
	for (i = 0; i < 2; i++)
		pthread_join(pool.threads[i], NULL);
}

/* ---- clients ---- */

struct client {
	SSL_CTX *ctx;
	SSL *ssl;
	int fd;
};

static bool dial(struct client *c, uint16_t port)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
	};

	c->ctx = SSL_CTX_new(TLS_client_method());
	c->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	c->ssl = SSL_new(c->ctx);
	SSL_set_fd(c->ssl, c->fd);
	return connect(c->fd, (struct sockaddr *)&to, sizeof(to)) == 0 && SSL_connect(c->ssl) == 1;
}

static void hang_up(struct client *c, bool reset)
{
	struct linger hard = { 1, 0 };

	if (reset)
		setsockopt(c->fd, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	SSL_free(c->ssl);
	SSL_CTX_free(c->ctx);
	close(c->fd);
}

static void send_get(struct client *c, const char *target)
{
	char text[128];
	int n = snprintf(text, sizeof(text), "GET %s HTTP/1.1\r\nHost: x\r\n\r\n", target);

	SSL_write(c->ssl, text, n);
}

/* Reads one answer; returns its body's length and the first bytes of it, or -1. */
static int answer(struct client *c, char first[16])
{
	static _Thread_local char data[128 * 1024];
	size_t n = 0, want = 0, head = 0;

	while (head == 0 || n < head + want) {
		const char *end, *length;
		int got = SSL_read(c->ssl, data + n, (int)(sizeof(data) - 1 - n));

		if (got <= 0)
			return -1;
		n += (size_t)got;
		data[n] = '\0';
		end = head ? NULL : strstr(data, "\r\n\r\n");
		if (end == NULL)
			continue;
		head = (size_t)(end - data) + 4;
		length = strstr(data, "Content-Length: ");
		want = length ? strtoul(length + 16, NULL, 10) : 0;
	}
	snprintf(first, 16, "%.15s", data + head);
	return (int)want;
}

/* ---- tests ---- */

enum { CLIENTS = 4, TURNS = 8 };
static atomic_int proved, failed;

/* Each turn another manner; what the server must have counted is known at the end. */
static void *mixed(void *arg)
{
	struct server *s = arg;
	int i;
	char first[16];

	for (i = 0; i < TURNS; i++) {
		struct client c;

		if (!dial(&c, edge_port(s->edge))) {
			atomic_fetch_add(&failed, 1);
			hang_up(&c, true);
			continue;
		}
		send_get(&c, "/file/8192");
		if (i % 4 == 3) { /* reads nothing */
			hang_up(&c, true);
			continue;
		}
		if (answer(&c, first) != 8192)
			atomic_fetch_add(&failed, 1);
		atomic_fetch_add(&proved, 1);
		send_get(&c, i % 2 ? "/slow/1" : "/nap/5");
		if (i % 4 == 2) { /* gone while it waits */
			hang_up(&c, i % 8 == 2);
			continue;
		}
		if (answer(&c, first) < 0 || strcmp(first, i % 2 ? "slow" : "rested") != 0)
			atomic_fetch_add(&failed, 1);
		SSL_shutdown(c.ssl);
		hang_up(&c, false);
	}
	return NULL;
}

static void under_load(void **state)
{
	struct server s;
	pthread_t threads[CLIENTS];
	struct err err;
	int i;

	(void)state;
	start(&s);
	for (i = 0; i < CLIENTS; i++)
		pthread_create(&threads[i], NULL, mixed, &s);
	for (i = 0; i < 10; i++)
		assert_int_equal(edge_reload(s.edge, &err), ERR_OK);
	for (i = 0; i < CLIENTS; i++)
		pthread_join(threads[i], NULL);
	stop(&s, 2000);
	assert_int_equal(atomic_load(&failed), 0);
	assert_int_equal(atomic_load(&wrong_thread), 0);
	/* Read whole and followed by another request, unless that one's reset overtook the proof. */
	assert_true(atomic_load(&done) <= atomic_load(&proved));
	assert_true(atomic_load(&done) >= CLIENTS * TURNS / 2);
	assert_int_equal(atomic_load(&done) + atomic_load(&lost), atomic_load(&asked));
}

static void stop_wakes(void **state)
{
	struct server s;
	struct client a, b;
	char first[16];

	(void)state;
	start(&s);
	assert_true(dial(&a, edge_port(s.edge)));
	assert_true(dial(&b, edge_port(s.edge)));
	send_get(&a, "/nap/30000");
	send_get(&b, "/slow/50");
	usleep(30000);
	stop(&s, 5000);
	assert_int_equal(answer(&a, first), 8);
	assert_string_equal(first, "stopping");
	assert_int_equal(answer(&b, first), 4);
	assert_int_equal(atomic_load(&cleaned), 2);
	hang_up(&a, false);
	hang_up(&b, false);
}

static void stop_cuts(void **state)
{
	struct server s;
	struct client c[4];
	int i;

	(void)state;
	start(&s);
	for (i = 0; i < 4; i++) {
		assert_true(dial(&c[i], edge_port(s.edge)));
		send_get(&c[i], "/slow/300");
	}
	usleep(30000);
	stop(&s, 1); /* workers still hold two requests, two more wait for one */
	for (i = 0; i < 4; i++)
		hang_up(&c[i], true);
	assert_true(atomic_load(&cleaned) <= 4);
}

static void opens(void **state)
{
	struct http_conf http = { .name = "test", .mounts = &mount, .nmounts = 1 };
	struct edge_conf conf = { .address = "127.0.0.1", .ecdsa = { cert_file, key_file } };
	struct http *plane;
	struct edge *e = NULL, *second = NULL;
	struct err err;
	unsigned long n;

	(void)state;
	assert_int_equal(http_open(&http, &plane, &err), ERR_OK);
	assert_int_equal(edge_open(&conf, plane, &e, &err), ERR_OK);
	conf.port = edge_port(e);
	assert_int_equal(edge_open(&conf, plane, &second, &err), ERR_IO);
	assert_non_null(strstr(err.text, "stop the other program or choose another port"));
	conf.address = "nowhere";
	assert_int_equal(edge_open(&conf, plane, &second, &err), ERR_INPUT);
	edge_close(e);       /* never started */
	conf.address = NULL; /* all there are */
	conf.port = 0;
	assert_int_equal(edge_open(&conf, plane, &e, &err), ERR_OK);
	assert_int_not_equal(edge_port(e), 0);
	edge_close(e);
	conf.address = "127.0.0.1";
	conf.port = 0;
	for (n = 1; n < 50; n++) {
		enum err_code code;

		mem_fail_from(n);
		code = edge_open(&conf, plane, &e, &err);
		mem_fail_from(0);
		if (code == ERR_OK) {
			edge_close(e);
			break;
		}
		assert_int_equal(code == ERR_NOMEM || code == ERR_IO, 1);
	}
	assert_in_range(n, 2, 49);
	http_close(plane);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(under_load),
		cmocka_unit_test(stop_wakes),
		cmocka_unit_test(stop_cuts),
		cmocka_unit_test(opens),
	};

	return cmocka_run_group_tests(tests, make_files, drop_files);
}
