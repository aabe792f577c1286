/* A registrar that does not answer is an alert, and its answer takes the alert back. */
#ifndef PROVISIONING_RESET_WATCH_H
#define PROVISIONING_RESET_WATCH_H

#include "phonecfg/base/err.h"

struct reset;

/* After a step that asked it about somebody of this domain; why is the error of that step. Writes, so not from an edge
 * thread and not in a transaction. */
void watch_registrar(struct reset *rs, const char *domain, const struct err *why);

#endif
