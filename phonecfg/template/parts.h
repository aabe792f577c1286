/* Inside of the template engine: tokens, nodes and who calls whom. lex -> parse -> (check) -> render. */
#ifndef PHONECFG_TEMPLATE_PARTS_H
#define PHONECFG_TEMPLATE_PARTS_H

#include <stdbool.h>

#include "phonecfg/base/map.h"
#include "phonecfg/template/template.h"

struct place {
	const char *file;
	unsigned line, column; /* from 1; columns count characters */
};

enum token_kind {
	TOKEN_TEXT,
	TOKEN_VALUE,    /* {{x}} */
	TOKEN_RAW,      /* {{{x}}} and {{&x}} */
	TOKEN_SECTION,  /* {{#x}} */
	TOKEN_INVERTED, /* {{^x}} */
	TOKEN_CLOSE,    /* {{/x}} */
	TOKEN_PARTIAL,  /* {{>x}} */
	TOKEN_SILENT,   /* comments and delimiters: gone once lines are settled */
};

struct token {
	enum token_kind kind;
	/* The first thing of its line, where the indentation of a partial goes. */
	bool starts_line;
	struct slice text;   /* a text's bytes (at most one line, its end included) or a tag's name */
	bool alone;          /* stood alone on its line */
	struct slice indent; /* a partial alone on its line: the blanks before it */
	struct place at;
};

/* Cuts text into tokens and takes away the lines that hold nothing but one tag. */
enum err_code template_lex(
	struct arena *a, struct slice text, const char *file, struct token **out, size_t *count, struct err *err);

struct name {
	const char *full; /* as written, for messages */
	const char **parts;
	unsigned count; /* 0 = ".", the top of the stack */
};

struct node {
	enum token_kind kind; /* TEXT, VALUE, RAW, SECTION, INVERTED, PARTIAL */
	bool starts_line;
	bool alone;
	struct slice text;
	struct slice indent;
	struct name name;
	struct place at;
	struct node *first; /* a section's contents */
	struct node *next;  /* what follows in the same contents */
	struct partial *partial;
};

struct partial {
	const char *name;
	struct place at; /* the first tag that names it */
	struct node *first;
	bool known; /* off: there is no such partial, and lenient lets that pass */
};

struct template
{
	struct arena arena;
	enum escape escape;
	bool lenient;
	struct partial root;
	struct map partials; /* name -> struct partial */
};

/* What a compilation carries along. */
struct compile {
	struct template *t;
	const struct template_options *options;
};

/* Parses text into p->first. Partials that it names are put into t->partials, their own texts not yet read. */
enum err_code template_parse(struct compile *c, struct partial *p, struct slice text, struct err *err);

/* Walks the template over the schema: every name must stand in it. */
enum err_code template_check(const struct template *t, const struct tval *schema, struct err *err);

/* "file:line:column: sentence". */
enum err_code place_err(struct err *err, enum err_code code, const struct place *at, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
