/* Records that are open for too long: each raises an alert, once. */
#ifndef PROVISIONING_RESET_OVERDUE_H
#define PROVISIONING_RESET_OVERDUE_H

#include "provisioning/outbox/outbox.h"

struct reset;

/* Puts the one row of this kind, due at once: at every start, because the setting may be another one now. */
enum err_code overdue_begin(struct reset *rs, struct err *err);

/* Notes what is overdue and comes again when the next record will be. */
outbox_deliver_fn overdue_deliver;

#endif
