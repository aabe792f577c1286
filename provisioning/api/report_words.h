/* The sentences of a report: what a state, a fact, a step means to somebody who was not there. Pure. */
#ifndef PROVISIONING_API_REPORT_WORDS_H
#define PROVISIONING_API_REPORT_WORDS_H

#include "phonecfg/base/arena.h"
#include "provisioning/reset/record.h"
#include "provisioning/store/record.h"

/* Which local time stands beside UTC; NULL or "" = none. */
const char *report_time(struct arena *a, int64_t ms, const char *zone);

/* "Line taken away". */
const char *report_kind(const char *kind);
/* "Cut off"; also of jobs and users. */
const char *report_state(struct arena *a, const char *state);
/* "good", "warn", "bad" or "": how it is to look. */
const char *report_look(const char *state);
/* "The phone fetched its file"; NULL for one that is not told. */
const char *report_fact(const struct record_row *r, const char *fact);
/* "lines-removed" and 2 -> "2 lines taken off phones"; a word that is not known stands as it is. NULL for 0. */
const char *report_step(struct arena *a, const char *word, int64_t n);
/* The same text without what a page cannot carry: bytes that are not UTF-8 and control characters become U+FFFD. */
const char *report_text(struct arena *a, const char *text);

#endif
