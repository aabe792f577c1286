/* Whoever shows a person: lines, keys and labels on any phone, each phone once however many reasons there are.
 *
 * A reset and a recycle find the same in their plan (plan_load.c); this is for every other way on which a name changes
 * or goes. The directory is no part of it: it is a file of its own, made from the names each time that it is asked for.
 * All of it works inside the caller's write transaction. */
#ifndef PROVISIONING_RESET_WALK_H
#define PROVISIONING_RESET_WALK_H

#include "provisioning/reset/inventory.h"
#include "provisioning/reset/touch.h"
#include "provisioning/store/contact.h"

/* The user's name was saved. Phones with a line of the user's are told at once, others when they may restart. */
enum err_code walk_renamed(
	struct inventory *in, const struct user_row *before, const struct user_row *after, struct err *err);

/* A contact that the domain shares was saved, or deleted (after NULL): speed dials to one of its numbers whose label
 * names it. Deleted, they show their number again. */
enum err_code walk_contact_changed(
	struct inventory *in, const struct contact_row *before, const struct contact_row *after, struct err *err);

/* Joins the touched phones: keys of the domain that watch or dial this device, which goes. They show its number. */
enum err_code walk_device_gone(
	struct inventory *in, struct touch *t, int64_t domain_id, const char *device, struct err *err);

#endif
