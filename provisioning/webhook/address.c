#include "provisioning/webhook/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

/* IANA's registries of special-purpose addresses (RFC 6890), and multicast. */
static const struct {
	uint32_t net;
	unsigned bits;
	const char *what;
} v4[] = {
	{ 0x00000000, 8, "reserved" },    /* 0.0.0.0/8: this host */
	{ 0x0a000000, 8, "private" },     /* 10.0.0.0/8 */
	{ 0x64400000, 10, "private" },    /* 100.64.0.0/10: behind a provider's NAT */
	{ 0x7f000000, 8, "loopback" },    /* 127.0.0.0/8 */
	{ 0xa9fe0000, 16, "link-local" }, /* 169.254.0.0/16, where clouds keep their secrets */
	{ 0xac100000, 12, "private" },    /* 172.16.0.0/12 */
	{ 0xc0000000, 24, "reserved" },   /* 192.0.0.0/24 */
	{ 0xc0000200, 24, "reserved" },   /* 192.0.2.0/24: examples */
	{ 0xc0586300, 24, "reserved" },   /* 192.88.99.0/24: 6to4 relays */
	{ 0xc0a80000, 16, "private" },    /* 192.168.0.0/16 */
	{ 0xc6120000, 15, "reserved" },   /* 198.18.0.0/15: benchmarks */
	{ 0xc6336400, 24, "reserved" },   /* 198.51.100.0/24: examples */
	{ 0xcb007100, 24, "reserved" },   /* 203.0.113.0/24: examples */
	{ 0xe0000000, 4, "multicast" },   /* 224.0.0.0/4 */
	{ 0xf0000000, 4, "reserved" },    /* 240.0.0.0/4 and broadcast */
};

static const struct {
	uint8_t net[16];
	unsigned bits;
	const char *what;
	int v4_at; /* an IPv4 address stands there; -1 = none */
} v6[] = {
	{ { 0 }, 128, "reserved", -1 },                                /* :: */
	{ { [15] = 1 }, 128, "loopback", -1 },                         /* ::1 */
	{ { [10] = 0xff, 0xff }, 96, NULL, 12 },                       /* ::ffff:0:0/96: mapped */
	{ { 0 }, 96, NULL, 12 },                                       /* ::/96: compatible */
	{ { 0x00, 0x64, 0xff, 0x9b }, 96, NULL, 12 },                  /* 64:ff9b::/96: NAT64 */
	{ { 0x00, 0x64, 0xff, 0x9b, 0x00, 0x01 }, 48, "private", -1 }, /* 64:ff9b:1::/48 */
	{ { 0x01 }, 64, "reserved", -1 },                              /* 100::/64: nowhere */
	{ { 0x20, 0x01, 0x0d, 0xb8 }, 32, "reserved", -1 },            /* 2001:db8::/32: examples */
	{ { 0x20, 0x01 }, 23, "reserved", -1 },                        /* 2001::/23: Teredo and its like */
	{ { 0x20, 0x02 }, 16, NULL, 2 },                               /* 2002::/16: 6to4 */
	{ { 0x3f, 0xff }, 20, "reserved", -1 },                        /* 3fff::/20: examples */
	{ { 0xfc }, 7, "private", -1 },                                /* fc00::/7 */
	{ { 0xfe, 0x80 }, 10, "link-local", -1 },                      /* fe80::/10 */
	{ { 0xfe, 0xc0 }, 10, "private", -1 },                         /* fec0::/10, as it once was */
	{ { 0xff }, 8, "multicast", -1 },                              /* ff00::/8 */
};

static const char *refused_v4(uint32_t address)
{
	size_t i;

	for (i = 0; i < sizeof(v4) / sizeof(v4[0]); i++)
		if ((address ^ v4[i].net) >> (32 - v4[i].bits) == 0)
			return v4[i].what;
	return NULL;
}

static bool begins(const uint8_t *address, const uint8_t *net, unsigned bits)
{
	unsigned whole = bits / 8, rest = bits % 8;

	return memcmp(address, net, whole) == 0 && (rest == 0 || (address[whole] ^ net[whole]) >> (8 - rest) == 0);
}

static const char *refused_v6(const uint8_t *a)
{
	size_t i;

	for (i = 0; i < sizeof(v6) / sizeof(v6[0]); i++) {
		const uint8_t *at = a + v6[i].v4_at;

		if (!begins(a, v6[i].net, v6[i].bits))
			continue;
		if (v6[i].v4_at < 0)
			return v6[i].what;
		return refused_v4((uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3]);
	}
	/* Only 2000::/3 is given out to the internet. */
	return a[0] >> 5 == 1 ? NULL : "reserved";
}

const char *address_refused(const struct sockaddr *address)
{
	if (address->sa_family == AF_INET)
		return refused_v4(ntohl(((const struct sockaddr_in *)(const void *)address)->sin_addr.s_addr));
	if (address->sa_family == AF_INET6)
		return refused_v6(((const struct sockaddr_in6 *)(const void *)address)->sin6_addr.s6_addr);
	return "reserved";
}

const char *address_refused_text(const char *host)
{
	struct sockaddr_in in = { .sin_family = AF_INET };
	struct sockaddr_in6 in6 = { .sin6_family = AF_INET6 };
	char bare[INET6_ADDRSTRLEN];
	size_t n = strlen(host);

	if (n > 2 && host[0] == '[' && host[n - 1] == ']' && n - 2 < sizeof(bare)) {
		snprintf(bare, sizeof(bare), "%.*s", (int)(n - 2), host + 1);
		host = bare;
	}
	if (inet_pton(AF_INET, host, &in.sin_addr) == 1)
		return address_refused((const struct sockaddr *)&in);
	if (inet_pton(AF_INET6, host, &in6.sin6_addr) == 1)
		return address_refused((const struct sockaddr *)&in6);
	return NULL;
}
