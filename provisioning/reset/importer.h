/* What the kinds of import share: import.c reads the file, import_rows.c and import_number.c write one row. */
#ifndef PROVISIONING_RESET_IMPORTER_H
#define PROVISIONING_RESET_IMPORTER_H

#include "provisioning/reset/csv.h"
#include "provisioning/reset/import.h"
#include "provisioning/reset/inventory.h"

enum { IMPORT_COLUMNS_MAX = 12 };

struct importer {
	struct inventory in;
	struct domain_row domain;
	bool may_add_numbers;
	const struct import_kind *kind;
	const struct csv_row *rows; /* without the header */
	size_t nrows;
	size_t *next;               /* the next row of the same phone, + 1; 0 = none. NULL unless rows make groups */
	bool *follows;              /* an earlier row of the same phone is there */
	int at[IMPORT_COLUMNS_MAX]; /* where a column of the kind stands in the file; -1 = it is not there */
};

enum import_result { IMPORT_CREATED, IMPORT_CHANGED, IMPORT_SAME };

typedef enum err_code import_row_fn(struct importer *im, size_t row, enum import_result *result, struct err *err);

import_row_fn import_number_row;

/* The scopes that a file may touch; those above are given one by one, by somebody who holds them. */
enum err_code import_scope_check(const char *scope, struct err *err);

/* Before the first row. */
typedef enum err_code import_prepare_fn(struct importer *im, struct err *err);

struct import_kind {
	const char *what;                            /* "users" */
	const char *columns[IMPORT_COLUMNS_MAX + 1]; /* NULL-ended; the first required ones first */
	size_t required;
	size_t key; /* the column that names the row in the report */
	import_row_fn *row;
	import_prepare_fn *prepare; /* NULL = nothing to prepare */
};

extern const struct import_kind import_kinds[];
extern const size_t import_kind_count;

/* The value of a column of the kind in this row, trimmed of nothing; NULL when the file has no such column. */
const char *import_value(const struct importer *im, size_t row, size_t column);

#endif
