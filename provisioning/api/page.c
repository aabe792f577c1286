#include "provisioning/api/page.h"

#include <stdio.h>
#include <string.h>

#include "phonecfg/base/file.h"
#include "phonecfg/base/mem.h"
#include "phonecfg/template/template.h"

enum { SOURCE_MAX = 64 * 1024, PAGE_MAX = 64 * 1024 };

static const char policy[] = "default-src 'none'; style-src 'self'; form-action 'self'; base-uri 'none'; "
			     "frame-ancestors 'none'";
static const char *const files[PAGE_COUNT] = { "set-password.html", "dead-link.html", "wait.html" };

struct pages {
	struct template *pages[PAGE_COUNT];
	struct buf style;
};

/* Each name that each page may use. */
static const struct tval *schema_of(enum page_kind page, struct arena *a)
{
	static const char *const texts[] = { "user", "company", "login", "password_rule", "pin_rule" };
	static const char *const flags[] = { "faulty", "asks_pin", "pin_required", "has_pin" };
	struct tval *v = tval_object(a), *list = tval_list(a), *one = tval_object(a);
	size_t i;

	if (page == PAGE_DEAD_LINK)
		tval_put_int(v, "hours", 48);
	if (page == PAGE_WAIT) {
		tval_put_str(v, "reason", "");
		tval_put_int(v, "seconds", 5);
	}
	if (page != PAGE_SET_PASSWORD)
		return v;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		tval_put_str(v, texts[i], "");
	for (i = 0; i < sizeof(flags) / sizeof(flags[0]); i++)
		tval_put_bool(v, flags[i], true);
	tval_put_str(one, "text", "");
	tval_push(list, one);
	tval_put(v, "faults", list);
	return v;
}

/* Of the folder of pages. */
static enum err_code load(const char *dir, const char *name, struct buf *out, struct err *err)
{
	char path[1024];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	return file_read(path, out, err);
}

static enum err_code compile(struct pages *p, const char *dir, enum page_kind page, struct err *err)
{
	struct template_options options = { .escape = ESCAPE_HTML, .no_raw = true };
	struct arena a;
	struct buf text;
	enum err_code code;

	arena_init(&a, 0);
	buf_init(&text, SOURCE_MAX);
	options.schema = schema_of(page, &a);
	code = arena_failed(&a) ? err_set(err, ERR_NOMEM, "out of memory for %s", files[page])
				: load(dir, files[page], &text, err);
	if (code == ERR_OK)
		code = template_compile(buf_view(&text), files[page], &options, &p->pages[page], err);
	buf_release(&text);
	arena_release(&a);
	return code;
}

enum err_code pages_open(const char *dir, struct pages **out, struct err *err)
{
	struct pages *p = mem_zalloc(sizeof(*p));
	enum err_code code;
	unsigned i;

	if (p == NULL)
		return err_set(err, ERR_NOMEM, "out of memory for the pages");
	buf_init(&p->style, SOURCE_MAX);
	code = load(dir, "page.css", &p->style, err);
	for (i = 0; code == ERR_OK && i < PAGE_COUNT; i++)
		code = compile(p, dir, (enum page_kind)i, err);
	if (code) {
		pages_close(p);
		return code;
	}
	*out = p;
	return ERR_OK;
}

void pages_close(struct pages *p)
{
	unsigned i;

	if (p == NULL)
		return;
	for (i = 0; i < PAGE_COUNT; i++)
		template_free(p->pages[i]);
	buf_release(&p->style);
	mem_free(p);
}

enum handled page_answer(
	const struct pages *p, struct response *rs, enum page_kind page, unsigned status, const struct tval *data)
{
	struct buf *b = response_body(rs, "text/html; charset=utf-8", PAGE_MAX);
	struct err err;

	response_status(rs, status);
	response_header(rs, "Content-Security-Policy", policy);
	response_header(rs, "Cache-Control", "no-store");
	if (template_render(p->pages[page], data, b, &err))
		return problem(rs, &err);
	return HANDLED;
}

enum handled page_style(const struct pages *p, struct response *rs)
{
	response_header(rs, "Cache-Control", "max-age=3600");
	response_shared(rs, "text/css; charset=utf-8", p->style.data, p->style.len, NULL, NULL);
	return HANDLED;
}
