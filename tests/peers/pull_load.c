/* Phones that pull over TLS, for the benchmark: many of them, each with its own address, MAC, User-Agent and login.
 *
 *   pull_load PORT name=value…
 *     mode=full|resumed|keep   a handshake per pull, a resumed one per pull, or connections kept for `pulls` pulls
 *     tls=1.2|1.3  cert=ecdsa|rsa  auth=digest|basic|none
 *     phones=N                  how many, one after the other
 *     brand=yealink|polycom     what they call themselves
 *     seconds=S  at-once=N      how long, on how many connections
 *     pulls=N                   of one connection
 *     count=N                   stop after so many, whatever the time
 *   storm=S: instead of that, each phone comes once within S seconds and pulls all files on one connection; closed by
 * the server in between, it comes again. processes=N: each has its share of the phones, and descriptors of its own.
 * file=NAME (repeated)      %s is the MAC; default /cfg/%s.cfg
 *
 * Prints one line: pulls P errors E seconds S p50 MS p99 MS bytes B open O connections C. */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "phonecfg/base/base64.h"
#include "phonecfg/base/hex.h"

enum { HEAD_MAX = 4096, FILES_MAX = 8, LATENCIES = 2000000, NONCE_S = 120, TRIES = 20, RETRY_MS = 200 };
static const char password[] = "0123456789abcdef", realm[] = "rekey";

static struct {
	int port, phones, at_once, pulls, nfiles, processes;
	double seconds, storm;
	long count;
	const char *mode, *tls, *cert, *auth, *brand, *file[FILES_MAX];
} conf = { .phones = 1000,
	.at_once = 16,
	.pulls = 100,
	.processes = 1,
	.seconds = 2,
	.mode = "keep",
	.tls = "1.3",
	.cert = "ecdsa",
	.auth = "digest",
	.brand = "yealink",
	.file = { "/cfg/%s.cfg" } };

enum state { IDLE, SHAKING, READING, RETRY };

struct line {
	enum state state;
	int fd, phone, pulled, file, tries;
	SSL *ssl;
	SSL_SESSION *session;
	char head[HEAD_MAX + 1];
	size_t nhead;
	int64_t left; /* of the body; -1 while the head is read */
	bool close;
	double began, at;
};

static SSL_CTX *ctx;
static int ep;
static char nonce[128];
static double nonce_at;
static unsigned nc;
static long open_now, given;
static int next_phone;
static double t0;

/* What one process has seen; the first one adds them up. */
static struct seen {
	long pulls, errors, connections, open_max, bytes;
	double last_ok;
	float latency[LATENCIES];
} * seen;

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static bool polycom(void)
{
	return strcmp(conf.brand, "polycom") == 0;
}

static void mac_of(int n, char out[13])
{
	snprintf(out, 13, "%s%08x", polycom() ? "0004" : "0015", (unsigned)n);
}

static void md5(const char *text, char out[33])
{
	unsigned char md[EVP_MAX_MD_SIZE];
	unsigned n;

	EVP_Digest(text, strlen(text), md, &n, EVP_md5(), NULL);
	hex_write(md, 16, out);
}

static void fetch_nonce(void);

static void authorization(const char *mac, const char *target, char *out, size_t size)
{
	char text[512], ha1[33], ha2[33], response[33], b64[128];

	*out = '\0';
	if (strcmp(conf.auth, "basic") == 0) {
		snprintf(text, sizeof(text), "%s:%s", mac, password);
		base64_write((const unsigned char *)text, strlen(text), b64);
		snprintf(out, size, "Authorization: Basic %s\r\n", b64);
	}
	if (strcmp(conf.auth, "digest") != 0)
		return;
	if (now() - nonce_at > NONCE_S)
		fetch_nonce();
	snprintf(text, sizeof(text), "%s:%s:%s", mac, realm, password);
	md5(text, ha1);
	snprintf(text, sizeof(text), "GET:%s", target);
	md5(text, ha2);
	nc++;
	snprintf(text, sizeof(text), "%s:%s:%08x:4f2a9c01:auth:%s", ha1, nonce, nc, ha2);
	md5(text, response);
	snprintf(out, size,
		"Authorization: Digest username=\"%s\", realm=\"%s\", nonce=\"%s\", uri=\"%s\", response=\"%s\", "
		"algorithm=MD5, qop=auth, nc=%08x, cnonce=\"4f2a9c01\"\r\n",
		mac, realm, nonce, target, response, nc);
}

static size_t request(const struct line *l, char *out, size_t size)
{
	char mac[13], target[128], login[768], agent[128];

	mac_of(l->phone, mac);
	snprintf(target, sizeof(target), conf.file[l->file], mac);
	authorization(mac, target, login, sizeof(login));
	if (polycom())
		snprintf(agent, sizeof(agent), "FileTransport PolycomVVX-VVX_450-UA/5.9.%d.0615 Type/Application",
			l->phone % 5);
	else
		snprintf(agent, sizeof(agent), "Yealink SIP-T46U 108.86.0.%d %.2s:%.2s:%.2s:%.2s:%.2s:%.2s",
			20 + l->phone % 5, mac, mac + 2, mac + 4, mac + 6, mac + 8, mac + 10);
	return (size_t)snprintf(out, size,
		"GET %s HTTP/1.1\r\nHost: localhost:%d\r\nUser-Agent: %s\r\nAccept: */*\r\n%s\r\n", target, conf.port,
		agent, login);
}

static bool dial(struct line *l)
{
	struct sockaddr_in to = { .sin_family = AF_INET,
		.sin_port = htons((uint16_t)conf.port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) },
			   from = { .sin_family = AF_INET,
				   .sin_addr.s_addr = htonl(0x7f010001u + (unsigned)(l->phone % 0xf0000)) };
	struct epoll_event ev = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data.ptr = l };
	int one = 1;

	l->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (l->fd < 0)
		return false;
	setsockopt(l->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof(one));
	l->ssl = SSL_new(ctx);
	if (bind(l->fd, (struct sockaddr *)&from, sizeof(from)) != 0 ||
		(connect(l->fd, (struct sockaddr *)&to, sizeof(to)) != 0 && errno != EINPROGRESS)) {
		SSL_free(l->ssl);
		close(l->fd);
		l->ssl = NULL;
		return false;
	}
	SSL_set_fd(l->ssl, l->fd);
	SSL_set_connect_state(l->ssl);
	if (l->session)
		SSL_set_session(l->ssl, l->session);
	l->state = SHAKING;
	l->pulled = 0;
	seen->connections++;
	if (++open_now > seen->open_max)
		seen->open_max = open_now;
	return epoll_ctl(ep, EPOLL_CTL_ADD, l->fd, &ev) == 0;
}

static void hang_up(struct line *l)
{
	if (l->ssl == NULL)
		return;
	if (strcmp(conf.mode, "resumed") == 0 && l->session == NULL && SSL_is_init_finished(l->ssl))
		l->session = SSL_get1_session(l->ssl);
	if (SSL_is_init_finished(l->ssl))
		SSL_shutdown(l->ssl);
	SSL_free(l->ssl);
	close(l->fd);
	l->ssl = NULL;
	l->state = IDLE;
	open_now--;
}

static void ask(struct line *l)
{
	char text[2048];
	size_t n = request(l, text, sizeof(text));

	l->nhead = 0;
	l->left = -1;
	l->close = false;
	l->state = READING;
	if (l->pulled > 0)
		l->began = now();
	SSL_write(l->ssl, text, (int)n);
}

static void failed(struct line *l, const char *why)
{
	static int said;

	hang_up(l);
	if (conf.storm > 0 && ++l->tries < TRIES) {
		l->state = RETRY;
		l->at = now() + RETRY_MS / 1000.0;
		return;
	}
	seen->errors++;
	if (said++ < 5)
		fprintf(stderr, "pull_load: phone %d: %s\n", l->phone, why);
}

/* True: the whole answer is there. */
static bool take(struct line *l, const char *p, size_t n, const char **why)
{
	const char *end, *length;
	size_t room;

	seen->bytes += (long)n;
	if (l->left >= 0) {
		l->left -= (int64_t)n;
		return l->left <= 0;
	}
	room = HEAD_MAX - l->nhead < n ? HEAD_MAX - l->nhead : n;
	memcpy(l->head + l->nhead, p, room);
	l->nhead += room;
	l->head[l->nhead] = '\0';
	end = strstr(l->head, "\r\n\r\n");
	if (end == NULL)
		return false;
	length = strcasestr(l->head, "Content-Length:");
	if (strncmp(l->head, "HTTP/1.1 200", 12) != 0 || length == NULL || length > end) {
		l->head[12] = '\0';
		*why = l->head;
		return true;
	}
	l->close = strcasestr(l->head, "Connection: close") != NULL;
	l->left = (int64_t)strtoll(length + 15, NULL, 10) - (int64_t)(n - room) -
		  (int64_t)(l->head + l->nhead - (end + 4));
	return l->left <= 0;
}

static void start(struct line *l);

static bool over(void)
{
	return now() - t0 > conf.seconds || (conf.count && given >= conf.count);
}

static void next(struct line *l)
{
	if (seen->pulls < LATENCIES)
		seen->latency[seen->pulls] = (float)(now() - l->began);
	seen->last_ok = now();
	seen->pulls++;
	l->pulled++;
	if (conf.storm > 0) {
		if (++l->file < conf.nfiles && l->close) {
			hang_up(l);
			if (!dial(l))
				failed(l, "no socket");
		} else if (l->file < conf.nfiles) {
			ask(l);
		} else {
			hang_up(l);
		}
		return;
	}
	if (strcmp(conf.mode, "keep") != 0 || l->close || l->pulled >= conf.pulls || over()) {
		hang_up(l);
		start(l);
		return;
	}
	l->phone = next_phone++ % conf.phones;
	given++;
	ask(l);
}

static void start(struct line *l)
{
	if (over())
		return;
	l->phone = next_phone++ % conf.phones;
	given++;
	l->began = now();
	if (!dial(l))
		failed(l, "no socket");
}

static void advance(struct line *l)
{
	static char piece[65536];
	const char *why = NULL;
	int r, e;

	if (l->state == SHAKING) {
		r = SSL_connect(l->ssl);
		if (r == 1) {
			ask(l);
		} else if ((e = SSL_get_error(l->ssl, r)) != SSL_ERROR_WANT_READ && e != SSL_ERROR_WANT_WRITE) {
			failed(l, "the handshake failed");
			if (conf.storm == 0)
				start(l);
		}
	}
	while (l->state == READING) {
		r = SSL_read(l->ssl, piece, sizeof(piece));
		if (r <= 0) {
			e = SSL_get_error(l->ssl, r);
			if (e == SSL_ERROR_WANT_READ || e == SSL_ERROR_WANT_WRITE)
				return;
			failed(l, "closed in the middle");
			if (conf.storm == 0)
				start(l);
			return;
		}
		if (!take(l, piece, (size_t)r, &why))
			continue;
		if (why)
			failed(l, why);
		else
			next(l);
		if (why && conf.storm == 0)
			start(l);
	}
}

static void one_round(int wait)
{
	struct epoll_event ev[256];
	int i, n = epoll_wait(ep, ev, 256, wait);

	for (i = 0; i < n; i++) {
		struct line *l = ev[i].data.ptr;

		if (l->ssl)
			advance(l);
	}
}

static void steady(void)
{
	struct line *lines = calloc((size_t)conf.at_once, sizeof(*lines));
	int i;

	for (i = 0; i < conf.at_once; i++)
		start(&lines[i]);
	while (open_now > 0 && now() - t0 < conf.seconds + 20)
		one_round(100);
	for (i = 0; i < conf.at_once; i++)
		SSL_SESSION_free(lines[i].session);
	free(lines);
}

static int by_time(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	return x->at < y->at ? -1 : x->at > y->at;
}

/* One process's share of the phones. */
static void storm(int process)
{
	int n = conf.phones / conf.processes, i, come = 0, waiting = 1;
	struct line *lines = calloc((size_t)n, sizeof(*lines));
	double looked = 0;

	srand((unsigned)(7 + process));
	for (i = 0; i < n; i++) {
		lines[i].phone = process * n + i;
		lines[i].at = t0 + conf.storm * (double)rand() / RAND_MAX;
	}
	qsort(lines, (size_t)n, sizeof(*lines), by_time);
	while ((come < n || open_now > 0 || waiting > 0) && now() - t0 < conf.seconds) {
		for (; come < n && lines[come].at <= now(); come++) {
			lines[come].began = lines[come].at;
			if (!dial(&lines[come]))
				failed(&lines[come], "no socket");
		}
		one_round(2);
		if (now() - looked < 0.05)
			continue;
		looked = now();
		for (i = waiting = 0; i < come; i++) {
			waiting += lines[i].state == RETRY;
			if (lines[i].state == RETRY && lines[i].at <= looked && !dial(&lines[i]))
				failed(&lines[i], "no socket");
		}
	}
	for (i = 0; i < n; i++)
		seen->errors += i >= come || lines[i].state == RETRY || lines[i].ssl != NULL;
	free(lines);
}

static int challenge(char text[HEAD_MAX + 1])
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)conf.port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
	};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), n = 0, r;
	SSL *ssl = SSL_new(ctx);

	SSL_set_fd(ssl, fd);
	if (connect(fd, (struct sockaddr *)&to, sizeof(to)) == 0 && SSL_connect(ssl) == 1) {
		n = snprintf(
			text, HEAD_MAX, "GET /cfg/00150000ffff.cfg HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
		SSL_write(ssl, text, n);
		for (n = 0; n < HEAD_MAX && (r = SSL_read(ssl, text + n, HEAD_MAX - n)) > 0; n += r)
			;
		SSL_shutdown(ssl);
	}
	SSL_free(ssl);
	close(fd);
	return n;
}

/* One nonce for all: it is good for every phone of the listener. A server without Digest is sent the same header all
 * the same. */
static void fetch_nonce(void)
{
	char text[HEAD_MAX + 1], *at;

	text[challenge(text)] = '\0';
	at = strstr(text, "algorithm=MD5, nonce=\"");
	if (at == NULL || sscanf(at, "algorithm=MD5, nonce=\"%127[^\"]", nonce) != 1)
		memset(nonce, 'n', 70);
	nonce_at = now();
}

static void set_up_tls(void)
{
	bool v12 = strcmp(conf.tls, "1.2") == 0, rsa = strcmp(conf.cert, "rsa") == 0;

	ctx = SSL_CTX_new(TLS_client_method());
	SSL_CTX_set_min_proto_version(ctx, v12 ? TLS1_2_VERSION : TLS1_3_VERSION);
	SSL_CTX_set_max_proto_version(ctx, v12 ? TLS1_2_VERSION : TLS1_3_VERSION);
	SSL_CTX_set_cipher_list(ctx, rsa ? "ECDHE-RSA-AES128-GCM-SHA256" : "ECDHE-ECDSA-AES128-GCM-SHA256");
	SSL_CTX_set_ciphersuites(ctx, "TLS_AES_128_GCM_SHA256");
	SSL_CTX_set1_sigalgs_list(ctx, rsa ? "rsa_pss_rsae_sha256:RSA+SHA256" : "ECDSA+SHA256");
	SSL_CTX_set1_groups_list(ctx, "P-256");
	SSL_CTX_set_mode(ctx, SSL_MODE_AUTO_RETRY);
}

static bool setting(const char *name, const char *value)
{
	const struct {
		const char *name, **at;
	} words[] = { { "mode", &conf.mode }, { "tls", &conf.tls }, { "cert", &conf.cert }, { "auth", &conf.auth },
		{ "brand", &conf.brand } };
	const struct {
		const char *name;
		int *at;
	} numbers[] = { { "phones", &conf.phones }, { "at-once", &conf.at_once }, { "pulls", &conf.pulls },
		{ "processes", &conf.processes } };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(name, words[i].name) == 0) {
			*words[i].at = value;
			return true;
		}
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (strcmp(name, numbers[i].name) == 0) {
			*numbers[i].at = atoi(value);
			return true;
		}
	if (strcmp(name, "file") == 0 && conf.nfiles < FILES_MAX)
		conf.file[conf.nfiles++] = value;
	else if (strcmp(name, "seconds") == 0)
		conf.seconds = atof(value);
	else if (strcmp(name, "storm") == 0)
		conf.storm = atof(value);
	else if (strcmp(name, "count") == 0)
		conf.count = atol(value);
	else
		return false;
	return true;
}

static int by_size(const void *a, const void *b)
{
	float x = *(const float *)a, y = *(const float *)b;

	return x < y ? -1 : x > y;
}

static void one_process(int process, struct seen *mine)
{
	seen = mine;
	seen->last_ok = t0;
	ep = epoll_create1(EPOLL_CLOEXEC);
	set_up_tls();
	if (strcmp(conf.auth, "digest") == 0)
		fetch_nonce();
	if (conf.storm > 0)
		storm(process);
	else
		steady();
	SSL_CTX_free(ctx);
	close(ep);
}

static void add_up(struct seen *all, const struct seen *one)
{
	long room = LATENCIES - all->pulls, n = one->pulls < room ? one->pulls : room;

	memcpy(all->latency + all->pulls, one->latency, (size_t)(n > 0 ? n : 0) * sizeof(*one->latency));
	all->pulls += one->pulls;
	all->errors += one->errors;
	all->connections += one->connections;
	all->open_max += one->open_max;
	all->bytes += one->bytes;
	if (one->last_ok > all->last_ok)
		all->last_ok = one->last_ok;
}

static bool every_process(struct seen *each)
{
	bool well = true;
	int i, status;

	for (i = 1; i < conf.processes; i++)
		if (fork() == 0) {
			one_process(i, &each[i]);
			_exit(0);
		}
	one_process(0, &each[0]);
	while (wait(&status) > 0)
		well = well && WIFEXITED(status) && WEXITSTATUS(status) == 0;
	for (i = 1; i < conf.processes; i++)
		add_up(&each[0], &each[i]);
	return well;
}

static bool take_arguments(int argc, char **argv)
{
	int i;

	conf.port = argc > 1 ? atoi(argv[1]) : 0;
	for (i = 2; i < argc; i++) {
		char *eq = strchr(argv[i], '=');

		if (eq)
			*eq = '\0';
		if (eq == NULL || !setting(argv[i], eq + 1)) {
			fprintf(stderr, "pull_load: what is %s?\n", argv[i]);
			return false;
		}
	}
	if (conf.processes < 1 || conf.phones % conf.processes || (conf.processes > 1 && conf.storm <= 0)) {
		fprintf(stderr, "pull_load: several processes are for a storm whose phones they can share evenly\n");
		return false;
	}
	conf.nfiles = conf.nfiles ? conf.nfiles : 1;
	return conf.port > 0;
}

int main(int argc, char **argv)
{
	struct rlimit files;
	struct seen *all;
	bool well;
	long n;

	if (!take_arguments(argc, argv))
		return 2;
	signal(SIGPIPE, SIG_IGN);
	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	all = mmap(
		NULL, (size_t)conf.processes * sizeof(*all), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (all == MAP_FAILED)
		return 1;
	t0 = now();
	well = every_process(all);
	n = all->pulls < LATENCIES ? all->pulls : LATENCIES;
	qsort(all->latency, (size_t)n, sizeof(*all->latency), by_size);
	printf("pulls %ld errors %ld seconds %.3f p50 %.3f p99 %.3f bytes %ld open %ld connections %ld\n", all->pulls,
		all->errors, all->last_ok - t0, n ? all->latency[n / 2] * 1e3 : 0,
		n ? all->latency[n * 99 / 100] * 1e3 : 0, all->bytes, all->open_max, all->connections);
	return !well || all->errors != 0;
}
