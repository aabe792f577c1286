/* Data that stands for any phone's: for the names that templates may use, and for what can be prepared per model. */
#include <string.h>

#include "phonecfg/vendor/renderer.h"

/* ---- a model that has one used and one unused of everything ---- */

static struct key_block blocks[] = {
	{ .name = "line", .first = 1, .max = 2, .blank = 2, .confirmed = true },
	{ .name = "memory", .first = 3, .max = 1, .blank = 1, .confirmed = true },
	{ .name = "vpk", .first = 4, .max = 1, .blank = 1, .confirmed = true },
	{ .name = "mpk", .first = 5, .max = 1, .blank = 1, .confirmed = true },
};

static enum err_code put_lists(
	const struct renderer *r, enum vendor_id vendor, struct arena *a, struct profile *pf, struct err *err)
{
	size_t cap = 0;

	for (size_t i = 0; i < catalog_count(r->catalog); i++) {
		const struct profile *p = catalog_at(r->catalog, i);
		for (size_t k = 0; p->vendor == vendor && k < p->nlists; k++) {
			struct slot_list *l;
			if (profile_list(pf, p->lists[k].name))
				continue;
			l = arena_push(a, (void **)&pf->lists, &pf->nlists, &cap, sizeof(*pf->lists));
			if (!l)
				return err_set(err, ERR_NOMEM, "no memory for the templates");
			*l = (struct slot_list){ p->lists[k].name, 1, 2, true };
		}
	}
	return ERR_OK;
}

enum err_code example_schema(
	const struct renderer *r, enum vendor_id vendor, struct arena *a, struct tval **out, struct err *err)
{
	static struct account account = { .slot = 1, .use = ACCOUNT_LINE, .user = "1", .domain = "d", .proxy = "p" };
	static struct override override = { LAYER_PHONE, "name", "value" };
	static struct listed_person person = { "f", "l", "1" };
	static struct syntax syntax = { "yealink-old", "", true };
	static struct key keys[] = {
		{ .index = 1, .type = KEY_SPEED_DIAL, .value = "1", .slot = 1 },
		{ .index = 3, .type = KEY_SPEED_DIAL, .value = "1", .slot = 1 },
		{ .module = 1, .index = 1, .type = KEY_SPEED_DIAL, .value = "1", .slot = 1 },
	};
	struct profile pf = { .id = "x",
		.vendor = vendor,
		.model = "x",
		.display = "x",
		.accounts = 1,
		.accounts_blank = 2,
		.blocks = blocks,
		.nblocks = 4,
		.syntaxes = &syntax,
		.nsyntaxes = 1,
		.modules = 1,
		.keys_per_module = 2 };
	struct phone ph = { .prov = { .url = "https://x/" },
		.set = { .codecs = { CODEC_PCMU }, .ncodecs = 1, .directory = true },
		.accounts = &account,
		.naccounts = 1,
		.keys = keys,
		.nkeys = 3,
		.overrides = &override,
		.noverrides = 1,
		.people = &person,
		.npeople = 1 };
	enum err_code rc = put_lists(r, vendor, a, &pf, err);

	return rc ? rc : data_build(NULL, a, &pf, &ph, data_lists(a, &pf), out, err);
}

/* ---- a real model with everything used ---- */

struct full {
	struct arena *a;
	const struct profile *pf;
	struct tval *lists;
	const char *firmware;
};

static void fill_accounts(const struct full *f, struct phone *ph)
{
	ph->accounts = arena_alloc(f->a, (f->pf->accounts + 1) * sizeof(*ph->accounts));
	for (unsigned slot = 1; ph->accounts && slot <= f->pf->accounts; slot++)
		ph->accounts[ph->naccounts++] =
			(struct account){ .slot = slot, .use = ACCOUNT_LINE, .user = "1", .domain = "d", .proxy = "p" };
}

static void fill_keys(const struct full *f, enum key_type type, struct phone *ph)
{
	size_t most = profile_keys(f->pf, 0) + (size_t)f->pf->modules * f->pf->keys_per_module;

	ph->keys = arena_alloc(f->a, (most + 1) * sizeof(*ph->keys));
	for (unsigned m = 0; ph->keys && m <= f->pf->modules; m++) {
		for (unsigned i = 1; i <= profile_keys(f->pf, m); i++)
			ph->keys[ph->nkeys++] = (struct key){ .module = m, .index = i, .type = type, .value = "1" };
	}
}

static enum err_code build(const struct full *f, bool used, enum key_type type, struct tval **out, struct err *err)
{
	static struct override override = { LAYER_PHONE, "name", "value" };
	struct phone ph = { .firmware = f->firmware };

	if (used) {
		ph.prov.url = "https://x/";
		ph.overrides = &override;
		ph.noverrides = 1;
		fill_accounts(f, &ph);
		fill_keys(f, type, &ph);
	}
	return data_build(NULL, f->a, f->pf, &ph, f->lists, out, err);
}

/* Lists of a take the items of b's where those are more. */
static void widen(struct tval *a, const struct tval *b)
{
	if (a->fixed || b->fixed || a->kind != b->kind)
		return;
	if (a->kind == TVAL_LIST && b->as.list.count > a->as.list.count)
		a->as.list = b->as.list;
	for (size_t i = 0; a->kind == TVAL_OBJECT && i < a->as.object.count; i++) {
		const struct tval *other = tval_get(b, a->as.object.entries[i].key);
		if (other)
			widen(a->as.object.entries[i].value, other);
	}
}

enum err_code example_model(const struct profile *pf, const char *firmware, struct arena *a, struct tval *lists,
	struct tval **out, struct err *err)
{
	static const enum key_type types[] = { KEY_SPEED_DIAL, KEY_LINE };
	struct full f = { a, pf, lists, firmware };
	struct tval *more = NULL;
	enum err_code rc = build(&f, true, KEY_BLF, out, err);

	for (size_t i = 0; !rc && i < 3; i++) {
		rc = build(&f, i < 2, i < 2 ? types[i] : KEY_NONE, &more, err);
		if (!rc)
			widen(*out, more);
	}
	return rc;
}
