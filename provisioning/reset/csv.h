/* Comma-separated values (RFC 4180): fields in quotes may hold commas, quotes ("") and line breaks;
 * blanks around a field without quotes are dropped. */
#ifndef PROVISIONING_RESET_CSV_H
#define PROVISIONING_RESET_CSV_H

#include <stddef.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/err.h"
#include "phonecfg/base/slice.h"

enum { CSV_COLUMNS_MAX = 64 };

struct csv_row {
	unsigned line; /* where it begins, from 1 */
	const char **v;
	size_t n;
};

struct csv {
	struct slice rest;
	unsigned line;
	struct arena *arena;
};

/* A byte order mark at the beginning is skipped. */
void csv_open(struct csv *c, struct slice text, struct arena *a);
/* The next row that is not empty; *out.n = 0 at the end. ERR_INPUT names the line: a quote that is not closed, or
 * characters behind one. */
enum err_code csv_next(struct csv *c, struct csv_row *out, struct err *err);

#endif
