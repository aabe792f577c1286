#include "provisioning/demo/gateway.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "phonecfg/base/mem.h"

enum { PAIRS_MAX = 32, CHUNK = 16 * 1024, HAND_OVER_MS = 5000, BACKLOG = 16 };

/* One connection: a is the phone's side, b the server's. */
struct pair {
	int a, b;
};

struct gateway {
	uint16_t ports[GATEWAY_PORTS];
	int hand[2]; /* [0] is ours, [1] the child's */
	int listeners[GATEWAY_PORTS];
	struct pair pairs[PAIRS_MAX];
	int stop[2];
	pthread_t thread;
	bool running;
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

static struct sockaddr_in loopback(uint16_t port)
{
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_port = htons(port) };

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return at;
}

/* ---- in the child ---- */

static int write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC), bad;

	if (fd < 0)
		return -1;
	bad = write(fd, text, strlen(text)) < 0;
	close(fd);
	return bad;
}

/* Root may have a network of its own; others first become root of a user namespace of their own. */
static int leave_network(void)
{
	unsigned uid = geteuid(), gid = getegid();
	char map[64];

	if (unshare(CLONE_NEWNET) == 0)
		return 0;
	if (unshare(CLONE_NEWUSER | CLONE_NEWNET))
		return -1;
	write_file("/proc/self/setgroups", "deny");
	snprintf(map, sizeof(map), "%u %u 1", uid, uid);
	if (write_file("/proc/self/uid_map", map))
		return -1;
	snprintf(map, sizeof(map), "%u %u 1", gid, gid);
	return write_file("/proc/self/gid_map", map);
}

static int device_up(const char *name, const char *address)
{
	struct ifreq rq = { 0 };
	struct sockaddr_in at = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), bad;

	if (fd < 0)
		return -1;
	snprintf(rq.ifr_name, sizeof(rq.ifr_name), "%s", name);
	inet_pton(AF_INET, address, &at.sin_addr);
	memcpy(&rq.ifr_addr, &at, sizeof(at));
	bad = ioctl(fd, SIOCSIFADDR, &rq);
	rq.ifr_flags = IFF_UP | IFF_RUNNING;
	if (!bad)
		bad = ioctl(fd, SIOCSIFFLAGS, &rq);
	close(fd);
	return bad;
}

static int listen_at(uint16_t port)
{
	struct sockaddr_in at = loopback(port);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (bind(fd, (struct sockaddr *)&at, sizeof(at)) || listen(fd, BACKLOG)) {
		close(fd);
		return -1;
	}
	return fd;
}

union control {
	struct cmsghdr head;
	char room[CMSG_SPACE(GATEWAY_PORTS * sizeof(int))];
};

static int hand_out(int fd, const int listeners[GATEWAY_PORTS])
{
	union control control = { 0 };
	char byte = 1;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(GATEWAY_PORTS * sizeof(int));
	memcpy(CMSG_DATA(c), listeners, GATEWAY_PORTS * sizeof(int));
	return sendmsg(fd, &msg, 0) == 1 ? 0 : -1;
}

int gateway_enter(void *arg)
{
	struct gateway *g = arg;
	int listeners[GATEWAY_PORTS], i;
	bool bad = leave_network() || device_up("lo", "127.0.0.1") || device_up("lo:1", GATEWAY_PHONE_ADDRESS);

	for (i = 0; !bad && i < GATEWAY_PORTS; i++) {
		listeners[i] = listen_at(g->ports[i]);
		bad = listeners[i] < 0;
	}
	if (!bad)
		return hand_out(g->hand[1], listeners);
	send(g->hand[1], "", 1, MSG_NOSIGNAL); /* a message without sockets: nobody needs to wait for more */
	return -1;
}

/* ---- in the parent ---- */

static void drop(struct pair *p)
{
	close_fd(&p->a);
	close_fd(&p->b);
}

static void take_in(struct gateway *g, int i)
{
	struct sockaddr_in at = loopback(g->ports[i]);
	struct pair fresh = { accept4(g->listeners[i], NULL, NULL, SOCK_CLOEXEC), -1 };
	int n;

	if (fresh.a < 0)
		return;
	fresh.b = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	for (n = 0; n < PAIRS_MAX && g->pairs[n].a >= 0; n++)
		;
	if (n == PAIRS_MAX || fresh.b < 0 || connect(fresh.b, (struct sockaddr *)&at, sizeof(at)))
		drop(&fresh);
	else
		g->pairs[n] = fresh;
}

/* False: one side has ended, and with it the connection (neither HTTPS nor SIP needs the half). */
static bool carry(int from, int to)
{
	char chunk[CHUNK];
	ssize_t n = read(from, chunk, sizeof(chunk)), done = 0, w;

	while (done < n) {
		w = send(to, chunk + done, (size_t)(n - done), MSG_NOSIGNAL);
		if (w <= 0)
			return false;
		done += w;
	}
	return n > 0;
}

static void *serve(void *arg)
{
	struct gateway *g = arg;
	struct pollfd fds[1 + GATEWAY_PORTS + 2 * PAIRS_MAX];
	int i;

	for (;;) {
		fds[0] = (struct pollfd){ g->stop[0], POLLIN, 0 };
		for (i = 0; i < GATEWAY_PORTS; i++)
			fds[1 + i] = (struct pollfd){ g->listeners[i], POLLIN, 0 };
		for (i = 0; i < PAIRS_MAX; i++) {
			fds[1 + GATEWAY_PORTS + 2 * i] = (struct pollfd){ g->pairs[i].a, POLLIN, 0 };
			fds[2 + GATEWAY_PORTS + 2 * i] = (struct pollfd){ g->pairs[i].b, POLLIN, 0 };
		}
		if (poll(fds, sizeof(fds) / sizeof(*fds), -1) < 0 && errno != EINTR)
			break;
		if (fds[0].revents)
			break;
		for (i = 0; i < PAIRS_MAX; i++) {
			struct pair *p = &g->pairs[i];
			bool a = p->a >= 0 && fds[1 + GATEWAY_PORTS + 2 * i].revents;
			bool b = p->a >= 0 && fds[2 + GATEWAY_PORTS + 2 * i].revents;

			if ((a && !carry(p->a, p->b)) || (b && !carry(p->b, p->a)))
				drop(p);
		}
		for (i = 0; i < GATEWAY_PORTS; i++)
			if (fds[1 + i].revents)
				take_in(g, i);
	}
	return NULL;
}

static void halt(struct gateway *g)
{
	ssize_t n;
	int i;

	if (g->running) {
		n = write(g->stop[1], "", 1);
		(void)n;
		pthread_join(g->thread, NULL);
		n = read(g->stop[0], (char[1]){ 0 }, 1);
		g->running = false;
	}
	for (i = 0; i < PAIRS_MAX; i++)
		drop(&g->pairs[i]);
	for (i = 0; i < GATEWAY_PORTS; i++)
		close_fd(&g->listeners[i]);
}

static int take_listeners(struct gateway *g)
{
	union control control = { 0 };
	char byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control)
	};
	struct pollfd fd = { g->hand[0], POLLIN, 0 };
	struct cmsghdr *c;

	if (poll(&fd, 1, HAND_OVER_MS) != 1 || recvmsg(g->hand[0], &msg, MSG_CMSG_CLOEXEC) != 1)
		return -1;
	c = CMSG_FIRSTHDR(&msg);
	if (c == NULL || c->cmsg_type != SCM_RIGHTS || c->cmsg_len != CMSG_LEN(sizeof(g->listeners)))
		return -1;
	memcpy(g->listeners, CMSG_DATA(c), sizeof(g->listeners));
	return 0;
}

enum err_code gateway_serve(struct gateway *g, struct err *err)
{
	halt(g);
	if (take_listeners(g))
		return err_set(err, ERR_UNSUPPORTED,
			"this machine gives the phone behind NAT no network of its own; run as root, or allow user namespaces "
			"(sysctl kernel.unprivileged_userns_clone=1)");
	if (pthread_create(&g->thread, NULL, serve, g))
		return err_set(err, ERR_NOMEM, "cannot start the gateway's thread");
	g->running = true;
	return ERR_OK;
}

enum err_code gateway_open(const uint16_t ports[GATEWAY_PORTS], struct gateway **out, struct err *err)
{
	struct gateway *g = mem_zalloc(sizeof(*g));
	int i;

	*out = NULL;
	if (g == NULL)
		return err_set(err, ERR_NOMEM, "out of memory for the gateway");
	memcpy(g->ports, ports, sizeof(g->ports));
	for (i = 0; i < PAIRS_MAX; i++)
		g->pairs[i] = (struct pair){ -1, -1 };
	for (i = 0; i < GATEWAY_PORTS; i++)
		g->listeners[i] = -1;
	g->stop[0] = g->stop[1] = -1;
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, g->hand)) {
		g->hand[0] = g->hand[1] = -1;
		gateway_close(g);
		return err_set(err, ERR_IO, "cannot open the gateway: %s", strerror(errno));
	}
	if (pipe2(g->stop, O_CLOEXEC)) {
		gateway_close(g);
		return err_set(err, ERR_IO, "cannot open the gateway: %s", strerror(errno));
	}
	*out = g;
	return ERR_OK;
}

void gateway_close(struct gateway *g)
{
	if (g == NULL)
		return;
	halt(g);
	close_fd(&g->hand[0]);
	close_fd(&g->hand[1]);
	close_fd(&g->stop[0]);
	close_fd(&g->stop[1]);
	mem_free(g);
}
