#include "provisioning/conf/net.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

enum { V4_AT = 12, V4_BITS = 32, V6_BITS = 128 };
static const unsigned char v4_prefix[V4_AT] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff };

static bool is_v4(const struct net_addr *a)
{
	return memcmp(a->b, v4_prefix, sizeof(v4_prefix)) == 0;
}

static struct net_addr of_v4(const struct in_addr *v4)
{
	struct net_addr a;

	memcpy(a.b, v4_prefix, sizeof(v4_prefix));
	memcpy(a.b + V4_AT, v4, sizeof(*v4));
	return a;
}

struct net_addr net_addr_of(const struct sockaddr_storage *from)
{
	struct net_addr a = { { 0 } };

	if (from->ss_family == AF_INET)
		return of_v4(&((const struct sockaddr_in *)(const void *)from)->sin_addr);
	if (from->ss_family == AF_INET6)
		memcpy(a.b, &((const struct sockaddr_in6 *)(const void *)from)->sin6_addr, sizeof(a.b));
	return a;
}

void net_addr_put(const struct net_addr *a, struct sockaddr_storage *out)
{
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };

	memcpy(&v6.sin6_addr, a->b, sizeof(a->b));
	memset(out, 0, sizeof(*out));
	memcpy(out, &v6, sizeof(v6));
}

static bool read_plain(struct slice s, struct net_addr *out)
{
	char text[INET6_ADDRSTRLEN];
	struct in_addr v4;

	if (s.n == 0 || s.n >= sizeof(text) || memchr(s.p, '\0', s.n))
		return false;
	memcpy(text, s.p, s.n);
	text[s.n] = '\0';
	if (inet_pton(AF_INET, text, &v4) == 1) {
		*out = of_v4(&v4);
		return true;
	}
	return inet_pton(AF_INET6, text, out->b) == 1;
}

static bool is_port(struct slice s)
{
	size_t i;

	for (i = 0; i < s.n; i++)
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
	return s.n > 0 && s.n <= 5;
}

bool net_addr_read(struct slice text, struct net_addr *out)
{
	struct slice rest = slice_trim(text), host;

	if (slice_starts(rest, "[")) {
		rest = (struct slice){ rest.p + 1, rest.n - 1 };
		if (memchr(rest.p, ']', rest.n) == NULL)
			return false;
		host = slice_cut(&rest, ']');
		return (rest.n == 0 || (*rest.p == ':' && is_port((struct slice){ rest.p + 1, rest.n - 1 }))) &&
		       read_plain(host, out) && memchr(host.p, ':', host.n);
	}
	if (read_plain(rest, out))
		return true;
	host = slice_cut(&rest, ':');
	return is_port(rest) && read_plain(host, out);
}

const char *net_addr_text(const struct net_addr *a, char out[NET_TEXT])
{
	if (is_v4(a))
		inet_ntop(AF_INET, a->b + V4_AT, out, NET_TEXT);
	else
		inet_ntop(AF_INET6, a->b, out, NET_TEXT);
	return out;
}

bool net_addr_eq(const struct net_addr *a, const struct net_addr *b)
{
	return memcmp(a->b, b->b, sizeof(a->b)) == 0;
}

static struct net_addr cut(const struct net_addr *a, unsigned bits)
{
	struct net_addr out = *a;
	unsigned i;

	for (i = bits; i < V6_BITS; i++)
		out.b[i / 8] &= (unsigned char)~(0x80u >> i % 8);
	return out;
}

struct net net_around(const struct net_addr *a, unsigned v4, unsigned v6)
{
	unsigned bits = is_v4(a) ? V6_BITS - V4_BITS + v4 : v6;

	return (struct net){ cut(a, bits), bits };
}

struct net net_caller(const struct net_addr *a)
{
	return net_around(a, 32, 64);
}

const char *net_text(const struct net *n, char out[NET_TEXT])
{
	size_t used;

	net_addr_text(&n->addr, out);
	used = strlen(out);
	if (n->bits < V6_BITS)
		snprintf(out + used, NET_TEXT - used, "/%u", is_v4(&n->addr) ? n->bits - (V6_BITS - V4_BITS) : n->bits);
	return out;
}

static bool read_net(struct slice word, struct net *out)
{
	struct slice rest = word, host = slice_cut(&rest, '/');
	struct net_addr a;
	unsigned bits = 0, most;
	size_t i;

	if (!read_plain(host, &a))
		return false;
	most = is_v4(&a) ? V4_BITS : V6_BITS;
	if (host.n == word.n) {
		bits = most;
	} else {
		if (!is_port(rest) || rest.n > 3)
			return false;
		for (i = 0; i < rest.n; i++)
			bits = bits * 10 + (unsigned)(rest.p[i] - '0');
	}
	if (bits > most)
		return false;
	*out = net_around(&a, bits, bits);
	return net_addr_eq(&out->addr, &a);
}

enum err_code net_list_read(const char *text, struct net_list *out, struct err *err)
{
	static const char between[] = " \t,";

	out->n = 0;
	for (text += strspn(text, between); *text; text += strspn(text, between)) {
		struct slice word = { text, strcspn(text, between) };

		if (out->n == NET_LIST_MAX)
			return err_set(err, ERR_INPUT, "names more than %d networks", NET_LIST_MAX);
		if (!read_net(word, &out->nets[out->n++]))
			return err_set(err, ERR_INPUT,
				"has \"%.*s\", which is neither an address nor a network like 192.0.2.0/24",
				SLICE_ARG(word));
		text += word.n;
	}
	return ERR_OK;
}

bool net_list_has(const struct net_list *l, const struct net_addr *a)
{
	struct net_addr head;
	size_t i;

	for (i = 0; i < l->n; i++) {
		head = cut(a, l->nets[i].bits);
		if (net_addr_eq(&head, &l->nets[i].addr))
			return true;
	}
	return false;
}

struct slice net_url_host(const char *url)
{
	const char *scheme = strstr(url, "://"), *host = scheme ? scheme + 3 : url;

	if (*host == '[')
		return (struct slice){ host + 1, strcspn(host + 1, "]") };
	return (struct slice){ host, strcspn(host, ":/") };
}
