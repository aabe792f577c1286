/* Templates and rows read and compiled at start. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "phonecfg/base/mem.h"
#include "phonecfg/vendor/renderer.h"

enum { SMALL_FILE_MAX = 64 * 1024, PATH_LEN = 1024 };

static enum err_code partial(void *arg, const char *name, struct buf *text, struct err *err)
{
	const struct renderer *r = arg;

	for (const char *p = name; *p; p++) {
		bool ok = (*p >= 'a' && *p <= 'z') || (*p >= '0' && *p <= '9') || *p == '-' || (*p == '/' && p > name);
		if (!ok)
			return err_set(err, ERR_NOT_FOUND, "a partial's name is of small letters, digits, '-' and '/'");
	}
	return renderer_slurp(r->dir, name, ".mustache", text, err);
}

/* What a template says by itself must satisfy the rows, too. */
static enum err_code check_constants(const struct compiled *c, const struct tval *schema, struct err *err)
{
	struct template_program *p;
	enum err_code rc = template_program_make(c->tmpl, schema, prepared_constants, &c->rules, &p, err);

	template_program_free(p);
	return rc == ERR_UNSUPPORTED ? ERR_OK : rc;
}

static enum err_code open_book(struct renderer *r, enum vendor_id vendor, struct err *err)
{
	const char *dir = catalog_dir(r->catalog);
	char path[PATH_LEN];

	if (snprintf(path, sizeof(path), "%s/%s/parameters.txt", dir, vendor_word(vendor)) >= (int)sizeof(path))
		return err_set(err, ERR_LIMIT, "the path of the firmware profiles is too long");
	return access(path, F_OK) == 0 ? param_book_open(dir, vendor, &r->books[vendor], err) : ERR_OK;
}

static enum err_code compile_file(struct renderer *r, enum vendor_id vendor, const struct vendor_file *f,
	const struct tval *schema, struct err *err)
{
	struct template_options options = { .escape = vendor == VENDOR_YEALINK && f->mime[0] == 't' ? ESCAPE_INI
												    : ESCAPE_XML,
		.schema = schema,
		.partial = partial,
		.partial_arg = r,
		.no_raw = true };
	struct compiled *c = arena_push(&r->arena, (void **)&r->files, &r->nfiles, &r->cap, sizeof(*c));
	char name[80];
	struct buf text;
	enum err_code rc;

	if (!c)
		return err_set(err, ERR_NOMEM, "no memory for the templates");
	c->vendor = vendor;
	c->kind = f->kind;
	buf_init(&text, SMALL_FILE_MAX);
	rc = renderer_slurp(r->dir, f->tmpl, ".mustache", &text, err);
	snprintf(name, sizeof(name), "%s.mustache", f->tmpl);
	if (!rc)
		rc = template_compile(buf_view(&text), name, &options, &c->tmpl, err);
	buf_release(&text);
	if (!rc && bind_rules(r, vendor, f->kind, &c->rules))
		rc = check_constants(c, schema, err);
	return rc;
}

static enum err_code open_vendor(struct renderer *r, enum vendor_id id, struct err *err)
{
	const struct vendor *v = vendor_get(id);
	struct tval *schema = NULL;
	struct arena a;
	enum err_code rc;

	arena_init(&a, RENDER_DATA_MAX);
	rc = open_book(r, id, err);
	if (!rc)
		rc = example_schema(r, id, &a, &schema, err);
	for (size_t i = 0; !rc && i < v->nfiles; i++) {
		if (v->files[i].tmpl)
			rc = compile_file(r, id, &v->files[i], schema, err);
	}
	if (!rc)
		rc = renderer_read_guards(r, id, err);
	arena_release(&a);
	return rc;
}

enum err_code renderer_open(
	const char *templates_dir, const struct catalog *cat, struct renderer **out, struct err *err)
{
	struct renderer *r = mem_zalloc(sizeof(*r));
	enum err_code rc = ERR_OK;

	*out = NULL;
	if (!r)
		return err_set(err, ERR_NOMEM, "no memory for the templates");
	arena_init(&r->arena, 0);
	r->catalog = cat;
	r->dir = arena_strdup(&r->arena, templates_dir);
	rc = prepared_open(r, err);
	for (int id = VENDOR_NONE + 1; !rc && id < VENDOR_COUNT; id++)
		rc = open_vendor(r, (enum vendor_id)id, err);
	if (!rc && arena_failed(&r->arena))
		rc = err_set(err, ERR_NOMEM, "no memory for the templates");
	if (rc) {
		renderer_close(r);
		return rc;
	}
	*out = r;
	return ERR_OK;
}

void renderer_close(struct renderer *r)
{
	if (!r)
		return;
	prepared_close(r);
	for (size_t i = 0; i < r->nfiles; i++)
		template_free(r->files[i].tmpl);
	for (int id = 0; id < VENDOR_COUNT; id++)
		param_book_free(r->books[id]);
	arena_release(&r->arena);
	mem_free(r);
}

const struct param_book *renderer_book(const struct renderer *r, enum vendor_id vendor)
{
	return (unsigned)vendor < VENDOR_COUNT ? r->books[vendor] : NULL;
}
