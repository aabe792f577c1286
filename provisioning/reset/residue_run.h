/* The simulated phone takes the new files on the state that the last acknowledged ones left. */
#ifndef PROVISIONING_RESET_RESIDUE_RUN_H
#define PROVISIONING_RESET_RESIDUE_RUN_H

#include "phonecfg/handset/residue.h"
#include "phonecfg/model/model.h"
#include "phonecfg/vendor/vendor.h"

/* Files that the phone itself sent and that are given back to it; n = 0 for none. name as in the vendor's table. */
struct residue_upload {
	const char *name;
	struct slice body;
};

struct residue_order {
	const struct renderer *renderer;
	const struct profile *profile;
	const struct phone *before; /* NULL: it never held anything of ours */
	const struct phone *after;
	const struct residue_upload *uploads; /* held before */
	size_t nuploads;
	const struct residue_word *words;
	size_t nwords;
};

/* Pure but for memory. *out lives in the arena; empty for a model whose phone cannot be simulated. */
enum err_code residue_run(
	const struct residue_order *order, struct arena *a, struct residue_list *out, struct err *err);

#endif
