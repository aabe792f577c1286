/* A list as a file, whatever its length: rows are read, written and forgotten a few at a time, while the client takes
 * them. Each few come from a snapshot of their own, so that a slow client holds nothing back; the list goes on behind
 * the last row that was given. */
#ifndef PROVISIONING_API_EXPORT_H
#define PROVISIONING_API_EXPORT_H

#include "provisioning/api/ask.h"

struct export;
/* Appends the next rows behind ex->last, at most page.limit, from ex->filter; *n = how many. Notes the last one's id.
 */
typedef enum err_code export_rows_fn(struct export *ex, struct db *db, struct page page, struct arena *a,
	struct buf *out, size_t *n, struct err *err);

struct export
{
	const char *name;               /* of the file: "handovers" */
	void (*head)(struct buf * out); /* the header row */
	export_rows_fn *rows;
	const void *filter; /* in the request's arena */
	int64_t last;       /* id of the last row that was given; 0 = none yet */
	/* export_csv's own */
	struct store *store;
	struct page page; /* what is left of start and limit; limit 0 = all */
	bool limited, begun, bom;
};

/* Answers with the whole list, or with what start and limit cut out of it. *ex is copied. */
enum err_code export_csv(struct call *c, const struct export *ex, struct err *err);
/* Content-Disposition for a file to keep: name, the domain if there is one, the day, and the ending. */
void export_name(struct call *c, const char *name, const char *ending);

#endif
