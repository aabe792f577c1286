/* A small writer of SVG: text that is escaped, and cut to the room that it has. Sizes in user units (pixels). */
#ifndef PHONECFG_FACE_SVG_H
#define PHONECFG_FACE_SVG_H

#include "phonecfg/base/buf.h"
#include "phonecfg/base/slice.h"

/* Text as XML. What XML forbids, and what turns the direction of the text around it, becomes U+FFFD; malformed UTF-8
 * too. */
void svg_escape(struct buf *b, struct slice text);

/* At most how wide a text of that size is, in any common sans-serif (the widest is DejaVu Sans, Verdana's kin). */
double svg_width(struct slice text, double size);
/* How many bytes of it stand in that width, cut between characters; all of them, or room is left for "…". */
size_t svg_fit(struct slice text, double size, double width);

/* Where the next one is drawn. */
struct svg_text {
	const char *cls;    /* CSS class */
	double x, y, size;  /* left end of the base line; font size */
	double width;       /* the room */
	unsigned lines;     /* broken at blanks over that many lines; 0 = 1 */
	double line_height; /* of those */
	bool right;         /* x is the right end */
};
/* One <text> a line; what does not fit ends in "…". Returns how many lines were drawn. */
unsigned svg_text(struct buf *b, const struct svg_text *at, struct slice text);

#endif
