/* A phone as it would be after a change, without the change: carried out in a transaction that is undone. */
#ifndef PROVISIONING_RESET_PREVIEW_H
#define PROVISIONING_RESET_PREVIEW_H

#include "phonecfg/model/model.h"
#include "provisioning/reset/plan.h"

struct reset;

/* request: a reset, a recycle or both; NULL: the phone without any person's line. *now and *out are from the same
 * transaction, in the arena, with their secrets (those of *out are nobody's). Errors are those of the change itself. */
enum err_code preview_phone(struct reset *rs, const struct plan_request *request, const struct mac *mac,
	struct arena *a, struct phone *now, struct phone *out, struct err *err);

#endif
