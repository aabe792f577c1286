/* Values of neutral words. Private to model/. */
#ifndef PHONECFG_MODEL_WORD_VALUE_H
#define PHONECFG_MODEL_WORD_VALUE_H

#include "phonecfg/model/words.h"

/* Reads text into the member at `at`; with at NULL it is only looked at. why: a half sentence, "must be …". */
bool word_read(const struct word *w, const char *text, struct arena *a, void *at, char *why, size_t size);
/* The member's state when nobody sets it. */
void word_clear(const struct word *w, void *at);
/* The i-th of "a|b|c". */
bool word_choice(const char *choices, size_t i, char *out, size_t size);

#endif
