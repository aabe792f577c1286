/* One escaper per output language. What a language cannot carry is refused, never changed in silence. */
#ifndef PHONECFG_TEMPLATE_ESCAPE_H
#define PHONECFG_TEMPLATE_ESCAPE_H

#include <stdbool.h>

#include "phonecfg/base/buf.h"
#include "phonecfg/base/err.h"
#include "phonecfg/base/slice.h"

enum escape { ESCAPE_NONE, ESCAPE_HTML, ESCAPE_XML, ESCAPE_INI, ESCAPE_JSON, ESCAPE_COUNT };

/* "none", "html", "xml", "ini", "json" -> *out; false for any other word. */
bool escape_from_word(const char *word, enum escape *out);

/* Would escape_add append text just as it is? classes: text_classes(text). Never a wrong yes. */
bool escape_plain(enum escape how, struct slice text, unsigned classes);

/* Appends text to out as language how writes it.
 *
 * NONE: as it is. HTML: & < > " ' as entities (the Mustache specification asks for the first four). XML: these and ',
 * for element text and quoted attributes. JSON: the inside of a string (RFC 8259 section 7). INI (name = value to the
 * end of the line, as Yealink's files have it): there is no quoting, so blanks and tabs at both ends are trimmed,
 * because the phone would trim them; with exact (a secret), they are refused instead.
 *
 * ERR_INPUT, with a sentence that calls the value field: text that is not UTF-8 (XML, INI, JSON); line breaks and other
 * control characters (XML, INI); U+FFFE and U+FFFF (XML 1.0 section 2.2). Nothing is appended then. A full buffer shows
 * in buf_check(). */
enum err_code escape_add(
	struct buf *out, enum escape how, struct slice text, bool exact, const char *field, struct err *err);

#endif
