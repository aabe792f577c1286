/* Outside numbers: what a rule, a forward or a contact rings that is no extension. Pure. */
#ifndef PROVISIONING_RESET_OUTSIDE_H
#define PROVISIONING_RESET_OUTSIDE_H

#include "phonecfg/base/arena.h"

/* Shorter ones are extensions; of longer ones the last digits alone count, because one number is written with and
 * without its prefixes: +49 171 1234567, 0171 1234567. */
enum { OUTSIDE_MIN = 7, OUTSIDE_TAIL = 9 };

/* The last digits of the outside number that text names, in the arena; NULL when it names none. Takes the words of
 * answering rules: "confirm_" before a number and "…_pstn_" are dropped, as is all behind a ';'. */
const char *outside_number(struct arena *a, const char *text);

#endif
