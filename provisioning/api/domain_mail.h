/* Whom a domain's mails come from, and its own mail server: five members of a domain that stand in a table of their
 * own. */
#ifndef PROVISIONING_API_DOMAIN_MAIL_H
#define PROVISIONING_API_DOMAIN_MAIL_H

#include "provisioning/api/local.h"
#include "provisioning/store/mail.h"

/* What stands there, in *row, changed by the members of body, which are taken out of it. *changed: they say something
 * else; who may not change them, may give them as they are. */
enum err_code domain_mail_read(
	struct call *c, json_t *body, struct domain_mail_row *row, bool *changed, struct err *err);
/* In a transaction; mails that wait take the new way. */
enum err_code domain_mail_save(struct call *c, struct db *db, const struct domain_mail_row *row, struct err *err);
/* After the commit: a server that failed is tried anew. */
void domain_mail_saved(struct call *c, int64_t domain_id);
/* Adds the members to the shape of a domain; takes the reference over and gives it back, NULL when memory ran out. */
json_t *domain_mail_shape(json_t *domain, const struct domain_mail_row *row);
/* The same for the audit log: that the password is another one than before's shows. before NULL = there was none. */
json_t *domain_mail_audit(json_t *domain, const struct domain_mail_row *row, const struct domain_mail_row *before);

#endif
