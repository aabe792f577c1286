#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "phonecfg/base/mem.h"
#include "phonecfg/template/template.h"

struct world {
	struct arena arena;
	struct tval *data;
	struct buf out, text;
	struct err err;
};

static int setup(void **state)
{
	struct world *w = mem_zalloc(sizeof(*w));

	arena_init(&w->arena, 0);
	w->data = tval_object(&w->arena);
	buf_init(&w->out, 64 * 1024 * 1024);
	buf_init(&w->text, 8 * 1024 * 1024);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	mem_fail_from(0);
	buf_release(&w->out);
	buf_release(&w->text);
	arena_release(&w->arena);
	mem_free(w);
	return 0;
}

static enum err_code render(struct world *w, struct slice text, const struct template_options *options)
{
	struct template *t;
	enum err_code rc = template_compile(text, "t", options, &t, &w->err);

	if (rc)
		assert_null(t);
	else
		rc = template_render(t, w->data, &w->out, &w->err);
	template_free(t);
	return rc;
}

static void expect(struct world *w, const char *text, const struct template_options *options, const char *want)
{
	buf_reset(&w->out);
	assert_int_equal(render(w, slice_str(text), options), ERR_OK);
	assert_string_equal(w->out.data, want);
}

static void refuse(struct world *w, const char *text, const struct template_options *options, enum err_code code,
	const char *sentence)
{
	buf_reset(&w->out);
	assert_int_equal(render(w, slice_str(text), options), code);
	assert_int_equal(w->err.code, code);
	if (strncmp(w->err.text, sentence, strlen(sentence)) != 0)
		assert_string_equal(w->err.text, sentence);
}

static const struct template_options strict = { .escape = ESCAPE_HTML };

/* ---- schema ---- */

static struct tval *schema(struct arena *a)
{
	struct tval *s = tval_object(a), *account = tval_object(a), *key = tval_object(a), *page = tval_object(a);
	struct tval *list;

	tval_put_str(s, "domain", "");
	tval_put_int(account, "slot", 1);
	tval_put_str(account, "label", "");
	list = tval_list(a);
	tval_push(list, account);
	tval_put(s, "accounts", list);
	/* Two kinds of item: a name of either is known. */
	tval_put_str(key, "value", "");
	tval_put_str(page, "number", "");
	list = tval_list(a);
	tval_push(list, key);
	tval_push(list, page);
	tval_put(s, "keys", list);
	return s;
}

static void test_schema(void **state)
{
	struct world *w = *state;
	struct template_options o = { .schema = schema(&w->arena), .lenient = true };

	expect(w, "{{domain}}{{#accounts}}{{slot}}{{label}}{{domain}}{{/accounts}}", &o, "");
	expect(w, "{{#keys}}{{value}}{{number}}{{/keys}}{{^keys}}{{domain}}{{/keys}}", &o, "");
	expect(w, "{{#domain}}{{.}}{{/domain}}", &o, "");
	/* Found when it is compiled, though nothing of it would ever be rendered, and lenient or not. */
	refuse(w, "x\n {{#accounts}}{{lable}}{{/accounts}}", &o, ERR_INPUT, "t:2:15: unknown name 'lable'");
	refuse(w, "{{slot}}", &o, ERR_INPUT, "t:1:1: unknown name 'slot'");
	refuse(w, "{{^accounts}}{{slot}}{{/accounts}}", &o, ERR_INPUT, "t:1:14: unknown name 'slot'");
	refuse(w, "{{#users}}{{/users}}", &o, ERR_INPUT, "t:1:1: unknown name 'users'");
	refuse(w, "{{domain.name}}", &o, ERR_INPUT, "t:1:1: unknown name 'domain.name'");
	refuse(w, "{{accounts}}", &o, ERR_INPUT, "t:1:1: 'accounts' is a list");
	refuse(w, "{{#accounts}}{{.}}{{/accounts}}", &o, ERR_INPUT, "t:1:14: '.' is an object");
}

static enum err_code partials_fn(void *arg, const char *name, struct buf *text, struct err *err)
{
	if (strcmp(name, "line") == 0)
		buf_str(text, "{{lable}}\n");
	else if (strcmp(name, "loop") == 0)
		buf_str(text, "{{domain}}{{>loop}}");
	else if (strcmp(name, "tree") == 0)
		buf_str(text, "{{v}}{{#k}}{{>tree}}{{/k}}");
	else if (strcmp(name, "deeper") == 0)
		buf_str(text, "x\n {{>deeper}}\n");
	else if (strcmp(name, "broken") == 0)
		return err_set(err, ERR_IO, "cannot read it");
	else if (strncmp(name, "big", 3) == 0)
		buf_slice(text, *(struct slice *)arg);
	else if (name[0] == 'n') /* n1 names n2 names n3 ... up to n300 */
		buf_printf(text, atoi(name + 1) < 300 ? "{{>n%d}}" : "%d", atoi(name + 1) + 1);
	else
		return ERR_NOT_FOUND;
	return ERR_OK;
}

static void test_schema_in_partials(void **state)
{
	struct world *w = *state;
	struct template_options o = { .schema = schema(&w->arena), .partial = partials_fn };

	refuse(w, "{{#accounts}}\n{{>line}}\n{{/accounts}}", &o, ERR_INPUT, "line:1:1: unknown name 'lable'");
}

static void test_strict_and_lenient_data(void **state)
{
	struct world *w = *state;
	struct template_options lenient = { .lenient = true };

	refuse(w, "{{missing}}", &strict, ERR_INPUT, "t:1:1: unknown name 'missing'");
	expect(w, "[{{missing}}{{#missing}}x{{/missing}}{{^missing}}y{{/missing}}]", &lenient, "[y]");
}

static void test_no_raw(void **state)
{
	struct world *w = *state;
	struct template_options o = { .no_raw = true };

	tval_put_str(w->data, "v", "<");
	expect(w, "{{v}}", &o, "<");
	refuse(w, "{{{v}}}", &o, ERR_INPUT, "t:1:1: 'v' would be written without escaping");
	refuse(w, "a{{& v}}", &o, ERR_INPUT, "t:1:2: 'v' would be written without escaping");
}

static void test_secrets(void **state)
{
	struct world *w = *state;
	struct template_options ini = { .escape = ESCAPE_INI };
	struct secret good = secret_copy(&w->arena, SLICE_LIT("s3cret")),
		      bad = secret_copy(&w->arena, SLICE_LIT(" s3cret"));

	tval_put(w->data, "good", tval_secret(&w->arena, &good));
	tval_put(w->data, "bad", tval_secret(&w->arena, &bad));
	tval_put_str(w->data, "label", " Ann ");
	expect(w, "{{good}}|{{label}}|", &ini, "s3cret|Ann|");
	refuse(w, "{{bad}}", &ini, ERR_INPUT, "t:1:1: the value of 'bad' begins or ends with a blank");
	assert_null(strstr(w->err.text, "s3cret"));
}

/* ---- limits, each from both sides ---- */

static void fill(struct world *w, const char *piece, size_t n)
{
	buf_reset(&w->text);
	while (n--)
		buf_str(&w->text, piece);
	assert_int_equal(w->text.failed, ERR_OK);
}

static enum err_code render_text(struct world *w)
{
	static const struct template_options lenient = { .lenient = true };

	buf_reset(&w->out);
	return render(w, buf_view(&w->text), &lenient);
}

static void test_size(void **state)
{
	struct world *w = *state;

	fill(w, "x", TEMPLATE_SIZE_MAX);
	assert_int_equal(render_text(w), ERR_OK);
	assert_int_equal(w->out.len, TEMPLATE_SIZE_MAX);
	buf_char(&w->text, 'x');
	assert_int_equal(render_text(w), ERR_LIMIT);
}

static void test_tokens(void **state)
{
	struct world *w = *state;

	fill(w, "\n", TEMPLATE_TOKENS_MAX);
	assert_int_equal(render_text(w), ERR_OK);
	assert_int_equal(w->out.len, TEMPLATE_TOKENS_MAX);
	buf_char(&w->text, '\n');
	assert_int_equal(render_text(w), ERR_LIMIT);
}

static void test_name(void **state)
{
	struct world *w = *state;
	int over, n;

	for (over = 0; over < 2; over++) {
		fill(w, "{{", 1);
		for (n = 0; n < TEMPLATE_NAME_MAX + over; n++)
			buf_char(&w->text, 'x');
		buf_str(&w->text, "}}");
		assert_int_equal(render_text(w), over ? ERR_LIMIT : ERR_OK);
	}
}

static void test_parts(void **state)
{
	struct world *w = *state;

	fill(w, "a.", TEMPLATE_PARTS_MAX - 1);
	{
		char text[2 * TEMPLATE_PARTS_MAX + 16];
		struct template_options o = { .lenient = true };

		snprintf(text, sizeof(text), "{{%sa}}", w->text.data);
		expect(w, text, &o, "");
		snprintf(text, sizeof(text), "{{%sa.a}}", w->text.data);
		refuse(w, text, &o, ERR_LIMIT, "t:1:1: 'a.a.a");
	}
}

static void test_delimiter(void **state)
{
	struct world *w = *state;

	expect(w, "{{=<<<<<<<< >>>>>>>>=}}.", &strict, ".");
	refuse(w, "{{=<<<<<<<<< >>=}}.", &strict, ERR_INPUT, "t:1:1: a delimiter tag");
	refuse(w, "{{=<< >>>>>>>>>=}}.", &strict, ERR_INPUT, "t:1:1: a delimiter tag");
}

static void nest(struct world *w, int n)
{
	int i;

	fill(w, "{{^a}}", (size_t)n);
	buf_str(&w->text, "x");
	for (i = 0; i < n; i++)
		buf_str(&w->text, "{{/a}}");
}

static void test_nest(void **state)
{
	struct world *w = *state;

	nest(w, TEMPLATE_NEST_MAX);
	assert_int_equal(render_text(w), ERR_OK);
	assert_string_equal(w->out.data, "x");
	nest(w, TEMPLATE_NEST_MAX + 1);
	assert_int_equal(render_text(w), ERR_LIMIT);
}

/* A chain of `levels` objects, one inside the other under "k", each with the letter v. */
static struct tval *chain(struct arena *a, int levels)
{
	struct tval *inner = NULL;

	while (levels--) {
		struct tval *o = tval_object(a);

		tval_put_str(o, "v", "v");
		if (inner)
			tval_put(o, "k", inner);
		else
			tval_put(o, "k", tval_null(a));
		inner = o;
	}
	return inner;
}

static void test_depth(void **state)
{
	struct world *w = *state;
	struct template_options o = { .partial = partials_fn };

	/* Each level enters the partial and its section; the last one finds k null and enters no section. */
	w->data = chain(&w->arena, TEMPLATE_DEPTH_MAX / 2);
	assert_int_equal(render(w, SLICE_LIT("{{>tree}}"), &o), ERR_OK);
	assert_int_equal(w->out.len, TEMPLATE_DEPTH_MAX / 2);
	w->data = chain(&w->arena, TEMPLATE_DEPTH_MAX / 2 + 1);
	refuse(w, "{{>tree}}", &o, ERR_LIMIT, "tree:1:12: more than 128 sections and partials");
	/* Endless recursion ends there too. */
	tval_put_str(w->data, "domain", "x");
	refuse(w, "{{>loop}}", &o, ERR_LIMIT, "loop:1:11: more than 128 sections and partials");
}

static void test_partials(void **state)
{
	struct world *w = *state;
	struct template_options o = { .partial = partials_fn };
	char text[32];

	/* n45 is the first of 256: n45 .. n300. Rendering them would pass the depth, so they are only compiled. */
	{
		struct template *t;

		snprintf(text, sizeof(text), "{{>n%d}}", 301 - TEMPLATE_PARTIALS_MAX);
		assert_int_equal(template_compile(slice_str(text), "t", &o, &t, &w->err), ERR_OK);
		template_free(t);
	}
	snprintf(text, sizeof(text), "{{>n%d}}", 300 - TEMPLATE_PARTIALS_MAX);
	refuse(w, text, &o, ERR_LIMIT, "n299:1:1: more than 256 different partials");
	refuse(w, "{{>broken}}", &o, ERR_IO, "t:1:1: partial 'broken': cannot read it");
}

static void test_indent(void **state)
{
	struct world *w = *state;
	struct template_options o = { .partial = partials_fn, .lenient = true };
	int over;

	for (over = 0; over < 2; over++) {
		buf_reset(&w->out);
		fill(w, " ", (size_t)TEMPLATE_INDENT_MAX + (size_t)over);
		buf_str(&w->text, "{{>tree}}\n");
		assert_int_equal(render(w, buf_view(&w->text), &o), over ? ERR_LIMIT : ERR_OK);
	}
	/* Many small ones add up; the depth ends this one first. */
	refuse(w, "{{>deeper}}", &o, ERR_LIMIT, "deeper:2:2: more than 128");
}

static void test_memory(void **state)
{
	struct world *w = *state;
	struct slice big;
	struct template_options o = { .lenient = true, .partial = partials_fn, .partial_arg = &big };
	struct template *t;

	/* One partial with as many tags as a text may have fits; a second one does not. */
	fill(w, "{{a.b}}", TEMPLATE_TOKENS_MAX);
	big = buf_view(&w->text);
	assert_int_equal(template_compile(SLICE_LIT("{{>big1}}"), "t", &o, &t, &w->err), ERR_OK);
	template_free(t);
	refuse(w, "{{>big1}}{{>big2}}", &o, ERR_LIMIT, "big2:1:");
	assert_non_null(strstr(w->err.text, "needs more than 33554432 bytes"));
}

static void test_steps(void **state)
{
	struct world *w = *state;
	struct tval *list = tval_list(&w->arena);
	int i;

	/* 300^3 empty rounds print nothing and still end; 100^3 are allowed. */
	for (i = 0; i < 100; i++)
		tval_push(list, tval_int(&w->arena, 1));
	tval_put(w->data, "l", list);
	expect(w, "{{#l}}{{#l}}{{#l}}{{/l}}{{/l}}{{/l}}", &strict, "");
	for (i = 0; i < 200; i++)
		tval_push(list, tval_int(&w->arena, 1));
	refuse(w, "{{#l}}{{#l}}{{#l}}{{/l}}{{/l}}{{/l}}", &strict, ERR_LIMIT, "t:1:13: rendering takes more than");
}

static void test_output(void **state)
{
	struct world *w = *state;
	struct template *t;
	struct buf small;
	int over;

	tval_put_str(w->data, "v", "12345");
	assert_int_equal(template_compile(SLICE_LIT("{{v}}{{v}}"), "t", &strict, &t, &w->err), ERR_OK);
	for (over = 0; over < 2; over++) {
		buf_init(&small, over ? 9 : 10);
		assert_int_equal(template_render(t, w->data, &small, &w->err), over ? ERR_LIMIT : ERR_OK);
		buf_release(&small);
	}
	assert_string_equal(w->err.text, "t would be larger than 9 bytes, the most allowed");
	template_free(t);
}

/* Every allocation fails once, and all after it: out of memory is said, and nothing is lost (the sanitizer looks). */
static void test_allocations(void **state)
{
	static const char text[] = "{{#l}}\n {{>tree}}\n{{a.b}}{{v}}{{/l}}{{^n}}{{=<% %>=}}<%v%><%/n%>\n";
	struct world *w = *state;
	struct template_options o = { .lenient = true, .partial = partials_fn, .schema = NULL };
	unsigned long n;
	enum err_code rc = ERR_NOMEM;

	for (n = 1; rc != ERR_OK; n++) {
		struct arena a;
		struct tval *data;
		struct buf out;
		struct template *t = NULL;
		struct err err;

		assert_true(n < 1000);
		arena_init(&a, 0);
		buf_init(&out, 4096);
		mem_fail_from(n);
		data = tval_object(&a);
		tval_put(data, "l", chain(&a, 3));
		tval_put_str(data, "v", "x");
		rc = arena_failed(&a) ? ERR_NOMEM : template_compile(SLICE_LIT(text), "t", &o, &t, &err);
		if (rc == ERR_OK)
			rc = template_render(t, data, &out, &err);
		mem_fail_from(0);
		if (rc == ERR_OK)
			assert_string_equal(out.data, " vvvvx\n");
		else
			assert_int_equal(rc, ERR_NOMEM);
		template_free(t);
		buf_release(&out);
		arena_release(&a);
	}
	assert_true(n > 5);
	(void)w;
}

static void test_tval(void **state)
{
	struct world *w = *state;
	struct tval *o = tval_object(&w->arena), *l = tval_list(&w->arena);

	/* NULL is taken everywhere, so that a tree is built freely. */
	tval_put(NULL, "a", o);
	tval_put(o, "a", NULL);
	tval_push(NULL, o);
	tval_push(l, NULL);
	tval_put_str(NULL, "a", "b");
	tval_put_int(NULL, "a", 1);
	tval_put_bool(NULL, "a", true);
	assert_null(tval_get(o, "a"));
	assert_null(tval_get(NULL, "a"));
	assert_null(tval_get(l, "a"));
	assert_int_equal(l->as.list.count, 0);
	tval_put_str(o, "a", "1");
	tval_put_str(o, "a", "2");
	assert_true(slice_eq_str(tval_get(o, "a")->as.text, "2"));
	tval_put_str(o, "n", NULL);
	assert_int_equal(tval_get(o, "n")->kind, TVAL_NULL);
	/* A list is not an object, nor the other way. */
	tval_put_str(l, "a", "1");
	tval_push(o, l);
	assert_int_equal(l->as.list.count, 0);
	assert_true(tval_truthy(o));
	assert_false(tval_truthy(l));
	assert_false(tval_truthy(NULL));
	assert_false(tval_truthy(tval_number(&w->arena, 0.0)));
	assert_true(tval_truthy(tval_number(&w->arena, -0.5)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_tval, setup, teardown),
		cmocka_unit_test_setup_teardown(test_schema, setup, teardown),
		cmocka_unit_test_setup_teardown(test_schema_in_partials, setup, teardown),
		cmocka_unit_test_setup_teardown(test_strict_and_lenient_data, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_raw, setup, teardown),
		cmocka_unit_test_setup_teardown(test_secrets, setup, teardown),
		cmocka_unit_test_setup_teardown(test_size, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tokens, setup, teardown),
		cmocka_unit_test_setup_teardown(test_name, setup, teardown),
		cmocka_unit_test_setup_teardown(test_parts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_delimiter, setup, teardown),
		cmocka_unit_test_setup_teardown(test_nest, setup, teardown),
		cmocka_unit_test_setup_teardown(test_depth, setup, teardown),
		cmocka_unit_test_setup_teardown(test_partials, setup, teardown),
		cmocka_unit_test_setup_teardown(test_indent, setup, teardown),
		cmocka_unit_test_setup_teardown(test_memory, setup, teardown),
		cmocka_unit_test_setup_teardown(test_steps, setup, teardown),
		cmocka_unit_test_setup_teardown(test_output, setup, teardown),
		cmocka_unit_test_setup_teardown(test_allocations, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
