#include "phonecfg/vendor/carriers.h"

#include <string.h>

#include "phonecfg/vendor/book.h"
#include "phonecfg/vendor/layers.h"
#include "phonecfg/vendor/params.h"

enum { SAMPLE_MAX = 300 };

struct probing {
	const struct renderer *r;
	const struct profile *pf;
	const struct phone *ph;
	enum file_kind kind;
	struct arena *a; /* scratch */
};

/* The file with this value of w, as a list. *made is false when the model cannot carry it. */
static enum err_code make(const struct probing *p, const struct word *w, const char *value, struct params *out,
	bool *made, struct err *err)
{
	struct phone ph = *p->ph;
	struct buf text;
	enum err_code rc;

	*made = false;
	memset(out, 0, sizeof(*out));
	ph.file_key = (struct secret){ NULL, 0 };
	if (ph.naccounts) {
		ph.accounts = arena_alloc(p->a, ph.naccounts * sizeof(*ph.accounts));
		if (!ph.accounts)
			return err_set(err, ERR_NOMEM, "no memory to look for %s", w->name);
		memcpy(ph.accounts, p->ph->accounts, ph.naccounts * sizeof(*ph.accounts));
	}
	rc = word_set(w, value, p->a, &ph, err);
	if (rc)
		return rc;
	buf_init(&text, VENDOR_RENDER_MAX);
	rc = vendor_render(p->r, p->pf, &ph, p->kind, &text, err);
	if (!rc)
		rc = params_read(buf_view(&text), "file", p->a, out, err);
	buf_release(&text);
	*made = rc == ERR_OK;
	return rc == ERR_INPUT || rc == ERR_LIMIT || rc == ERR_NOT_FOUND ? ERR_OK : rc;
}

static void add(struct map *names, const char *name)
{
	char *own;

	if (map_has(names, name))
		return;
	own = arena_strdup(names->arena, name);
	if (own)
		map_put(names, own, own);
}

/* What stands in one only, or with another value. Of a name that stands twice the last is looked at. */
static void differ(const struct params *one, const struct params *two, struct arena *a, struct map *names)
{
	struct map first, second;

	map_init(&first, a);
	map_init(&second, a);
	for (size_t i = 0; i < one->n; i++)
		map_put(&first, one->v[i].name, &one->v[i]);
	for (size_t i = 0; i < two->n; i++)
		map_put(&second, two->v[i].name, &two->v[i]);
	for (size_t i = 0; i < second.count; i++) {
		const struct param *was = map_get(&first, second.entries[i].key), *is = second.entries[i].value;
		if (!was || strcmp(was->value, is->value) != 0)
			add(names, is->name);
	}
	for (size_t i = 0; i < one->n; i++) {
		if (!map_has(&second, one->v[i].name))
			add(names, one->v[i].name);
	}
}

enum err_code word_carriers(const struct renderer *r, const struct profile *pf, const struct phone *ph,
	enum file_kind kind, const struct word *w, struct map *names, struct err *err)
{
	struct arena scratch;
	struct probing p = { r, pf, ph, kind, &scratch };
	char value[SAMPLE_MAX];
	struct params base = { 0 };
	bool have = false;
	enum err_code rc = ERR_OK;

	arena_init(&scratch, 0);
	for (size_t i = 0; !rc && word_sample(w, i, value, sizeof(value)); i++) {
		struct params other;
		bool made;
		rc = make(&p, w, value, &other, &made, err);
		if (rc || !made)
			continue;
		if (have)
			differ(&base, &other, &scratch, names);
		else
			base = other;
		have = true;
	}
	if (!rc && (arena_failed(&scratch) || arena_failed(names->arena)))
		rc = err_set(err, ERR_NOMEM, "no memory to look for %s", w->name);
	arena_release(&scratch);
	return rc;
}

/* "account.1.x" and "account.2.x" are one pattern. */
static enum err_code add_patterns(const struct map *names, struct map *patterns, struct err *err)
{
	char pattern[PARAM_NAME_MAX];

	for (size_t i = 0; i < names->count; i++) {
		if (param_pattern(names->entries[i].key, pattern))
			add(patterns, pattern);
	}
	return arena_failed(patterns->arena) ? err_set(err, ERR_NOMEM, "no memory for the names") : ERR_OK;
}

enum err_code vendor_word_carriers(const struct renderer *r, const struct profile *pf, const struct phone *ph,
	const struct word *w, struct arena *a, const char ***out, size_t *n, struct err *err)
{
	const struct vendor *v = vendor_get(pf->vendor);
	struct map names, patterns;
	struct phone plain;
	enum err_code rc = phone_apply_words(ph, a, &plain, NULL, NULL, err);

	map_init(&names, a);
	map_init(&patterns, a);
	for (size_t i = 0; !rc && i < v->nfiles; i++) {
		if (v->files[i].tmpl && v->files[i].answer != ANSWER_NOT_FOUND)
			rc = word_carriers(r, pf, &plain, v->files[i].kind, w, &names, err);
	}
	if (!rc)
		rc = add_patterns(&names, &patterns, err);
	*n = 0;
	*out = rc ? NULL : arena_alloc(a, (patterns.count + 1) * sizeof(**out));
	if (rc || !*out)
		return rc ? rc : err_set(err, ERR_NOMEM, "no memory for the names");
	for (size_t i = 0; i < patterns.count; i++)
		(*out)[(*n)++] = patterns.entries[i].key;
	return ERR_OK;
}
