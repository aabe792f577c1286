#include <re/re.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "provisioning/demo/ua_reg.h"
#include "provisioning/sip/tls.h"

enum { RETRY_MS = 2000, RETRY_MAX_MS = 60000, NONCE_TEXT = 17 };

struct reg {
	struct le le;
	struct ua *ua;
	unsigned slot;
	struct reg_line line;
	reg_status_fn *fn;
	struct sip_request *req;
	struct sip_auth *auth;
	struct tmr timer;
	char callid[NONCE_TEXT], tag[NONCE_TEXT], nonce[NONCE_TEXT];
	unsigned cseq, failures;
	unsigned asked; /* Expires of the request under way */
	bool leaving, again;
};

static const enum sip_transp transports[] = { SIP_TRANSP_UDP, SIP_TRANSP_TCP, SIP_TRANSP_TLS };

/* The inside of a quoted-string (RFC 3261 section 25.1). */
static void quote(const char *in, char out[2 * UA_TEXT_MAX])
{
	for (; *in; *out++ = *in++)
		if (*in == '"' || *in == '\\')
			*out++ = '\\';
	*out = '\0';
}

static void send_register(struct reg *r, unsigned expires_s, bool fresh);

static void drop(struct reg *r)
{
	struct ua *ua = r->ua;

	list_unlink(&r->le);
	tmr_cancel(&r->timer);
	mem_deref(r->req);
	mem_deref(r->auth);
	explicit_bzero(r, sizeof *r);
	mem_free(r);
	ua_check_gone(ua);
}

static void on_timer(void *arg)
{
	struct reg *r = arg;

	send_register(r, r->line.expires_s, true);
}

static int give_credentials(char **user, char **password, const char *realm, void *arg)
{
	struct reg *r = arg;
	int err = str_dup(user, r->line.auth_user);

	(void)realm;
	return err ? err : str_dup(password, r->line.secret);
}

/* What the registrar granted may be less than what was asked for. */
static unsigned granted(const struct sip_msg *msg, unsigned asked)
{
	const struct sip_hdr *h = sip_msg_hdr(msg, SIP_HDR_CONTACT);
	struct sip_addr addr;
	struct pl v;

	if (h && !sip_addr_decode(&addr, &h->val) && !msg_param_decode(&addr.params, "expires", &v) && pl_u32(&v))
		return pl_u32(&v) < asked ? pl_u32(&v) : asked;
	return asked;
}

static void plan_next(struct reg *r, const struct sip_msg *msg, int status)
{
	unsigned wait = RETRY_MS;

	if (status >= 200 && status < 300) {
		r->failures = 0;
		wait = granted(msg, r->asked) * 500;
	} else {
		for (unsigned i = 0; i < r->failures && wait < RETRY_MAX_MS; i++)
			wait *= 2;
		r->failures++;
	}
	tmr_start(&r->timer, r->again ? 0 : wait, on_timer, r);
	r->again = false;
}

static void at_response(int err, const struct sip_msg *msg, void *arg)
{
	struct reg *r = arg;
	int status = err || !msg ? 0 : msg->scode;

	if (status && status < 200)
		return;
	/* One answer per challenge: libre refuses a second one for the same realm unless the nonce was stale. */
	if ((status == 401 || status == 407) && sip_auth_authenticate(r->auth, msg) == 0) {
		send_register(r, r->asked, false);
		return;
	}
	r->fn(r, status, r->asked, r->ua);
	if (r->leaving)
		drop(r);
	else
		plan_next(r, msg, status);
}

static int write_contact(enum sip_transp tp, const struct sa *src, const struct sa *dst, struct mbuf *mb, void *arg)
{
	struct reg *r = arg;

	(void)dst;
	return mbuf_printf(
		mb, "Contact: <sip:%s@%J%s>;expires=%u\r\n", r->line.user, src, sip_transp_param(tp), r->asked);
}

static void send_register(struct reg *r, unsigned expires_s, bool fresh)
{
	struct uri route = { .scheme = PL_INIT, .params = PL_INIT };
	char params[32], uri[UA_TEXT_MAX + 8], display[2 * UA_TEXT_MAX];
	int err;

	tmr_cancel(&r->timer);
	if (fresh)
		sip_auth_reset(r->auth); /* a nonce of last time may have expired: ask for a new one */
	r->asked = expires_s;
	pl_set_str(&route.scheme, "sip");
	pl_set_str(&route.host, r->line.server);
	route.port = r->line.port;
	(void)re_snprintf(params, sizeof params, "%s", sip_transp_param(transports[r->line.transport]));
	if (!params[0])
		(void)re_snprintf(params, sizeof params, ";transport=udp");
	pl_set_str(&route.params, params);
	(void)re_snprintf(uri, sizeof uri, "sip:%s", r->line.domain);
	quote(r->line.display, display);
	if (r->line.transport == UA_TLS)
		(void)sip_tls_expect(r->ua->tls, r->line.tls_name);
	err = sip_requestf(&r->req, r->ua->sip, true, "REGISTER", uri, &route, r->auth, write_contact, at_response, r,
		"To: <sip:%s@%s>\r\nFrom: \"%s\" <sip:%s@%s>;tag=%s\r\nCall-ID: %s\r\nCSeq: %u REGISTER\r\n"
		"User-Agent: %s\r\nContent-Length: 0\r\n\r\n",
		r->line.user, r->line.domain, display, r->line.user, r->line.domain, r->tag, r->callid, ++r->cseq,
		r->ua->agent);
	if (err)
		at_response(err, NULL, r);
}

static void random_text(char out[NONCE_TEXT])
{
	(void)re_snprintf(out, NONCE_TEXT, "%016llx", rand_u64());
}

struct reg *reg_new(struct ua *ua, unsigned slot, const struct reg_line *line, reg_status_fn *fn)
{
	struct reg *r = mem_zalloc(sizeof *r);

	if (!r)
		return NULL;
	r->ua = ua;
	r->slot = slot;
	r->line = *line;
	r->fn = fn;
	tmr_init(&r->timer);
	random_text(r->callid);
	random_text(r->tag);
	if (sip_auth_alloc(&r->auth, give_credentials, r, false) != 0) {
		mem_free(r);
		return NULL;
	}
	list_append(&ua->regs, &r->le, r);
	return r;
}

void reg_refresh(struct reg *r)
{
	if (r->req)
		r->again = true;
	else
		send_register(r, r->line.expires_s, true);
}

static void drop_later(void *arg)
{
	drop(arg);
}

void reg_leave(struct reg *r, bool polite)
{
	r->leaving = true;
	tmr_cancel(&r->timer);
	r->req = mem_deref(r->req);
	if (polite)
		send_register(r, 0, true);
	else
		tmr_start(&r->timer, 0, drop_later, r);
}

void reg_drop_all(struct ua *ua)
{
	struct le *le;

	while ((le = list_head(&ua->regs)))
		drop(le->data);
}

unsigned reg_slot(const struct reg *r)
{
	return r->slot;
}

const char *reg_domain(const struct reg *r)
{
	return r->line.domain;
}

bool reg_same(const struct reg *r, const struct reg_line *line)
{
	return memcmp(&r->line, line, sizeof *line) == 0;
}

bool reg_same_identity(const struct reg *r, const struct reg_line *line)
{
	return strcmp(r->line.user, line->user) == 0 && strcmp(r->line.domain, line->domain) == 0 &&
	       r->line.transport == line->transport;
}

bool reg_has_contact_user(const struct reg *r, const struct pl *user)
{
	return !pl_strcmp(user, r->line.user);
}

const char *reg_new_nonce(struct reg *r)
{
	random_text(r->nonce);
	return r->nonce;
}

bool reg_check(struct reg *r, const struct sip_msg *msg, const char *realm)
{
	const struct sip_hdr *h = sip_msg_hdr(msg, SIP_HDR_AUTHORIZATION);
	struct httpauth_digest_resp resp;
	uint8_t ha1[MD5_SIZE];

	if (!h || !r->nonce[0] || httpauth_digest_response_decode(&resp, &h->val) != 0 ||
		pl_strcmp(&resp.nonce, r->nonce) || pl_strcmp(&resp.username, r->line.auth_user))
		return false;
	if (md5_printf(ha1, "%s:%s:%s", r->line.auth_user, realm ? realm : r->line.domain, r->line.secret) != 0 ||
		httpauth_digest_response_auth(&resp, &msg->met, ha1) != 0)
		return false;
	r->nonce[0] = 0; /* good once */
	return true;
}
