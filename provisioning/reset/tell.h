/* Telling a phone that its file has changed: which contact, which secrets, when not to send at all. */
#ifndef PROVISIONING_RESET_TELL_H
#define PROVISIONING_RESET_TELL_H

#include <stdbool.h>
#include <stdint.h>

#include "phonecfg/base/err.h"
#include "phonecfg/base/mac.h"
#include "provisioning/outbox/outbox.h"
#include "provisioning/sip/notify.h"

struct reset;

/* In a transaction: the phone is to be told, not before due_ms (0 = now). One that waits unsent already is used for
 * both. force: also when it has acknowledged all there is (an admin asks for a resync). */
enum err_code tell_phone(struct db *db, const struct mac *mac, bool force, int64_t due_ms, struct err *err);

/* How the answer to a NOTIFY counts. */
enum told { TOLD_RECEIVED, TOLD_REFUSED, TOLD_NOT_ANSWERED };
/* status 0 = none; text: the reason phrase stands in it. A proxy's own 408, 477, 478 and 503 say that the phone did not
 * answer (Kamailio: tm timer and send errors), and so does its 404 when it says that nobody is registered
 * (templates/kamailio, route TELL). Any other 404 may be the phone's. Pure. */
enum told told_by_answer(int status, const char *text);

/* The answers of the SIP client come here: give it to sipd_start() with the struct reset as argument. */
void tell_result(const struct notify_result *r, void *arg);

/* The outbox's "notify". */
enum outbox_result tell_deliver(struct outbox_job *job, void *arg, struct err *err);
enum err_code tell_settle(struct txn *t, const struct outbox_job *job, enum outbox_result result, const struct err *why,
	void *arg, struct err *err);

#endif
