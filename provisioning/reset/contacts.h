/* Contacts that somebody typed in on a phone: removed after a handover, by a Grandstream's phone book, and left in
 * peace once nothing of that handover is open. */
#ifndef PROVISIONING_RESET_CONTACTS_H
#define PROVISIONING_RESET_CONTACTS_H

#include "provisioning/reset/reset.h"
#include "provisioning/store/phone.h"

/* In a transaction: they may stay from now on. A phone with somebody's line gets a file that says so. */
enum err_code contacts_settle(
	struct reset *rs, struct db *db, const struct phone_row *phone, struct arena *a, struct err *err);

#endif
