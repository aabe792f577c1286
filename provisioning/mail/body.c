#include "provisioning/mail/body.h"

#include <stdbool.h>
#include <string.h>

struct writer {
	struct buf *out;
	size_t column;
};

static void put(struct writer *w, const char *piece, size_t n)
{
	if (w->column + n > BODY_LINE - 1) { /* the last place is the soft break's */
		buf_str(w->out, "=\r\n");
		w->column = 0;
	}
	buf_add(w->out, piece, n);
	w->column += n;
}

static void put_hex(struct writer *w, unsigned char c)
{
	static const char digits[] = "0123456789ABCDEF";
	const char piece[3] = { '=', digits[c >> 4], digits[c & 15] };

	put(w, piece, sizeof(piece));
}

/* Blanks at the end of a line are lost on the way (RFC 2045 §6.7, rule 3). */
static void put_line(struct writer *w, struct slice line)
{
	size_t i;

	for (i = 0; i < line.n; i++) {
		unsigned char c = (unsigned char)line.p[i];
		bool last = i + 1 == line.n, first = w->column == 0;
		bool soft = w->column + 1 > BODY_LINE - 1; /* this one begins a new line */
		bool from = c == 'F' && line.n - i >= 5 && memcmp(line.p + i, "From ", 5) == 0;

		if (c == '=' || c > '~' || (c < ' ' && c != '\t') || ((c == ' ' || c == '\t') && last) ||
			((first || soft) && (c == '.' || from)))
			put_hex(w, c);
		else
			put(w, line.p + i, 1);
	}
	buf_str(w->out, "\r\n");
	w->column = 0;
}

/* LF, CRLF and CR alone end a line. */
static struct slice cut_line(struct slice *rest)
{
	struct slice line = { rest->p, 0 };

	while (line.n < rest->n && rest->p[line.n] != '\r' && rest->p[line.n] != '\n')
		line.n++;
	rest->p += line.n;
	rest->n -= line.n;
	if (rest->n) {
		size_t end = rest->n > 1 && rest->p[0] == '\r' && rest->p[1] == '\n' ? 2 : 1;

		rest->p += end;
		rest->n -= end;
	}
	return line;
}

void body_quoted(struct buf *out, struct slice text)
{
	struct writer w = { out, 0 };

	while (text.n)
		put_line(&w, cut_line(&text));
}
