/* Which layer's value of a parameter stands. */
#include "phonecfg/model/model.h"

#include <stdlib.h>
#include <string.h>

struct ranked {
	struct override ov;
	size_t at; /* position in the input: of two in one layer the later stands */
};

static int by_name(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;
	int c = strcmp(x->ov.name, y->ov.name);

	if (c)
		return c;
	if (x->ov.layer != y->ov.layer)
		return x->ov.layer < y->ov.layer ? -1 : 1;
	return x->at < y->at ? -1 : 1;
}

enum err_code override_merge(
	const struct override *in, size_t n, struct arena *a, struct override **out, size_t *nout, struct err *err)
{
	struct ranked *all = arena_alloc(a, (n ? n : 1) * sizeof(*all));
	struct override *kept = arena_alloc(a, (n ? n : 1) * sizeof(*kept));
	size_t k = 0;

	if (!all || !kept)
		return err_set(err, ERR_NOMEM, "no memory to merge %zu overrides", n);
	for (size_t i = 0; i < n; i++) {
		if (!in[i].name || !in[i].value)
			return err_set(err, ERR_INPUT, "override %zu has no name or no value", i + 1);
		all[i] = (struct ranked){ in[i], i };
	}
	qsort(all, n, sizeof(*all), by_name);
	for (size_t i = 0; i < n; i++) {
		if (i + 1 == n || strcmp(all[i].ov.name, all[i + 1].ov.name) != 0)
			kept[k++] = all[i].ov;
	}
	*out = kept;
	*nout = k;
	return ERR_OK;
}
