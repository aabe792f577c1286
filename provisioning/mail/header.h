/* Header fields of a message: RFC 5322 lines, with RFC 2047 encoded words for what is not plain ASCII. Pure.
 *
 * Nothing that is given can begin another field: controls (line breaks first of all) become a blank, bytes that are no
 * UTF-8 become '?'. Lines are at most HEADER_LINE characters, but for an address, which cannot be folded. */
#ifndef PROVISIONING_MAIL_HEADER_H
#define PROVISIONING_MAIL_HEADER_H

#include "phonecfg/base/arena.h"
#include "phonecfg/base/buf.h"
#include "phonecfg/base/slice.h"

enum { HEADER_LINE = 76, HEADER_VALUE_MAX = 2000 };

/* "Name: value" as unstructured text (RFC 5322 §3.6.5): Subject. Beyond HEADER_VALUE_MAX bytes it is cut between
 * letters. */
void header_text(struct buf *out, const char *name, struct slice value);

/* "Name: display <address>" (RFC 5322 §3.4); display "" or NULL: the address alone. address is a checked one. */
void header_mailbox(struct buf *out, const char *name, const char *display, const char *address);

/* "Name: value" as it is: for tokens that this program made. */
void header_plain(struct buf *out, const char *name, const char *value);

/* The words of an unstructured value as they reach a reader: controls and runs of blanks become one blank, none at the
 * ends. In the arena; NULL when memory ran out. */
const char *header_tidy(struct arena *a, struct slice value);

#endif
