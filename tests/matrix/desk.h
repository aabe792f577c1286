/* A server and a phone: the files of a scene, and the handset that pulls them. */
#ifndef TESTS_MATRIX_DESK_H
#define TESTS_MATRIX_DESK_H

#include "phonecfg/handset/handset.h"
#include "phonecfg/vendor/vendor.h"

struct world {
	struct catalog *cat;
	struct renderer *r;
	struct renderer
		*after; /* what makes the files after the handover: the same, or one whose templates are broken */
};

enum { FILES_MAX = FILE_KIND_COUNT };
struct files {
	struct {
		char name[VENDOR_FILE_NAME_MAX]; /* "" = whatever is asked for (a softphone's address) */
		struct buf body;
	} v[FILES_MAX];
	size_t n;
};

/* Every file that the vendor's phone is answered with. vendor_check has been asked before. */
enum err_code files_render(
	const struct renderer *r, const struct profile *pf, const struct phone *ph, struct files *out, struct err *err);
void files_release(struct files *f);
handset_fetch_fn files_fetch; /* arg is a struct files */

/* A phone of that model as it leaves the factory, running that firmware (NULL = unknown). */
struct handset *desk_new(const struct profile *pf, const char *firmware, const struct mac *mac, struct err *err);
/* Pulls; a file that is answered and refused is an error, with the phone's reason. */
enum err_code desk_pull(struct handset *hs, struct files *f, struct err *err);

/* The value that a handset stores there, or NULL; v and n are its entries. */
const char *entry_value(const struct handset_entry *v, size_t n, enum handset_layer layer, const char *name);

#endif
