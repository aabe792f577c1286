/* What becomes of a phone when nothing of it is open any more: a deleted one goes, the old one of a swap is retired or
 * goes. */
#ifndef PROVISIONING_RESET_AFTER_DROP_H
#define PROVISIONING_RESET_AFTER_DROP_H

#include "provisioning/outbox/outbox.h"
#include "provisioning/reset/reset.h"

struct arena;

/* In a transaction: a record of this phone has ended. If it was the last one, what was decided for the phone is to be
 * done. */
enum err_code after_drop_look(struct db *db, int64_t phone_id, struct arena *a, struct err *err);

/* The outbox's "after-drop": does it, if it still holds. */
enum outbox_result after_drop_deliver(struct outbox_job *job, void *arg, struct err *err);

#endif
