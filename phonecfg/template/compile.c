#include "phonecfg/base/mem.h"
#include "phonecfg/template/parts.h"

/* Reads and parses one partial that a tag named. */
static enum err_code load_partial(struct compile *c, struct partial *p, struct buf *text, struct err *err)
{
	struct err why = { .code = ERR_NOT_FOUND };
	enum err_code rc = ERR_NOT_FOUND;

	buf_reset(text);
	if (c->options->partial)
		rc = c->options->partial(c->options->partial_arg, p->name, text, &why);
	if (rc == ERR_OK)
		rc = buf_check(text, "the partial", &why);
	if (rc == ERR_NOT_FOUND && c->options->lenient)
		return ERR_OK;
	if (rc == ERR_NOT_FOUND)
		return place_err(err, rc, &p->at, "unknown partial '%s'; make it, or remove the tag", p->name);
	if (rc)
		return place_err(err, rc, &p->at, "partial '%s': %s", p->name, why.text);
	return template_parse(c, p, buf_view(text), err);
}

static enum err_code load_partials(struct compile *c, struct err *err)
{
	enum err_code rc = ERR_OK;
	struct buf text;
	size_t i;

	/* A partial may name further ones, which then stand behind it in the map. */
	buf_init(&text, TEMPLATE_SIZE_MAX);
	for (i = 0; rc == ERR_OK && i < c->t->partials.count; i++)
		rc = load_partial(c, c->t->partials.entries[i].value, &text, err);
	buf_release(&text);
	return rc;
}

enum err_code template_compile(struct slice text, const char *name, const struct template_options *options,
	struct template **out, struct err *err)
{
	struct template *t = mem_zalloc(sizeof(*t));
	struct compile c = { t, options };
	enum err_code rc;

	*out = NULL;
	if (t == NULL)
		return err_set(err, ERR_NOMEM, "%s: out of memory while compiling the template", name);
	arena_init(&t->arena, TEMPLATE_MEMORY_MAX);
	map_init(&t->partials, &t->arena);
	t->escape = options->escape;
	t->lenient = options->lenient;
	t->root.name = arena_strdup(&t->arena, name);
	if (t->root.name == NULL)
		rc = err_set(err, ERR_NOMEM, "%s: out of memory while compiling the template", name);
	else
		rc = template_parse(&c, &t->root, text, err);
	if (rc == ERR_OK)
		rc = load_partials(&c, err);
	if (rc == ERR_OK && options->schema)
		rc = template_check(t, options->schema, err);
	if (rc) {
		template_free(t);
		return rc;
	}
	*out = t;
	return ERR_OK;
}

void template_free(struct template *t)
{
	if (t == NULL)
		return;
	arena_release(&t->arena);
	mem_free(t);
}
