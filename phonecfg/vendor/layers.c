/* For every value of a file who set it; and whether an override may be kept. */
#include "phonecfg/vendor/layers.h"

#include <stdio.h>
#include <string.h>

#include "phonecfg/vendor/carriers.h"
#include "phonecfg/vendor/params.h"

/* A word that every vendor takes as a password, so that the file is made the same way and no secret leaves it. */
static const struct secret masked = { "xxxxxxxxxxxxxxxx", 16 };

struct telling {
	const struct renderer *r;
	const struct param_book *book;
	const struct profile *pf;
	const struct phone *ph; /* settled: its overrides hold no word */
	struct arena *a;
	const struct word_source *words;
	size_t nwords;
	struct map *carried; /* one map of names for each of words */
};

static enum err_code mask(const struct phone *in, struct arena *a, struct phone *out, struct err *err)
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
	for (size_t i = 0; i < in->naccounts; i++) {
		if (secret_set(&in->accounts[i].password))
			out->accounts[i].password = masked;
	}
	if (secret_set(&in->prov.password))
		out->prov.password = masked;
	if (secret_set(&in->admin_password))
		out->admin_password = masked;
	if (secret_set(&in->user_password))
		out->user_password = masked;
	out->filler = masked;
	return ERR_OK;
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

static const struct override *override_of(const struct phone *ph, const struct param *p)
{
	for (size_t i = 0; i < ph->noverrides; i++) {
		if (strcmp(ph->overrides[i].name, p->name) == 0 &&
			slice_eq(slice_trim(slice_str(ph->overrides[i].value)), slice_trim(slice_str(p->value))))
			return &ph->overrides[i];
	}
	return NULL;
}

static bool stated(const struct telling *t, const struct override *ov)
{
	const struct phone probe = { .overrides = (struct override *)ov, .noverrides = 1 };

	return renderer_check_overrides(t->r, t->pf, &probe, NULL) != ERR_OK;
}

static void tell(const struct telling *t, const struct param *p, struct layered *out)
{
	const struct override *ov = override_of(t->ph, p);

	*out = (struct layered){ .line = p->line, .name = p->name, .value = p->value };
	out->secret = param_secret(param_book_row(t->book, p->name), p->name) || strstr(p->value, masked.bytes);
	/* A clear is no secret. */
	if (out->secret && *p->value && strcmp(p->value, "%NULL%") != 0)
		out->value = "***";
	if (ov && !stated(t, ov)) {
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

enum err_code vendor_layers(const struct renderer *r, const struct param_book *book, const struct profile *pf,
	const struct phone *ph, enum file_kind kind, struct arena *a, struct layered **out, size_t *n, struct err *err)
{
	struct telling t = { .r = r, .book = book, .pf = pf, .a = a };
	struct word_source *words;
	struct phone plain, settled;
	struct params p;
	enum err_code rc;

	*n = 0;
	*out = NULL;
	if ((rc = mask(ph, a, &plain, err)) || (rc = phone_apply_words(&plain, a, &settled, &words, &t.nwords, err)))
		return rc;
	t.words = words;
	t.ph = &settled;
	if ((rc = read_file(&t, kind, &p, err)) || (rc = find_carriers(&t, kind, err)))
		return rc;
	*out = arena_alloc(a, (p.n + 1) * sizeof(**out));
	if (!*out)
		return err_set(err, ERR_NOMEM, "no memory to show a file");
	for (size_t i = 0; i < p.n; i++)
		tell(&t, &p.v[i], &(*out)[i]);
	*n = p.n;
	return ERR_OK;
}

static bool others_know(const struct param_book *const *others, const char *name)
{
	for (; others && *others; others++) {
		if (param_book_row(*others, name) || param_book_number(*others, name))
			return true;
	}
	return false;
}

enum err_code vendor_check_override(const struct renderer *r, const struct param_book *book,
	const struct param_book *const *others, const struct profile *pf, const struct override *ov, struct arena *a,
	const char **warning, struct err *err)
{
	const struct phone probe = { .overrides = (struct override *)ov, .noverrides = 1 };
	char why[PARAM_WHY_MAX];
	const char *near;
	enum err_code rc = override_check(ov, err);

	*warning = NULL;
	if (rc || word_find(ov->name) || (rc = renderer_check_overrides(r, pf, &probe, err)) || !book)
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
		if (others_know(others, ov->name))
			return ERR_OK;
		near = param_book_nearest(book, ov->name);
		*warning = arena_printf(
			a, "override %s is not known%s%s", ov->name, near ? "; the nearest is " : "", near ? near : "");
		break;
	}
	return *warning ? ERR_OK : err_set(err, ERR_NOMEM, "no memory to check an override");
}
