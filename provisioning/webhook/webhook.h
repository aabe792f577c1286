/* Webhooks: alerts as signed calls to programs of others. What each is owed is rows (store/webhook.h), put by
 * alert/feed.h; one row of the outbox per webhook works them off in order. */
#ifndef PROVISIONING_WEBHOOK_WEBHOOK_H
#define PROVISIONING_WEBHOOK_WEBHOOK_H

#include "provisioning/outbox/outbox.h"
#include "provisioning/store/webhook.h"
#include "provisioning/webhook/sender.h"

struct webhooks;

struct webhooks_conf {
	struct store *store;
	struct sender_conf sender;
	unsigned retry_ms; /* from a call that failed to the next one, doubled each time up to 15 min */
	int64_t days_ms;   /* a webhook that fails for so long is disabled */
};

/* Starts the thread that calls. */
enum err_code webhooks_open(const struct webhooks_conf *conf, struct webhooks **out, struct err *err);
/* The row for the outbox's table. */
struct outbox_kind webhooks_kind(struct webhooks *w);
/* Who takes the ends of calls; before outbox_start(). */
void webhooks_attach(struct webhooks *w, struct outbox *ob);
/* After outbox_stop() and before outbox_close(). NULL is allowed. */
void webhooks_close(struct webhooks *w);

/* Checks what an admin gives (webhook/url.h) by this server's rules. NULL w: by the strict ones. */
enum err_code webhooks_check_url(const struct webhooks *w, const char *url, struct err *err);

/* ---- in a transaction ---- */

/* Enabled (again): what failed is forgotten, and the alert about it is over. Or disabled by hand: what it is owed is
 * dropped. why: a sentence for the alert's end or for the row. */
enum err_code webhook_enable(struct db *db, struct webhook_row *row, bool enabled, const char *why, struct err *err);
/* A test is owed; it goes out before everything else, once. */
enum err_code webhook_test(struct db *db, const struct webhook_row *row, struct err *err);

enum { WEBHOOK_OVERLAP_MS = 24 * 3600 * 1000 }; /* an old secret signs beside the new one for so long */

#endif
