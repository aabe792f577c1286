/* What the parts of one apply share: apply.c (steps on rows) and apply_after.c (secrets, generations, records, outbox).
 */
#ifndef PROVISIONING_RESET_APPLIER_H
#define PROVISIONING_RESET_APPLIER_H

#include "provisioning/reset/apply.h"
#include "provisioning/reset/plan_rows.h"
#include "provisioning/reset/reset.h"

/* A device that gets a new secret, or goes. */
struct apply_device {
	struct device_row row;                   /* as it was; with the new secret after apply_secrets() */
	int64_t revision_before, revision_after; /* after 0 = it goes */
	bool goes;
	bool soft; /* an address of it was blanked: nobody can be told */
	bool desk; /* it stands, or stood, on a phone with a MAC */
};

/* A phone whose file changes. */
struct apply_phone {
	const struct plan_phone *plan;
	int64_t id, generation_before, generation_after;
};

struct applier {
	struct reset *rs;
	struct db *db;
	const struct apply_order *order;
	struct plan_rows rows;
	struct user_row before; /* the user as he was */
	struct plan *plan;
	struct arena *arena;
	struct apply_device *devices;
	size_t ndevices, devices_cap;
	struct apply_phone *phones;
	size_t nphones, phones_cap;
};

const struct plan_desk *apply_desk_of(const struct applier *ap, const struct mac *mac);

/* New secrets for every device that is listed, and the wishes for the registrar. */
enum err_code apply_secrets(struct applier *ap, struct err *err);
/* States and generations of the phones. */
enum err_code apply_generations(struct applier *ap, struct err *err);
enum err_code apply_records(struct applier *ap, struct err *err);
enum err_code apply_outbox(struct applier *ap, struct err *err);

#endif
