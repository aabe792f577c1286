/* SIP identities as the registrar shall know them: what apply wants, and what flip brings there. */
#ifndef PROVISIONING_RESET_IDENTITY_H
#define PROVISIONING_RESET_IDENTITY_H

#include <stdbool.h>
#include <stdint.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/err.h"

struct db;
struct device_row;

/* "1001@example.test". */
const char *identity_name(const struct device_row *device, struct arena *a);
/* Cuts at the last '@'. False when there is none. */
bool identity_split(const char *identity, struct arena *a, const char **user, const char **domain);

/* Notes that the registrar shall know this device's present secret. */
enum err_code identity_want(struct db *db, const struct device_row *device, struct arena *a, struct err *err);
/* A new secret for the device, and the wish that the registrar knows it. *device gets the new password and revision. */
enum err_code identity_rekey(struct db *db, struct device_row *device, struct arena *a, struct err *err);
/* Notes that the registrar shall forget this device. */
enum err_code identity_drop(struct db *db, const struct device_row *device, struct arena *a, struct err *err);

/* The flip of this identity at the latest at due_ms; an earlier date that stands already stays. */
enum err_code identity_flip_by(struct db *db, const char *identity, int64_t due_ms, struct err *err);

#endif
