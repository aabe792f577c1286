/* A person's name as phones show it. Pure. */
#ifndef PROVISIONING_RESET_PERSON_H
#define PROVISIONING_RESET_PERSON_H

#include <stdbool.h>

#include "phonecfg/base/arena.h"

/* "First Last", or "" when both are blank. */
const char *person_name(struct arena *a, const char *first, const char *last);
/* Whether a typed label shows this person: one of the names (all: each of them) stands in it as a word, in either case
 * (ASCII). */
bool label_names(const char *label, const char *first, const char *last, bool all);
/* The label with each such word replaced; the label itself when the word is empty or not in it. */
const char *label_replaced(struct arena *a, const char *label, const char *word, const char *by);

#endif
