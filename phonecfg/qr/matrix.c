/* Text -> matrix. The only home of libqrencode. */
#include <errno.h>
#include <string.h>

#include <qrencode.h>

#include "phonecfg/qr/qr.h"

enum err_code qr_make(struct slice text, struct arena *a, struct qr *out, struct err *err)
{
	size_t i, n;
	QRcode *code;
	bool *module;

	*out = (struct qr){ 0, NULL };
	if (text.n == 0)
		return err_set(err, ERR_INPUT, "a QR code needs a text; it is empty");
	if (text.n > QR_TEXT_MAX)
		return err_set(err, ERR_LIMIT, "a QR code may hold at most %d bytes; shorten the text", QR_TEXT_MAX);
	/* What other bytes mean a reader must guess, and zbarimg guesses wrong. */
	for (i = 0; i < text.n; i++)
		if ((unsigned char)text.p[i] < 32 || (unsigned char)text.p[i] > 126)
			return err_set(err, ERR_INPUT,
				"a QR code holds plain ASCII here; write other letters as %%XX, as addresses do");
	code = QRcode_encodeData((int)text.n, (const unsigned char *)text.p, 0, QR_ECLEVEL_M);
	if (code == NULL)
		return errno == ENOMEM ? err_set(err, ERR_NOMEM, "no memory for a QR code")
				       : err_set(err, ERR_LIMIT, "the text does not fit into a QR code; shorten it");
	n = (size_t)code->width * (size_t)code->width;
	module = arena_alloc(a, n * sizeof(*module));
	for (i = 0; module && i < n; i++)
		module[i] = code->data[i] & 1; /* the lowest bit is the colour */
	out->size = (unsigned)code->width;
	out->module = module;
	explicit_bzero(code->data, n);
	QRcode_free(code);
	return module ? ERR_OK : err_set(err, ERR_NOMEM, "no memory for a QR code");
}
