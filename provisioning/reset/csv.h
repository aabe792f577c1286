/* CSV as RFC 4180 has it: commas, quotes doubled inside quotes, LF or CRLF. */
#ifndef PROVISIONING_RESET_CSV_H
#define PROVISIONING_RESET_CSV_H

#include <stddef.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/err.h"
#include "phonecfg/base/slice.h"

enum { CSV_COLUMNS_MAX = 32, CSV_ROWS_MAX = 200000 };

struct csv_row {
	unsigned line; /* in the file, from 1 */
	const char **cells;
	size_t n;
};

/* Every row that is not blank; cells are copied into the arena and trimmed when they were not quoted. A UTF-8 byte
 * order mark is passed over. ERR_INPUT says on which line the quotes are wrong, or that there are too many columns or
 * rows. */
enum err_code csv_parse(struct slice text, struct arena *a, struct csv_row **out, size_t *n, struct err *err);

#endif
