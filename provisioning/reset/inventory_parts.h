/* What inventory.c and inventory_phone.c share. */
#ifndef PROVISIONING_RESET_INVENTORY_PARTS_H
#define PROVISIONING_RESET_INVENTORY_PARTS_H

#include "provisioning/reset/inventory.h"

enum err_code inventory_no_memory(struct err *err);
/* A phone of others that shows this user: a new generation, a record, and told when it may restart. */
enum err_code inventory_relabelled(
	struct inventory *in, const struct mac *mac, const struct user_row *user, struct err *err);

#endif
