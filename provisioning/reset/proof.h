/* The last fact of a record, where no event brought it: by the bindings, or by an hour of silence. */
#ifndef PROVISIONING_RESET_PROOF_H
#define PROVISIONING_RESET_PROOF_H

#include "provisioning/outbox/outbox.h"

/* The outbox's "proof": after a delivery, is a line of this phone bound since its secret changed? Again and again until
 * the records have ended or conf.silence_ms has passed. */
enum outbox_result proof_deliver(struct outbox_job *job, void *arg, struct err *err);

/* The outbox's "silence": a phone without any line kept quiet for conf.silence_ms. */
enum outbox_result silence_deliver(struct outbox_job *job, void *arg, struct err *err);
enum err_code silence_settle(struct txn *t, const struct outbox_job *job, enum outbox_result result,
	const struct err *why, void *arg, struct err *err);

#endif
