/* Polycom's contact file has two authors: this server puts the speed dials of the keys in, the person at the phone the
 * rest, and the phone sends the whole back. */
#ifndef PHONECFG_VENDOR_CONTACTS_H
#define PHONECFG_VENDOR_CONTACTS_H

#include "phonecfg/base/buf.h"
#include "phonecfg/base/err.h"
#include "phonecfg/base/slice.h"

/* What the phone sent without what was made for it: an entry with number (ct) and speed-dial index (sd) of one that the
 * server made is the server's, whatever it is called. ERR_INPUT when either is no contact file. */
enum err_code contacts_own(struct slice made, struct slice sent, struct buf *out, struct err *err);

/* What the server makes now, and behind it the person's own entries. One with an index that a key uses keeps its place
 * in the list and loses the index. */
enum err_code contacts_join(struct slice made, struct slice own, struct buf *out, struct err *err);

#endif
