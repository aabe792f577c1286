/* Devices as JSON, and what the registrar says of them. */
#ifndef PROVISIONING_API_DEVICE_PARTS_H
#define PROVISIONING_API_DEVICE_PARTS_H

#include "provisioning/api/local.h"

/* NULL with err set. */
json_t *device_shape(struct call *c, const struct user_row *user, const struct device_row *row, struct err *err);
/* Adds device-sip-registration-state and, when it is registered, contact, times, address and User-Agent. Waits for the
 * registrar, so the snapshot must have ended. Without one, or when it does not answer, nothing is added; then it is
 * left alone for some seconds, so that it holds up no worker. v may be NULL. */
void device_ask_registrar(struct call *c, const struct device_row *row, json_t *v);

#endif
