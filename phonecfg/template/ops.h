/* Inside of programs: what trace.c makes and run.c does. */
#ifndef PHONECFG_TEMPLATE_OPS_H
#define PHONECFG_TEMPLATE_OPS_H

#include <stdint.h>

#include "phonecfg/template/parts.h"
#include "phonecfg/template/program.h"

enum { PROGRAM_LEVELS_MAX = 16, PROGRAM_PATH_MAX = 4 };

/* What an object must look like: the sample's members in the sample's order, what was taken for fixed the same, and the
 * objects in it likewise. */
struct shape {
	size_t n;
	const char *const *names; /* shared by objects of the same names */
	struct {
		size_t at;
		const struct tval *value;
	} * fixed;
	size_t nfixed;
	struct {
		size_t at;
		const struct shape *shape;
	} * objects;
	size_t nobjects;
};

/* Shapes stand in the arena; NULL when it ran out. like: an object before it that may have the same names, or NULL. */
struct shape *shape_make(
	struct arena *a, const struct tval *sample, const char *const *constants, const struct shape *like);

/* An object of the same tree whose names were found to be these. */
struct likeness {
	const char *const *names;
	const struct tval_member *members;
};
/* like: read and written, or NULL. */
bool shape_fits(const struct shape *shape, const struct tval *v, struct likeness *like);
/* Is this member of an object taken for fixed? */
bool shape_fixed(const struct tval_member *m, const char *const *constants);

enum op_kind {
	OP_END,    /* text only */
	OP_VALUE,  /* print */
	OP_IF,     /* body when it is true, with it as a level */
	OP_UNLESS, /* body when it is not */
	OP_LIST,   /* an item program for each item */
	OP_WHOLE,  /* the line that the text ended is looked at */
	OP_ELSE,   /* here the sample has nothing of that name: a template's turn */
};

/* First text, then what it does. */
struct op {
	uint32_t text_at, text_n;
	uint8_t kind, level, npath;
	uint8_t sample;                  /* tval_kind: scalars among themselves may differ, lists and objects may not */
	uint16_t path[PROGRAM_PATH_MAX]; /* members, from the object at that level */
	const struct node *node;
	union {
		const void *rule;         /* VALUE, NULL = none */
		const struct block *body; /* IF, UNLESS */
		const struct items *items;
	} as;
};

struct block {
	struct op *ops;
	size_t n, cap;
	unsigned level; /* where its own context stands, for IF and items */
};

struct item {
	const struct shape *shape; /* NULL: the item is no object */
	struct block block;
};

/* n items as they were in the sample, and one program for any other. */
struct items {
	struct item *v;
	size_t n;
	const struct item *any; /* NULL: the sample had none */
};

struct template_program {
	const struct template *t;
	struct template_rules rules;
	bool has_rules;
	struct arena arena;
	struct buf text;
	const struct shape *shape; /* of the root, NULL when it is no object */
	struct block root;
	size_t values; /* how many are put in, for a guess at the size of the output */
};

/* value as a tag prints it; for a list or object the error of a strict template. scratch holds what is no text. */
enum { VALUE_TEXT_MAX = 48 };
enum err_code template_value_text(
	const struct node *n, const struct tval *v, char scratch[VALUE_TEXT_MAX], struct slice *out, struct err *err);
/* Escapes and appends it; the error has the tag's place. */
enum err_code template_value_add(const struct template *t, const struct node *n, const struct tval *v,
	struct slice text, unsigned classes, struct buf *out, struct err *err);

#endif
