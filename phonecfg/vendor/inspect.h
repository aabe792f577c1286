/* Any vendor's file held against what its phones know: names, numbers, values, what stands twice, what needs another.
 */
#ifndef PHONECFG_VENDOR_INSPECT_H
#define PHONECFG_VENDOR_INSPECT_H

#include "phonecfg/vendor/book.h"
#include "phonecfg/vendor/params.h"

struct inspect_options {
	const struct param_book *const *books; /* VENDOR_COUNT of them; NULL where nothing is known */
	const struct profile *pf;              /* the model that is to read it, or NULL */
	const char *firmware;                  /* what it runs; NULL = the newest that the model is known to have */
	const char *file;                      /* its name, or NULL: a name in .boot is a boot file, includes or not */
};

/* What params_scan says, and all of the above, ordered by line. Never fails for what the file says. ERR_NOMEM only. */
enum err_code inspect_file(struct slice text, const struct inspect_options *options, struct arena *a,
	struct params *out, struct findings *found, struct err *err);

#endif
