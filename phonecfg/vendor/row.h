/* One line of parameters.txt. Private to book.c and judge.c. */
#ifndef PHONECFG_VENDOR_ROW_H
#define PHONECFG_VENDOR_ROW_H

#include "phonecfg/vendor/book.h"

/* Fills all but `same` and `line`; text in the arena. ERR_INPUT without a place, which the caller knows. */
enum err_code param_row_parse(
	struct slice line, enum vendor_id vendor, struct arena *a, struct param_row *out, struct err *err);

/* A whole number in decimal, a minus allowed, at most 18 digits; nothing around it. */
bool param_integer(struct slice s, long long *out);

#endif
