/* What another model can take over of a phone. */
#include "provisioning/reset/move_rows.h"

#include "phonecfg/model/words.h"
#include "phonecfg/vendor/vendor.h"

#define PROBE "probe0000probe00"

const char *move_fit_line(const struct profile *pf, int64_t slot, struct arena *a)
{
	if (pf == NULL || slot <= (int64_t)pf->accounts)
		return NULL;
	return arena_printf(a, "a %s has %u lines", pf->display, pf->accounts);
}

/* A phone of that model with one line and that key. Its label is none of the reasons: one that the phone cannot show is
 * replaced by the number. */
const char *move_fit_key(const struct profile *pf, const struct key_row *row, struct arena *a)
{
	struct account acc = { .slot = row->slot ? (unsigned)row->slot : 1,
		.use = ACCOUNT_LINE,
		.user = "1001",
		.password = { PROBE, sizeof(PROBE) - 1 } };
	struct key key = { .module = (unsigned)row->module,
		.index = (unsigned)row->place,
		.type = row->type,
		.slot = (unsigned)row->slot,
		.value = *row->value ? row->value : NULL,
		.pickup = *row->pickup ? row->pickup : NULL,
		.owner = row->owner };
	struct phone ph = { .mac = { { 0, 0, 0, 0, 0, 1 } },
		.generation = 1,
		.domain = "example.test",
		.prov = { .password = { PROBE, sizeof(PROBE) - 1 } },
		.admin_password = { PROBE, sizeof(PROBE) - 1 },
		.user_password = { PROBE, sizeof(PROBE) - 1 },
		.filler = { PROBE, sizeof(PROBE) - 1 },
		.accounts = &acc,
		.naccounts = 1,
		.keys = &key,
		.nkeys = 1 };
	struct err why = { 0 };

	if (pf == NULL)
		return NULL;
	ph.model = pf->id;
	return vendor_check(pf, &ph, &why) ? arena_strdup(a, why.text) : NULL;
}

const char *move_fit_override(
	const struct profile *from, const struct profile *to, const struct override_row *row, struct arena *a)
{
	if (from == NULL || to == NULL || from->vendor == to->vendor || word_find(row->name))
		return NULL;
	return arena_printf(a, "it is a parameter of a %s phone", vendor_get(from->vendor)->name);
}
