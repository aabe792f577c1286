#include "provisioning/reset/csv.h"

#include <stdbool.h>
#include <string.h>

#include "phonecfg/base/buf.h"

enum { FIELD_MAX = 4096 };

void csv_open(struct csv *c, struct slice text, struct arena *a)
{
	*c = (struct csv){ text, 1, a };
	if (slice_starts(text, "\xef\xbb\xbf"))
		c->rest = (struct slice){ text.p + 3, text.n - 3 };
}

static bool eat(struct csv *c, char want)
{
	if (c->rest.n == 0 || *c->rest.p != want)
		return false;
	c->line += want == '\n';
	c->rest.p++;
	c->rest.n--;
	return true;
}

static bool at_end_of_row(const struct csv *c)
{
	return c->rest.n == 0 || *c->rest.p == '\n' || (*c->rest.p == '\r' && c->rest.n > 1 && c->rest.p[1] == '\n');
}

static char take(struct csv *c)
{
	char ch = *c->rest.p;

	eat(c, ch);
	return ch;
}

static enum err_code quoted(struct csv *c, struct buf *out, struct err *err)
{
	unsigned line = c->line;

	for (;;) {
		if (c->rest.n == 0)
			return err_set(err, ERR_INPUT, "line %u: a quote is opened and never closed", line);
		if (!eat(c, '"')) {
			buf_char(out, take(c));
			continue;
		}
		if (!eat(c, '"'))
			break;
		buf_char(out, '"');
	}
	if (at_end_of_row(c) || *c->rest.p == ',')
		return ERR_OK;
	return err_set(err, ERR_INPUT, "line %u: characters stand behind a closing quote; write a quote inside as \"\"",
		c->line);
}

static enum err_code field(struct csv *c, const char **out, struct err *err)
{
	struct buf b;
	struct slice text;
	bool in_quotes = eat(c, '"');
	enum err_code code = ERR_OK;

	buf_init(&b, FIELD_MAX);
	if (in_quotes)
		code = quoted(c, &b, err);
	else
		while (!at_end_of_row(c) && *c->rest.p != ',')
			buf_char(&b, take(c));
	if (code == ERR_OK)
		code = buf_check(&b, "a field", err);
	if (code == ERR_OK && b.len && memchr(b.data, '\0', b.len))
		code = err_set(err, ERR_INPUT, "line %u: a field holds a NUL; write the file as plain text", c->line);
	text = in_quotes ? buf_view(&b) : slice_trim(buf_view(&b));
	if (code == ERR_OK)
		*out = arena_slice(c->arena, text);
	buf_release(&b);
	if (code == ERR_OK && *out == NULL)
		return err_set(err, ERR_NOMEM, "There is no memory for this file; import it in parts.");
	return code;
}

static void end_row(struct csv *c)
{
	eat(c, '\r');
	eat(c, '\n');
}

enum err_code csv_next(struct csv *c, struct csv_row *out, struct err *err)
{
	const char *v[CSV_COLUMNS_MAX];
	enum err_code code;

	while (c->rest.n && at_end_of_row(c))
		end_row(c);
	*out = (struct csv_row){ .line = c->line };
	if (c->rest.n == 0)
		return ERR_OK;
	do {
		if (out->n == CSV_COLUMNS_MAX)
			return err_set(err, ERR_INPUT, "line %u: more than %d columns", out->line, CSV_COLUMNS_MAX);
		if ((code = field(c, &v[out->n], err)))
			return code;
		out->n++;
	} while (eat(c, ','));
	end_row(c);
	out->v = arena_alloc(c->arena, out->n * sizeof(*out->v));
	if (out->v == NULL)
		return err_set(err, ERR_NOMEM, "There is no memory for this file; import it in parts.");
	memcpy(out->v, v, out->n * sizeof(*v));
	return ERR_OK;
}
