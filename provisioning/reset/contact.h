/* Which of several bindings on one address of record is this phone? */
#ifndef PROVISIONING_RESET_CONTACT_H
#define PROVISIONING_RESET_CONTACT_H

#include <stdbool.h>

#include "provisioning/registrar/registrar.h"
#include "provisioning/store/phone.h"

struct catalog;

/* What is known of one registration, from a binding or from an event. NULL = not known. */
struct contact_seen {
	const char *contact, *instance, *user_agent, *source; /* source: host alone */
};

/* How well it fits the phone: negative = it is another one (another MAC, vendor or model), 0 = nothing speaks for or
 * against it, more = the more the better. Pure. */
int contact_score(const struct contact_seen *seen, const struct phone_row *phone, const struct catalog *catalog);

/* Does it name the phone itself: its MAC, or its vendor and model? An address that several share does not. Pure. */
bool contact_names(const struct contact_seen *seen, const struct phone_row *phone, const struct catalog *catalog);

/* The binding of this phone, or NULL. alone: the address of record stands on no other phone, so that one binding which
 * nothing speaks against is taken for it; of several with the same score the one that was refreshed last. */
const struct binding *contact_choose(
	const struct binding_list *list, const struct phone_row *phone, const struct catalog *catalog, bool alone);

#endif
