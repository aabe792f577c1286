#include <re/re.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "provisioning/sip/tls.h"
#include "provisioning/sip/transport.h"

enum { CONNS_MAX = 512, IDLE_MS = 30000, MESSAGE_MAX = 65536, HELD_MAX = 64, TLS_LAYER = 0 };

struct transport {
	struct sa local;
	struct udp_sock *udp;
	struct tls *tls;
	struct list conns;
	transport_message_fn *fn;
	void *arg;
};

struct conn {
	struct le le;
	struct transport *t;
	struct target to;
	struct tcp_conn *tc;
	struct tls_conn *sc;
	struct mbuf *in;             /* what has come and is no whole message yet */
	struct list users;           /* struct conn_user */
	struct mbuf *held[HELD_MAX]; /* to be sent when the connection stands */
	unsigned nheld;
	bool standing, doomed;
	struct tmr idle;
};

static void drop_conn(struct conn *c)
{
	list_unlink(&c->le);
	tmr_cancel(&c->idle);
	for (unsigned i = 0; i < c->nheld; i++)
		mem_deref(c->held[i]);
	mem_deref(c->sc);
	mem_deref(c->tc);
	mem_deref(c->in);
	mem_free(c);
}

/* A user may open a new connection to the same place while it is told: this one is off the list before. */
static void lose(struct conn *c, const char *why)
{
	struct le *le;

	list_unlink(&c->le);
	while ((le = list_head(&c->users))) {
		struct conn_user *u = le->data;

		list_unlink(&u->le);
		u->conn = NULL;
		u->lost(u, why);
	}
	drop_conn(c);
}

static void on_idle(void *arg)
{
	struct conn *c = arg;

	lose(c, c->doomed ? "the connection broke while sending" : "idle");
}

/* Ends soon, but not inside a call of libre that still uses it. */
static void doom(struct conn *c)
{
	c->doomed = true;
	tmr_start(&c->idle, 0, on_idle, c);
}

/* ---- receiving ---- */

static void hand_up(struct transport *t, struct sip_msg *msg)
{
	if (!msg->req)
		t->fn(msg, t->arg);
}

static void udp_in(const struct sa *src, struct mbuf *mb, void *arg)
{
	struct transport *t = arg;
	struct sip_msg *msg;

	if (mbuf_get_left(mb) <= 4 || sip_msg_decode(&msg, mb) != 0)
		return;
	msg->src = *src;
	msg->tp = SIP_TRANSP_UDP;
	hand_up(t, msg);
	mem_deref(msg);
}

static void skip_line_ends(struct mbuf *mb)
{
	while (mbuf_get_left(mb) && (mbuf_buf(mb)[0] == '\r' || mbuf_buf(mb)[0] == '\n'))
		mbuf_advance(mb, 1);
}

/* Takes whole messages from c->in. EBADMSG: the stream cannot be followed any further (RFC 3261 §18.3). */
static int take_messages(struct conn *c)
{
	for (;;) {
		struct sip_msg *msg;
		size_t start, body, end;
		int err;

		skip_line_ends(c->in);
		if (!mbuf_get_left(c->in))
			return 0;
		start = c->in->pos;
		end = c->in->end;
		err = sip_msg_decode(&msg, c->in);
		if (err) {
			c->in->pos = start;
			return err == ENODATA ? 0 : EBADMSG;
		}
		body = pl_isset(&msg->clen) ? pl_u32(&msg->clen) : 0;
		if (!pl_isset(&msg->clen) || body > MESSAGE_MAX) {
			mem_deref(msg);
			return EBADMSG;
		}
		if (mbuf_get_left(c->in) < body) {
			c->in->pos = start;
			mem_deref(msg);
			return 0;
		}
		start = c->in->pos + body;
		msg->tp = c->sc ? SIP_TRANSP_TLS : SIP_TRANSP_TCP;
		msg->src = c->to.dst;
		msg->mb->end = start;
		hand_up(c->t, msg);
		c->in->end = end;
		c->in->pos = start;
		mem_deref(msg);
	}
}

/* The parsed message points into the buffer, so what is left moves into a new one. */
static struct mbuf *join(struct mbuf *old, struct mbuf *more)
{
	size_t left = mbuf_get_left(old);
	struct mbuf *mb = mbuf_alloc(left + mbuf_get_left(more) + 1);

	if (mb && ((left && mbuf_write_mem(mb, mbuf_buf(old), left) != 0) ||
			  mbuf_write_mem(mb, mbuf_buf(more), mbuf_get_left(more)) != 0))
		mb = mem_deref(mb);
	if (mb)
		mb->pos = 0;
	mem_deref(old);
	return mb;
}

static void tcp_in(struct mbuf *mb, void *arg)
{
	struct conn *c = arg;

	c->in = join(c->in, mb);
	if (!c->in || take_messages(c) != 0 || mbuf_get_left(c->in) > MESSAGE_MAX)
		lose(c, "the peer sent something that is not SIP");
}

/* ---- connecting ---- */

static void tcp_up(void *arg)
{
	struct conn *c = arg;
	int err = 0;

	c->standing = true;
	for (unsigned i = 0; i < c->nheld; i++) {
		err = err ? err : tcp_send(c->tc, c->held[i]);
		c->held[i] = mem_deref(c->held[i]);
	}
	c->nheld = 0;
	if (err)
		doom(c);
}

static void tcp_gone(int err, void *arg)
{
	struct conn *c = arg;
	char why[TRANSPORT_WHY_MAX], tls[TRANSPORT_WHY_MAX / 2] = "";

	if (c->sc)
		sip_tls_why(tls, sizeof tls);
	if (tls[0])
		(void)snprintf(why, sizeof why, "certificate not accepted: %s", tls);
	else
		(void)snprintf(why, sizeof why, "%s", err ? strerror(err) : "the peer closed the connection");
	lose(c, why);
}

static struct conn *find(struct transport *t, const struct target *to)
{
	struct le *le;

	LIST_FOREACH (&t->conns, le) {
		struct conn *c = le->data;

		if (!c->doomed && c->to.tp == to->tp && sa_cmp(&c->to.dst, &to->dst, SA_ALL) &&
			(to->tp != SIP_TRANSP_TLS || str_casecmp(c->to.host, to->host) == 0))
			return c;
	}
	return NULL;
}

static int connect_to(struct conn *c)
{
	struct sa local = c->t->local;
	int err;

	sa_set_port(&local, 0);
	err = tcp_connect_bind(&c->tc, &c->to.dst, tcp_up, tcp_in, tcp_gone, &local, c);
	if (err || c->to.tp != SIP_TRANSP_TLS)
		return err;
	if (!sip_tls_expect(c->t->tls, c->to.host))
		return ENOMEM;
	return tls_start_tcp(&c->sc, c->t->tls, c->tc, TLS_LAYER);
}

/* Connections that nobody waits on make room for new ones. */
static bool make_room(struct transport *t)
{
	struct le *le = list_head(&t->conns);

	if (list_count(&t->conns) < CONNS_MAX)
		return true;
	for (; le; le = le->next) {
		struct conn *c = le->data;

		if (list_isempty(&c->users)) {
			drop_conn(c);
			return true;
		}
	}
	return false;
}

static struct conn *open_conn(struct transport *t, const struct target *to, char why[TRANSPORT_WHY_MAX])
{
	struct conn *c = make_room(t) ? mem_zalloc(sizeof *c) : NULL;
	int err;

	if (!c) {
		(void)snprintf(why, TRANSPORT_WHY_MAX, "too many connections or no memory");
		return NULL;
	}
	c->t = t;
	c->to = *to;
	tmr_init(&c->idle);
	list_append(&t->conns, &c->le, c);
	err = connect_to(c);
	if (err) {
		(void)snprintf(why, TRANSPORT_WHY_MAX, "%s", strerror(err));
		drop_conn(c);
		return NULL;
	}
	return c;
}

/* ---- the interface ---- */

bool transport_can(const struct transport *t, const struct target *to)
{
	return sa_af(&to->dst) == sa_af(&t->local) &&
	       (to->tp == SIP_TRANSP_UDP || to->tp == SIP_TRANSP_TCP || to->tp == SIP_TRANSP_TLS);
}

bool transport_join(
	struct transport *t, const struct target *to, struct conn_user *u, struct sa *via, char why[TRANSPORT_WHY_MAX])
{
	struct conn *c;

	u->conn = NULL;
	*via = t->local;
	if (!transport_can(t, to)) {
		(void)snprintf(why, TRANSPORT_WHY_MAX, "the address is of another family than our own");
		return false;
	}
	if (to->tp == SIP_TRANSP_UDP)
		return true;
	c = find(t, to);
	if (!c)
		c = open_conn(t, to, why);
	if (!c)
		return false;
	tmr_cancel(&c->idle);
	list_append(&c->users, &u->le, u);
	u->conn = c;
	(void)tcp_conn_local_get(c->tc, via);
	return true;
}

bool transport_send(
	struct transport *t, const struct target *to, struct conn_user *u, struct mbuf *mb, char why[TRANSPORT_WHY_MAX])
{
	size_t pos = mb->pos, end = mb->end;
	int err;

	if (to->tp == SIP_TRANSP_UDP) {
		err = udp_send(t->udp, &to->dst, mb);
	} else if (!u->conn) {
		err = ENOTCONN;
	} else if (u->conn->standing) {
		err = tcp_send(u->conn->tc, mb);
		if (err)
			doom(u->conn);
	} else if (u->conn->nheld < HELD_MAX) {
		u->conn->held[u->conn->nheld++] = mem_ref(mb);
		return true;
	} else {
		err = ENOBUFS;
	}
	mb->pos = pos;
	mb->end = end;
	if (err)
		(void)snprintf(why, TRANSPORT_WHY_MAX, "%s", strerror(err));
	return err == 0;
}

void transport_leave(struct conn_user *u)
{
	struct conn *c = u->conn;

	if (!c)
		return;
	list_unlink(&u->le);
	u->conn = NULL;
	if (list_isempty(&c->users) && !c->doomed)
		tmr_start(&c->idle, IDLE_MS, on_idle, c);
}

enum err_code transport_open(const struct sa *local, const char *ca, transport_message_fn *fn, void *arg,
	struct transport **out, struct err *err)
{
	struct transport *t = mem_zalloc(sizeof *t);
	enum err_code rc;
	char text[64];
	int e;

	if (!t)
		return err_set(err, ERR_NOMEM, "Out of memory while opening SIP's sockets.");
	t->fn = fn;
	t->arg = arg;
	list_init(&t->conns);
	rc = sip_tls_new(ca, &t->tls, err);
	e = rc ? 0 : udp_listen(&t->udp, local, udp_in, t);
	if (e) {
		(void)re_snprintf(text, sizeof text, "%J", local);
		rc = err_set(err, ERR_IO, "Cannot open UDP %s for SIP (%s); choose another address or port.", text,
			strerror(e));
	}
	if (rc) {
		transport_close(t);
		return rc;
	}
	(void)udp_local_get(t->udp, &t->local);
	(void)udp_sockbuf_set(t->udp, 1 << 20);
	*out = t;
	return ERR_OK;
}

void transport_close(struct transport *t)
{
	struct le *le;

	if (!t)
		return;
	while ((le = list_head(&t->conns)))
		drop_conn(le->data);
	mem_deref(t->udp);
	mem_deref(t->tls);
	mem_free(t);
}
