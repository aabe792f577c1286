/* The walk over the schema: finds a mistyped name before any phone asks. */
#include "phonecfg/template/parts.h"

struct check {
	const struct tval *stack[TEMPLATE_DEPTH_MAX + 1]; /* examples; a list stands for any of its items */
	unsigned depth;
	const struct partial *active[TEMPLATE_DEPTH_MAX]; /* partials being walked */
	unsigned nactive;
	unsigned long steps;
	struct err *err;
};

static const struct tval *member(const struct tval *v, const char *name)
{
	size_t i;

	if (v->kind != TVAL_LIST)
		return tval_get(v, name);
	for (i = 0; i < v->as.list.count; i++) {
		const struct tval *found = tval_get(v->as.list.items[i], name);

		if (found)
			return found;
	}
	return NULL;
}

static const struct tval *find(const struct check *c, const struct name *name)
{
	const struct tval *v = c->stack[c->depth - 1];
	unsigned i;

	if (name->count == 0)
		return v->kind == TVAL_LIST && v->as.list.count ? v->as.list.items[0] : v;
	for (v = NULL, i = c->depth; v == NULL && i > 0; i--)
		v = member(c->stack[i - 1], name->parts[0]);
	for (i = 1; v && i < name->count; i++)
		v = tval_get(v, name->parts[i]);
	return v;
}

static enum err_code walk(struct check *c, const struct node *n);

static enum err_code walk_section(struct check *c, const struct node *n, const struct tval *v)
{
	enum err_code rc;

	if (n->kind == TOKEN_INVERTED)
		return walk(c, n->first);
	if (c->depth > TEMPLATE_DEPTH_MAX)
		return place_err(c->err, ERR_LIMIT, &n->at, "more than %d sections and partials inside one another",
			TEMPLATE_DEPTH_MAX);
	c->stack[c->depth++] = v;
	rc = walk(c, n->first);
	c->depth--;
	return rc;
}

static enum err_code walk_partial(struct check *c, const struct node *n)
{
	enum err_code rc;
	unsigned i;

	for (i = 0; i < c->nactive; i++)
		if (c->active[i] == n->partial)
			return ERR_OK; /* recursion: the first round has looked at every name */
	if (c->nactive == TEMPLATE_DEPTH_MAX)
		return place_err(c->err, ERR_LIMIT, &n->at, "more than %d sections and partials inside one another",
			TEMPLATE_DEPTH_MAX);
	c->active[c->nactive++] = n->partial;
	rc = walk(c, n->partial->first);
	c->nactive--;
	return rc;
}

static enum err_code walk_node(struct check *c, const struct node *n)
{
	const struct tval *v;

	if (n->kind == TOKEN_TEXT)
		return ERR_OK;
	if (n->kind == TOKEN_PARTIAL)
		return walk_partial(c, n);
	v = find(c, &n->name);
	if (v == NULL)
		return place_err(c->err, ERR_INPUT, &n->at, "unknown name '%s'; correct it, or add it to the data",
			n->name.full);
	if (n->kind == TOKEN_SECTION || n->kind == TOKEN_INVERTED)
		return walk_section(c, n, v);
	if (v->kind == TVAL_LIST || v->kind == TVAL_OBJECT)
		return place_err(c->err, ERR_INPUT, &n->at, "'%s' is %s, which cannot be printed; open it with {{#%s}}",
			n->name.full, v->kind == TVAL_LIST ? "a list" : "an object", n->name.full);
	return ERR_OK;
}

static enum err_code walk(struct check *c, const struct node *n)
{
	enum err_code rc = ERR_OK;

	for (; rc == ERR_OK && n; n = n->next) {
		if (++c->steps > TEMPLATE_STEPS_MAX)
			return place_err(
				c->err, ERR_LIMIT, &n->at, "partials name one another too often to be checked");
		rc = walk_node(c, n);
	}
	return rc;
}

enum err_code template_check(const struct template *t, const struct tval *schema, struct err *err)
{
	struct check c = { .stack = { schema }, .depth = 1, .err = err };

	return walk(&c, t->root.first);
}
