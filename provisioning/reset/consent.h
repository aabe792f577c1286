/* A phone goes to another domain with the consent of both: one offers it, the other one takes it. Nobody learns from it
 * whether there is such a domain. */
#ifndef PROVISIONING_RESET_CONSENT_H
#define PROVISIONING_RESET_CONSENT_H

#include "provisioning/reset/move.h"

/* Who asks, for audit. */
struct consent_by {
	const char *domain; /* in whose name */
	const char *who, *from, *client;
};

/* All of them work inside the caller's write transaction. */

/* Offers a phone of by->domain. ERR_CONFLICT: it is offered already, retired, held, or handovers of it are open;
 * ERR_INPUT: to its own domain. */
enum err_code consent_offer(struct reset *rs, struct db *db, const struct consent_by *by, const struct mac *mac,
	const char *to_domain, struct arena *a, int64_t *transfer, struct err *err);

/* The order that taking it means, for move_load() and move_apply(): site and user are of by->domain, NULL = none.
 * ERR_NOT_FOUND: nothing of that id is offered to by->domain; ERR_CONFLICT: it does not wait any more. */
enum err_code consent_order(struct db *db, const struct consent_by *by, int64_t transfer, const char *site,
	const char *user, struct arena *a, struct move_order *out, struct err *err);

/* Takes it: moves the phone and ends the transfer. */
enum err_code consent_accept(struct reset *rs, struct db *db, const struct consent_by *by, int64_t transfer,
	const char *site, const char *user, struct arena *a, struct move_plan **out, struct err *err);

/* Declined by the domain that it is offered to, withdrawn by the one that offers it. */
enum err_code consent_refuse(
	struct db *db, const struct consent_by *by, int64_t transfer, struct arena *a, struct err *err);

#endif
