/* What every part of this folder stands on: the store, the registrar, the SIP client and the timers, in one struct that
 * the daemon fills once at start. Any of the peers may be NULL; what then cannot be known is said on every record. */
#ifndef PROVISIONING_RESET_RESET_H
#define PROVISIONING_RESET_RESET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "phonecfg/base/err.h"
#include "provisioning/reset/password_rule.h"

struct store;
struct db;
struct outbox;
struct registrar;
struct sipd;
struct catalog;
struct renderer;
struct mail;
struct scrypt_cost;
struct voicemail;

/* Every timer, so that tests can make it small. reset_conf_default() gives the real values. */
struct reset_conf {
	int64_t grace_ms;           /* from the NOTIFY's final answer to a flip that no phone asked for: 30 s */
	int64_t longest_ms;         /* from the commit to that flip at the latest: 10 min */
	int64_t sweep_ms;           /* from a flip to the second look at the bindings: 2 s */
	int64_t notify_deadline_ms; /* a NOTIFY without a final answer is given up: 40 s (64 T1 and a challenge) */
	int64_t retell_ms;          /* from a NOTIFY that failed to the next one, doubled each time: 30 s */
	int64_t silence_ms;         /* no REGISTER with the old identity for so long counts as applied: 1 h */
	int64_t unconfirmed_ms;     /* a record that is open for longer raises an alert: 4 h */
	int64_t quiet_from_min, quiet_to_min; /* a site's quiet window, minutes after local midnight: 02:00 to 05:00 */
	int64_t transfer_ms;                  /* a phone is offered to another domain for so long: 14 days */
	int64_t pair_ms;                      /* a pairing window is open for so long: 5 min */
	unsigned ways;            /* of first access that are good on this server, bits of conf/ways.h: all */
	int64_t second_access_ms; /* from a second first access to the alert, if the phone has not used its login by
				     then: 1 min */
	bool idle_lines;          /* a vacant phone holds a line of its own, so that it can be told */
	bool straight_to_contact; /* NOTIFY without the Route through the registrar's proxy */
	int64_t link_ms;          /* a link to choose a password works so long: 48 h */
	int64_t mail_give_up_ms;  /* a mail that no server took over by then has failed: 48 h */
	struct password_rule rule;
	const struct scrypt_cost *password_cost; /* NULL = the default */
	const struct voicemail *voicemail;       /* NULL: this server has no voicemail */
	const char *proxy; /* "sip:127.0.0.1:5060;transport=udp": the Route of a NOTIFY; NULL = none */
};

void reset_conf_default(struct reset_conf *conf);

struct desk_conf;

struct reset {
	struct store *store;
	struct registrar *registrar;     /* NULL: the best state of a record is fetched */
	struct sipd *sipd;               /* NULL: no phone can be told */
	struct outbox *outbox;           /* takes the answers of the SIP client; NULL only before it is open */
	const struct catalog *catalog;   /* models */
	const struct renderer *renderer; /* NULL: no residue check */
	struct mail *mail;               /* NULL: no mail goes out */
	const struct desk_conf *desk;    /* what every phone of this server is told */
	struct reset_conf conf;
	int64_t (*now_ms)(void); /* wall clock, milliseconds since 1970 */
};

#endif
