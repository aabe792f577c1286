/* A JSON object laid over a row: a table of members, each with its place in the row. */
#ifndef PROVISIONING_API_PATCH_H
#define PROVISIONING_API_PATCH_H

#include "provisioning/api/local.h"

struct patch_field {
	const char *name;
	enum json_kind kind; /* TEXT, BOOL or INT */
	size_t offset;       /* of the const char *, bool or int64_t in the row */
	int64_t max;         /* as struct json_input's; for PATCH_SKIP nothing */
	bool skip;           /* known, and not to be set this way: read-only, or the caller reads it himself */
	bool digits;         /* TEXT: a whole number is taken for its digits (phone numbers) */
};

/* Sets what obj has and leaves the rest of *row. null clears a text. Unknown members are refused by name. */
enum err_code patch_row(
	json_t *obj, const struct patch_field *table, size_t n, struct arena *a, void *row, struct err *err);
/* A text member in the arena after the same checks; NULL when obj has none, "" for null. */
enum err_code patch_text(
	json_t *obj, const char *name, int64_t max, struct arena *a, const char **out, struct err *err);

#endif
