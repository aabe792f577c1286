#include <string.h>

#include "phonecfg/base/text.h"
#include "phonecfg/template/ops.h"

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

static enum err_code render_value(struct render *r, const struct node *n)
{
	const struct tval *v = find(r, &n->name);
	char scratch[VALUE_TEXT_MAX];
	struct slice text;
	enum err_code rc;

	if (v == NULL) {
		if (r->t->lenient)
			return ERR_OK;
		return place_err(r->err, ERR_INPUT, &n->at, "unknown name '%s'; correct it, or add it to the data",
			n->name.full);
	}
	if (r->t->lenient && (v->kind == TVAL_LIST || v->kind == TVAL_OBJECT))
		return ERR_OK;
	rc = template_value_text(n, v, scratch, &text, r->err);
	return rc ? rc : template_value_add(r->t, n, v, text, text_classes(text), r->out, r->err);
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
