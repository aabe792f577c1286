/* Mustache templates (the published specification: comments, delimiters, interpolation, inverted, partials, sections),
 * compiled once and rendered often; a compiled template is read-only and may be rendered by several threads at once.
 *
 * Errors in the text of a template begin with its name, line and column: "yealink/mac.cfg:12:3: ...". */
#ifndef PHONECFG_TEMPLATE_TEMPLATE_H
#define PHONECFG_TEMPLATE_TEMPLATE_H

#include <stdbool.h>

#include "phonecfg/base/buf.h"
#include "phonecfg/base/err.h"
#include "phonecfg/base/slice.h"
#include "phonecfg/template/escape.h"
#include "phonecfg/template/tval.h"

enum {
	TEMPLATE_SIZE_MAX = 1024 * 1024,   /* bytes of one template or partial */
	TEMPLATE_TOKENS_MAX = 100 * 1000,  /* lines and tags of one template or partial */
	TEMPLATE_NAME_MAX = 255,           /* bytes of a tag's name */
	TEMPLATE_PARTS_MAX = 16,           /* parts of a dotted name */
	TEMPLATE_DELIMITER_MAX = 8,        /* bytes of one delimiter */
	TEMPLATE_NEST_MAX = 64,            /* sections inside one another in one text */
	TEMPLATE_DEPTH_MAX = 128,          /* sections and partials inside one another while rendering */
	TEMPLATE_PARTIALS_MAX = 256,       /* different partials of one template */
	TEMPLATE_INDENT_MAX = 1024,        /* bytes of indentation that nested partials add up to */
	TEMPLATE_MEMORY_MAX = 32 << 20,    /* bytes of one compiled template with its partials */
	TEMPLATE_STEPS_MAX = 10 * 1000000, /* texts, tags and items visited in one rendering */
};

struct template;

/* Writes the text of partial `name` to *text (at most TEMPLATE_SIZE_MAX). ERR_NOT_FOUND: there is none. */
typedef enum err_code template_partial_fn(void *arg, const char *name, struct buf *text, struct err *err);

struct template_options {
	enum escape escape;
	/* An example of the data: each name that a template may use stands in it once. Lists hold one or more example
	 * items. With it, unknown names are refused when the template is compiled; NULL = no such check. */
	const struct tval *schema;
	template_partial_fn *partial; /* NULL = every partial is unknown */
	void *partial_arg;
	/* Off: a name that the data lacks, a list or object where a value should be printed, and an unknown partial are
	 * errors. On: they are empty, as the specification says. A name outside the schema is refused either way. */
	bool lenient;
	/* Refuses {{{x}}} and {{&x}}, which go around the escaper. For what phones pull. */
	bool no_raw;
};

/* Compiles text and every partial that it names. `name` is copied; text need not outlive the call. On failure *out is
 * NULL. ERR_INPUT: the text is wrong; ERR_LIMIT: a limit above was passed; ERR_NOT_FOUND: a partial is unknown. */
enum err_code template_compile(struct slice text, const char *name, const struct template_options *options,
	struct template **out, struct err *err);

/* Appends to out, whose maximum bounds the output. ERR_INPUT: unknown name, or a value that the output language cannot
 * carry (the sentence has the tag's place and name, never the value); ERR_LIMIT: depth, steps or the buffer's maximum.
 * After an error the buffer holds a part and must not be used. */
enum err_code template_render(const struct template *t, const struct tval *data, struct buf *out, struct err *err);

void template_free(struct template *t); /* NULL is allowed */

#endif
