/* For every value of a file who set it; and whether an override may be kept. */
#include "phonecfg/vendor/layers.h"

#include <stdio.h>
#include <string.h>

#include "phonecfg/vendor/carriers.h"
#include "phonecfg/vendor/guard.h"
#include "phonecfg/vendor/params.h"
#include "phonecfg/vendor/renderer.h"

/* A word that every vendor takes as a password, so that the file is made the same way and no secret leaves it. */
static const char masked_text[] = "xxxxxxxxxxxxxxxx";
static const struct secret masked = { masked_text, sizeof(masked_text) - 1 };

struct telling {
	const struct renderer *r;
	const struct profile *pf;
	const struct phone *ph; /* settled: its overrides hold no word */
	struct override *kept;  /* those of them that the file takes, as it spells them */
	size_t nkept;
	struct arena *a;
	const struct word_source *words;
	size_t nwords;
	struct map *carried; /* one map of names for each of words */
};

/* A vendor's clear is no secret. */
static bool clears(const char *value)
{
	return strcmp(value, "%NULL%") == 0;
}

/* What stands for an override's secret: the first of these that its row takes. */
static const char *masked_value(const struct param_book *book, const struct override *ov)
{
	static const char *const stand_ins[] = { masked_text, "0000", "" };
	char why[PARAM_WHY_MAX];
	size_t i = 0;

	while (book && i + 1 < sizeof(stand_ins) / sizeof(stand_ins[0]) &&
		param_judge(book, ov->name, slice_str(stand_ins[i]), NULL, why) == PARAM_VALUE)
		i++;
	return stand_ins[i];
}

static enum err_code mask_overrides(
	const struct param_book *book, const struct phone *in, struct arena *a, struct phone *out, struct err *err)
{
	if (!in->noverrides)
		return ERR_OK;
	out->overrides = arena_alloc(a, in->noverrides * sizeof(*out->overrides));
	if (!out->overrides)
		return err_set(err, ERR_NOMEM, "no memory to show a file");
	for (size_t i = 0; i < in->noverrides; i++) {
		struct override *ov = &out->overrides[i];
		*ov = in->overrides[i];
		if (*ov->value && !clears(ov->value) &&
			param_secret(book ? param_book_row(book, ov->name) : NULL, ov->name))
			ov->value = masked_value(book, ov);
	}
	return ERR_OK;
}

static void mask_secret(struct secret *s)
{
	if (secret_set(s))
		*s = masked;
}

enum err_code vendor_mask(const struct renderer *r, const struct profile *pf, const struct phone *in, struct arena *a,
	struct phone *out, struct err *err)
{
	*out = *in;
	if (secret_set(&in->file_key) || secret_set(&in->file_key_next))
		out->file_key_next = masked;
	out->file_key = (struct secret){ NULL, 0 };
	if (in->naccounts) {
		out->accounts = arena_alloc(a, in->naccounts * sizeof(*out->accounts));
		if (!out->accounts)
			return err_set(err, ERR_NOMEM, "no memory to show a file");
		memcpy(out->accounts, in->accounts, in->naccounts * sizeof(*out->accounts));
	}
	for (size_t i = 0; i < in->naccounts; i++)
		mask_secret(&out->accounts[i].password);
	mask_secret(&out->prov.password);
	mask_secret(&out->admin_password);
	mask_secret(&out->user_password);
	out->filler = masked;
	return mask_overrides(renderer_book(r, pf->vendor), in, a, out, err);
}

static enum err_code read_file(const struct telling *t, enum file_kind kind, struct params *out, struct err *err)
{
	struct buf text;
	enum err_code rc;

	memset(out, 0, sizeof(*out));
	buf_init(&text, VENDOR_RENDER_MAX);
	rc = vendor_render(t->r, t->pf, t->ph, kind, &text, err);
	if (!rc && params_read(buf_view(&text), "file", t->a, out, NULL) == ERR_NOMEM)
		rc = err_set(err, ERR_NOMEM, "no memory to show a file");
	buf_release(&text);
	return rc;
}

static enum err_code find_kept(struct telling *t, struct err *err)
{
	unsigned ways = override_twice(t->pf, t->ph) ? 2 : 1;

	t->kept = arena_alloc(t->a, (ways * t->ph->noverrides + 1) * sizeof(*t->kept));
	if (!t->kept)
		return err_set(err, ERR_NOMEM, "no memory to show a file");
	for (size_t i = 0; i < ways * t->ph->noverrides; i++)
		t->nkept +=
			override_written(t->r, t->pf, t->ph, &t->ph->overrides[i / ways], i % ways, &t->kept[t->nkept]);
	return ERR_OK;
}

/* Of two spellings of one parameter the later stands in the file. */
static const struct override *override_of(const struct telling *t, const struct param *p)
{
	for (size_t i = t->nkept; i > 0; i--) {
		const struct override *ov = &t->kept[i - 1];
		if (strcmp(ov->name, p->name) == 0 &&
			slice_eq(slice_trim(slice_str(ov->value)), slice_trim(slice_str(p->value))))
			return ov;
	}
	return NULL;
}

static void tell(const struct telling *t, const struct param *p, struct layered *out)
{
	const struct param_book *book = renderer_book(t->r, t->pf->vendor);
	const struct override *ov = override_of(t, p);

	*out = (struct layered){ .line = p->line, .name = p->name, .value = p->value };
	out->secret =
		param_secret(book ? param_book_row(book, p->name) : NULL, p->name) || strstr(p->value, masked.bytes);
	if (out->secret && *p->value && !clears(p->value))
		out->value = "***";
	if (ov) {
		out->overridden = true;
		out->layer = ov->layer;
		return;
	}
	for (size_t i = 0; i < t->nwords; i++) {
		if (!map_has(&t->carried[i], p->name) || (out->overridden && t->words[i].layer < out->layer))
			continue;
		out->overridden = true;
		out->layer = t->words[i].layer;
		out->word = t->words[i].word->name;
	}
}

static enum err_code find_carriers(struct telling *t, enum file_kind kind, struct err *err)
{
	enum err_code rc = ERR_OK;

	t->carried = arena_alloc(t->a, (t->nwords + 1) * sizeof(*t->carried));
	if (!t->carried)
		return err_set(err, ERR_NOMEM, "no memory to show a file");
	for (size_t i = 0; !rc && i < t->nwords; i++) {
		map_init(&t->carried[i], t->a);
		rc = word_carriers(t->r, t->pf, t->ph, kind, t->words[i].word, &t->carried[i], err);
	}
	return rc;
}

enum err_code vendor_layers(const struct renderer *r, const struct profile *pf, const struct phone *ph,
	enum file_kind kind, struct arena *a, struct layered **out, size_t *n, struct err *err)
{
	struct telling t = { .r = r, .pf = pf, .a = a };
	struct word_source *words;
	struct phone plain, settled;
	struct params p;
	enum err_code rc;

	*n = 0;
	*out = NULL;
	if ((rc = vendor_mask(r, pf, ph, a, &plain, err)) ||
		(rc = phone_apply_words(&plain, a, &settled, &words, &t.nwords, err)))
		return rc;
	t.words = words;
	t.ph = &settled;
	if ((rc = read_file(&t, kind, &p, err)) || (rc = find_kept(&t, err)) || (rc = find_carriers(&t, kind, err)))
		return rc;
	*out = arena_alloc(a, (p.n + 1) * sizeof(**out));
	if (!*out)
		return err_set(err, ERR_NOMEM, "no memory to show a file");
	for (size_t i = 0; i < p.n; i++)
		tell(&t, &p.v[i], &(*out)[i]);
	*n = p.n;
	return ERR_OK;
}

/* A domain and a site have phones of several vendors; elsewhere such a name does nothing. */
static const char *unknown(
	const struct renderer *r, const struct profile *pf, const struct override *ov, struct arena *a)
{
	enum vendor_id other = renderer_foreign(r, pf->vendor, ov->name);
	const char *near;

	if (other && (ov->layer == LAYER_DOMAIN || ov->layer == LAYER_SITE))
		return "";
	if (other)
		return arena_printf(a, "override %s is a parameter of %s; the files of a %s leave it out", ov->name,
			vendor_get(other)->name, pf->display);
	near = param_book_nearest(renderer_book(r, pf->vendor), ov->name);
	return arena_printf(
		a, "override %s is not known%s%s", ov->name, near ? "; the nearest is " : "", near ? near : "");
}

/* A word fits every phone of that model, or is refused: what the model cannot carry would be left out of its file. */
static enum err_code check_word(const struct profile *pf, const struct override *ov, struct arena *a, struct err *err)
{
	struct account line = {
		.slot = 1, .use = ACCOUNT_LINE, .user = "1", .domain = "a.example", .password = masked
	};
	struct phone settled, probe = { .model = pf->id,
		.domain = "a.example",
		.accounts = &line,
		.naccounts = 1,
		.overrides = (struct override *)ov,
		.noverrides = 1 };
	enum err_code rc = phone_apply_words(&probe, a, &settled, NULL, NULL, err);

	if (!rc && (rc = vendor_check_core(pf, &settled, err)))
		err_prefix(err, "override %s", ov->name);
	return rc;
}

enum err_code vendor_check_override(const struct renderer *r, const struct profile *pf, const struct override *ov,
	struct arena *a, const char **warning, struct err *err)
{
	const struct param_book *book = renderer_book(r, pf->vendor);
	const struct phone probe = { .overrides = (struct override *)ov, .noverrides = 1 };
	char why[PARAM_WHY_MAX];
	enum err_code rc = override_check(ov, err);

	*warning = NULL;
	if (rc || word_find(ov->name))
		return rc ? rc : check_word(pf, ov, a, err);
	if ((rc = renderer_check_overrides(r, pf, &probe, err)) || !book)
		return rc;
	switch (param_judge(book, ov->name, slice_str(ov->value), NULL, why)) {
	case PARAM_FINE:
		return ERR_OK;
	case PARAM_VALUE:
		return err_set(err, ERR_INPUT, "override %s: the value %s", ov->name, why);
	case PARAM_NUMBER:
		*warning = arena_printf(a, "override %s %s", ov->name, why);
		break;
	case PARAM_UNKNOWN:
		*warning = unknown(r, pf, ov, a);
		break;
	}
	if (!*warning)
		return err_set(err, ERR_NOMEM, "no memory to check an override");
	if (!**warning)
		*warning = NULL;
	return ERR_OK;
}
