/* Matrix -> SVG: each run of dark modules in a row is one rectangle of the path. */
#include "phonecfg/qr/qr.h"
#include "phonecfg/template/escape.h"

void qr_path(const struct qr *qr, struct buf *out)
{
	for (unsigned y = 0; y < qr->size; y++) {
		const bool *row = qr->module + (size_t)y * qr->size;
		for (unsigned x = 0, end; x < qr->size; x = end) {
			for (end = x; end < qr->size && row[end] == row[x]; end++)
				;
			if (row[x])
				buf_printf(out, "M%u %uh%uv1h-%uz", x + QR_QUIET, y + QR_QUIET, end - x, end - x);
		}
	}
}

enum err_code qr_svg(const struct qr *qr, const char *title, struct buf *out, struct err *err)
{
	unsigned side = qr->size + 2 * QR_QUIET;
	enum err_code rc;

	buf_printf(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
	buf_printf(out,
		"<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\" viewBox=\"0 0 %u %u\" width=\"%u\" height=\"%u\" "
		"shape-rendering=\"crispEdges\">\n<title>",
		side, side, side * QR_SCALE, side * QR_SCALE);
	rc = escape_add(out, ESCAPE_XML, slice_str(title), false, "the title of a QR code", err);
	if (rc)
		return rc;
	buf_printf(out, "</title>\n<path fill=\"#fff\" d=\"M0 0h%uv%uh-%uz\"/>\n<path fill=\"#000\" d=\"", side, side,
		side);
	qr_path(qr, out);
	buf_str(out, "\"/>\n</svg>\n");
	return buf_check(out, "a QR code", err);
}
