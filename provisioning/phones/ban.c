#include "provisioning/phones/ban.h"

#include <stdio.h>

#include "phonecfg/base/mem.h"
#include "provisioning/alert/alert.h"
#include "provisioning/conf/clock.h"
#include "provisioning/conf/log.h"
#include "provisioning/phones/local.h"
#include "provisioning/phones/strangers.h"

struct scan_note {
	struct phones *ph;
	char network[NET_TEXT], text[ALERT_TEXT_MAX];
};

static enum err_code raise_fn(struct txn *t, void *arg, struct err *err)
{
	const struct scan_note *n = arg;
	const struct alert_about about = { .subject = n->network };

	return alert_raise(t->db, ALERT_SCAN, &about, n->text, NULL, err);
}

static void write_alert(void *arg)
{
	struct scan_note *n = arg;
	struct err err;

	if (store_write(n->ph->conf.store, raise_fn, n, &err))
		log_event(LOG_LEVEL_ERROR, "alert-lost", "what", n->text, "why", err.text, NULL);
	phones_done(n->ph);
	mem_free(n);
}

static void tell(struct phones *ph, const struct strangers_word *w)
{
	char of[NET_TEXT], failures[16], names[16];
	struct scan_note *n;

	snprintf(failures, sizeof(failures), "%u", w->failures);
	snprintf(names, sizeof(names), "%u", w->names);
	net_text(&w->of, of);
	log_event(LOG_LEVEL_WARN, "phone-banned", "of", of, "failures", failures, "names", names, NULL);
	n = w->alert ? mem_zalloc(sizeof(*n)) : NULL;
	if (n == NULL)
		return;
	n->ph = ph;
	net_text(&w->network, n->network);
	snprintf(n->text, sizeof(n->text),
		"%s tried to pass for phones: %s proofs failed and %s phones were named without any proof within ten minutes, the last from %s; "
		"whoever proves nothing there is refused for a while, a phone with its own login is not",
		n->network, failures, names, of);
	if (!phones_post(ph, write_alert, n))
		mem_free(n);
}

/* fail2ban reads this line: fail2ban/rekey.conf. */
static void log_line(const struct net_addr *from, const struct mac *mac, const char *why)
{
	char address[NET_TEXT], text[MAC_TEXT];

	log_event(LOG_LEVEL_WARN, "phone-refused", "address", net_addr_text(from, address), "mac",
		mac ? mac_text(mac, text) : NULL, "why", why, NULL);
}

static const struct mac *named(const struct caller *c)
{
	const struct mac *mac = claim_mac(&c->claim);

	return mac == NULL && c->claim.has_ua && c->claim.ua.has_mac ? &c->claim.ua.mac : mac;
}

enum ban ban_refuses(struct request *rq, struct response *rs, const struct caller *c)
{
	struct phones *ph = rq->ctx;
	struct net_addr from = net_addr_of(&rq->peer->addr);
	const struct mac *mac = named(c);
	bool failed = rq->route->scope != FORM_OWN || c->failed;
	int64_t now = clock_steady_ms();
	struct strangers_word w;
	char after[24];

	if (failed)
		strangers_failed(ph->strangers, &from, now, &w);
	else if (mac)
		strangers_named(ph->strangers, &from, mac, now, &w);
	else
		return BAN_NONE;
	if (w.begun)
		tell(ph, &w);
	if (w.log)
		log_line(&from, mac, !failed ? "scan" : rq->route->scope == FORM_OWN ? "login" : "address");
	if (!w.refused)
		return BAN_NONE;
	/* Without the challenge no phone could show its login: it is given to all, and says nothing. */
	if (!failed)
		return BAN_QUIET;
	snprintf(after, sizeof(after), "%lld", (long long)ph->conf.strangers.ban_ms / 1000);
	plain_too_many(rs);
	response_header(rs, "Retry-After", after);
	return BAN_ANSWERED;
}

void ban_proved(const struct request *rq, const struct caller *c)
{
	struct phones *ph = rq->ctx;
	struct net_addr from = net_addr_of(&rq->peer->addr);

	if (c->phone_id)
		strangers_proved(ph->strangers, &from, &c->mac, clock_steady_ms());
}
