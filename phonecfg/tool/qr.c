/* phonecfg qr: a text as a QR code. */
#include <stdio.h>
#include <string.h>

#include "phonecfg/qr/qr.h"
#include "phonecfg/tool/commands.h"

enum { STDIN_MAX = QR_TEXT_MAX + 2 };

/* "-": from standard input, without the line's end, so that a secret address need not stand in a list of processes. */
static enum err_code read_text(const char *arg, struct buf *from, struct slice *out, struct err *err)
{
	enum err_code rc = ERR_OK;

	*out = slice_str(arg);
	if (strcmp(arg, "-") != 0)
		return ERR_OK;
	rc = tool_read("-", from, err);
	*out = buf_view(from);
	while (out->n && (out->p[out->n - 1] == '\n' || out->p[out->n - 1] == '\r'))
		out->n--;
	return rc;
}

static enum err_code draw(struct slice text, bool png, struct buf *out, struct err *err)
{
	struct arena a;
	struct qr qr;
	enum err_code rc;

	arena_init(&a, 0);
	rc = qr_make(text, &a, &qr, err);
	if (!rc)
		rc = png ? qr_png(&qr, QR_SCALE, out, err) : qr_svg(&qr, "QR code", out, err);
	arena_release(&a);
	return rc;
}

static int run(int argc, char **argv)
{
	const char *path = NULL;
	const struct tool_option table[] = { { "-o", &path, NULL }, { NULL, NULL, NULL } };
	struct err err = { 0 };
	struct buf in, out;
	struct slice text;
	int n, code = tool_options(&command_qr, table, argc, argv, &n);
	bool png;
	enum err_code rc;

	if (code >= 0)
		return code;
	if (n != 1)
		return tool_usage(&command_qr, "give one text, or - to read it from standard input");
	png = path && slice_ends(slice_str(path), ".png");
	if (path && !png && !slice_ends(slice_str(path), ".svg"))
		return tool_usage(&command_qr, "give -o a name that ends in .svg or .png");
	buf_init(&in, STDIN_MAX);
	buf_init(&out, QR_PNG_MAX);
	rc = read_text(argv[1], &in, &text, &err);
	if (!rc)
		rc = draw(text, png, &out, &err);
	if (!rc)
		rc = tool_write(path, &out, &err);
	buf_release(&in);
	buf_release(&out);
	return rc ? tool_fail(&err) : TOOL_OK;
}

const struct command command_qr = {
	"qr",
	"TEXT|- [-o FILE.svg|FILE.png]",
	"Draw a text, such as a softphone's address, as a QR code; SVG to standard output, or to a file.",
	run,
};
