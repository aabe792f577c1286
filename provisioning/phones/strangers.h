/* Who does not prove which phone it is: counted by address, by network and over all, in windows of ten minutes. Bounded
 * in memory: of many, those that were quiet longest are forgotten. Any thread; it holds its lock for a glance.
 *
 * Two things count. A proof that fails. And a MAC that is named without any proof: each phone does that once before it
 * shows its login, so a MAC counts when some seconds later nobody at that address has proved to be it. */
#ifndef PROVISIONING_PHONES_STRANGERS_H
#define PROVISIONING_PHONES_STRANGERS_H

#include <stdbool.h>
#include <stdint.h>

#include "phonecfg/base/mac.h"
#include "provisioning/conf/net.h"

enum {
	STRANGERS_WINDOW_MS = 10 * 60 * 1000,
	STRANGERS_SETTLE_MS = 5000, /* a MAC named counts after this, at most twice this */
	STRANGERS_ADDRESSES = 2048, /* remembered at most */
	STRANGERS_NETWORKS = 1024,
	STRANGERS_LINES = 10,  /* of the log in any second */
	STRANGERS_ALERTS = 20, /* that a crowd of networks may raise in any window */
};

struct strangers_conf {
	unsigned per_address, per_network; /* from so many on, whoever proves nothing is refused for ban_ms */
	unsigned total;                    /* proofs that fail in any second; the others are refused */
	int64_t ban_ms;
};

struct strangers;

/* What became of one request without a proof. */
struct strangers_word {
	bool refused; /* address, network or all together are over their limit */
	bool begun;   /* by this request, for this address or, the wider one first, network: */
	struct net of, network;
	unsigned failures, names;
	bool log, alert; /* the log bears another line, the portal another alert */
};

/* NULL when memory ran out. */
struct strangers *strangers_new(const struct strangers_conf *conf);
void strangers_free(struct strangers *s);

/* now_ms: the steady clock. An IPv6 address is its /64, for whoever has one has them all; a network is /24 or /56. */
void strangers_failed(struct strangers *s, const struct net_addr *from, int64_t now_ms, struct strangers_word *out);
void strangers_named(struct strangers *s, const struct net_addr *from, const struct mac *mac, int64_t now_ms,
	struct strangers_word *out);
/* That MAC was proved from there: it was no stranger's naming. */
void strangers_proved(struct strangers *s, const struct net_addr *from, const struct mac *mac, int64_t now_ms);

struct strangers_stats {
	uint64_t failures, refused, bans;
	uint64_t addresses, networks; /* banned now */
};
void strangers_stats(struct strangers *s, int64_t now_ms, struct strangers_stats *out);

#endif
