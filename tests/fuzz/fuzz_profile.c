/* A firmware profile, a phone's file and the parameter list's verdict on it from arbitrary bytes: refused with a
 * sentence or taken, never a crash. The first byte says which reader. */
#include <stdint.h>
#include <stdlib.h>

#include "phonecfg/profile/load.h"
#include "phonecfg/vendor/inspect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { INPUT_MAX = 64 * 1024, MEMORY_MAX = 64 << 20 };

static void profile(struct slice text, bool vendor, struct arena *a, struct err *err)
{
	static struct profile_schema *schema;
	struct profile pf;

	if (!schema && profile_schema_open("firmware-profiles/profile.rng", &schema, err))
		abort();
	if (vendor) {
		if (profile_load_vendor(schema, text, "vendor.xml", a, &pf, err) == ERR_OK && pf.vendor == VENDOR_NONE)
			abort();
	} else if (profile_load(schema, text, "input.xml", NULL, a, &pf, err) == ERR_OK &&
		   (pf.accounts == 0 || !pf.id || pf.nsyntaxes == 0)) {
		abort();
	}
}

static void parameters(struct slice text, struct arena *a, struct err *err)
{
	static struct param_book *books[VENDOR_COUNT];
	struct inspect_options o = { (const struct param_book *const *)books, NULL, "4.0", NULL };
	struct findings found;
	struct params p;

	for (int v = VENDOR_YEALINK; v <= VENDOR_GRANDSTREAM; v++) {
		if (!books[v] && param_book_open("firmware-profiles", (enum vendor_id)v, &books[v], err))
			abort();
	}
	if (inspect_file(text, &o, a, &p, &found, err) == ERR_OK && found.n > FINDINGS_MAX)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data + 1, size - 1 };
	struct arena a;
	struct err err;

	if (size == 0 || size > INPUT_MAX)
		return 0;
	arena_init(&a, MEMORY_MAX);
	if (data[0] == 'p' || data[0] == 'v')
		profile(text, data[0] == 'v', &a, &err);
	else
		parameters(text, &a, &err);
	arena_release(&a);
	return 0;
}
