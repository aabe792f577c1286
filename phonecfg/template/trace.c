/* A template and a sample of its data to a program: rendering, with the parts that a phone decides left open. */
#include <string.h>

#include "phonecfg/base/mem.h"
#include "phonecfg/base/text.h"
#include "phonecfg/template/ops.h"

enum { PROGRAM_MEMORY_MAX = 16 << 20, LINE_MAX_BYTES = 4096, HOLES_MAX = 8 };

/* A value on the stack: fixed, or at run time at a level. */
struct context {
	const struct tval *sample;
	bool fixed;
	unsigned level;
};

struct trace {
	struct template_program *p;
	const char *const *constants;
	struct context stack[TEMPLATE_DEPTH_MAX + 1];
	unsigned contexts, levels, depth;
	unsigned long steps;
	char indent[TEMPLATE_INDENT_MAX];
	size_t indent_from, indent_n;
	struct block *block; /* where operations go */
	size_t run;          /* text from here on belongs to the next operation */
	/* The line of output that is being made. */
	char line[LINE_MAX_BYTES];
	size_t line_n, holes[HOLES_MAX], nholes, hole_op;
	bool line_open; /* parts of it depend on a section, or it is too long: looked at when it is whole */
	struct err *err;
};

struct found {
	const struct tval *sample;
	bool fixed;
	unsigned level, npath;
	uint16_t path[PROGRAM_PATH_MAX];
};

static enum err_code trace_nodes(struct trace *tr, const struct node *n);

static enum err_code no_program(struct trace *tr, const struct node *n, const char *why)
{
	return place_err(tr->err, ERR_UNSUPPORTED, &n->at, "%s", why);
}

static enum err_code no_memory(struct trace *tr)
{
	return err_set(tr->err, ERR_NOMEM, "%s: no memory to prepare the template", tr->p->t->root.name);
}

/* ---- names ---- */

/* Index of the member that tval_get finds. */
static ptrdiff_t member(const struct tval *object, const char *name)
{
	if (object->kind != TVAL_OBJECT)
		return -1;
	for (size_t i = object->as.object.count; i-- > 0;) {
		if (strcmp(object->as.object.entries[i].key, name) == 0)
			return (ptrdiff_t)i;
	}
	return -1;
}

/* One part of a name further, from *at. False when there is no such member. */
static bool follow(const struct trace *tr, struct found *at, const char *name)
{
	ptrdiff_t i = member(at->sample, name);
	const struct tval_member *m;

	if (i < 0 || i > UINT16_MAX)
		return false;
	m = &at->sample->as.object.entries[i];
	at->fixed = at->fixed || shape_fixed(m, tr->constants);
	at->sample = m->value;
	at->path[at->npath++] = (uint16_t)i;
	return true;
}

/* A name that the sample lacks has sample NULL: it stands in a section that this kind of data does not enter. */
static enum err_code find(struct trace *tr, const struct node *n, struct found *out)
{
	const struct name *name = &n->name;
	bool known = false;

	if (name->count > PROGRAM_PATH_MAX)
		return no_program(tr, n, "a name of too many parts to prepare");
	for (unsigned i = tr->contexts; !known && i > 0; i--) {
		const struct context *c = &tr->stack[i - 1];
		*out = (struct found){ c->sample, c->fixed, c->level, 0, { 0 } };
		known = name->count == 0 || follow(tr, out, name->parts[0]);
	}
	for (unsigned i = 1; known && i < name->count; i++)
		known = follow(tr, out, name->parts[i]);
	if (!known)
		out->sample = NULL;
	return ERR_OK;
}

/* ---- operations and lines ---- */

static struct op *add_op(struct trace *tr, enum op_kind kind, const struct node *n, const struct found *f)
{
	struct op *op =
		arena_push(&tr->p->arena, (void **)&tr->block->ops, &tr->block->n, &tr->block->cap, sizeof(*op));

	if (!op)
		return NULL;
	op->kind = (uint8_t)kind;
	op->node = n;
	op->text_at = (uint32_t)tr->run;
	op->text_n = (uint32_t)(tr->p->text.len - tr->run);
	tr->run = tr->p->text.len;
	if (f) {
		op->level = (uint8_t)f->level;
		op->npath = (uint8_t)f->npath;
		op->sample = (uint8_t)f->sample->kind;
		memcpy(op->path, f->path, sizeof(op->path));
	}
	return op;
}

/* The line has ended, or the template has. */
static enum err_code end_line(struct trace *tr, const struct node *n)
{
	const struct template_rules *rules = &tr->p->rules;
	struct template_line line = { { tr->line, tr->line_n }, tr->holes, tr->nholes };
	enum template_verdict verdict = TEMPLATE_WHOLE;
	const void *rule = NULL;
	enum err_code rc = ERR_OK;

	if (!tr->p->has_rules || (!tr->line_n && !tr->line_open))
		return ERR_OK;
	if (!tr->line_open)
		rc = rules->line(rules->arg, &line, &verdict, &rule, tr->err);
	if (rc && n)
		return err_prefix(tr->err, "%s:%u", n->at.file, n->at.line);
	if (!rc && verdict == TEMPLATE_WHOLE && !add_op(tr, OP_WHOLE, n, NULL))
		return no_memory(tr);
	if (!rc && verdict == TEMPLATE_VALUE)
		tr->block->ops[tr->hole_op].as.rule = rule;
	return rc;
}

static enum err_code add_text(struct trace *tr, const struct node *n, struct slice s)
{
	while (s.n) {
		const char *end = memchr(s.p, '\n', s.n);
		size_t len = end ? (size_t)(end - s.p) : s.n, room = sizeof(tr->line) - tr->line_n;
		enum err_code rc;
		memcpy(tr->line + tr->line_n, s.p, len < room ? len : room);
		tr->line_open = tr->line_open || len > room;
		tr->line_n += len < room ? len : room;
		buf_add(&tr->p->text, s.p, end ? len + 1 : len);
		s = (struct slice){ s.p + len + (end != NULL), s.n - len - (end != NULL) };
		if (!end)
			break;
		rc = end_line(tr, n);
		if (rc)
			return rc;
		tr->line_n = tr->nholes = 0;
		tr->line_open = false;
	}
	return ERR_OK;
}

static enum err_code trace_unknown(struct trace *tr, const struct node *n)
{
	tr->line_open = true;
	return add_op(tr, OP_ELSE, n, NULL) ? ERR_OK : no_memory(tr);
}

static enum err_code trace_value(struct trace *tr, const struct node *n)
{
	const struct template *t = tr->p->t;
	char scratch[VALUE_TEXT_MAX];
	struct slice text;
	struct found f;
	struct buf escaped;
	enum err_code rc = find(tr, n, &f);

	if (rc)
		return rc;
	if (!f.sample)
		return trace_unknown(tr, n);
	if (!f.fixed) {
		if (tr->nholes < HOLES_MAX)
			tr->holes[tr->nholes++] = tr->line_n;
		else
			tr->line_open = true;
		tr->hole_op = tr->block->n;
		tr->p->values++;
		return add_op(tr, OP_VALUE, n, &f) ? ERR_OK : no_memory(tr);
	}
	rc = template_value_text(n, f.sample, scratch, &text, tr->err);
	if (rc)
		return rc;
	buf_init(&escaped, 8 * text.n + 16);
	rc = template_value_add(t, n, f.sample, text, text_classes(text), &escaped, tr->err);
	if (!rc)
		rc = buf_check(&escaped, t->root.name, tr->err);
	if (!rc)
		rc = add_text(tr, n, buf_view(&escaped));
	buf_release(&escaped);
	return rc;
}

/* ---- sections ---- */

/* The contents of n as a block of their own, with c as the innermost context; NULL = without one. */
static enum err_code trace_body(struct trace *tr, const struct node *n, const struct context *c, struct block *into)
{
	struct block *outer = tr->block;
	bool inside = tr->line_open || tr->line_n || tr->nholes;
	enum err_code rc;

	if (c) {
		if (c->level >= PROGRAM_LEVELS_MAX)
			return no_program(tr, n, "too many sections inside one another to prepare");
		into->level = c->level;
		tr->stack[tr->contexts++] = *c;
	}
	tr->block = into;
	/* What a line holds from before a section, or keeps after it, is not known when it is made. */
	tr->line_open = inside;
	tr->levels += c != NULL;
	rc = trace_nodes(tr, n->first);
	tr->levels -= c != NULL;
	tr->line_open = inside || tr->line_open || tr->line_n || tr->nholes;
	if (!rc && tr->p->text.len > tr->run && !add_op(tr, OP_END, n, NULL))
		rc = no_memory(tr);
	tr->contexts -= c != NULL;
	tr->block = outer;
	return rc;
}

/* before: the item before it, whose place may be empty; NULL: the program of any item. */
static enum err_code trace_item(
	struct trace *tr, const struct node *n, const struct tval *v, const struct item *before, struct item *item)
{
	struct context c = { v, false, tr->levels };
	const char *const *constants = tr->constants;
	enum err_code rc;

	if (v->kind == TVAL_LIST)
		return no_program(tr, n, "a list of lists is not prepared");
	if (!before)
		tr->constants = NULL;
	if (v->kind == TVAL_OBJECT) {
		item->shape = shape_make(&tr->p->arena, v, tr->constants, before ? before->shape : NULL);
		if (!item->shape)
			return no_memory(tr);
	}
	rc = trace_body(tr, n, &c, &item->block);
	tr->constants = constants;
	return rc;
}

static enum err_code trace_list(struct trace *tr, const struct node *n, const struct found *f)
{
	size_t count = f->sample->as.list.count;
	struct items *items = arena_alloc(&tr->p->arena, sizeof(*items));
	struct op *op = add_op(tr, OP_LIST, n, f);
	struct item *any;
	enum err_code rc = ERR_OK;

	if (!items || !op)
		return no_memory(tr);
	op->as.items = items;
	items->v = arena_alloc(&tr->p->arena, (count + 1) * sizeof(*items->v));
	if (!items->v)
		return no_memory(tr);
	for (; !rc && items->n < count; items->n++)
		rc = trace_item(tr, n, f->sample->as.list.items[items->n],
			items->n ? &items->v[items->n - 1] : &items->v[count], &items->v[items->n]);
	any = &items->v[count];
	if (!rc && count)
		rc = trace_item(tr, n, f->sample->as.list.items[0], NULL, any);
	items->any = count ? any : NULL;
	return rc;
}

/* What it is stands fixed: its contents are written out, once or for each item. */
static enum err_code trace_fixed(struct trace *tr, const struct node *n, const struct found *f)
{
	const struct tval *v = f->sample;
	size_t count = v->kind == TVAL_LIST ? v->as.list.count : 1;
	enum err_code rc = ERR_OK;

	if (tval_truthy(v) == (n->kind == TOKEN_INVERTED))
		return ERR_OK;
	if (n->kind == TOKEN_INVERTED)
		return trace_nodes(tr, n->first);
	for (size_t i = 0; !rc && i < count; i++) {
		tr->stack[tr->contexts++] = (struct context){ v->kind == TVAL_LIST ? v->as.list.items[i] : v, true, 0 };
		rc = trace_nodes(tr, n->first);
		tr->contexts--;
	}
	return rc;
}

static enum err_code trace_section(struct trace *tr, const struct node *n)
{
	struct context c = { .level = tr->levels };
	struct block *body;
	struct found f;
	struct op *op;
	enum err_code rc = find(tr, n, &f);

	if (rc)
		return rc;
	if (!f.sample)
		return trace_unknown(tr, n);
	if (tr->depth == TEMPLATE_DEPTH_MAX)
		return no_program(tr, n, "too many sections inside one another to prepare");
	tr->depth++;
	c.sample = f.sample;
	if (f.fixed) {
		rc = trace_fixed(tr, n, &f);
	} else if (n->kind == TOKEN_SECTION && f.sample->kind == TVAL_LIST) {
		rc = trace_list(tr, n, &f);
	} else {
		body = arena_alloc(&tr->p->arena, sizeof(*body));
		op = add_op(tr, n->kind == TOKEN_SECTION ? OP_IF : OP_UNLESS, n, &f);
		if (!op || !body)
			return no_memory(tr);
		op->as.body = body;
		rc = trace_body(tr, n, n->kind == TOKEN_SECTION ? &c : NULL, body);
	}
	tr->depth--;
	return rc;
}

/* ---- the walk, as in render.c ---- */

static enum err_code trace_partial(struct trace *tr, const struct node *n)
{
	size_t from = tr->indent_from, end = tr->indent_n;
	enum err_code rc;

	if (tr->depth == TEMPLATE_DEPTH_MAX || n->indent.n > sizeof(tr->indent) - end)
		return no_program(tr, n, "too many partials inside one another to prepare");
	tr->depth++;
	if (n->indent.n)
		memcpy(tr->indent + end, n->indent.p, n->indent.n);
	tr->indent_n += n->indent.n;
	if (!n->alone)
		tr->indent_from = end;
	rc = trace_nodes(tr, n->partial->first);
	tr->indent_from = from;
	tr->indent_n = end;
	tr->depth--;
	return rc;
}

static enum err_code trace_node(struct trace *tr, const struct node *n)
{
	enum err_code rc;

	switch (n->kind) {
	case TOKEN_TEXT:
		rc = n->starts_line
			     ? add_text(tr, n,
				       (struct slice){ tr->indent + tr->indent_from, tr->indent_n - tr->indent_from })
			     : ERR_OK;
		return rc ? rc : add_text(tr, n, n->text);
	case TOKEN_SECTION:
	case TOKEN_INVERTED:
		return trace_section(tr, n);
	case TOKEN_PARTIAL:
		return trace_partial(tr, n);
	default:
		return trace_value(tr, n);
	}
}

static enum err_code trace_nodes(struct trace *tr, const struct node *n)
{
	enum err_code rc = ERR_OK;

	for (; !rc && n; n = n->next) {
		if (++tr->steps > TEMPLATE_STEPS_MAX || tr->p->text.failed == ERR_LIMIT)
			return no_program(tr, n, "too large to prepare");
		rc = trace_node(tr, n);
	}
	return rc;
}

static enum err_code trace_root(struct trace *tr, const struct tval *sample)
{
	struct template_program *p = tr->p;
	enum err_code rc;

	if (sample->kind == TVAL_LIST)
		return err_set(tr->err, ERR_UNSUPPORTED, "a list as the whole data is not prepared");
	if (sample->kind == TVAL_OBJECT) {
		p->shape = shape_make(&p->arena, sample, tr->constants, NULL);
		if (!p->shape)
			return no_memory(tr);
	}
	tr->stack[tr->contexts++] = (struct context){ sample, false, tr->levels++ };
	tr->block = &p->root;
	rc = trace_nodes(tr, p->t->root.first);
	if (!rc && p->text.len > tr->run && !add_op(tr, OP_END, NULL, NULL))
		rc = no_memory(tr);
	if (!rc)
		rc = end_line(tr, NULL);
	if (!rc)
		rc = buf_check(&p->text, p->t->root.name, tr->err);
	return rc;
}

enum err_code template_program_make(const struct template *t, const struct tval *sample, const char *const *constants,
	const struct template_rules *rules, struct template_program **out, struct err *err)
{
	struct template_program *p;
	struct trace *tr;
	enum err_code rc;

	*out = NULL;
	if (t->lenient)
		return err_set(err, ERR_UNSUPPORTED, "a lenient template is not prepared");
	p = mem_zalloc(sizeof(*p));
	tr = mem_zalloc(sizeof(*tr));
	if (!p || !tr) {
		mem_free(p);
		mem_free(tr);
		return err_set(err, ERR_NOMEM, "%s: no memory to prepare the template", t->root.name);
	}
	p->t = t;
	p->has_rules = rules != NULL;
	if (rules)
		p->rules = *rules;
	arena_init(&p->arena, PROGRAM_MEMORY_MAX);
	buf_init(&p->text, PROGRAM_MEMORY_MAX);
	tr->p = p;
	tr->constants = constants;
	tr->err = err;
	rc = trace_root(tr, sample);
	if (rc == ERR_NOMEM && p->arena.used > PROGRAM_MEMORY_MAX / 2)
		rc = err_set(err, ERR_UNSUPPORTED, "%s: too large to prepare", t->root.name);
	mem_free(tr);
	if (rc)
		template_program_free(p);
	else
		*out = p;
	return rc;
}
