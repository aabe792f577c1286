/* The text of a part as quoted-printable (RFC 2045 §6.7). Pure. */
#ifndef PROVISIONING_MAIL_BODY_H
#define PROVISIONING_MAIL_BODY_H

#include "phonecfg/base/buf.h"
#include "phonecfg/base/slice.h"

enum { BODY_LINE = 76 };

/* Line ends of any kind become CRLF, at the end too; no line is longer than BODY_LINE. No line begins with a dot or
 * with "From ", which servers on the way treat in ways of their own. */
void body_quoted(struct buf *out, struct slice text);

#endif
