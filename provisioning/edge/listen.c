#include "provisioning/edge/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "provisioning/edge/loop.h"

static int open_socket(const struct addrinfo *ai, int backlog)
{
	int fd = socket(ai->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int one = 1, zero = 0, bytes = EDGE_TCP_BUFFER;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (ai->ai_family == AF_INET6)
		setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof(zero));
	/* Accepted sockets inherit these. */
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof(bytes));
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) == 0 && listen(fd, backlog) == 0)
		return fd;
	one = errno;
	close(fd);
	errno = one;
	return -1;
}

static enum err_code port_of(int fd, const char *who, uint16_t *bound, struct err *err)
{
	struct sockaddr_storage at;
	socklen_t n = sizeof(at);

	if (getsockname(fd, (struct sockaddr *)&at, &n) != 0)
		return err_set(err, ERR_IO, "cannot read back the port of %s: %s", who, strerror(errno));
	*bound = ntohs(at.ss_family == AF_INET ? ((struct sockaddr_in *)&at)->sin_port
					       : ((struct sockaddr_in6 *)&at)->sin6_port);
	return ERR_OK;
}

enum err_code listen_open(
	const char *address, uint16_t port, int backlog, const char *who, int *fd, uint16_t *bound, struct err *err)
{
	struct addrinfo hints = { .ai_flags = AI_NUMERICHOST | AI_PASSIVE, .ai_socktype = SOCK_STREAM }, *ai;
	char service[8];

	address = address ? address : "::";
	snprintf(service, sizeof(service), "%u", port);
	if (getaddrinfo(address, service, &hints, &ai) != 0)
		return err_set(err, ERR_INPUT, "%s is no address to listen on; give an IPv4 or IPv6 address in digits",
			address);
	*fd = open_socket(ai, backlog);
	freeaddrinfo(ai);
	if (*fd >= 0)
		return port_of(*fd, who, bound, err);
	if (errno == EAFNOSUPPORT && strcmp(address, "::") == 0)
		return listen_open("0.0.0.0", port, backlog, who, fd, bound, err);
	return err_set(err, ERR_IO, "cannot listen on %s port %u for %s: %s; %s", address, port, who, strerror(errno),
		errno == EADDRINUSE ? "stop the other program or choose another port"
		: errno == EACCES   ? "choose a port from 1024 on, or allow the lower ones"
				    : "choose an address of this machine");
}
