#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phonecfg/template/parts.h"

struct render {
	const struct template *t;
	const struct tval *stack[TEMPLATE_DEPTH_MAX + 1]; /* contexts, innermost last */
	unsigned contexts;
	unsigned depth; /* sections and partials that we are inside of */
	unsigned long steps;
	char indent[TEMPLATE_INDENT_MAX];
	size_t indent_from, indent_n; /* the indentation now is what stands between them */
	struct buf *out;
	struct err *err;
};

/* The value that a name means here, or NULL. Only its first part is looked up in outer contexts. */
static const struct tval *find(const struct render *r, const struct name *name)
{
	const struct tval *v = NULL;
	unsigned i;

	if (name->count == 0)
		return r->stack[r->contexts - 1];
	for (i = r->contexts; v == NULL && i > 0; i--)
		v = tval_get(r->stack[i - 1], name->parts[0]);
	for (i = 1; v && i < name->count; i++)
		v = tval_get(v, name->parts[i]);
	return v;
}

static enum err_code step(struct render *r, const struct node *n)
{
	if (++r->steps > TEMPLATE_STEPS_MAX)
		return place_err(r->err, ERR_LIMIT, &n->at, "rendering takes more than %d steps; give it less data",
			TEMPLATE_STEPS_MAX);
	return ERR_OK;
}

static enum err_code enter(struct render *r, const struct node *n)
{
	if (r->depth == TEMPLATE_DEPTH_MAX)
		return place_err(r->err, ERR_LIMIT, &n->at, "more than %d sections and partials inside one another",
			TEMPLATE_DEPTH_MAX);
	r->depth++;
	return ERR_OK;
}

static enum err_code add_text(struct render *r, const struct node *n, const struct tval *v)
{
	char field[TEMPLATE_NAME_MAX + 32];
	enum err_code rc;

	if (n->kind == TOKEN_RAW) {
		buf_slice(r->out, v->as.text);
		return ERR_OK;
	}
	/* A file has thousands of values: the sentence is made when one is refused, by asking again. */
	rc = escape_add(r->out, r->t->escape, v->as.text, v->secret, "", NULL);
	if (rc == ERR_OK)
		return ERR_OK;
	snprintf(field, sizeof(field), "the value of '%s'", n->name.full);
	rc = escape_add(r->out, r->t->escape, v->as.text, v->secret, field, r->err);
	if (rc)
		err_prefix(r->err, "%s:%u:%u", n->at.file, n->at.line, n->at.column);
	return rc;
}

static void add_integer(struct buf *out, long long v)
{
	char text[24], *p = text + sizeof(text);
	unsigned long long n = v < 0 ? 0 - (unsigned long long)v : (unsigned long long)v;

	do
		*--p = (char)('0' + n % 10);
	while (n /= 10);
	if (v < 0)
		*--p = '-';
	buf_add(out, p, (size_t)(text + sizeof(text) - p));
}

/* The shortest spelling that reads back as the same number: 1.21 and not 1.2099999999999999. */
static void add_number(struct buf *out, double v)
{
	char text[40];
	int digits;

	for (digits = 15; digits <= 17; digits++) {
		snprintf(text, sizeof(text), "%.*g", digits, v);
		if (!(strtod(text, NULL) < v) && !(strtod(text, NULL) > v))
			break;
	}
	buf_str(out, text);
}

static enum err_code render_value(struct render *r, const struct node *n)
{
	const struct tval *v = find(r, &n->name);

	if (v == NULL) {
		if (r->t->lenient)
			return ERR_OK;
		return place_err(r->err, ERR_INPUT, &n->at, "unknown name '%s'; correct it, or add it to the data",
			n->name.full);
	}
	switch (v->kind) {
	case TVAL_TEXT:
		return add_text(r, n, v);
	case TVAL_BOOL:
		buf_str(r->out, v->as.truth ? "true" : "false");
		break;
	case TVAL_INT:
		add_integer(r->out, v->as.integer);
		break;
	case TVAL_NUMBER:
		add_number(r->out, v->as.number);
		break;
	case TVAL_LIST:
	case TVAL_OBJECT:
		if (!r->t->lenient)
			return place_err(r->err, ERR_INPUT, &n->at,
				"'%s' is %s, which cannot be printed; open it with {{#%s}}", n->name.full,
				v->kind == TVAL_LIST ? "a list" : "an object", n->name.full);
		break;
	case TVAL_NULL:
		break;
	}
	return ERR_OK;
}

static enum err_code render_nodes(struct render *r, const struct node *n);

/* The contents once, with v as the innermost context. */
static enum err_code render_with(struct render *r, const struct node *n, const struct tval *v)
{
	enum err_code rc = step(r, n);

	if (rc)
		return rc;
	r->stack[r->contexts++] = v;
	rc = render_nodes(r, n->first);
	r->contexts--;
	return rc;
}

static enum err_code render_section(struct render *r, const struct node *n)
{
	const struct tval *v = find(r, &n->name);
	enum err_code rc;
	size_t i;

	if (v == NULL && !r->t->lenient)
		return place_err(r->err, ERR_INPUT, &n->at, "unknown name '%s'; correct it, or add it to the data",
			n->name.full);
	if (tval_truthy(v) == (n->kind == TOKEN_INVERTED))
		return ERR_OK;
	rc = enter(r, n);
	if (rc)
		return rc;
	if (n->kind == TOKEN_INVERTED)
		rc = render_nodes(r, n->first);
	else if (v->kind != TVAL_LIST)
		rc = render_with(r, n, v);
	else
		for (i = 0; rc == ERR_OK && i < v->as.list.count; i++)
			rc = render_with(r, n, v->as.list.items[i]);
	r->depth--;
	return rc;
}

static enum err_code render_partial(struct render *r, const struct node *n)
{
	size_t from = r->indent_from, end = r->indent_n;
	enum err_code rc = enter(r, n);

	if (rc)
		return rc;
	if (n->indent.n > sizeof(r->indent) - end)
		return place_err(
			r->err, ERR_LIMIT, &n->at, "partials are indented by more than %d bytes", TEMPLATE_INDENT_MAX);
	if (n->indent.n)
		memcpy(r->indent + end, n->indent.p, n->indent.n);
	r->indent_n += n->indent.n;
	if (!n->alone) /* inside a line, its own lines are not indented, whatever surrounds the tag */
		r->indent_from = end;
	rc = render_nodes(r, n->partial->first);
	r->indent_from = from;
	r->indent_n = end;
	r->depth--;
	return rc;
}

static enum err_code render_node(struct render *r, const struct node *n)
{
	switch (n->kind) {
	case TOKEN_TEXT:
		if (n->starts_line)
			buf_add(r->out, r->indent + r->indent_from, r->indent_n - r->indent_from);
		buf_slice(r->out, n->text);
		return ERR_OK;
	case TOKEN_SECTION:
	case TOKEN_INVERTED:
		return render_section(r, n);
	case TOKEN_PARTIAL:
		return n->partial->known ? render_partial(r, n) : ERR_OK;
	default:
		return render_value(r, n);
	}
}

static enum err_code render_nodes(struct render *r, const struct node *n)
{
	enum err_code rc = ERR_OK;

	for (; rc == ERR_OK && n; n = n->next) {
		rc = step(r, n);
		if (rc == ERR_OK)
			rc = render_node(r, n);
		if (rc == ERR_OK && r->out->failed)
			rc = buf_check(r->out, r->t->root.name, r->err);
	}
	return rc;
}

enum err_code template_render(const struct template *t, const struct tval *data, struct buf *out, struct err *err)
{
	static const struct tval nothing = { .kind = TVAL_NULL };
	struct render r = { .t = t, .contexts = 1, .out = out, .err = err };

	r.stack[0] = data ? data : &nothing;
	return render_nodes(&r, t->root.first);
}
