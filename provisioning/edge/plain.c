#include "provisioning/edge/plain.h"

#include <errno.h>
#include <microhttpd.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "phonecfg/base/mem.h"

enum { BACKLOG = 128 };

struct plain {
	struct MHD_Daemon *mhd;
	plain_page_fn *page;
	void *arg;
};

static enum MHD_Result answer(struct MHD_Connection *c, const struct plain_page *page)
{
	struct MHD_Response *r =
		MHD_create_response_from_buffer(page->body.n, (void *)(uintptr_t)page->body.p, MHD_RESPMEM_PERSISTENT);
	enum MHD_Result ok = MHD_NO;

	if (r == NULL)
		return MHD_NO;
	if (MHD_add_response_header(r, "Content-Type", page->type) == MHD_YES &&
		MHD_add_response_header(r, "X-Content-Type-Options", "nosniff") == MHD_YES &&
		MHD_add_response_header(r, "Connection", "close") == MHD_YES)
		ok = MHD_queue_response(c, page->status, r);
	MHD_destroy_response(r);
	return ok;
}

/* At the first call, before a body is read: what has one is over then. */
static enum MHD_Result access_fn(void *cls, struct MHD_Connection *c, const char *url, const char *method,
	const char *version, const char *upload, size_t *upload_n, void **con_cls)
{
	const struct plain *p = cls;
	struct plain_page page = { 405, "text/plain; charset=utf-8", SLICE_LIT("Only GET\n") };

	(void)version;
	(void)upload;
	(void)upload_n;
	(void)con_cls;
	if (strcmp(method, "GET") == 0 || strcmp(method, "HEAD") == 0)
		page = p->page(p->arg, url);
	return answer(c, &page);
}

/* The path stays as it was sent. */
static size_t unescape(void *cls, struct MHD_Connection *c, char *s)
{
	(void)cls;
	(void)c;
	return strlen(s);
}

static int open_socket(const struct addrinfo *ai)
{
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1, zero = 0;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (ai->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero));
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 && listen(fd, BACKLOG) == 0)
		return fd;
	close(fd);
	return -1;
}

static int open_listener(const char *address, uint16_t port, struct err *err)
{
	const struct addrinfo want = { .ai_flags = AI_NUMERICHOST | AI_PASSIVE, .ai_socktype = SOCK_STREAM };
	struct addrinfo *ai = NULL;
	char service[8];
	int fd;

	snprintf(service, sizeof(service), "%u", port);
	if (getaddrinfo(address, service, &want, &ai)) {
		err_set(err, ERR_INPUT, "%s is no address to listen on; give an IPv4 or IPv6 address in digits",
			address);
		return -1;
	}
	fd = open_socket(ai);
	freeaddrinfo(ai);
	if (fd < 0 && errno == EAFNOSUPPORT && strcmp(address, "::") == 0)
		return open_listener("0.0.0.0", port, err);
	if (fd < 0)
		err_set(err, ERR_IO, "cannot listen on %s port %u for plain HTTP: %s; change [phones] http-port",
			address, port, strerror(errno));
	return fd;
}

enum err_code plain_open(
	const char *address, uint16_t port, plain_page_fn *page, void *arg, struct plain **out, struct err *err)
{
	int fd = open_listener(address, port, err);
	struct plain *p;

	if (fd < 0)
		return ERR_IO;
	p = mem_zalloc(sizeof(*p));
	if (p) {
		p->page = page;
		p->arg = arg;
		p->mhd = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC, 0, NULL, NULL, access_fn, p,
			MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)PLAIN_CONNECTIONS,
			MHD_OPTION_PER_IP_CONNECTION_LIMIT, (unsigned)PLAIN_PER_ADDRESS, MHD_OPTION_CONNECTION_TIMEOUT,
			(unsigned)PLAIN_IDLE_S, MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)PLAIN_HEAD,
			MHD_OPTION_UNESCAPE_CALLBACK, unescape, NULL, MHD_OPTION_END);
	}
	if (p == NULL || p->mhd == NULL) {
		close(fd);
		mem_free(p);
		return err_set(err, ERR_NOMEM, "cannot start the listener for plain HTTP");
	}
	*out = p;
	return ERR_OK;
}

void plain_close(struct plain *p)
{
	if (p == NULL)
		return;
	MHD_stop_daemon(p->mhd);
	mem_free(p);
}
