/* Overrides by name and by word from arbitrary bytes, one a line: a digit for the layer, the name, '=', the value. A
 * word's value is refused with a sentence or the phone has it; what vendor_check lets through renders, and no file is
 * then refused by the phone that it is for. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "phonecfg/handset/handset.h"
#include "phonecfg/model/words.h"
#include "phonecfg/vendor/vendor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 4096, OVERRIDES_MAX = 32 };

static const char *const models[] = { "yealink-t31p", "polycom-ip331", "grandstream-gxp1628", "grandstream-ht802" };
static struct catalog *catalog;
static struct renderer *renderer;

static void must(bool good)
{
	if (!good)
		abort();
}

static void words(const struct override *v, size_t n, const struct phone *ph, struct arena *a)
{
	struct phone with = *ph;
	struct err err = { 0 };

	for (size_t i = 0; i < n; i++) {
		const struct word *w = word_find(v[i].name);

		if (!w)
			continue;
		if (word_check(w, v[i].value, &err) == ERR_OK)
			must(word_set(w, v[i].value, a, &with, &err) == ERR_OK);
		else
			must(err.text[0] != 0);
	}
}

static size_t read_overrides(struct slice text, struct arena *a, struct override *v)
{
	size_t n = 0;

	while (text.n && n < OVERRIDES_MAX) {
		struct slice line = slice_cut(&text, '\n'), name;

		if (line.n < 2)
			continue;
		v[n].layer = (enum override_layer)((unsigned char)line.p[0] % LAYER_COUNT);
		line.p++;
		line.n--;
		name = slice_cut(&line, '=');
		v[n].name = arena_slice(a, name);
		v[n++].value = arena_slice(a, line);
	}
	return n;
}

static int serve(void *arg, const char *method, const char *file, struct buf *body)
{
	(void)method;
	(void)file;
	buf_slice(body, buf_view(arg));
	return 200;
}

/* The phone asks for many files and is given its own each time: what is refused then is refused for what it holds. */
static void render(const struct profile *pf, const struct phone *ph)
{
	static const enum file_kind kinds[] = { FILE_MAC_CFG, FILE_LINES_CFG, FILE_GS_XML };
	struct handset_model m;
	struct handset *hs;
	struct err err = { 0 };
	struct buf b;
	size_t n;

	buf_init(&b, VENDOR_RENDER_MAX);
	must(vendor_render(renderer, pf, ph, kinds[pf->vendor - VENDOR_YEALINK], &b, &err) == ERR_OK ||
		err.code == ERR_INPUT);
	if (!err.code && handset_model_of(pf, &m)) {
		hs = handset_new(&m, &ph->mac, &err);
		must(hs && handset_pull(hs, serve, &b, &err) == ERR_OK);
		must(handset_steps(hs, &n) != NULL && n > 0);
		handset_free(hs);
	}
	buf_release(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct account line = { .slot = 1, .use = ACCOUNT_LINE, .user = "1001", .password = { "secret", 6 } };
	struct phone ph = { .mac = { { 0, 0x15, 0x65, 1, 2, 3 } }, .generation = 1, .domain = "a.test" };
	struct override v[OVERRIDES_MAX];
	struct err err = { 0 };
	struct arena a;

	if (size > INPUT_MAX || memchr(data, 0, size))
		return 0;
	if (!catalog) {
		catalog = catalog_open("firmware-profiles", &err);
		must(catalog && renderer_open("templates", catalog, &renderer, &err) == ERR_OK);
	}
	arena_init(&a, 0);
	ph.overrides = v;
	ph.noverrides = read_overrides((struct slice){ (const char *)data, size }, &a, v);
	ph.accounts = &line;
	ph.naccounts = 1;
	words(v, ph.noverrides, &ph, &a);
	for (size_t i = 0; i < sizeof(models) / sizeof(models[0]); i++) {
		const struct profile *pf = catalog_find(catalog, models[i]);

		must(pf != NULL);
		ph.model = pf->id;
		render(pf, &ph);
	}
	arena_release(&a);
	return 0;
}
