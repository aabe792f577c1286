/* QR codes (ISO/IEC 18004) of a text: the matrix by libqrencode, drawn as SVG by us and as PNG by libpng.
 *
 * What stands in them is mostly an address that is a secret: the matrix lives in the caller's arena, which wipes it. */
#ifndef PHONECFG_QR_QR_H
#define PHONECFG_QR_QR_H

#include <stdbool.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/buf.h"
#include "phonecfg/base/err.h"
#include "phonecfg/base/slice.h"

enum {
	QR_TEXT_MAX = 1024,       /* bytes; a code of more is too fine for a camera */
	QR_QUIET = 4,             /* light modules around it that the standard wants */
	QR_SVG_MAX = 256 * 1024,  /* what qr_svg and qr_path add at most */
	QR_PNG_MAX = 1024 * 1024, /* what qr_png adds at most */
	QR_SCALE = 8,             /* pixels of a module, for a screen and for paper */
	QR_SCALE_MAX = 32,
};

struct qr {
	unsigned size;      /* modules on a side, without the quiet zone */
	const bool *module; /* size * size, row by row; true = dark */
};

/* Error correction level M (15 %). ERR_INPUT: empty, or not printable ASCII; ERR_LIMIT: longer than QR_TEXT_MAX. No
 * sentence repeats the text.
 */
enum err_code qr_make(struct slice text, struct arena *a, struct qr *out, struct err *err);

/* The dark modules as the data of one SVG path, one unit a module, quiet zone included: for a picture of size + 2 *
 * QR_QUIET units. Digits, blanks and the letters M, h, v, z only. */
void qr_path(const struct qr *qr, struct buf *out);
/* A whole picture, black on white; title is what a screen reader says. ERR_LIMIT: the buffer's maximum. */
enum err_code qr_svg(const struct qr *qr, const char *title, struct buf *out, struct err *err);
/* One bit a pixel; scale pixels a module, 1 to QR_SCALE_MAX. */
enum err_code qr_png(const struct qr *qr, unsigned scale, struct buf *out, struct err *err);

#endif
