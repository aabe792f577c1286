/* What happened to alerts, one event after the other: into the log, the feed, and the calls that webhooks are owed. */
#ifndef PROVISIONING_ALERT_FEED_H
#define PROVISIONING_ALERT_FEED_H

#include <stdint.h>

#include "phonecfg/base/err.h"

struct alert_row;
struct db;

/* In a transaction. what: "raised", "acknowledged", "cleared"; who and why "" = by itself. */
enum err_code feed_add(struct db *db, const struct alert_row *alert, const char *what, const char *who, const char *why,
	struct err *err);

/* The key of a webhook's work in the outbox, kind "webhook". */
enum { FEED_KEY = 40 };
const char *feed_key(int64_t webhook_id, char out[FEED_KEY]);
/* In a transaction: this webhook is owed a call about an event, 0 = a test. Its work begins, unless it is backing off
 * (failures, as its row says): what is owed then goes out in order when that is over. A test does not wait for it. */
enum err_code feed_owe(struct db *db, int64_t webhook_id, int64_t event_id, int64_t failures, struct err *err);

#endif
