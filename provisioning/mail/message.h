/* One mail as the bytes that go over the wire: RFC 5322 header, multipart/alternative of text and HTML (RFC 2046
 * §5.1.4). Pure. */
#ifndef PROVISIONING_MAIL_MESSAGE_H
#define PROVISIONING_MAIL_MESSAGE_H

#include <stdint.h>

#include "phonecfg/base/buf.h"

enum { MESSAGE_MAX = 1 << 20 };

struct message {
	const char *from, *from_name; /* from_name "" = the address alone */
	const char *to, *to_name;
	const char *reply_to; /* "" = none */
	const char *subject, *text, *html;
	const char *id;  /* left half of the Message-ID: letters, digits, dots, dashes */
	int64_t date_ms; /* since 1970 */
};

/* Addresses are checked ones. ERR_LIMIT when it would pass MESSAGE_MAX. */
enum err_code message_build(const struct message *m, struct buf *out, struct err *err);

#endif
