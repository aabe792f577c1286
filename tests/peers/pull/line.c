/* One connection: its handshake, what is asked on it, what comes back. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/peers/pull/pull.h"

enum { TRIES = 20, RETRY_MS = 200 };
long open_now;
static long given;
static int next_phone;

bool dial(struct line *l)
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
	l->ssl = SSL_new(pull_ctx);
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
	l->nhead = 0;
	seen->connections++;
	if (++open_now > seen->open_max)
		seen->open_max = open_now;
	return epoll_ctl(pull_ep, EPOLL_CTL_ADD, l->fd, &ev) == 0;
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

void failed(struct line *l, const char *why)
{
	static int said;

	hang_up(l);
	/* Not let in, it comes again; an answer that is cut off or no file is what no phone may get. */
	if (conf.storm > 0 && l->nhead == 0 && ++l->tries < TRIES) {
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

void start(struct line *l)
{
	if (over())
		return;
	l->phone = next_phone++ % conf.phones;
	given++;
	l->began = now();
	if (!dial(l))
		failed(l, "no socket");
}

void advance(struct line *l)
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
