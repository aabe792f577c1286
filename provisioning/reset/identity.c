#include "provisioning/reset/identity.h"

#include <string.h>

#include "provisioning/outbox/outbox.h"
#include "provisioning/registrar/registrar.h"
#include "provisioning/store/device.h"
#include "provisioning/store/projection.h"

const char *identity_name(const struct device_row *device, struct arena *a)
{
	return arena_printf(a, "%s@%s", device->name, device->domain);
}

bool identity_split(const char *identity, struct arena *a, const char **user, const char **domain)
{
	const char *at = strrchr(identity, '@');

	if (at == NULL)
		return false;
	*user = arena_strndup(a, identity, (size_t)(at - identity));
	*domain = at + 1;
	return *user != NULL;
}

static enum err_code want(
	struct db *db, const struct device_row *device, const char *ha1, struct arena *a, struct err *err)
{
	struct projection_row row = {
		.identity = identity_name(device, a),
		.domain_id = device->domain_id,
		.device_id = ha1 ? device->id : 0,
		.realm = device->realm && *device->realm ? device->realm : device->domain,
		.wanted_revision = ha1 ? device->revision : 0,
	};

	if (row.identity == NULL)
		return err_set(err, ERR_NOMEM, "There is no memory for the identity of device %s.", device->name);
	if (ha1)
		row.wanted_ha1 = (struct secret){ ha1, strlen(ha1) };
	return projection_want(db, &row, err);
}

enum err_code identity_want(struct db *db, const struct device_row *device, struct arena *a, struct err *err)
{
	const char *realm = device->realm && *device->realm ? device->realm : device->domain;
	char *ha1 = arena_alloc(a, REGISTRAR_HA1_TEXT); /* in the arena, which wipes it */

	if (ha1 == NULL)
		return err_set(err, ERR_NOMEM, "There is no memory for the secret of device %s.", device->name);
	registrar_ha1(device->name, realm, &device->password, ha1);
	return want(db, device, ha1, a, err);
}

enum err_code identity_rekey(struct db *db, struct device_row *device, struct arena *a, struct err *err)
{
	enum err_code code = device_rekey(db, device, a, err);

	return code ? code : identity_want(db, device, a, err);
}

enum err_code identity_drop(struct db *db, const struct device_row *device, struct arena *a, struct err *err)
{
	return want(db, device, NULL, a, err);
}

enum err_code identity_flip_by(struct db *db, const char *identity, int64_t due_ms, struct err *err)
{
	return outbox_put_once(db, "flip", identity, "{}", due_ms, NULL, err);
}
