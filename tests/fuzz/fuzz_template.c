/* Templates and data from arbitrary bytes: must answer or refuse, never crash, hang or grow without bound.
 *
 * Input: one byte of options, the template, a NUL, the partial "p", a NUL, the data (a small language: see build()). */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "phonecfg/template/program.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { OUTPUT_MAX = 1024 * 1024, VALUES_MAX = 200, NEST_MAX = 50 };

struct input {
	struct slice rest;
	struct arena arena;
	unsigned values;
};

static enum err_code partial_fn(void *arg, const char *name, struct buf *text, struct err *err)
{
	(void)err;
	if (strcmp(name, "p") != 0)
		return ERR_NOT_FOUND;
	buf_slice(text, *(struct slice *)arg);
	return ERR_OK;
}

static const char *const names[] = { "a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o", "p",
	"q", "r", "s", "t", "u", "v", "w", "x", "y", "z" };

/* '{' and '[' open an object or a list up to the next ')', 't', 'f', 'n', digits; anything else is a text of up to 15
 * bytes. Members are called a, b, c, ... */
static struct tval *build(struct input *in, unsigned depth)
{
	struct tval *v;
	size_t name = 0;
	char c;

	if (in->rest.n == 0 || ++in->values > VALUES_MAX || depth > NEST_MAX)
		return tval_null(&in->arena);
	c = in->rest.p[0];
	in->rest = (struct slice){ in->rest.p + 1, in->rest.n - 1 };
	if (c == '{' || c == '[') {
		v = c == '{' ? tval_object(&in->arena) : tval_list(&in->arena);
		while (in->rest.n && in->rest.p[0] != ')' && in->values <= VALUES_MAX) {
			struct tval *item = build(in, depth + 1);

			if (c == '{')
				tval_put(v, names[name], item);
			else
				tval_push(v, item);
			name = (name + 1) % (sizeof(names) / sizeof(*names));
		}
		if (in->rest.n)
			in->rest = (struct slice){ in->rest.p + 1, in->rest.n - 1 };
		return v;
	}
	if (c == 't' || c == 'f')
		return tval_bool(&in->arena, c == 't');
	if (c == 'n')
		return tval_null(&in->arena);
	if (c >= '0' && c <= '9')
		return c == '9' ? tval_number(&in->arena, 1e300 / (double)(in->rest.n + 1))
				: tval_int(&in->arena, c - '5');
	v = tval_text(&in->arena, (struct slice){ in->rest.p, in->rest.n < (c & 15) ? in->rest.n : (size_t)(c & 15) });
	if (v)
		in->rest = (struct slice){ in->rest.p + v->as.text.n, in->rest.n - v->as.text.n };
	return v;
}

/* A program made from the data itself fits it and writes the same bytes. */
static void prepared(const struct template *t, const struct tval *data, const struct buf *want)
{
	static const char *const constants[] = { "a", "d", NULL };
	struct template_program *p;
	struct buf out;
	struct err err;
	bool fits;

	if (template_program_make(t, data, constants, NULL, &p, &err))
		return;
	buf_init(&out, OUTPUT_MAX);
	if (template_program_run(p, data, &out, &fits, &err) || !fits || !slice_eq(buf_view(&out), buf_view(want)))
		abort();
	buf_release(&out);
	template_program_free(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	struct slice all = { (const char *)bytes + 1, size - 1 }, text, partial;
	struct template_options options = { .partial = partial_fn, .partial_arg = &partial };
	struct template *t;
	struct input in = { 0 };
	struct tval *data;
	struct buf out;
	struct err err;

	if (size == 0)
		return 0;
	options.escape = (enum escape)(bytes[0] % ESCAPE_COUNT);
	options.lenient = bytes[0] & 0x20;
	options.no_raw = bytes[0] & 0x40;
	text = slice_cut(&all, '\0');
	partial = slice_cut(&all, '\0');
	in.rest = all;
	arena_init(&in.arena, 1024 * 1024);
	data = build(&in, 0);
	options.schema = bytes[0] & 0x80 ? data : NULL;
	buf_init(&out, OUTPUT_MAX);
	if (template_compile(text, "t", &options, &t, &err) == ERR_OK) {
		if (template_render(t, data, &out, &err) == ERR_OK)
			prepared(t, data, &out);
		template_free(t);
	}
	buf_release(&out);
	arena_release(&in.arena);
	return 0;
}
