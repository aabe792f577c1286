/* What inventory.c and inventory_phone.c share. */
#ifndef PROVISIONING_RESET_INVENTORY_PARTS_H
#define PROVISIONING_RESET_INVENTORY_PARTS_H

#include "provisioning/reset/inventory.h"
#include "provisioning/reset/touch.h"

enum err_code inventory_no_memory(struct err *err);
/* What this change touches, empty yet. */
struct touch inventory_touch(struct inventory *in);

#endif
