/* The keys of a phone as its screen shows them, as a value and as a picture.
 *
 * What stands on a key comes from vendor/view.h, the same that the renderer writes into the phone's files. The picture
 * is one SVG file of width FACE_WIDTH: no script, no reference to anything outside, no font but the reader's own; light
 * and dark by the reader's wish; every key has a <title>, and all of them stand in the <desc> of the whole. In the
 * picture of one state each place, also of a key that shows nothing, is a group with data-key="<module>.<index>". */
#ifndef PHONECFG_FACE_FACE_H
#define PHONECFG_FACE_FACE_H

#include "phonecfg/base/arena.h"
#include "phonecfg/base/buf.h"
#include "phonecfg/base/err.h"
#include "phonecfg/model/model.h"
#include "phonecfg/profile/place.h"

enum { FACE_WIDTH = 390, FACE_SVG_MAX = 4 * 1024 * 1024 };

struct face_key {
	unsigned module, index; /* as in struct key */
	struct key_place place;
	enum key_type type; /* never NONE */
	bool idle;          /* the line of a vacant phone */
	unsigned slot;      /* account, from 1 */
	const char *label;  /* "" = the key shows no text */
	const char *value;  /* number; of a line the user; "" = none, and of an idle line */
};

struct face {
	const struct profile *pf;
	struct mac mac;
	bool vacant;
	struct face_key *keys; /* by module and index; those that show nothing are left out */
	size_t n;
};

/* Of a model without keys (an adapter, a softphone) each line is a key of a block of its own. Texts are those of ph;
 * the list is in the arena. */
enum err_code face_of(
	const struct phone *ph, const struct profile *pf, struct arena *a, struct face *out, struct err *err);
const struct face_key *face_key(const struct face *f, unsigned module, unsigned index);
/* Do both show the same there? */
bool face_same(const struct face_key *a, const struct face_key *b);

/* "BLF", "Speed dial", …, "Idle line": what a key is, for people. */
const char *face_word(const struct face_key *k);

/* The picture. after NULL: one state; else both side by side, each key marked that goes, comes or stays. */
enum err_code face_svg(const struct face *before, const struct face *after, struct buf *out, struct err *err);

#endif
