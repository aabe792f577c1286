/* A program and data to bytes. */
#include <string.h>

#include "phonecfg/base/mem.h"
#include "phonecfg/base/text.h"
#include "phonecfg/template/ops.h"

struct run {
	const struct template_program *p;
	const struct tval *levels[PROGRAM_LEVELS_MAX];
	struct buf *out;
	bool misfit; /* the data is of another shape; what was returned with it is no error */
	struct err *err;
};

static inline void put(struct buf *b, const char *p, size_t n)
{
	if (b->cap - b->len > n) { /* false for an empty buffer, whose cap is 0 */
		memcpy(b->data + b->len, p, n);
		b->len += n;
	} else {
		buf_add(b, p, n);
	}
}

static enum err_code misfit(struct run *r)
{
	r->misfit = true;
	return ERR_BUG;
}

static bool scalar(const struct tval *v)
{
	return v->kind != TVAL_LIST && v->kind != TVAL_OBJECT;
}

static const struct tval *value_of(const struct run *r, const struct op *op)
{
	const struct tval *v = r->levels[op->level];

	for (unsigned i = 0; i < op->npath; i++)
		v = v->as.object.entries[op->path[i]].value;
	return v;
}

/* The line that is being written, up to n bytes before the end. */
static struct slice line_of(const struct buf *out, size_t n)
{
	size_t end = out->len - n;
	const char *start = end ? memrchr(out->data, '\n', end) : NULL;
	size_t from = start ? (size_t)(start - out->data) + 1 : 0;

	return (struct slice){ out->data + from, end - from };
}

static enum err_code run_value(struct run *r, const struct op *op)
{
	const struct template_rules *rules = &r->p->rules;
	const struct tval *v = value_of(r, op);
	char scratch[VALUE_TEXT_MAX];
	struct slice text;
	unsigned classes;
	enum err_code rc;

	if (!scalar(v))
		return misfit(r);
	rc = template_value_text(op->node, v, scratch, &text, r->err);
	if (rc)
		return rc;
	classes = text_classes(text);
	/* The line is for the sentence only: looked for when one is needed, by asking again. */
	if (op->as.rule && rules->value(rules->arg, op->as.rule, (struct slice){ "", 0 }, text, classes, NULL)) {
		rc = rules->value(rules->arg, op->as.rule, line_of(r->out, 0), text, classes, r->err);
		return rc ? rc : ERR_BUG;
	}
	if (!escape_plain(r->p->t->escape, text, classes))
		return template_value_add(r->p->t, op->node, v, text, classes, r->out, r->err);
	put(r->out, text.p, text.n);
	return ERR_OK;
}

static enum err_code run_block(struct run *r, const struct block *b);

/* Items come in the order of the sample, some left out: the first one from *next on that fits, else the general one. */
static const struct item *next_item(
	const struct items *items, size_t *next, const struct tval *v, struct likeness *like)
{
	while (*next < items->n) {
		const struct item *item = &items->v[(*next)++];
		if (shape_fits(item->shape, v, like))
			return item;
	}
	return items->any && shape_fits(items->any->shape, v, like) ? items->any : NULL;
}

static enum err_code run_items(struct run *r, const struct items *items, const struct tval *list)
{
	struct likeness like = { NULL, NULL };
	enum err_code rc = ERR_OK;
	size_t next = 0;

	for (size_t i = 0; !rc && i < list->as.list.count; i++) {
		const struct tval *v = list->as.list.items[i];
		const struct item *item = next_item(items, &next, v, &like);
		if (!item)
			return misfit(r);
		r->levels[item->block.level] = v;
		rc = run_block(r, &item->block);
	}
	return rc;
}

static enum err_code run_section(struct run *r, const struct op *op)
{
	const struct tval *v = value_of(r, op);

	/* An object that is one fits by its parent's shape. */
	if (scalar(v) != (op->sample != TVAL_LIST && op->sample != TVAL_OBJECT) ||
		(v->kind == TVAL_LIST) != (op->sample == TVAL_LIST))
		return misfit(r);
	if (op->kind == OP_LIST)
		return run_items(r, op->as.items, v);
	if (tval_truthy(v) == (op->kind == OP_UNLESS))
		return ERR_OK;
	if (op->kind == OP_IF)
		r->levels[op->as.body->level] = v;
	return run_block(r, op->as.body);
}

static enum err_code run_whole(struct run *r)
{
	const struct template_rules *rules = &r->p->rules;
	bool ended = r->out->len && r->out->data[r->out->len - 1] == '\n';

	return rules->whole(rules->arg, line_of(r->out, ended), r->err);
}

static enum err_code run_block(struct run *r, const struct block *b)
{
	const char *text = r->p->text.data;
	enum err_code rc = ERR_OK;

	for (size_t i = 0; !rc && i < b->n; i++) {
		const struct op *op = &b->ops[i];
		put(r->out, text + op->text_at, op->text_n);
		if (op->kind == OP_VALUE)
			rc = run_value(r, op);
		else if (op->kind == OP_WHOLE)
			rc = run_whole(r);
		else if (op->kind == OP_ELSE)
			rc = misfit(r);
		else if (op->kind != OP_END)
			rc = run_section(r, op);
	}
	return rc;
}

enum err_code template_program_run(
	const struct template_program *p, const struct tval *data, struct buf *out, bool *fits, struct err *err)
{
	static const struct tval nothing = { .kind = TVAL_NULL };
	struct run r = { .p = p, .levels = { data ? data : &nothing }, .out = out, .err = err };
	size_t start = out->len, guess = p->text.len + 24 * p->values;
	enum err_code rc;

	*fits = shape_fits(p->shape, r.levels[0], NULL);
	if (!*fits)
		return ERR_OK;
	buf_reserve(out, guess < out->max - start ? guess : out->max - start);
	rc = run_block(&r, &p->root);
	if (out->len > out->max)
		out->failed = ERR_LIMIT;
	*fits = !r.misfit;
	if (r.misfit)
		out->len = start;
	if (out->cap)
		out->data[out->len] = 0;
	if (r.misfit)
		return ERR_OK;
	return rc ? rc : buf_check(out, p->t->root.name, err);
}

void template_program_free(struct template_program *p)
{
	if (!p)
		return;
	buf_release(&p->text);
	arena_release(&p->arena);
	mem_free(p);
}

size_t template_program_size(const struct template_program *p)
{
	return sizeof(*p) + p->arena.used + p->text.cap;
}

enum err_code template_rules_text(const struct template_rules *rules, struct slice text, struct err *err)
{
	enum err_code rc = ERR_OK;

	while (!rc && text.n)
		rc = rules->whole(rules->arg, slice_cut(&text, '\n'), err);
	return rc;
}
