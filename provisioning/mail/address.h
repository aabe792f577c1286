/* What an email address may be: the mailbox of RFC 5321 §4.1.2 without quoted local parts and address literals, and
 * with letters beyond ASCII as RFC 6531 allows. Pure. */
#ifndef PROVISIONING_MAIL_ADDRESS_H
#define PROVISIONING_MAIL_ADDRESS_H

#include "phonecfg/base/arena.h"
#include "phonecfg/base/err.h"

enum { ADDRESS_MAX = 254, ADDRESS_LOCAL_MAX = 64, ADDRESS_LABEL_MAX = 63 };

/* ERR_INPUT, with a sentence that begins with field and says what is wrong. One address, never a list of them. */
enum err_code address_check(const char *field, const char *text, struct err *err);

/* A checked address as it goes over the wire: its domain in ASCII (RFC 5891), so that only a name before the @ with
 * letters beyond ASCII needs a server with SMTPUTF8. In the arena; NULL when memory ran out. */
const char *address_wire(struct arena *a, const char *text);

/* What stands behind the @; of a checked address. */
const char *address_domain(const char *text);

#endif
