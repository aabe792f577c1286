#include <re/re.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "provisioning/sip/target.h"

enum {
	NAME_MAX_BYTES = 256,
	SERVERS_MAX = 4,
	CACHE_SLOTS = 16,
	CACHE_MS = 30000,
	KINDS = 3,
	BAD_SLOTS = 8,
	BAD_MS = 60000
};

struct cached {
	char key[NAME_MAX_BYTES + 16];
	struct targets found;
	uint64_t until;
};

struct bad {
	struct target to;
	uint64_t until;
};

struct resolver {
	struct dnsc *dnsc;
	int af;
	struct bad bad[BAD_SLOTS];
	unsigned next_bad;
	struct cached cache[CACHE_SLOTS];
	unsigned next_slot;
};

struct srv_name {
	char host[NAME_MAX_BYTES];
	uint16_t port;
};

struct lookup {
	struct resolver *r;
	struct dns_query *query;
	lookup_fn *fn;
	void *arg;
	struct lookup **self;
	struct targets found;
	char host[NAME_MAX_BYTES], key[NAME_MAX_BYTES + 16];
	enum sip_transp tp; /* of the names being looked up */
	bool open;          /* the URI left the transport open: try SRV of each */
	unsigned kind;      /* index into kinds */
	struct srv_name srv[TARGETS_MAX];
	size_t nsrv, at;
};

/* RFC 3263 §4.1, in the order in which we ask when there is no NAPTR. */
static const struct {
	const char *naptr, *srv;
	enum sip_transp tp;
} kinds[KINDS] = {
	{ "SIP+D2U", "_sip._udp", SIP_TRANSP_UDP },
	{ "SIP+D2T", "_sip._tcp", SIP_TRANSP_TCP },
	{ "SIPS+D2T", "_sips._tcp", SIP_TRANSP_TLS },
};

static void ask_addresses(struct lookup *l);
static void ask_srv(struct lookup *l, const char *name);

static bool is_bad(const struct resolver *r, const struct target *t)
{
	for (unsigned i = 0; i < BAD_SLOTS; i++)
		if (r->bad[i].until > tmr_jiffies() && r->bad[i].to.tp == t->tp &&
			sa_cmp(&r->bad[i].to.dst, &t->dst, SA_ALL))
			return true;
	return false;
}

/* Those that were silent lately come last, in the same order. */
static struct targets preferred(const struct resolver *r, const struct targets *found)
{
	struct targets out = { .n = 0 };

	for (int bad = 0; bad < 2; bad++)
		for (size_t i = 0; i < found->n; i++)
			if (is_bad(r, &found->v[i]) == (bad == 1))
				out.v[out.n++] = found->v[i];
	return out;
}

static void answer(struct lookup *l, const char *why)
{
	struct targets found = preferred(l->r, &l->found);

	*l->self = NULL;
	l->fn(&found, why, l->arg);
	mem_deref(l->query);
	mem_free(l);
}

static void done(struct lookup *l, const char *why)
{
	struct resolver *r = l->r;

	if (l->found.n) {
		struct cached *c = &r->cache[r->next_slot++ % CACHE_SLOTS];

		memcpy(c->key, l->key, sizeof c->key);
		c->found = l->found;
		c->until = tmr_jiffies() + CACHE_MS;
		why = "";
	}
	answer(l, why);
}

static bool add_address(struct dnsrr *rr, void *arg)
{
	struct lookup *l = arg;
	struct target *t;

	if (l->found.n == TARGETS_MAX || rr->type != (l->r->af == AF_INET6 ? DNS_TYPE_AAAA : DNS_TYPE_A))
		return false;
	t = &l->found.v[l->found.n++];
	t->tp = l->tp;
	(void)snprintf(t->host, sizeof t->host, "%s", l->host);
	if (rr->type == DNS_TYPE_A)
		sa_set_in(&t->dst, rr->rdata.a.addr, l->srv[l->at].port);
	else
		sa_set_in6(&t->dst, rr->rdata.aaaa.addr, l->srv[l->at].port);
	return false;
}

static void next_name(struct lookup *l)
{
	l->at++;
	if (l->at < l->nsrv && l->found.n < TARGETS_MAX)
		ask_addresses(l);
	else
		done(l, "the name has no address");
}

static void on_addresses(
	int err, const struct dnshdr *hdr, struct list *ansl, struct list *authl, struct list *addl, void *arg)
{
	struct lookup *l = arg;

	(void)hdr;
	(void)authl;
	(void)addl;
	l->query = NULL;
	if (err && !l->found.n && l->at + 1 >= l->nsrv) {
		done(l, err == ETIMEDOUT ? "the DNS server does not answer" : "the DNS query failed");
		return;
	}
	dns_rrlist_apply(
		ansl, NULL, l->r->af == AF_INET6 ? DNS_TYPE_AAAA : DNS_TYPE_A, DNS_CLASS_IN, true, add_address, l);
	next_name(l);
}

static int query(struct lookup *l, const char *name, uint16_t type, dns_query_h *h)
{
	return dnsc_query(&l->query, l->r->dnsc, name, type, DNS_CLASS_IN, true, h, l);
}

static void ask_addresses(struct lookup *l)
{
	if (query(l, l->srv[l->at].host, l->r->af == AF_INET6 ? DNS_TYPE_AAAA : DNS_TYPE_A, on_addresses) != 0)
		done(l, "there is no DNS server");
}

static bool add_srv(struct dnsrr *rr, void *arg)
{
	struct lookup *l = arg;

	if (rr->type != DNS_TYPE_SRV || l->nsrv == TARGETS_MAX || strcmp(rr->rdata.srv.target, ".") == 0)
		return false;
	(void)snprintf(l->srv[l->nsrv].host, NAME_MAX_BYTES, "%s", rr->rdata.srv.target);
	l->srv[l->nsrv++].port = rr->rdata.srv.port;
	return false;
}

static void use_host_itself(struct lookup *l)
{
	if (l->open)
		l->tp = SIP_TRANSP_UDP;
	(void)snprintf(l->srv[0].host, NAME_MAX_BYTES, "%s", l->host);
	l->srv[0].port = l->tp == SIP_TRANSP_TLS ? 5061 : 5060;
	l->nsrv = 1;
	ask_addresses(l);
}

static void on_srv(
	int err, const struct dnshdr *hdr, struct list *ansl, struct list *authl, struct list *addl, void *arg)
{
	struct lookup *l = arg;
	char name[NAME_MAX_BYTES + 16];

	(void)hdr;
	(void)authl;
	(void)addl;
	l->query = NULL;
	if (err == ETIMEDOUT) {
		done(l, "the DNS server does not answer");
		return;
	}
	dns_rrlist_sort(ansl, DNS_TYPE_SRV, (size_t)rand_u32());
	dns_rrlist_apply(ansl, NULL, DNS_TYPE_SRV, DNS_CLASS_IN, true, add_srv, l);
	if (l->nsrv) {
		ask_addresses(l);
	} else if (l->open && ++l->kind < KINDS) {
		l->tp = kinds[l->kind].tp;
		(void)snprintf(name, sizeof name, "%s.%s", kinds[l->kind].srv, l->host);
		ask_srv(l, name);
	} else {
		use_host_itself(l);
	}
}

static void ask_srv(struct lookup *l, const char *name)
{
	if (query(l, name, DNS_TYPE_SRV, on_srv) != 0)
		done(l, "there is no DNS server");
}

static bool take_naptr(struct dnsrr *rr, void *arg)
{
	struct lookup *l = arg;

	for (unsigned i = 0; rr->type == DNS_TYPE_NAPTR && i < KINDS; i++)
		if (str_casecmp(rr->rdata.naptr.services, kinds[i].naptr) == 0 &&
			str_casecmp(rr->rdata.naptr.flags, "s") == 0) {
			l->tp = kinds[i].tp;
			l->open = false;
			return true;
		}
	return false;
}

static void on_naptr(
	int err, const struct dnshdr *hdr, struct list *ansl, struct list *authl, struct list *addl, void *arg)
{
	struct lookup *l = arg;
	char name[NAME_MAX_BYTES + 16];
	struct dnsrr *rr;

	(void)hdr;
	(void)authl;
	(void)addl;
	l->query = NULL;
	if (err == ETIMEDOUT) {
		done(l, "the DNS server does not answer");
		return;
	}
	dns_rrlist_sort(ansl, DNS_TYPE_NAPTR, 0);
	rr = dns_rrlist_apply(ansl, NULL, DNS_TYPE_NAPTR, DNS_CLASS_IN, false, take_naptr, l);
	if (rr)
		(void)snprintf(name, sizeof name, "%s", rr->rdata.naptr.replace);
	else
		(void)snprintf(name, sizeof name, "%s.%s", kinds[0].srv, l->host);
	ask_srv(l, name);
}

/* A transport that the URI names: its SRV, then the host itself. */
static void ask_by_transport(struct lookup *l)
{
	char name[NAME_MAX_BYTES + 16];

	for (unsigned i = 0; i < KINDS; i++)
		if (kinds[i].tp == l->tp) {
			(void)snprintf(name, sizeof name, "%s.%s", kinds[i].srv, l->host);
			ask_srv(l, name);
			return;
		}
	done(l, "this transport is not supported");
}

/* The transport that a URI asks for, SIP_TRANSP_NONE when it leaves it open; sips means TLS. False: one we do not have.
 */
static bool target_transport(const struct uri *uri, enum sip_transp *out)
{
	static const struct {
		const char *name;
		enum sip_transp tp;
	} names[] = { { "udp", SIP_TRANSP_UDP }, { "tcp", SIP_TRANSP_TCP }, { "tls", SIP_TRANSP_TLS } };
	bool secure = !pl_strcasecmp(&uri->scheme, "sips");
	struct pl v;

	*out = secure ? SIP_TRANSP_TLS : SIP_TRANSP_NONE;
	if (msg_param_decode(&uri->params, "transport", &v))
		return true;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		if (!pl_strcasecmp(&v, names[i].name)) {
			/* sips:…;transport=tcp is TLS over TCP (RFC 3261 §26.2.2) */
			*out = secure && names[i].tp == SIP_TRANSP_TCP ? SIP_TRANSP_TLS : names[i].tp;
			return !(secure && names[i].tp == SIP_TRANSP_UDP);
		}
	return false;
}

static bool from_cache(struct lookup *l)
{
	for (unsigned i = 0; i < CACHE_SLOTS; i++) {
		struct cached *c = &l->r->cache[i];

		if (c->until > tmr_jiffies() && strcmp(c->key, l->key) == 0) {
			l->found = c->found;
			return true;
		}
	}
	return false;
}

static bool literal(struct lookup *l, uint16_t port)
{
	struct target *t = &l->found.v[0];

	if (sa_set_str(&t->dst, str_casecmp(l->host, "localhost") == 0 ? "127.0.0.1" : l->host, port) != 0)
		return false;
	t->tp = l->tp;
	(void)snprintf(t->host, sizeof t->host, "%s", l->host);
	l->found.n = 1;
	return true;
}

void target_find(struct resolver *r, const struct uri *uri, lookup_fn *fn, void *arg, struct lookup **out)
{
	static const struct targets none;
	struct lookup *l = mem_zalloc(sizeof *l);
	enum sip_transp tp;
	uint16_t port;

	*out = NULL;
	if (!l || !target_transport(uri, &tp) || uri->host.l >= NAME_MAX_BYTES) {
		mem_free(l);
		fn(&none, l ? "the URI names a transport or a host that cannot be" : "out of memory", arg);
		return;
	}
	*out = l;
	*l = (struct lookup){ .r = r, .fn = fn, .arg = arg, .self = out, .open = tp == SIP_TRANSP_NONE };
	l->tp = l->open ? SIP_TRANSP_UDP : tp;
	(void)pl_strcpy(&uri->host, l->host, sizeof l->host);
	(void)re_snprintf(l->key, sizeof l->key, "%d/%u/%s", (int)tp, uri->port, l->host);
	port = uri->port ? uri->port : l->tp == SIP_TRANSP_TLS ? 5061 : 5060;
	if (literal(l, port) || from_cache(l)) {
		answer(l, "");
		return;
	}
	if (uri->port) {
		(void)snprintf(l->srv[0].host, NAME_MAX_BYTES, "%s", l->host);
		l->srv[0].port = port;
		l->nsrv = 1;
		ask_addresses(l);
	} else if (!l->open) {
		ask_by_transport(l);
	} else if (query(l, l->host, DNS_TYPE_NAPTR, on_naptr) != 0) {
		done(l, "there is no DNS server");
	}
}

void target_cancel(struct lookup *l)
{
	if (!l)
		return;
	*l->self = NULL;
	mem_deref(l->query);
	mem_free(l);
}

void resolver_blame(struct resolver *r, const struct target *t)
{
	r->bad[r->next_bad++ % BAD_SLOTS] = (struct bad){ *t, tmr_jiffies() + BAD_MS };
}

enum err_code resolver_open(const char *dns, int af, struct resolver **out, struct err *err)
{
	struct resolver *r = mem_zalloc(sizeof *r);
	struct sa servers[SERVERS_MAX];
	uint32_t n = SERVERS_MAX;
	char domain[NAME_MAX_BYTES];

	if (!r)
		return err_set(err, ERR_NOMEM, "Out of memory while starting SIP.");
	r->af = af;
	if (dns) {
		n = 1;
		if (sa_decode(&servers[0], dns, strlen(dns)) != 0 && sa_set_str(&servers[0], dns, DNS_PORT) != 0) {
			mem_free(r);
			return err_set(err, ERR_INPUT, "\"%s\" is no address of a DNS server.", dns);
		}
	} else if (dns_srv_get(domain, sizeof domain, servers, &n) != 0) {
		n = 0; /* only addresses can be reached; target_find() says so */
	}
	if (dnsc_alloc(&r->dnsc, NULL, servers, n) != 0) {
		mem_free(r);
		return err_set(err, ERR_IO, "SIP's DNS client cannot open its socket; raise the limit of open files.");
	}
	*out = r;
	return ERR_OK;
}

void resolver_close(struct resolver *r)
{
	if (!r)
		return;
	mem_deref(r->dnsc);
	mem_free(r);
}
