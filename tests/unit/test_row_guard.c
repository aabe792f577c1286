/* What is accepted can be rendered: a phone whose file cannot be made keeps its old person. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "phonecfg/base/mem.h"
#include "phonecfg/vendor/layers.h"
#include "tests/unit/pace.h"

/* STRIDE: of the values of a row one in so many, another one for the next row. 1 tries them all, in half a minute. */
enum { STRIDE = 16, BATCH = 400, VALUES = 40, VALUE_MAX = 520, SHOWN = 40 };

struct world {
	struct catalog *catalog;
	struct renderer *renderer;
	unsigned rendered, taken, bad;
};

static int open_world(void **state)
{
	struct world *w = mem_zalloc(sizeof(*w));
	struct err err;

	w->catalog = catalog_open("firmware-profiles", &err);
	if (!w->catalog || renderer_open("templates", w->catalog, &w->renderer, &err)) {
		fprintf(stderr, "%s\n", err.text);
		return -1;
	}
	*state = w;
	return 0;
}

static int close_world(void **state)
{
	struct world *w = *state;

	renderer_close(w->renderer);
	catalog_close(w->catalog);
	mem_free(w);
	return 0;
}

static struct account line = { .slot = 1,
	.use = ACCOUNT_LINE,
	.user = "1001",
	.domain = "pbx.example",
	.password = { "s3cretS3cret", 12 },
	.label = "Anna",
	.display_name = "Anna" };

static struct phone phone_of(const struct profile *pf)
{
	return (struct phone){ .mac = { { 0, 0x15, 0x65, 1, 2, 3 } },
		.model = pf->id,
		.generation = 7,
		.domain = "pbx.example",
		.prov = { .url = "https://p.example/cfg/", .password = { "pr0vPassword", 12 }, .write_login = true },
		.admin_password = { "adm1nPassw0rd", 13 },
		.user_password = { "us3rPassw0rd", 12 },
		.filler = { "f1llerfillerfil", 15 },
		.accounts = &line,
		.naccounts = 1 };
}

static enum err_code render_all(struct world *w, const struct profile *pf, const struct phone *ph, struct err *err)
{
	const struct vendor *v = vendor_get(pf->vendor);
	enum err_code rc = ERR_OK;
	struct buf b;

	buf_init(&b, VENDOR_RENDER_MAX);
	for (size_t i = 0; !rc && i < v->nfiles; i++) {
		if (!v->files[i].tmpl || v->files[i].answer == ANSWER_NOT_FOUND)
			continue;
		buf_reset(&b);
		rc = vendor_render(w->renderer, pf, ph, v->files[i].kind, &b, err);
		rc = rc == ERR_NOT_FOUND ? ERR_OK : rc; /* this phone needs none */
		w->rendered++;
	}
	buf_release(&b);
	return rc;
}

static void must_render(struct world *w, const struct profile *pf, const char *firmware, struct override *ov, size_t n)
{
	struct phone ph = phone_of(pf);
	struct err err = { 0 };

	ph.firmware = firmware;
	ph.overrides = ov;
	ph.noverrides = n;
	if (!render_all(w, pf, &ph, &err))
		return;
	if (n == 1) {
		if (w->bad++ < SHOWN)
			print_error("%s %s: %s = \"%.60s\": %s\n", pf->id, firmware ? firmware : "-", ov->name,
				ov->value, err.text);
		return;
	}
	must_render(w, pf, firmware, ov, n / 2);
	must_render(w, pf, firmware, ov + n / 2, n - n / 2);
}

/* ---- values at the limits, from both sides ---- */

struct tries {
	char v[VALUES][VALUE_MAX];
	size_t n;
};

static void add(struct tries *t, const char *value)
{
	if (t->n < VALUES)
		snprintf(t->v[t->n++], VALUE_MAX, "%s", value);
}

static void add_number(struct tries *t, long long v)
{
	char text[24];

	snprintf(text, sizeof(text), "%lld", v);
	add(t, text);
}

static void add_long(struct tries *t, long long n, char c)
{
	char text[VALUE_MAX];

	if (n < 0 || n >= VALUE_MAX)
		return;
	memset(text, c, (size_t)n);
	text[n] = 0;
	add(t, text);
}

static void fill(struct tries *t, const struct param_row *row)
{
	static const char *const any[] = { "", "0", "1", "-1", "7", "yes", "No", "true", "x y", "%NULL%", "\xc3\xa4",
		"a&b<c>\"'", "https://a.example/b", " lead", "trail ", "{{name}}", "}}", "#", "a=b", "\\", "P1",
		"4294967296" };
	const struct param_row *typed = row->type == PARAM_ANY && row->same ? row->same : row;

	t->n = 0;
	for (size_t i = 0; i < sizeof(any) / sizeof(any[0]); i++)
		add(t, any[i]);
	if (typed->type == PARAM_INT) {
		add_number(t, typed->min);
		add_number(t, typed->max);
		add_number(t, typed->min - 1);
		add_number(t, typed->max + 1);
	} else if (typed->type == PARAM_TEXT || typed->type == PARAM_BYTES || typed->type == PARAM_URL) {
		add_long(t, typed->max, '7');
		add_long(t, typed->max, '&');
		add_long(t, typed->max + 1, 'x');
		add_long(t, typed->min, 'x');
	} else {
		add_long(t, MODEL_OVERRIDE_MAX, '&');
		add_long(t, 300, 'x');
	}
	for (size_t i = 0; i < typed->nwords; i++)
		add(t, typed->words[i]);
}

static void name_of(const struct param_row *row, bool last, char *out, size_t size)
{
	unsigned k = 0;
	size_t n = 0;

	for (const char *p = row->name; *p && n + 12 < size; p++) {
		if (p[0] == '{' && p[1] == '}') {
			unsigned v = k < row->nranges ? last ? row->ranges[k].last : row->ranges[k].first : 1;
			n += (size_t)snprintf(out + n, size - n, "%u", v);
			k++;
			p++;
		} else {
			out[n++] = *p;
		}
	}
	out[n] = 0;
}

static void overrides_of(struct world *w, const struct profile *pf, const char *firmware)
{
	const struct param_book *book = renderer_book(w->renderer, pf->vendor);
	struct override batch[BATCH];
	struct tries *t = mem_zalloc(sizeof(*t));
	struct arena a;
	size_t n = 0;

	/* Of one name a phone has one value: a batch holds each name once, so the values go round one by one. */
	for (size_t which = 0; which < VALUES; which++) {
		arena_init(&a, 0);
		for (size_t i = 0; i < param_book_count(book); i++) {
			char name[PARAM_NAME_MAX];
			struct override ov = { .layer = LAYER_PHONE };
			const char *warning;

			if ((i + which) % (STRIDE * pace_step()))
				continue;
			fill(t, param_book_at(book, i));
			if (which >= t->n)
				continue;
			name_of(param_book_at(book, i), which & 1, name, sizeof(name));
			ov.name = arena_strdup(&a, name);
			ov.value = arena_strdup(&a, t->v[which]);
			if (vendor_check_override(w->renderer, pf, &ov, &a, &warning, NULL))
				continue;
			w->taken++;
			batch[n++] = ov;
			if (n == BATCH) {
				must_render(w, pf, firmware, batch, n);
				n = 0;
			}
		}
		must_render(w, pf, firmware, batch, n);
		n = 0;
		arena_release(&a);
	}
	mem_free(t);
}

static void every_parameter(void **state)
{
	static const struct {
		const char *model, *firmware;
	} phones[] = { { "yealink-t46u", NULL }, { "polycom-vvx450", NULL }, { "grandstream-gxp2170", NULL },
		{ "grandstream-gxp1628", NULL }, { "grandstream-ht802", NULL }, { "grandstream-grp2614", NULL } };
	struct world *w = *state;

	w->bad = 0;
	for (size_t i = 0; i < sizeof(phones) / sizeof(phones[0]); i++) {
		const struct profile *pf = catalog_find(w->catalog, phones[i].model);
		if (pf)
			overrides_of(w, pf, phones[i].firmware);
		else
			print_message("# no %s\n", phones[i].model);
	}
	print_message("# %u overrides taken, %u files, %u refused\n", w->taken, w->rendered, w->bad);
	assert_int_equal(w->bad, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(every_parameter) };

	return cmocka_run_group_tests(tests, open_world, close_world);
}
