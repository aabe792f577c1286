/* Overrides against what a vendor's phones know, and for every value of a file who set it. */
#ifndef PHONECFG_VENDOR_LAYERS_H
#define PHONECFG_VENDOR_LAYERS_H

#include <stdbool.h>
#include <stddef.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/err.h"
#include "phonecfg/model/words.h"
#include "phonecfg/vendor/book.h"
#include "phonecfg/vendor/vendor.h"

/* One value of a rendered file. */
struct layered {
	unsigned line;     /* from 1 */
	const char *name;  /* as in the file; Linphone: "section/entry" */
	const char *value; /* "***" for a secret */
	bool secret;
	bool overridden;           /* false: the template and the phone's own data said so */
	enum override_layer layer; /* when overridden */
	const char *word;          /* the neutral word by which that layer set it; NULL: by the parameter's name */
};

/* The same phone to be shown: its secrets, and those among its overrides, are a word that every vendor takes, so that
 * its files are made the same way. Encrypted files come out plain. *out shares the rest with in, and the arena. */
enum err_code vendor_mask(const struct renderer *r, const struct profile *pf, const struct phone *in, struct arena *a,
	struct phone *out, struct err *err);

/* Every value of one file in its order. A phone whose files are encrypted is shown plain. Errors as vendor_render. */
enum err_code vendor_layers(const struct renderer *r, const struct profile *pf, const struct phone *ph,
	enum file_kind kind, struct arena *a, struct layered **out, size_t *n, struct err *err);

/* Which parameters of that model's files change with this word: the files are made with several values of it and
 * compared. Names are patterns ("account.{}.srtp_encryption"), each once, in the order of the files. */
enum err_code vendor_word_carriers(const struct renderer *r, const struct profile *pf, const struct phone *ph,
	const struct word *w, struct arena *a, const char ***out, size_t *n, struct err *err);

/* May this override be kept for phones of this vendor? ERR_INPUT with a sentence: no name, breaks the file or its row,
 * or a parameter that Rekey states itself. *warning (in the arena, else NULL): the name is not known, with the nearest
 * one that is, or is known to another vendor only: no warning at a domain or a site, whose phones may be of both. */
enum err_code vendor_check_override(const struct renderer *r, const struct profile *pf, const struct override *ov,
	struct arena *a, const char **warning, struct err *err);

#endif
