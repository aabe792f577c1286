/* The non-INVITE client transaction of RFC 3261 §17.1.2, with T1 as a setting (libre 1.1 has it compiled in). Only in
 * the SIP thread. */
#ifndef PROVISIONING_SIP_TXN_H
#define PROVISIONING_SIP_TXN_H

#include "provisioning/sip/transport.h"

struct txn;
struct txn_layer;

enum txn_end {
	TXN_ANSWERED, /* msg is the final answer */
	TXN_TIMED_OUT,
	TXN_FAILED, /* why says what: nothing more will come */
};

struct txn_handler {
	/* Writes the request but for its Via into mb: request line first, then the header fields and the empty line.
	 * The layer puts via between the two. local is what stands in Via. */
	bool (*write)(struct mbuf *line, struct mbuf *rest, const struct sa *local, enum sip_transp tp, void *arg);
	/* Once; the transaction is gone when it returns. */
	void (*ended)(enum txn_end end, const struct sip_msg *msg, const char *why, void *arg);
	/* A final answer to a transaction that had timed out or was given up; tag is that of txn_start(). At most once.
	 */
	void (*late)(const struct sip_msg *msg, uint64_t tag, void *layer_arg);
	void (*sent)(void *arg); /* one request written to the wire */
};

/* late answers are looked for during late_ms after the end. */
enum err_code txn_layer_open(const struct sa *local, const char *ca, unsigned t1_ms, unsigned late_ms,
	const struct txn_handler *h, void *layer_arg, struct txn_layer **out, struct err *err);
void txn_layer_close(struct txn_layer *l);
bool txn_can(const struct txn_layer *l, const struct target *to);

/* Sends. False: why says what failed, and ended() is not called. */
bool txn_start(struct txn_layer *l, const struct target *to, uint64_t tag, void *arg, struct txn **out,
	char why[TRANSPORT_WHY_MAX]);
/* Forget it: ended() will not be called, late() may. NULL is allowed. */
void txn_give_up(struct txn *t);

#endif
