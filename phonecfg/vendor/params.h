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

/* What is known of one vendor's parameters: firmware-profiles/<vendor>/parameters.txt. */
struct param_book;
enum err_code param_book_open(
	const char *profiles_dir, enum vendor_id vendor, struct param_book **out, struct err *err);
void param_book_free(struct param_book *b);
/* The patterns ("reg.{}.address"), for a search of near ones. */
const char *const *param_book_names(const struct param_book *b, size_t *n);

enum param_verdict {
	PARAM_FINE,
	PARAM_UNKNOWN, /* no such name */
	PARAM_NUMBER,  /* a number in the name is out of range */
	PARAM_VALUE    /* the value does not fit */
};
/* why: one half sentence for all but FINE, in the arena. */
enum param_verdict param_judge(
	const struct param_book *b, const char *name, const char *value, struct arena *a, const char **why);
/* "reg.3.address" -> "reg.{}.address", in the arena. */
const char *param_pattern(struct arena *a, const char *name);

#endif
