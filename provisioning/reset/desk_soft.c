/* A softphone's rows as a struct phone. */
#include <string.h>

#include "provisioning/reset/desk.h"
#include "provisioning/reset/desk_parts.h"
#include "provisioning/reset/person.h"
#include "provisioning/reset/plan_rows.h"
#include "provisioning/store/device.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/override.h"
#include "provisioning/store/softphone.h"
#include "provisioning/store/user.h"

/* Of the brand and model that its kind is, its domain and its person's site. */
static enum err_code load_overrides(struct db *db, const struct softphone_row *soft, int64_t site_id, struct arena *a,
	struct phone *out, struct err *err)
{
	struct override_place at = { soft->kind, soft->kind, soft->domain_id, site_id, 0 };
	struct override_row *rows;
	size_t n, i;
	enum err_code code = override_list_phone(db, &at, a, &rows, &n, err);

	if (code)
		return code;
	out->overrides = arena_alloc(a, (n + 1) * sizeof(*out->overrides));
	if (out->overrides == NULL)
		return err_set(err, ERR_NOMEM, "There is no memory for the overrides of a softphone.");
	for (i = 0; i < n; i++)
		out->overrides[i] = (struct override){ rows[i].layer, rows[i].name, rows[i].value };
	out->noverrides = n;
	return ERR_OK;
}

static enum err_code load_account(struct db *db, const struct softphone_row *soft, const struct domain_row *dom,
	struct arena *a, struct phone *out, struct err *err)
{
	struct device_row dev;
	struct user_row user;
	struct account *acc = arena_alloc(a, sizeof(*acc));
	enum err_code e = device_by_id(db, soft->device_id, a, &dev, err);

	if (e == ERR_OK)
		e = user_by_id(db, soft->user_id, a, &user, err);
	if (e)
		return e;
	if (acc == NULL)
		return err_set(err, ERR_NOMEM, "out of memory");
	acc->slot = 1;
	acc->use = ACCOUNT_LINE;
	acc->label = user.ext;
	acc->display_name = desk_text(person_name(a, user.first_name, user.last_name));
	acc->user = dev.name;
	acc->password = dev.password;
	acc->realm = desk_text(dom->realm);
	desk_fill_server(dom, NULL, a, acc);
	out->accounts = acc;
	out->naccounts = 1;
	return load_overrides(db, soft, user.site_id, a, out, err);
}

enum err_code desk_load_soft(struct db *db, const struct desk_conf *conf, int64_t softphone_id, struct arena *a,
	struct phone *out, struct err *err)
{
	struct softphone_row soft;
	struct domain_row dom;
	enum err_code e = softphone_load(db, softphone_id, a, &soft, err);

	memset(out, 0, sizeof(*out));
	if (e == ERR_OK)
		e = domain_load(db, soft.domain_id, a, &dom, err);
	if (e)
		return e;
	out->model = "";
	out->generation = (uint64_t)soft.generation;
	out->domain = dom.name;
	out->timezone = desk_text(dom.timezone);
	out->language = desk_text(dom.language) ? dom.language : conf->language;
	if (soft.blanked || soft.device_id == 0)
		return ERR_OK;
	return load_account(db, &soft, &dom, a, out, err);
}
