/* Matrix -> PNG. The only home of libpng. */
#include <setjmp.h>
#include <string.h>

#include <png.h>

#include "phonecfg/base/mem.h"
#include "phonecfg/qr/qr.h"

static png_voidp take(png_structp png, png_alloc_size_t n)
{
	(void)png;
	return mem_alloc(n);
}

static void give(png_structp png, png_voidp p)
{
	(void)png;
	mem_free(p);
}

static void add(png_structp png, png_bytep bytes, png_size_t n)
{
	buf_add(png_get_io_ptr(png), (const char *)bytes, n);
}

static void flush(png_structp png)
{
	(void)png;
}

/* libpng wants a function that does not return; what went wrong is memory alone, for the picture is ours. */
static void fail(png_structp png, png_const_charp why)
{
	(void)why;
	longjmp(png_jmpbuf(png), 1);
}

static void quiet(png_structp png, png_const_charp why)
{
	(void)png;
	(void)why;
}

/* A pixel is one bit, 1 = white. */
static void fill_row(const struct qr *qr, unsigned line, unsigned scale, unsigned char *row, size_t bytes)
{
	unsigned y = line / scale, x, i;

	memset(row, 0xff, bytes);
	if (y < QR_QUIET || y >= qr->size + QR_QUIET)
		return;
	for (x = 0; x < qr->size; x++) {
		if (!qr->module[(size_t)(y - QR_QUIET) * qr->size + x])
			continue;
		for (i = (x + QR_QUIET) * scale; i < (x + QR_QUIET + 1) * scale; i++)
			row[i / 8] &= (unsigned char)~(0x80u >> i % 8);
	}
}

/* In a function of its own: what setjmp may clobber is not touched behind it. */
static bool draw(
	png_structp png, png_infop info, const struct qr *qr, unsigned scale, unsigned char *row, struct buf *out)
{
	unsigned side = (qr->size + 2 * QR_QUIET) * scale;

	if (setjmp(png_jmpbuf(png)))
		return false;
	png_set_write_fn(png, out, add, flush);
	png_set_IHDR(png, info, side, side, 1, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
		PNG_FILTER_TYPE_DEFAULT);
	png_write_info(png, info);
	for (unsigned line = 0; line < side; line++) {
		fill_row(qr, line, scale, row, (side + 7) / 8);
		png_write_row(png, row);
	}
	png_write_end(png, info);
	return true;
}

enum err_code qr_png(const struct qr *qr, unsigned scale, struct buf *out, struct err *err)
{
	size_t bytes = ((size_t)(qr->size + 2 * QR_QUIET) * scale + 7) / 8;
	png_structp png;
	png_infop info;
	unsigned char *row;
	bool ok = false;

	if (scale < 1 || scale > QR_SCALE_MAX)
		return err_set(err, ERR_INPUT, "the scale of a QR code must be 1 to %d pixels a module", QR_SCALE_MAX);
	png = png_create_write_struct_2(PNG_LIBPNG_VER_STRING, NULL, fail, quiet, NULL, take, give);
	info = png ? png_create_info_struct(png) : NULL;
	row = mem_zalloc(bytes);
	if (info && row)
		ok = draw(png, info, qr, scale, row, out);
	if (row)
		explicit_bzero(row, bytes);
	mem_free(row);
	png_destroy_write_struct(&png, &info);
	if (!ok)
		return err_set(err, ERR_NOMEM, "no memory for the picture of a QR code");
	return buf_check(out, "the picture of a QR code", err);
}
