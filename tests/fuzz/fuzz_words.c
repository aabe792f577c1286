/* Overrides by name and by word from arbitrary bytes, one a line: a digit for the layer, the name, '=', the value. A
 * word's value is refused with a sentence or the phone has it; what is left after the merge is one value a name. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "phonecfg/model/words.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 4096, OVERRIDES_MAX = 32 };

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

/* One value a name, in order, no word among them; and each word that stands is one that an override named. */
static void merged(const struct phone *ph, struct arena *a)
{
	struct word_source *sources;
	struct err err = { 0 };
	struct phone out;
	size_t n;

	must(phone_apply_words(ph, a, &out, &sources, &n, &err) == ERR_OK);
	for (size_t i = 0; i < out.noverrides; i++) {
		must(word_find(out.overrides[i].name) == NULL);
		must(i == 0 || strcmp(out.overrides[i - 1].name, out.overrides[i].name) < 0);
	}
	for (size_t i = 0; i < n; i++) {
		size_t k = 0;

		while (k < ph->noverrides && strcmp(ph->overrides[k].name, sources[i].word->name) != 0)
			k++;
		must(k < ph->noverrides && word_check(sources[i].word, sources[i].value, NULL) == ERR_OK);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct account line = { .slot = 1, .use = ACCOUNT_LINE, .user = "1001", .password = { "secret", 6 } };
	struct phone ph = { .mac = { { 0, 0x15, 0x65, 1, 2, 3 } }, .generation = 1, .domain = "a.test" };
	struct override v[OVERRIDES_MAX];
	struct arena a;

	if (size > INPUT_MAX || memchr(data, 0, size))
		return 0;
	arena_init(&a, 0);
	ph.overrides = v;
	ph.noverrides = read_overrides((struct slice){ (const char *)data, size }, &a, v);
	ph.accounts = &line;
	ph.naccounts = 1;
	words(v, ph.noverrides, &ph, &a);
	merged(&ph, &a);
	arena_release(&a);
	return 0;
}
