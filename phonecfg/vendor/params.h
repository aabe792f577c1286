/* A configuration file as a list of parameters, whichever vendor's language it is in: for checking and comparing. */
#ifndef PHONECFG_VENDOR_PARAMS_H
#define PHONECFG_VENDOR_PARAMS_H

#include "phonecfg/base/arena.h"
#include "phonecfg/base/err.h"
#include "phonecfg/base/slice.h"
#include "phonecfg/profile/profile.h"

struct param {
	const char *name, *value;
	unsigned line; /* from 1 */
};

struct params {
	enum vendor_id vendor; /* read from the first line or the root element */
	struct param *v;
	size_t n, cap;
};

/* In the order of the file, repeated names too. Yealink: name = value lines; Polycom: every attribute; Grandstream:
 * items and P-values (named "P271"); Linphone: "section/entry". ERR_INPUT begins with "name:line: ". */
enum err_code params_read(struct slice text, const char *name, struct arena *a, struct params *out, struct err *err);

#endif
