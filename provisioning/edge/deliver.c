/* When is an answer delivered? libmicrohttpd's word means that the socketpair has swallowed it. A phone has it when TCP
 * has every byte acknowledged and the phone then said something: the next request, close_notify or FIN. A program that
 * closes with bytes unread sends a reset instead (RFC 2525 §2.17), and that is never a delivery. */
#include <linux/tcp.h>
#include <netinet/in.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "phonecfg/base/mem.h"
#include "provisioning/edge/loop.h"

void watch_add(struct conn *c, delivery_fn *fn, void *arg)
{
	struct watch *w = c->state == CONN_OPEN ? mem_zalloc(sizeof(*w)) : NULL;
	int waiting = 0;

	/* What libmicrohttpd has written and we have not read yet stands in the socketpair, bodies wait beside it. */
	if (w == NULL || c->in_end || ioctl(c->pair, FIONREAD, &waiting) != 0) {
		mem_free(w);
		http_count(c->loop->edge->plane, DELIVERY_LOST);
		fn(arg, DELIVERY_LOST);
		return;
	}
	w->fn = fn;
	w->arg = arg;
	w->plain_end = c->pair_out + (uint64_t)waiting + c->bodies_all;
	*c->watches_end = w;
	c->watches_end = &w->next;
	if (waiting == 0 && c->out.n == 0)
		watch_sent(c);
}

static bool tcp_info(const struct conn *c, struct tcp_info *out)
{
	socklen_t n = sizeof(*out);

	return getsockopt(c->fd, IPPROTO_TCP, TCP_INFO, out, &n) == 0 &&
	       n >= offsetof(struct tcp_info, tcpi_bytes_received) + sizeof(out->tcpi_bytes_received);
}

void watch_sent(struct conn *c)
{
	struct watch *w;
	struct tcp_info info;
	bool asked = false;

	for (w = c->watches; w && w->plain_end <= c->plain_out; w = w->next) {
		if (w->tcp_end)
			continue;
		if (!asked && !tcp_info(c, &info))
			return;
		asked = true;
		w->tcp_end = BIO_number_written(SSL_get_wbio(c->ssl));
		w->tcp_heard = info.tcpi_bytes_received;
	}
}

static void settle(struct conn *c, struct watch **at, enum delivery outcome)
{
	struct watch *w = *at;

	*at = w->next;
	if (c->watches_end == &w->next)
		c->watches_end = at;
	http_count(c->loop->edge->plane, outcome);
	w->fn(w->arg, outcome);
	mem_free(w);
}

void watch_alive(struct conn *c, bool data)
{
	struct watch **at = &c->watches;
	struct tcp_info info;
	uint64_t heard;

	if (c->watches == NULL || !tcp_info(c, &info))
		return;
	heard = BIO_number_read(SSL_get_rbio(c->ssl));
	while (*at) {
		struct watch *w = *at;
		bool acked = w->tcp_end && info.tcpi_bytes_acked >= w->tcp_end;

		/* A next request that had come before the answer's last byte left says nothing about it. */
		if (acked && (!data || heard > w->tcp_heard))
			settle(c, at, DELIVERY_DONE);
		else if (!data)
			settle(c, at, DELIVERY_LOST);
		else
			at = &w->next;
	}
}

void watch_notified(struct conn *c)
{
	struct watch **at = &c->watches;
	struct tcp_info info;

	if (c->watches == NULL || !tcp_info(c, &info))
		return;
	while (*at) {
		struct watch *w = *at;

		if (w->tcp_end && info.tcpi_bytes_acked >= w->tcp_end)
			at = &w->next;
		else
			settle(c, at, DELIVERY_LOST);
	}
}

void watch_lost(struct conn *c)
{
	while (c->watches)
		settle(c, &c->watches, DELIVERY_LOST);
}
