/* Addresses and networks of both kinds. An IPv4 address stands inside as ::ffff:a.b.c.d, so that one comparison does.
 */
#ifndef PROVISIONING_CONF_NET_H
#define PROVISIONING_CONF_NET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "phonecfg/base/err.h"
#include "phonecfg/base/slice.h"

enum { NET_BYTES = 16, NET_TEXT = 64, NET_LIST_MAX = 32 };

struct net_addr {
	unsigned char b[NET_BYTES];
};

/* Of another family: ::. */
struct net_addr net_addr_of(const struct sockaddr_storage *from);
/* "192.0.2.7", "192.0.2.7:4711", "2001:db8::1", "[2001:db8::1]:4711"; the port is left out. */
bool net_addr_read(struct slice text, struct net_addr *out);
/* "192.0.2.7", "2001:db8::1". */
const char *net_addr_text(const struct net_addr *a, char out[NET_TEXT]);
void net_addr_put(const struct net_addr *a, struct sockaddr_storage *out); /* port 0 */
bool net_addr_eq(const struct net_addr *a, const struct net_addr *b);

struct net {
	struct net_addr addr; /* what stands behind the prefix is zero */
	unsigned bits;        /* of NET_BYTES * 8 */
};

/* The /v4 or /v6 that holds it. */
struct net net_around(const struct net_addr *a, unsigned v4, unsigned v6);
/* What counts as one caller: an IPv4 address, an IPv6 /64, which is one household. */
struct net net_caller(const struct net_addr *a);
/* "192.0.2.0/24", "2001:db8::/56"; without the slash where it is one address. */
const char *net_text(const struct net *n, char out[NET_TEXT]);

/* "https://[2001:db8::1]:8443/x" -> "2001:db8::1"; a part of url. Without a scheme, the whole is what would follow it.
 */
struct slice net_url_host(const char *url);

struct net_list {
	struct net nets[NET_LIST_MAX];
	size_t n;
};

/* Addresses and networks with a blank or a comma between; "" is the empty list. */
enum err_code net_list_read(const char *text, struct net_list *out, struct err *err);
bool net_list_has(const struct net_list *l, const struct net_addr *a);

#endif
