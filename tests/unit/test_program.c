/* Templates made for data of one shape, and the rows that values are held against. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>
#include <pthread.h>

#include "phonecfg/base/mem.h"
#include "phonecfg/template/program.h"
#include "phonecfg/vendor/renderer.h"

static const char *const constants[] = { "n", "null", NULL };

static struct template *compile(const char *text, enum escape escape)
{
	struct template_options options = { .escape = escape };
	struct template *t;
	struct err err;

	if (template_compile(slice_str(text), "t", &options, &t, &err))
		fail_msg("%s", err.text);
	return t;
}

static struct tval *item(struct arena *a, unsigned n, const char *v)
{
	struct tval *o = tval_object(a);

	tval_put_int(o, "n", n);
	tval_put_str(o, "v", v);
	return o;
}

/* list: items 1..n, but for the one numbered `without`. */
static struct tval *data(struct arena *a, unsigned n, unsigned without, const char *v)
{
	struct tval *root = tval_object(a), *list = tval_list(a), *inner = tval_object(a);

	for (unsigned i = 1; i <= n; i++) {
		if (i != without)
			tval_push(list, item(a, i, v));
	}
	tval_put(root, "list", list);
	tval_put_str(inner, "x", v);
	tval_put(root, "in", inner);
	tval_put_str(root, "null", "-");
	tval_put_bool(root, "yes", *v == 'a');
	return root;
}

static const char text[] = "head {{null}}\n{{#list}}\nitem {{n}} = {{v}} {{in.x}}\n{{/list}}\n{{#yes}}\nyes\n{{/yes}}\n"
			   "{{^yes}}\nno {{in.x}}\n{{/yes}}\nend";

/* Whatever fits, and whatever does not, comes out as the template writes it. */
static void same_bytes(void **state)
{
	static const struct {
		unsigned n, without;
		const char *v;
	} all[] = { { 3, 0, "a" }, { 3, 2, "b" }, { 0, 0, "b" }, { 5, 1, "a<&" }, { 5, 4, "\xc3\xbc" } };
	struct template *t = compile(text, ESCAPE_XML);
	struct template_program *p;
	struct buf one, other;
	struct arena a;
	struct err err;
	bool fits;

	(void)state;
	arena_init(&a, 0);
	assert_int_equal(template_program_make(t, data(&a, 3, 0, "a"), constants, NULL, &p, &err), ERR_OK);
	arena_release(&a); /* the sample need not live */
	buf_init(&one, 4096);
	buf_init(&other, 4096);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		struct tval *d = data(&a, all[i].n, all[i].without, all[i].v);
		buf_reset(&one);
		buf_reset(&other);
		assert_int_equal(template_render(t, d, &one, &err), ERR_OK);
		assert_int_equal(template_program_run(p, d, &other, &fits, &err), ERR_OK);
		assert_true(fits);
		assert_string_equal(one.data, other.data);
	}
	assert_true(template_program_size(p) > sizeof(text));
	arena_release(&a);
	buf_release(&one);
	buf_release(&other);
	template_program_free(p);
	template_free(t);
}

/* What was taken for fixed is looked at: another null token, a member more, another kind. */
static void another_shape(void **state)
{
	struct template *t = compile(text, ESCAPE_XML);
	struct template_program *p;
	struct tval *wrong[5];
	struct buf out;
	struct arena a;
	struct err err;
	bool fits;

	(void)state;
	arena_init(&a, 0);
	assert_int_equal(template_program_make(t, data(&a, 3, 0, "a"), constants, NULL, &p, &err), ERR_OK);
	for (size_t i = 0; i < 5; i++)
		wrong[i] = data(&a, 3, 0, "a");
	wrong[0]->as.object.entries[2].value = tval_text(&a, slice_str("+"));
	tval_put_str(wrong[1], "more", "1");
	wrong[2]->as.object.entries[3].value = tval_list(&a);
	wrong[3]->as.object.entries[0].value = tval_text(&a, slice_str("x"));
	tval_put_str(wrong[4]->as.object.entries[0].value->as.list.items[2], "more", "1");
	buf_init(&out, 4096);
	buf_str(&out, "before");
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(template_program_run(p, wrong[i], &out, &fits, &err), ERR_OK);
		assert_false(fits);
		assert_string_equal(out.data, "before");
	}
	assert_int_equal(template_program_run(p, NULL, &out, &fits, &err), ERR_OK);
	assert_false(fits);
	buf_release(&out);
	arena_release(&a);
	template_program_free(p);
	template_free(t);
}

static void refusals(void **state)
{
	struct template *t = compile("{{x}}\n", ESCAPE_INI);
	struct template_program *p;
	struct tval *d;
	struct buf out;
	struct arena a;
	struct err err;
	bool fits;

	(void)state;
	arena_init(&a, 0);
	d = tval_object(&a);
	tval_put_str(d, "x", "plain");
	assert_int_equal(template_program_make(t, d, NULL, NULL, &p, &err), ERR_OK);
	d->as.object.entries[0].value = tval_text(&a, slice_str("a\nb"));
	buf_init(&out, 4096);
	assert_int_equal(template_program_run(p, d, &out, &fits, &err), ERR_INPUT);
	assert_string_equal(
		err.text, "t:1:1: the value of 'x' holds a line break or another control character; remove it");
	buf_release(&out);
	buf_init(&out, 4);
	d->as.object.entries[0].value = tval_text(&a, slice_str("12345"));
	assert_int_equal(template_program_run(p, d, &out, &fits, &err), ERR_LIMIT);
	buf_release(&out);
	arena_release(&a);
	template_program_free(p);
	template_free(t);
}

static void memory_runs_out(void **state)
{
	struct template *t = compile(text, ESCAPE_XML);
	struct template_program *p;
	enum err_code rc = ERR_NOMEM;
	struct arena a;
	struct err err;
	unsigned long n;

	(void)state;
	arena_init(&a, 0);
	for (n = 1; rc; n++) {
		struct tval *d = data(&a, 40, 0, "a");
		mem_fail_from(n);
		rc = template_program_make(t, d, constants, NULL, &p, &err);
		mem_fail_from(0);
		assert_true(rc == ERR_OK || (rc == ERR_NOMEM && !p));
		arena_release(&a);
	}
	assert_true(n > 4);
	template_program_free(p);
	template_free(t);
}

/* ---- rows ---- */

#define BOOK                                                                                                           \
	"account.{}.label\t1..16\ttext 0 5\n"                                                                          \
	"account.{}.port\t1..16\tint 1 65535\n"                                                                        \
	"user.password\t-\ttext 0 8\tmandatory,print,secret,repeats\n"                                                 \
	"mode\t-\tword on|off\n"                                                                                       \
	"proxy_{}/expires\t-\tint 0 60\n"                                                                              \
	"account/title\t-\t-\tmandatory\n"

struct ruled {
	struct param_book *book;
	struct renderer renderer;
	struct template_rules rules;
};

static void open_rules(struct ruled *w, enum vendor_id vendor, enum file_kind kind)
{
	struct err err;

	memset(w, 0, sizeof(*w));
	if (param_book_read(slice_str(BOOK), "rows", vendor, &w->book, &err))
		fail_msg("%s", err.text);
	w->renderer.books[vendor] = w->book;
	assert_true(bind_rules(&w->renderer, vendor, kind, &w->rules));
	assert_false(bind_rules(&w->renderer, vendor, FILE_LOG, &w->rules));
	assert_true(bind_rules(&w->renderer, vendor, kind, &w->rules));
}

/* One value put in; NULL when it was written, else the sentence. */
static const char *put_in(const struct ruled *w, const char *template, enum escape escape, const char *v)
{
	static struct err err;
	struct template *t = compile(template, escape);
	struct template_program *p = NULL;
	struct tval *d;
	struct arena a;
	struct buf out;
	enum err_code rc;
	bool fits;

	arena_init(&a, 0);
	buf_init(&out, 4096);
	d = tval_object(&a);
	tval_put_str(d, "v", "1");
	tval_put_int(d, "n", 3);
	tval_put_bool(d, "yes", true);
	rc = template_program_make(t, d, constants, &w->rules, &p, &err);
	d->as.object.entries[0].value = tval_text(&a, slice_str(v));
	if (!rc)
		rc = template_program_run(p, d, &out, &fits, &err);
	/* The long way round says no to the same. */
	if (!rc)
		assert_int_equal(template_rules_text(&w->rules, buf_view(&out), NULL), ERR_OK);
	buf_release(&out);
	arena_release(&a);
	template_program_free(p);
	template_free(t);
	return rc ? err.text : NULL;
}

static void rows(void **state)
{
	static const struct {
		enum vendor_id vendor;
		const char *template, *value, *want; /* what the sentence begins with; NULL = written */
	} all[] = {
		{ VENDOR_YEALINK, "account.{{n}}.label = {{v}}\n", "12345", NULL },
		{ VENDOR_YEALINK, "account.{{n}}.label = {{v}}\n", "123456",
			"account.3.label may have at most 5 characters and has 6" },
		{ VENDOR_YEALINK, "account.{{n}}.label = {{v}}\n", "%NULL%", NULL },
		{ VENDOR_YEALINK, "account.3.port = {{v}}\n", "65536",
			"account.3.port must be a number from 1 to 65535" },
		{ VENDOR_YEALINK, "account.3.port = {{v}}\n", "65535", NULL },
		{ VENDOR_YEALINK, "mode = {{v}}\n", "on", NULL },
		{ VENDOR_YEALINK, "mode = {{v}}\n", "maybe", "mode must be one of on, off" },
		{ VENDOR_YEALINK, "user.password = u:{{v}}\n", "123456", NULL },
		{ VENDOR_YEALINK, "user.password = u:{{v}}\n", "1234567",
			"user.password may have at most 8 characters and has 9" },
		{ VENDOR_YEALINK, "user.password = {{#yes}}{{v}}{{/yes}}\n", "123456789",
			"user.password may have at most 8 characters and has 9" },
		{ VENDOR_YEALINK, "user.password = {{v}}\n", "", "user.password may not be empty" },
		{ VENDOR_YEALINK, "user.password = {{v}}", "a b", "user.password may hold visible ASCII" },
		{ VENDOR_YEALINK, "mode = perhaps\n{{v}}\n", "", "t:1: mode must be one of on, off" },
		{ VENDOR_YEALINK, "# mode = perhaps {{v}}\nother = {{v}}\n", "anything at all", NULL },
		{ VENDOR_POLYCOM, "\taccount.{{n}}.label=\"{{v}}\"\n", "<&\"'>", NULL },
		{ VENDOR_POLYCOM, "\taccount.{{n}}.label=\"{{v}}\"\n", "<&\"'>x", "account.3.label may have" },
		{ VENDOR_POLYCOM, "\tuser.password=\"<{{v}}\"\n", "1234&567", "user.password may have" },
		{ VENDOR_GRANDSTREAM, "<item name=\"mode\">{{v}}</item>\n", "off", NULL },
		{ VENDOR_GRANDSTREAM, "<item name=\"mode\">{{v}}</item>\n", "of", "mode must be one of" },
		{ VENDOR_GRANDSTREAM, "<item name=\"account.{{n}}.port\">{{v}}</item>\n", "0",
			"account.3.port must be" },
		{ VENDOR_GRANDSTREAM, "<item name=\"mode\">x</item>{{v}}\n", "of", NULL },
		{ VENDOR_LINPHONE, "\t\t<entry name=\"expires\" overwrite=\"true\">{{v}}</entry>\n", "60", NULL },
		{ VENDOR_LINPHONE, "<entry name=\"expires\" overwrite=\"true\">{{v}}</entry>\n", "61",
			"expires must be a number from 0 to 60" },
		{ VENDOR_LINPHONE, "<entry name=\"expires\" overwrite=\"true\">6{{v}}</entry>\n", "1",
			"expires must be a number from 0 to 60" },
		{ VENDOR_LINPHONE, "<entry name=\"other\" overwrite=\"true\">{{v}}</entry>\n", "61", NULL },
		{ VENDOR_ACROBITS, "\t<title>{{v}}</title>\n", "A & B", NULL },
		{ VENDOR_ACROBITS, "\t<title>{{v}}</title>\n", "", "title may not be empty" },
		{ VENDOR_ZOIPER, "<expires>{{v}}</expires>\n", "61", "expires must be a number from 0 to 60" },
		{ VENDOR_ZOIPER, "<expires>61</expires>{{v}}\n", "", "expires must be a number" },
		{ VENDOR_ZOIPER, "<other><expires>{{v}}</expires>\n", "61", NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
		static const enum file_kind kinds[] = { [VENDOR_YEALINK] = FILE_MAC_CFG,
			[VENDOR_POLYCOM] = FILE_LINES_CFG,
			[VENDOR_GRANDSTREAM] = FILE_GS_XML,
			[VENDOR_LINPHONE] = FILE_SOFTPHONE,
			[VENDOR_ACROBITS] = FILE_SOFTPHONE,
			[VENDOR_ZOIPER] = FILE_SOFTPHONE };
		struct ruled w;
		const char *got;
		open_rules(&w, all[i].vendor, kinds[all[i].vendor]);
		got = put_in(
			&w, all[i].template, all[i].vendor == VENDOR_YEALINK ? ESCAPE_INI : ESCAPE_XML, all[i].value);
		if (all[i].want ? !got || strncmp(got, all[i].want, strlen(all[i].want)) != 0 : got != NULL)
			fail_msg("%s with %s: %s", all[i].template, all[i].value, got ? got : "written");
		param_book_free(w.book);
	}
}

/* A secret's text is in no sentence. */
static void no_secret_in_a_sentence(void **state)
{
	struct ruled w;
	const char *got;

	(void)state;
	open_rules(&w, VENDOR_YEALINK, FILE_MAC_CFG);
	got = put_in(&w, "user.password = {{v}}\n", ESCAPE_INI, "hush hush");
	assert_non_null(got);
	assert_null(strstr(got, "hush"));
	got = put_in(&w, "user.password = u:{{v}}\n", ESCAPE_INI, "hush-hush");
	assert_non_null(got);
	assert_null(strstr(got, "hush"));
	param_book_free(w.book);
}

/* ---- several threads ---- */

enum { THREADS = 4, ROUNDS = 12 };

struct crowd {
	const struct catalog *catalog;
	const struct renderer *renderer;
	struct buf want[3];
};

static const struct {
	const char *model;
	enum file_kind kind;
} asked[3] = { { "yealink-t31p", FILE_MAC_CFG }, { "polycom-ip331", FILE_LINES_CFG },
	{ "grandstream-gxp1628", FILE_GS_XML } };

static void render_one(const struct crowd *c, size_t which, struct buf *out)
{
	static struct account line = { .slot = 1, .use = ACCOUNT_LINE, .user = "1001", .password = { "s3cret", 6 } };
	struct phone ph = { .model = asked[which].model,
		.domain = "a.example",
		.filler = { "key", 3 },
		.accounts = &line,
		.naccounts = 1 };
	struct err err;

	buf_init(out, VENDOR_RENDER_MAX);
	if (vendor_render(c->renderer, catalog_find(c->catalog, ph.model), &ph, asked[which].kind, out, &err))
		fail_msg("%s", err.text);
}

static void *ask(void *arg)
{
	const struct crowd *c = arg;
	uintptr_t wrong = 0;

	for (size_t i = 0; i < ROUNDS; i++) {
		struct buf out;
		render_one(c, i % 3, &out);
		wrong += c->want[i % 3].len && !slice_eq(buf_view(&out), buf_view(&c->want[i % 3]));
		buf_release(&out);
	}
	return (void *)wrong;
}

/* All of them ask for models that nobody has asked for yet. */
static void many_at_once(void **state)
{
	pthread_t threads[THREADS];
	struct renderer *first, *r;
	struct crowd c = { 0 };
	struct catalog *catalog;
	struct err err;

	(void)state;
	catalog = catalog_open("firmware-profiles", &err);
	assert_non_null(catalog);
	c.catalog = catalog;
	if (renderer_open("templates", catalog, &first, &err) || renderer_open("templates", catalog, &r, &err))
		fail_msg("%s", err.text);
	c.renderer = first;
	for (size_t i = 0; i < 3; i++)
		render_one(&c, i, &c.want[i]);
	assert_true(prepared_size(first) > 0 && prepared_size(first) < PREPARED_MAX);
	assert_int_equal(prepared_size(r), 0);
	c.renderer = r;
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, ask, &c), 0);
	for (size_t i = 0; i < THREADS; i++) {
		void *wrong = NULL;
		pthread_join(threads[i], &wrong);
		assert_null(wrong);
	}
	for (size_t i = 0; i < 3; i++)
		buf_release(&c.want[i]);
	renderer_close(first);
	renderer_close(r);
	catalog_close(catalog);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(same_bytes),
		cmocka_unit_test(another_shape),
		cmocka_unit_test(refusals),
		cmocka_unit_test(memory_runs_out),
		cmocka_unit_test(rows),
		cmocka_unit_test(no_secret_in_a_sentence),
		cmocka_unit_test(many_at_once),
	};

	return cmocka_run_group_tests_name("program", tests, NULL, NULL);
}
