#include "provisioning/reset/outfit.h"

#include "phonecfg/profile/profile.h"
#include "provisioning/reset/identity.h"
#include "provisioning/reset/quiet.h"
#include "provisioning/store/device.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/key.h"
#include "provisioning/store/line.h"
#include "provisioning/store/seal.h"

enum { IDLE_SLOT = 1, PASSWORD_CHARS = 16 };

enum err_code outfit_add_idle(struct db *db, const struct phone_row *phone, struct arena *a, struct err *err)
{
	char mac[MAC_TEXT];
	struct device_row dev = {
		.domain_id = phone->domain_id, .phone_id = phone->id, .kind = DEVICE_IDLE, .revision = 1
	};
	struct line_row line = { .phone_id = phone->id, .slot = IDLE_SLOT };
	enum err_code code;

	dev.name = arena_printf(a, "idle-%s", mac_text(&phone->mac, mac));
	if ((code = random_password(a, PASSWORD_CHARS, &dev.password, err)) || (code = device_add(db, &dev, err)) ||
		(code = device_by_id(db, dev.id, a, &dev, err)))
		return code;
	line.device_id = dev.id;
	if ((code = line_add(db, &line, err)) || (code = identity_want(db, &dev, a, err)))
		return code;
	/* Nobody holds its secret yet, so the registrar may know it at once. */
	return identity_flip_by(db, identity_name(&dev, a), 0, err);
}

enum err_code outfit_drop_idle(
	struct db *db, const struct phone_row *phone, int64_t due_ms, struct arena *a, struct err *err)
{
	struct device_row dev;
	enum err_code code = device_idle_of(db, phone->id, a, &dev, err);

	if (code)
		return code == ERR_NOT_FOUND ? ERR_OK : code;
	if ((code = identity_drop(db, &dev, a, err)) ||
		(code = identity_flip_by(db, identity_name(&dev, a), due_ms, err)))
		return code;
	return device_delete(db, dev.id, err);
}

enum err_code outfit_add_line_key(struct db *db, const struct catalog *catalog, const struct phone_row *phone,
	int64_t slot, struct arena *a, struct err *err)
{
	const struct profile *pf = catalog ? catalog_find(catalog, phone->model) : NULL;
	struct key_row key = {
		.phone_id = phone->id, .place = slot, .type = KEY_LINE, .slot = slot, .owner = KEY_OWNER_LINE
	};
	struct key_row *keys;
	size_t n, i;
	enum err_code code = key_list(db, phone->id, a, &keys, &n, err);

	if (code || (pf && slot > (int64_t)profile_keys(pf, 0)))
		return code;
	for (i = 0; i < n; i++)
		if (keys[i].module == 0 &&
			(keys[i].place == slot || (keys[i].type == KEY_LINE && keys[i].slot == slot)))
			return ERR_OK;
	return key_add(db, &key, err);
}

enum err_code outfit_set_state(struct db *db, int64_t phone_id, enum phone_state *out, struct err *err)
{
	int64_t lines, users;
	enum err_code code = line_count_people(db, phone_id, &lines, &users, err);

	if (code)
		return code;
	*out = lines == 0 ? PHONE_VACANT : users > 1 ? PHONE_SHARED : PHONE_ASSIGNED;
	return phone_set_state(db, phone_id, *out, err);
}

bool outfit_restarts(const struct profile *profile)
{
	return profile && profile->vendor == VENDOR_POLYCOM;
}

enum err_code outfit_quiet_due(struct reset *rs, struct db *db, const struct phone_row *phone, struct arena *a,
	int64_t *due_ms, struct err *err)
{
	struct domain_row dom;
	struct site_row site = {
		.timezone = "", .quiet_from_min = rs->conf.quiet_from_min, .quiet_to_min = rs->conf.quiet_to_min
	};
	enum err_code code = domain_load(db, phone->domain_id, a, &dom, err);

	*due_ms = 0;
	if (code == ERR_OK && phone->site_id)
		code = site_load(db, phone->site_id, a, &site, err);
	if (code == ERR_OK && outfit_restarts(catalog_find(rs->catalog, phone->model)))
		*due_ms = quiet_due_ms(*site.timezone ? site.timezone : dom.timezone, site.quiet_from_min,
			site.quiet_to_min, rs->now_ms());
	return code;
}
