/* What orders.c and forms.c share. */
#ifndef PROVISIONING_API_ORDER_PARTS_H
#define PROVISIONING_API_ORDER_PARTS_H

#include "provisioning/api/local.h"
#include "provisioning/reset/job.h"

/* The next person, as a body has it; texts in the call's arena. */
struct order_form {
	const char *user;
	struct recycle_form form;
};

/* user NULL: the body must name one. A form without both names must say "later". */
enum err_code order_read_form(struct call *c, json_t *v, const char *user, struct order_form *out, struct err *err);
/* Nobody does this to himself or to a higher scope: ERR_FORBIDDEN. ERR_NOT_FOUND. */
enum err_code order_may_touch(struct call *c, struct db *db, const char *ext, struct err *err);

#endif
