#include "provisioning/http/forwarded.h"

#include <string.h>

/* The entries of all headers of that name, the last first. */
struct entries {
	const struct request *rq;
	size_t header; /* the next one to read is header - 1 */
	struct slice rest;
	bool more; /* rest holds an entry, though it may be empty */
};

static bool previous(struct entries *e, struct slice *out)
{
	const char *comma;

	if (!e->more && e->header > 0) {
		e->rest = slice_str(request_header_nth(e->rq, "X-Forwarded-For", --e->header));
		e->more = true;
	}
	if (!e->more)
		return false;
	comma = e->rest.n ? memrchr(e->rest.p, ',', e->rest.n) : NULL;
	*out = e->rest;
	e->more = comma != NULL;
	if (comma) {
		size_t at = (size_t)(comma - e->rest.p);

		*out = (struct slice){ comma + 1, e->rest.n - at - 1 };
		e->rest.n = at;
	}
	return true;
}

void forwarded_peer(const struct http_trust *t, const struct request *rq, struct http_peer *peer)
{
	struct entries e = { .rq = rq };
	struct net_addr at = net_addr_of(&peer->addr), next;
	struct slice entry;
	unsigned hops;

	while (request_header_nth(rq, "X-Forwarded-For", e.header))
		e.header++;
	for (hops = 0; hops < t->hops && net_list_has(&t->proxies, &at); hops++) {
		if (!previous(&e, &entry) || !net_addr_read(entry, &next))
			break;
		at = next;
	}
	if (hops == 0)
		return;
	net_addr_put(&at, &peer->addr);
	net_addr_text(&at, peer->text);
}
