/* Devices as JSON, and what the registrar says of them. */
#ifndef PROVISIONING_API_DEVICE_PARTS_H
#define PROVISIONING_API_DEVICE_PARTS_H

#include "provisioning/api/local.h"

/* NULL with err set. */
json_t *device_shape(struct call *c, const struct user_row *user, const struct device_row *row, struct err *err);
/* Where a body wants the device: device-provisioning-mac-address and, 0 = the first free one, device-provisioning-line.
 */
struct device_place {
	struct mac mac;
	int64_t slot;
	bool wanted; /* false: nowhere, or where it stands */
};
/* ERR_CONFLICT when it stands on another phone or line; else as call_phone(). */
enum err_code device_place_read(
	struct call *c, json_t *body, const struct device_row *row, struct device_place *out, struct err *err);
/* In the transaction. ERR_CONFLICT when the line is taken. */
enum err_code device_place_put(
	struct inventory *in, const struct device_row *row, const struct device_place *at, struct err *err);
/* Adds device-sip-registration-state and, when it is registered, contact, times, address and User-Agent. Waits for the
 * registrar, so the snapshot must have ended. Without one, or when it does not answer, nothing is added; then it is
 * left alone for some seconds, so that it holds up no worker. v may be NULL. */
void device_ask_registrar(struct call *c, const struct device_row *row, json_t *v);

#endif
