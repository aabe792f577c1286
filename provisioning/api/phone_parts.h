/* Phones as JSON, and the lines of a body; shared by the calls on phones. */
#ifndef PROVISIONING_API_PHONE_PARTS_H
#define PROVISIONING_API_PHONE_PARTS_H

#include "provisioning/api/local.h"
#include "provisioning/reset/inventory.h"

struct phone_lines {
	struct inventory_line *lines;
	size_t n;
};

/* With its lines, as NetSapiens numbers them and as a list. NULL with err set. */
json_t *phone_shape(
	struct call *c, struct db *db, const struct domain_row *domain, const struct phone_row *row, struct err *err);

/* Telephone ports, where the model is an analogue adapter; pf may be NULL. */
unsigned phone_ports(const struct profile *pf);

/* Unknown members of a phone's body are refused by name; what is read-only is let pass, what Rekey has no use for goes
 * into *extra. */
enum err_code phone_fields_take(struct call *c, json_t *body, const char **extra, struct err *err);
/* "lines": [{"slot", "device", "shared", "label"}], the whole list; or NetSapiens' device-provisioning-sip-uri-1 …,
 * each laid over what stands on the phone (id 0: a new one). *given: there were any, and they are not as they stand. */
enum err_code phone_lines_read(
	struct call *c, json_t *body, int64_t phone_id, struct phone_lines *out, bool *given, struct err *err);
/* A new phone with that body in call_domain(): the whole answer. */
enum err_code phone_add_body(struct call *c, json_t *body, struct err *err);
/* A phone's file holds its lines' secrets: whoever is kept to sites puts only people of those sites on a phone. What
 * stands on the phone already may stay. phone_id 0: a new one. */
enum err_code phone_lines_may(struct call *c, int64_t phone_id, const struct phone_lines *lines, struct err *err);

#endif
