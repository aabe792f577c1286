/* CSV as RFC 4180 has it: UTF-8, one header row, lines that end with CR LF.
 *
 * A spreadsheet takes a cell that begins with = + - @ or a control character for a formula. Such a cell gets one ' in
 * front, and so does one that begins with ' itself: whoever reads a cell takes one leading ' off and has the value. */
#ifndef PROVISIONING_API_CSV_OUT_H
#define PROVISIONING_API_CSV_OUT_H

#include <stdbool.h>
#include <stdint.h>

#include "phonecfg/base/buf.h"

/* The next cell of a row; NULL is empty. */
void csv_text(struct buf *out, const char *text);
void csv_int(struct buf *out, int64_t n);
/* "yes", "no". */
void csv_bool(struct buf *out, bool yes);
/* ISO 8601 in UTC; empty for never. */
void csv_time(struct buf *out, int64_t ms);
/* Ends the row. */
void csv_end(struct buf *out);

#endif
