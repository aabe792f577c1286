/* Fields of NetSapiens' API that Rekey has no use for: checked when they come in, kept as JSON beside the row, and
 * given back. */
#ifndef PROVISIONING_API_EXTRA_H
#define PROVISIONING_API_EXTRA_H

#include "provisioning/api/local.h"

enum extra_kind {
	EXTRA_TEXT,   /* at most max characters */
	EXTRA_LINES,  /* the same, line breaks allowed */
	EXTRA_YES,    /* "yes" or "no"; takes true and false too */
	EXTRA_WORD,   /* one of words */
	EXTRA_INT,    /* 0 to max */
	EXTRA_NUMBER, /* 0 to max, with a fraction too */
	EXTRA_SCALAR, /* a text of at most max characters or a number, kept as it came */
	EXTRA_PASSED, /* known, let pass and not kept: read-only, or a secret */
};

struct extra_field {
	const char *name;
	enum extra_kind kind;
	int64_t max;
	const char *words;  /* "|Standard|Hospitality|" */
	const char *absent; /* given while nobody has set it; NULL: left out */
};

struct extra_table {
	const struct extra_field *v;
	size_t n;
};

extern const struct extra_table extra_domain, extra_user, extra_person, extra_device, extra_phone;

/* Moves what the table names from body into *text (JSON, "" for none; in the arena), laid over what stood there. null
 * takes a field away. ERR_INPUT names the field. */
enum err_code extra_take(struct call *c, json_t *body, const struct extra_table *t, const char **text, struct err *err);
/* ERR_INPUT with this sentence when body sets the member to anything but null or ""; takes it out. */
enum err_code extra_refuse(json_t *body, const char *name, const char *sentence, struct err *err);
/* Adds the fields to v; those that v has stay. False when memory ran out. */
bool extra_give(json_t *v, const struct extra_table *t, const char *text);

#endif
