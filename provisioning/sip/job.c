#include <re/re.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/buf.h"
#include "phonecfg/base/mem.h"
#include "provisioning/conf/clock.h"
#include "provisioning/sip/digest.h"
#include "provisioning/sip/job.h"

/* A peer that says stale=true for ever is not followed for ever. */
enum { STALE_MAX = 3, AUTH_MAX = 4096, ID_TEXT = 17 };

struct party { /* who challenged: the phone, or the proxy */
	struct sip_challenge challenge;
	bool challenged;
	unsigned stale;
};

struct flight {
	struct le le;
	struct job *j;
	struct job_env *env;
	struct lookup *lookup;
	struct txn *txn;
	struct targets targets;
	size_t at;
	struct tmr deadline, again;
	struct party phone, proxy;
	bool proxy_answered; /* our name for the proxy was given */
	size_t next_secret;
	uint32_t cseq;
	int64_t began_us;
	struct notify_result r;
	char why[TRANSPORT_WHY_MAX], call_id[ID_TEXT], tag[ID_TEXT];
};

/* Reason phrases go to logs and pages: what is not printable ASCII becomes '?'. */
void job_reason(const struct sip_msg *msg, char out[NOTIFY_REASON_MAX])
{
	size_t n = msg->reason.l < NOTIFY_REASON_MAX ? msg->reason.l : NOTIFY_REASON_MAX - 1;

	for (size_t i = 0; i < n; i++)
		out[i] = msg->reason.p[i] >= 0x20 && msg->reason.p[i] < 0x7f ? msg->reason.p[i] : '?';
	out[n] = 0;
}

static void settle(struct flight *f)
{
	struct job_env *env = f->env;
	struct job *j = f->j;
	struct notify_result r = f->r;

	list_unlink(&f->le);
	tmr_cancel(&f->deadline);
	tmr_cancel(&f->again);
	target_cancel(f->lookup);
	txn_give_up(f->txn);
	r.id = j->n.id;
	r.ms = (unsigned)((clock_steady_us() - f->began_us) / 1000);
	r.queued_ms = (unsigned)((f->began_us - j->item.since_us) / 1000);
	explicit_bzero(f, sizeof *f);
	mem_free(f);
	j->flight = NULL;
	env->settled(j, &r, env->arg);
}

static void settle_error(struct flight *f, enum err_code code, bool timed_out, const char *text)
{
	f->r.status = 0;
	f->r.error = code;
	f->r.timed_out = timed_out;
	(void)snprintf(f->r.error_text, sizeof f->r.error_text, "%s", text);
	settle(f);
}

static void settle_unreached(struct flight *f)
{
	char text[sizeof f->r.error_text];

	(void)snprintf(text, sizeof text, "The NOTIFY could not be sent: %s.", f->why);
	settle_error(f, ERR_IO, false, text);
}

static void on_deadline(void *arg)
{
	struct flight *f = arg;

	settle_error(f, ERR_IO, true,
		f->lookup ? "The deadline passed while the name of the proxy or phone was looked up."
			  : "The deadline passed without a final answer.");
}

/* ---- one request ---- */

static void send_request(struct flight *f)
{
	f->cseq++;
	if (txn_start(f->env->txns, &f->targets.v[f->at], f->j->n.id, f, &f->txn, f->why)) {
		f->r.rounds++;
		return;
	}
	/* next target, or the end; not from within the caller's frames */
	f->txn = NULL;
	if (++f->at < f->targets.n)
		send_request(f);
	else
		settle_unreached(f);
}

static void on_again(void *arg)
{
	send_request(arg);
}

static void send_soon(struct flight *f)
{
	tmr_start(&f->again, 0, on_again, f);
}

static bool add_answer(struct flight *f, struct mbuf *mb, const char *header, struct party *p, const char *user,
	const struct secret *secret)
{
	char cnonce[ID_TEXT];
	struct buf b;
	bool good;

	if (!p->challenged)
		return true;
	(void)re_snprintf(cnonce, sizeof cnonce, "%016llx", rand_u64());
	buf_init(&b, AUTH_MAX);
	good = sip_digest_write(&p->challenge, user, secret, "NOTIFY", f->j->n.request_uri, cnonce, &b) && !b.failed &&
	       mbuf_printf(mb, "%s: %s\r\n", header, b.data) == 0;
	buf_release(&b);
	return good;
}

bool job_write(struct mbuf *line, struct mbuf *rest, const struct sa *local, enum sip_transp tp, void *arg)
{
	struct flight *f = arg;
	const struct notify *n = &f->j->n;
	struct secret ps = { f->env->proxy_secret, strlen(f->env->proxy_secret) };
	bool lr = strstr(n->proxy, ";lr") != NULL;
	int err = mbuf_printf(line, "NOTIFY %s SIP/2.0\r\n", n->request_uri);

	err |= mbuf_write_str(rest, "Max-Forwards: 70\r\n");
	if (!n->direct)
		err |= mbuf_printf(rest, "Route: <%s%s>\r\n", n->proxy, lr ? "" : ";lr");
	err |= mbuf_printf(rest, "From: <%s>;tag=%s\r\nTo: <%s>\r\nCall-ID: %s\r\nCSeq: %u NOTIFY\r\n", n->from_uri,
		f->tag, n->to_uri, f->call_id, f->cseq);
	err |= mbuf_printf(rest, "Contact: <sip:rekey@%J%s>\r\n", local, sip_transp_param(tp));
	err |= mbuf_printf(rest, "Event: %s\r\nSubscription-State: terminated\r\n", n->event);
	err |= mbuf_printf(rest, "User-Agent: %s\r\n", f->env->user_agent);
	if (err || !add_answer(f, rest, "Proxy-Authorization", &f->proxy,
			   f->proxy_answered ? f->env->proxy_user : n->auth_user,
			   f->proxy_answered ? &ps
			   : f->r.secret < 0 ? &ps
					     : &n->secrets[f->r.secret]))
		return false;
	if (f->phone.challenged && f->r.secret >= 0 &&
		!add_answer(f, rest, "Authorization", &f->phone, n->auth_user, &n->secrets[f->r.secret]))
		return false;
	return mbuf_write_str(rest, "Content-Length: 0\r\n\r\n") == 0;
}

void job_sent(void *arg)
{
	struct flight *f = arg;

	f->env->datagram(f->j, f->r.datagrams++ == 0, f->env->arg);
}

/* ---- answers ---- */

struct picker {
	struct sip_challenge *out;
	bool found;
};

/* The first challenge that we can answer (RFC 8760 §2.4: the peer's order is its preference). */
static bool pick(const struct sip_hdr *hdr, const struct sip_msg *msg, void *arg)
{
	struct picker *p = arg;

	(void)msg;
	p->found = sip_digest_read((struct slice){ hdr->val.p, hdr->val.l }, p->out);
	return p->found;
}

static bool read_challenge(const struct sip_msg *msg, struct sip_challenge *out)
{
	struct picker p = { out, false };

	(void)sip_msg_hdr_apply(
		msg, true, msg->scode == 401 ? SIP_HDR_WWW_AUTHENTICATE : SIP_HDR_PROXY_AUTHENTICATE, pick, &p);
	return p.found;
}

/* Chooses what to answer with. False: nothing is left, and the challenge is the final answer. */
static bool take_up(struct flight *f, const struct sip_msg *msg)
{
	const struct notify *n = &f->j->n;
	bool from_proxy = msg->scode == 407 && !n->direct && f->env->proxy_user[0];
	struct party *p = msg->scode == 407 ? &f->proxy : &f->phone;
	struct sip_challenge c;

	f->r.challenged = msg->scode;
	if (!read_challenge(msg, &c))
		return false;
	if (p->challenged && c.stale) {
		if (++p->stale > STALE_MAX)
			return false;
	} else if (from_proxy) {
		if (f->proxy_answered)
			return false;
		f->proxy_answered = true;
	} else {
		if (f->next_secret >= n->nsecrets)
			return false;
		f->r.secret = (int)f->next_secret++;
	}
	p->challenge = c;
	p->challenged = true;
	return true;
}

static void answered(struct flight *f, const struct sip_msg *msg)
{
	if ((msg->scode == 401 || msg->scode == 407) && take_up(f, msg)) {
		send_soon(f);
		return;
	}
	if (msg->scode == 503 && f->at + 1 < f->targets.n) {
		resolver_blame(f->env->resolver, &f->targets.v[f->at]);
		f->at++;
		send_soon(f);
		return;
	}
	f->r.status = msg->scode;
	job_reason(msg, f->r.reason);
	settle(f);
}

void job_ended(enum txn_end end, const struct sip_msg *msg, const char *why, void *arg)
{
	struct flight *f = arg;

	f->txn = NULL;
	switch (end) {
	case TXN_ANSWERED:
		answered(f, msg);
		return;
	case TXN_TIMED_OUT:
		if (f->targets.n > 1)
			resolver_blame(f->env->resolver, &f->targets.v[f->at]);
		settle_error(f, ERR_IO, true, "No answer came in time (timer F).");
		return;
	case TXN_FAILED:
		(void)snprintf(f->why, sizeof f->why, "%s", why);
		if (++f->at < f->targets.n)
			send_soon(f);
		else
			settle_unreached(f);
	}
}

/* ---- begin and end ---- */

static void on_targets(const struct targets *found, const char *why, void *arg)
{
	struct flight *f = arg;

	f->targets.n = 0;
	for (size_t i = 0; i < found->n; i++)
		if (txn_can(f->env->txns, &found->v[i]))
			f->targets.v[f->targets.n++] = found->v[i];
	(void)snprintf(f->why, sizeof f->why, "%s", *why ? why : "no address of our own address family");
	if (f->targets.n)
		send_soon(f);
	else
		settle_unreached(f);
}

static void out_of_memory(struct job_env *env, struct job *j)
{
	struct notify_result r = { .id = j->n.id, .error = ERR_NOMEM, .secret = -1 };

	(void)snprintf(r.error_text, sizeof r.error_text, "Out of memory for a NOTIFY.");
	env->settled(j, &r, env->arg);
}

void job_begin(struct job_env *env, struct job *j)
{
	struct flight *f = mem_zalloc(sizeof *f);
	struct uri uri;
	struct pl pl;

	if (!f) {
		out_of_memory(env, j);
		return;
	}
	j->flight = f;
	f->j = j;
	f->env = env;
	f->r.secret = -1;
	f->began_us = clock_steady_us();
	tmr_init(&f->deadline);
	tmr_init(&f->again);
	(void)re_snprintf(f->call_id, sizeof f->call_id, "%016llx", rand_u64());
	(void)re_snprintf(f->tag, sizeof f->tag, "%016llx", rand_u64());
	list_append(&env->flights, &f->le, f);
	tmr_start(&f->deadline, j->n.deadline_ms, on_deadline, f);
	pl_set_str(&pl, j->n.direct ? j->n.request_uri : j->n.proxy);
	(void)uri_decode(&uri, &pl); /* checked by job_new() */
	target_find(env->resolver, &uri, on_targets, f, &f->lookup);
}

static const char stopped[] = "Rekey stopped before a final answer came.";

void job_abort(struct job_env *env, struct job *j)
{
	struct notify_result r = { .id = j->n.id, .error = ERR_BUSY, .secret = -1 };

	if (j->flight) {
		settle_error(j->flight, ERR_BUSY, false, stopped);
		return;
	}
	(void)snprintf(r.error_text, sizeof r.error_text, "%s", stopped);
	env->settled(j, &r, env->arg);
}

void job_abort_all(struct job_env *env)
{
	struct le *le;

	while ((le = list_head(&env->flights)))
		job_abort(env, ((struct flight *)le->data)->j);
}
