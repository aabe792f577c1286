/* Who asks, where a reverse proxy stands in front: X-Forwarded-For, read from the right and no further than those who
 * wrote it are trusted. */
#ifndef PROVISIONING_HTTP_FORWARDED_H
#define PROVISIONING_HTTP_FORWARDED_H

#include "provisioning/conf/net.h"
#include "provisioning/http/http.h"

/* Trusted proxies. */
struct http_trust {
	struct net_list proxies;
	unsigned hops; /* so many entries from the right are read, at most */
};

/* Puts the client's address into *peer, which holds that of the connection: each proxy that is trusted says who came to
 * it, the last entry first. What is no address ends it: then whoever wrote that counts as the client. */
void forwarded_peer(const struct http_trust *t, const struct request *rq, struct http_peer *peer);

#endif
