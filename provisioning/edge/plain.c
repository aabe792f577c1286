#include "provisioning/edge/plain.h"

#include <microhttpd.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "phonecfg/base/mem.h"
#include "provisioning/conf/clock.h"
#include "provisioning/conf/net.h"
#include "provisioning/edge/listen.h"

enum { BACKLOG = 128 };

struct place {
	int fd; /* -1 = free */
	int64_t since_ms;
	struct net_addr caller;
};

/* All but mhd belongs to libmicrohttpd's one thread. */
struct plain {
	struct MHD_Daemon *mhd;
	plain_page_fn *page;
	void *arg;
	struct net_addr coming; /* who was admitted last: the connection that is told of next */
	struct place places[PLAIN_CONNECTIONS];
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

/* ---- who may hold a place ---- */

/* Ends those that have had their time: libmicrohttpd's own time-out begins anew with each byte. They go in its next
 * round, so whoever comes in this one may be turned away once more. */
static void end_late(struct plain *p, int64_t now_ms)
{
	size_t i;

	for (i = 0; i < PLAIN_CONNECTIONS; i++)
		if (p->places[i].fd >= 0 && now_ms - p->places[i].since_ms >= PLAIN_WHOLE_MS)
			shutdown(p->places[i].fd, SHUT_RDWR);
}

static enum MHD_Result admit_fn(void *cls, const struct sockaddr *addr, socklen_t n)
{
	struct plain *p = cls;
	struct sockaddr_storage from = { 0 };
	size_t i, all = 0, same = 0;

	memcpy(&from, addr, n < sizeof(from) ? n : sizeof(from));
	p->coming = net_addr_of(&from);
	p->coming = net_caller(&p->coming).addr;
	end_late(p, clock_steady_ms());
	for (i = 0; i < PLAIN_CONNECTIONS; i++)
		if (p->places[i].fd >= 0) {
			all++;
			same += net_addr_eq(&p->places[i].caller, &p->coming);
		}
	return all < PLAIN_CONNECTIONS && same < PLAIN_PER_ADDRESS ? MHD_YES : MHD_NO;
}

static void connection_fn(void *cls, struct MHD_Connection *c, void **at, enum MHD_ConnectionNotificationCode what)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct plain *p = cls;
	struct place *place;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		place = *at;
		if (place)
			place->fd = -1;
		return;
	}
	for (place = p->places; place < p->places + PLAIN_CONNECTIONS && place->fd >= 0;)
		place++;
	if (info == NULL || place == p->places + PLAIN_CONNECTIONS)
		return;
	*place = (struct place){ info->connect_fd, clock_steady_ms(), p->coming };
	*at = place;
}

enum err_code plain_open(
	const char *address, uint16_t port, plain_page_fn *page, void *arg, struct plain **out, struct err *err)
{
	struct plain *p;
	uint16_t bound;
	size_t i;
	int fd;
	enum err_code code = listen_open(address, port, BACKLOG, "plain HTTP ([phones] http-port)", &fd, &bound, err);

	if (code)
		return code;
	p = mem_zalloc(sizeof(*p));
	for (i = 0; p && i < PLAIN_CONNECTIONS; i++)
		p->places[i].fd = -1;
	if (p) {
		p->page = page;
		p->arg = arg;
		/* libmicrohttpd does not ask at its own limit, so that stands above ours. */
		p->mhd = MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD | MHD_USE_ITC, 0, admit_fn, p, access_fn, p,
			MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_CONNECTION_LIMIT, (unsigned)PLAIN_CONNECTIONS + 8,
			MHD_OPTION_NOTIFY_CONNECTION, connection_fn, p, MHD_OPTION_CONNECTION_TIMEOUT,
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
