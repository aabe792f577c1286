/* What may stand in a value that a person typed. */
#ifndef PHONECFG_BASE_TEXT_H
#define PHONECFG_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "phonecfg/base/err.h"
#include "phonecfg/base/slice.h"

/* Well-formed UTF-8 (RFC 3629: shortest form, no surrogates). */
bool text_is_utf8(struct slice s);
/* Any C0 or C1 control, DEL, or U+2028/2029, which some parsers read as a line break. */
bool text_has_control(struct slice s);
/* Characters (code points), not bytes. Only for well-formed UTF-8. */
size_t text_length(struct slice s);

/* The letter (code point) that s begins with: its length in bytes, 0 when s is empty or it is malformed. */
size_t text_letter(struct slice s, uint32_t *cp);
/* One that text_has_control() finds. */
bool text_letter_is_control(uint32_t cp);

/* Which kinds of bytes stand in a text, as one look at each byte tells. A quick answer for the plain texts that nearly
 * all are. */
enum text_class {
	TEXT_DIGIT = 1 << 0,
	TEXT_LETTER = 1 << 1,  /* ASCII */
	TEXT_BLANK = 1 << 2,   /* the space */
	TEXT_MARKUP = 1 << 3,  /* & < > " ' */
	TEXT_PUNCT = 1 << 4,   /* every other visible ASCII character */
	TEXT_CONTROL = 1 << 5, /* 0 to 31 and 127 */
	TEXT_HIGH = 1 << 6,    /* 128 and above */
};
unsigned text_classes(struct slice s);

/* Words are runs of letters, digits and bytes beyond ASCII. */
bool text_in_word(char c);
/* Cuts the next one off; the empty slice when there is none. */
struct slice text_cut_word(struct slice *rest);

/* The check at the write: UTF-8, no control character, at most max characters. field names it in the sentence. */
enum err_code text_check(const char *field, struct slice s, size_t max, struct err *err);

/* Edits (insert, delete, replace) from a to b, for "did you mean"; TEXT_DISTANCE_MAX when b is that long or longer. */
enum { TEXT_DISTANCE_MAX = 128 };
size_t text_distance(const char *a, const char *b);

#endif
