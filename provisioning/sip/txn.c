#include <re/re.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "provisioning/sip/txn.h"

enum { BUCKETS = 256, BRANCH_TEXT = 24, LATE_MAX = 20000 };

struct txn_layer {
	struct transport *transport;
	const struct txn_handler *h;
	void *arg;
	unsigned t1_ms, late_ms;
	struct list all;  /* under way */
	struct list over; /* ended without an answer; kept for a late one */
	unsigned nover;
	struct txn *bucket[BUCKETS];
};

struct txn {
	struct le le;
	struct txn *chain;
	struct txn_layer *l;
	struct conn_user user;
	struct target to;
	struct mbuf *mb;
	uint64_t tag;
	void *arg;
	uint32_t bucket;
	char branch[BRANCH_TEXT];
	unsigned wait_ms; /* timer E */
	bool proceeding, over;
	struct tmr again, end; /* E; F, and then the wait for a late answer */
};

static unsigned t2(const struct txn_layer *l)
{
	return 8 * l->t1_ms;
}

static void unchain(struct txn *t)
{
	struct txn **at = &t->l->bucket[t->bucket];

	while (*at && *at != t)
		at = &(*at)->chain;
	if (*at)
		*at = t->chain;
}

static void free_txn(struct txn *t)
{
	unchain(t);
	list_unlink(&t->le);
	if (t->over)
		t->l->nover--;
	transport_leave(&t->user);
	tmr_cancel(&t->again);
	tmr_cancel(&t->end);
	mem_deref(t->mb);
	mem_free(t);
}

static void forget(void *arg)
{
	free_txn(arg);
}

/* No answer in time: only a late one is of interest now. */
static void put_over(struct txn *t)
{
	struct txn_layer *l = t->l;

	tmr_cancel(&t->again);
	t->mb = mem_deref(t->mb);
	t->arg = NULL;
	list_unlink(&t->le);
	if (l->nover >= LATE_MAX)
		free_txn(list_ledata(list_head(&l->over)));
	list_append(&l->over, &t->le, t);
	t->over = true;
	l->nover++;
	tmr_start(&t->end, l->late_ms, forget, t);
}

static void finish(struct txn *t, enum txn_end end, const struct sip_msg *msg, const char *why)
{
	void *arg = t->arg;
	const struct txn_handler *h = t->l->h;

	if (end == TXN_TIMED_OUT)
		put_over(t);
	else
		free_txn(t);
	h->ended(end, msg, why, arg);
}

static void on_timer_f(void *arg)
{
	finish(arg, TXN_TIMED_OUT, NULL, "no answer in time");
}

static void on_lost(struct conn_user *u, const char *why)
{
	struct txn *t = (struct txn *)((char *)u - offsetof(struct txn, user));

	if (t->over)
		return;
	finish(t, TXN_FAILED, NULL, why);
}

static void on_timer_e(void *arg)
{
	struct txn *t = arg;
	char why[TRANSPORT_WHY_MAX];

	if (transport_send(t->l->transport, &t->to, &t->user, t->mb, why))
		t->l->h->sent(t->arg); /* an error of one datagram is no end: timer F is */
	t->wait_ms = t->proceeding || 2 * t->wait_ms > t2(t->l) ? t2(t->l) : 2 * t->wait_ms;
	tmr_start(&t->again, t->wait_ms, on_timer_e, t);
}

static uint32_t bucket_of(const struct pl *branch)
{
	return hash_joaat((const uint8_t *)branch->p, branch->l) % BUCKETS;
}

/* §17.1.3: the branch of the topmost Via and the method of CSeq. */
static struct txn *match(struct txn_layer *l, const struct sip_msg *msg)
{
	struct txn *t;

	if (!pl_isset(&msg->via.branch) || pl_strcmp(&msg->cseq.met, "NOTIFY"))
		return NULL;
	for (t = l->bucket[bucket_of(&msg->via.branch)]; t; t = t->chain)
		if (!pl_strcmp(&msg->via.branch, t->branch))
			return t;
	return NULL;
}

static void on_answer(const struct sip_msg *msg, void *arg)
{
	struct txn_layer *l = arg;
	struct txn *t = match(l, msg);
	uint64_t tag;

	if (!t || msg->scode < 100 || msg->scode > 699)
		return;
	if (msg->scode < 200) {
		t->proceeding = true;
	} else if (t->over) {
		tag = t->tag;
		free_txn(t);
		l->h->late(msg, tag, l->arg);
	} else {
		finish(t, TXN_ANSWERED, msg, "");
	}
}

enum err_code txn_layer_open(const struct sa *local, const char *ca, unsigned t1_ms, unsigned late_ms,
	const struct txn_handler *h, void *layer_arg, struct txn_layer **out, struct err *err)
{
	struct txn_layer *l = mem_zalloc(sizeof *l);
	enum err_code rc;

	if (!l)
		return err_set(err, ERR_NOMEM, "Out of memory while starting SIP.");
	l->h = h;
	l->arg = layer_arg;
	l->t1_ms = t1_ms;
	l->late_ms = late_ms;
	list_init(&l->all);
	list_init(&l->over);
	rc = transport_open(local, ca, on_answer, l, &l->transport, err);
	if (rc) {
		mem_free(l);
		return rc;
	}
	*out = l;
	return ERR_OK;
}

static void free_all(struct list *list)
{
	struct le *le;

	while ((le = list_head(list)))
		free_txn(le->data);
}

void txn_layer_close(struct txn_layer *l)
{
	if (!l)
		return;
	free_all(&l->all);
	free_all(&l->over);
	transport_close(l->transport);
	mem_free(l);
}

bool txn_can(const struct txn_layer *l, const struct target *to)
{
	return transport_can(l->transport, to);
}

/* Request line, Via, the rest. */
static bool compose(struct txn *t, const struct sa *via)
{
	struct mbuf *rest = mbuf_alloc(1024);
	bool good = false;

	t->mb = mbuf_alloc(1500);
	if (t->mb && rest && t->l->h->write(t->mb, rest, via, t->to.tp, t->arg) &&
		mbuf_printf(t->mb, "Via: SIP/2.0/%s %J;branch=%s;rport\r\n", sip_transp_name(t->to.tp), via,
			t->branch) == 0 &&
		mbuf_write_mem(t->mb, rest->buf, rest->end) == 0) {
		t->mb->pos = 0;
		good = true;
	}
	mem_deref(rest);
	return good;
}

static void enter(struct txn *t)
{
	struct pl branch;

	(void)re_snprintf(t->branch, sizeof t->branch, "z9hG4bK%016llx", rand_u64());
	pl_set_str(&branch, t->branch);
	t->bucket = bucket_of(&branch);
	t->chain = t->l->bucket[t->bucket];
	t->l->bucket[t->bucket] = t;
	list_append(&t->l->all, &t->le, t);
}

bool txn_start(struct txn_layer *l, const struct target *to, uint64_t tag, void *arg, struct txn **out,
	char why[TRANSPORT_WHY_MAX])
{
	struct txn *t = mem_zalloc(sizeof *t);
	struct sa via;

	(void)snprintf(why, TRANSPORT_WHY_MAX, "out of memory");
	if (!t)
		return false;
	t->l = l;
	t->to = *to;
	t->tag = tag;
	t->arg = arg;
	t->wait_ms = l->t1_ms;
	t->user.lost = on_lost;
	tmr_init(&t->again);
	tmr_init(&t->end);
	enter(t);
	if (!transport_join(l->transport, to, &t->user, &via, why) || !compose(t, &via) ||
		!transport_send(l->transport, to, &t->user, t->mb, why)) {
		free_txn(t);
		return false;
	}
	l->h->sent(arg);
	if (to->tp == SIP_TRANSP_UDP)
		tmr_start(&t->again, t->wait_ms, on_timer_e, t);
	tmr_start(&t->end, 64ull * l->t1_ms, on_timer_f, t);
	*out = t;
	return true;
}

void txn_give_up(struct txn *t)
{
	if (t)
		put_over(t);
}
