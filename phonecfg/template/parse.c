#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/template/parts.h"

enum err_code place_err(struct err *err, enum err_code code, const struct place *at, const char *fmt, ...)
{
	char text[ERR_TEXT_MAX];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	return err_set(err, code, "%s:%u:%u: %s", at->file, at->line, at->column, text);
}

struct parser {
	struct compile *c;
	struct node *open[TEMPLATE_NEST_MAX]; /* sections not yet closed, innermost last */
	unsigned depth;
	struct node **link; /* where the next node goes */
};

static enum err_code no_memory(const struct parser *p, const struct place *at, struct err *err)
{
	/* The arena fails for both reasons; a single request is never larger than one template. */
	if (p->c->t->arena.used > TEMPLATE_MEMORY_MAX - 2 * (size_t)TEMPLATE_SIZE_MAX)
		return place_err(err, ERR_LIMIT, at,
			"the template with its partials needs more than %d bytes; make it smaller",
			TEMPLATE_MEMORY_MAX);
	return place_err(err, ERR_NOMEM, at, "out of memory while compiling the template");
}

static struct node *add(struct parser *p, const struct token *token, enum token_kind kind)
{
	struct node *n = arena_alloc(&p->c->t->arena, sizeof(*n));

	if (n == NULL)
		return NULL;
	n->kind = kind;
	n->at = token->at;
	*p->link = n;
	p->link = &n->next;
	return n;
}

/* "a.b.c" -> its parts; "." has none. */
static enum err_code read_name(struct parser *p, const struct token *token, struct name *out, struct err *err)
{
	struct arena *a = &p->c->t->arena;
	struct slice rest = token->text;
	size_t i, dots = 0;

	out->full = arena_slice(a, token->text);
	if (out->full == NULL)
		return no_memory(p, &token->at, err);
	if (strcmp(out->full, ".") == 0)
		return ERR_OK;
	for (i = 0; i < rest.n; i++)
		dots += rest.p[i] == '.';
	if (dots >= TEMPLATE_PARTS_MAX)
		return place_err(err, ERR_LIMIT, &token->at, "'%s' has more than %d parts; shorten it", out->full,
			TEMPLATE_PARTS_MAX);
	out->parts = arena_alloc(a, (dots + 1) * sizeof(*out->parts));
	if (out->parts == NULL)
		return no_memory(p, &token->at, err);
	for (i = 0; i <= dots; i++) {
		struct slice part = slice_cut(&rest, '.');

		if (part.n == 0)
			return place_err(
				err, ERR_INPUT, &token->at, "'%s' has an empty part; remove the dot", out->full);
		out->parts[out->count] = arena_slice(a, part);
		if (out->parts[out->count++] == NULL)
			return no_memory(p, &token->at, err);
	}
	return ERR_OK;
}

static enum err_code add_text(struct parser *p, const struct token *token, struct err *err)
{
	/* Also for a tag that begins a line: the indentation goes before it, whatever the tag then prints. */
	struct node *n = add(p, token, TOKEN_TEXT);

	if (n == NULL)
		return no_memory(p, &token->at, err);
	n->starts_line = token->starts_line;
	if (token->kind == TOKEN_TEXT)
		n->text = token->text;
	return ERR_OK;
}

static enum err_code add_value(struct parser *p, const struct token *token, struct err *err)
{
	struct node *n;

	if (memchr("$<", token->text.p[0], 2))
		return place_err(err, ERR_UNSUPPORTED, &token->at,
			"template inheritance ('%c') is not part of this engine; use a partial", token->text.p[0]);
	if (token->kind == TOKEN_RAW && p->c->options->no_raw)
		return place_err(err, ERR_INPUT, &token->at,
			"'%.*s' would be written without escaping, which this file does not allow; write {{%.*s}}",
			SLICE_ARG(token->text), SLICE_ARG(token->text));
	n = add(p, token, token->kind);
	return n ? read_name(p, token, &n->name, err) : no_memory(p, &token->at, err);
}

static enum err_code open_section(struct parser *p, const struct token *token, struct err *err)
{
	struct node *n;
	enum err_code rc;

	if (p->depth == TEMPLATE_NEST_MAX)
		return place_err(
			err, ERR_LIMIT, &token->at, "more than %d sections inside one another", TEMPLATE_NEST_MAX);
	n = add(p, token, token->kind);
	if (n == NULL)
		return no_memory(p, &token->at, err);
	rc = read_name(p, token, &n->name, err);
	if (rc)
		return rc;
	p->open[p->depth++] = n;
	p->link = &n->first;
	return ERR_OK;
}

static enum err_code close_section(struct parser *p, const struct token *token, struct err *err)
{
	struct node *n = p->depth ? p->open[p->depth - 1] : NULL;

	if (n == NULL)
		return place_err(err, ERR_INPUT, &token->at,
			"'%.*s' is closed here but no section is open; remove the tag", SLICE_ARG(token->text));
	if (!slice_eq_str(token->text, n->name.full))
		return place_err(err, ERR_INPUT, &token->at,
			"'%.*s' is closed here but '%s', opened in line %u, is still open; close that first",
			SLICE_ARG(token->text), n->name.full, n->at.line);
	p->depth--;
	p->link = &n->next;
	return ERR_OK;
}

static enum err_code add_partial(struct parser *p, const struct token *token, struct err *err)
{
	struct template *t = p->c->t;
	struct node *n;

	if (token->text.p[0] == '*')
		return place_err(err, ERR_UNSUPPORTED, &token->at,
			"dynamic partial names ('*') are not part of this engine; name the partial");
	n = add(p, token, TOKEN_PARTIAL);
	if (n == NULL)
		return no_memory(p, &token->at, err);
	n->alone = token->alone;
	n->indent = token->indent;
	n->name.full = arena_slice(&t->arena, token->text);
	if (n->name.full == NULL)
		return no_memory(p, &token->at, err);
	n->partial = map_get(&t->partials, n->name.full);
	if (n->partial)
		return ERR_OK;
	if (t->partials.count == TEMPLATE_PARTIALS_MAX)
		return place_err(err, ERR_LIMIT, &token->at, "more than %d different partials", TEMPLATE_PARTIALS_MAX);
	n->partial = arena_alloc(&t->arena, sizeof(*n->partial));
	if (n->partial == NULL)
		return no_memory(p, &token->at, err);
	n->partial->name = n->name.full;
	n->partial->at = token->at;
	return map_put(&t->partials, n->name.full, n->partial) ? ERR_OK : no_memory(p, &token->at, err);
}

static enum err_code parse_token(struct parser *p, const struct token *token, struct err *err)
{
	enum err_code rc = ERR_OK;

	if (token->starts_line || (token->kind == TOKEN_TEXT && token->text.n))
		rc = add_text(p, token, err);
	if (rc)
		return rc;
	switch (token->kind) {
	case TOKEN_VALUE:
	case TOKEN_RAW:
		return add_value(p, token, err);
	case TOKEN_SECTION:
	case TOKEN_INVERTED:
		return open_section(p, token, err);
	case TOKEN_CLOSE:
		return close_section(p, token, err);
	case TOKEN_PARTIAL:
		return add_partial(p, token, err);
	case TOKEN_TEXT:
	case TOKEN_SILENT:
		break;
	}
	return ERR_OK;
}

enum err_code template_parse(struct compile *c, struct partial *into, struct slice text, struct err *err)
{
	struct parser p = { .c = c, .link = &into->first };
	struct place start = { into->name, 1, 1 };
	struct token *tokens = NULL;
	struct arena scratch;
	size_t i, count = 0;
	enum err_code rc;

	if (text.n > TEMPLATE_SIZE_MAX)
		return place_err(err, ERR_LIMIT, &start, "a template may have %d bytes; split it into partials",
			TEMPLATE_SIZE_MAX);
	text.p = arena_slice(&c->t->arena, text);
	if (text.p == NULL)
		return no_memory(&p, &start, err);
	arena_init(&scratch, 0);
	rc = template_lex(&scratch, text, into->name, &tokens, &count, err);
	for (i = 0; rc == ERR_OK && i < count; i++)
		rc = parse_token(&p, &tokens[i], err);
	if (rc == ERR_OK && p.depth)
		rc = place_err(err, ERR_INPUT, &p.open[p.depth - 1]->at, "section '%s' is never closed; add {{/%s}}",
			p.open[p.depth - 1]->name.full, p.open[p.depth - 1]->name.full);
	arena_release(&scratch);
	into->known = rc == ERR_OK;
	return rc;
}
