/* Pulls a file over TLS 1.3 for the benchmark. edge_load PORT full|resumed|keep|idle COUNT THREADS TARGET. Prints pulls
 * per second; "idle" opens COUNT connections, pulls once on each, says "ready" and waits for end of input. */
#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static uint16_t port;
static const char *mode;
static char request[512];
static int per_thread;
static atomic_int bad;

struct line {
	SSL *ssl;
	int fd;
};

static bool dial(SSL_CTX *ctx, SSL_SESSION *session, struct line *l)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)
	};

	l->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	l->ssl = SSL_new(ctx);
	if (l->fd < 0 || l->ssl == NULL || connect(l->fd, (struct sockaddr *)&to, sizeof(to)) != 0)
		return false;
	SSL_set_fd(l->ssl, l->fd);
	if (session)
		SSL_set_session(l->ssl, session);
	return SSL_connect(l->ssl) == 1;
}

static void hang_up(struct line *l)
{
	SSL_shutdown(l->ssl);
	SSL_free(l->ssl);
	close(l->fd);
}

static bool pull(struct line *l)
{
	static _Thread_local char data[64 * 1024];
	size_t n = 0, want = 0;

	if (SSL_write(l->ssl, request, (int)strlen(request)) <= 0)
		return false;
	while (want == 0 || n < want) {
		int got = SSL_read(l->ssl, data + n, (int)(sizeof(data) - 1 - n));
		const char *end, *length;

		if (got <= 0)
			return false;
		n += (size_t)got;
		data[n] = '\0';
		end = want ? NULL : strstr(data, "\r\n\r\n");
		length = strstr(data, "Content-Length: ");
		if (end && length)
			want = (size_t)(end + 4 - data) + strtoul(length + 16, NULL, 10);
	}
	return true;
}

static void *run(void *arg)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	SSL_SESSION *session = NULL;
	bool keep = strcmp(mode, "keep") == 0, resume = strcmp(mode, "resumed") == 0;
	struct line l = { NULL, -1 };
	int i;

	for (i = 0; i < per_thread; i++) {
		if ((!keep || i == 0) && !dial(ctx, session, &l)) {
			atomic_fetch_add(&bad, 1);
			break;
		}
		if (!pull(&l))
			atomic_fetch_add(&bad, 1);
		if (resume && session == NULL)
			session = SSL_get1_session(l.ssl);
		if (!keep || i + 1 == per_thread)
			hang_up(&l);
	}
	SSL_SESSION_free(session);
	SSL_CTX_free(ctx);
	return arg;
}

static int idle(int count)
{
	SSL_CTX *ctx = SSL_CTX_new(TLS_client_method());
	struct line l;
	int i;

	for (i = 0; i < count; i++)
		if (!dial(ctx, NULL, &l) || !pull(&l))
			return 1;
	printf("ready\n");
	fflush(stdout);
	while (getchar() != EOF)
		;
	return 0;
}

int main(int argc, char **argv)
{
	struct timespec a, b;
	pthread_t threads[256];
	int i, n;

	if (argc != 6)
		return 2;
	signal(SIGPIPE, SIG_IGN);
	port = (uint16_t)atoi(argv[1]);
	mode = argv[2];
	n = atoi(argv[4]);
	if (n < 1 || n > 256)
		return 2;
	snprintf(request, sizeof(request),
		"GET %s HTTP/1.1\r\nHost: x\r\nUser-Agent: Yealink SIP-T46U 108.86.0.90\r\n\r\n", argv[5]);
	if (strcmp(mode, "idle") == 0)
		return idle(atoi(argv[3]));
	per_thread = atoi(argv[3]) / n;
	clock_gettime(CLOCK_MONOTONIC, &a);
	for (i = 0; i < n; i++)
		pthread_create(&threads[i], NULL, run, NULL);
	for (i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	clock_gettime(CLOCK_MONOTONIC, &b);
	printf("%.0f per second, %d bad\n",
		per_thread * n / ((double)(b.tv_sec - a.tv_sec) + (double)(b.tv_nsec - a.tv_nsec) / 1e9),
		atomic_load(&bad));
	return atomic_load(&bad) != 0;
}
