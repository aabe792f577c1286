/* The search for what is left of a person. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "phonecfg/handset/internal.h"
#include "phonecfg/handset/residue_fields.h"

enum { SHORT_WORD = 4 }; /* a shorter word counts only as a whole value: "Al" is in every "Always" */

static enum err_code no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "no memory left for the search for residue");
}

/* ---- words ---- */

/* Letters of other scripts count as part of a word. */
static bool in_word(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

static bool holds(const char *value, const char *word, bool bounded)
{
	size_t n = strlen(word);
	const char *at;

	for (at = value; (at = strcasestr(at, word)) != NULL; at++)
		if (!bounded || ((at == value || !in_word(at[-1])) && !in_word(at[n])))
			return true;
	return false;
}

static bool word_is_in(const struct residue_word *w, const char *value)
{
	if (!*w->text)
		return false;
	switch (w->kind) {
	case RESIDUE_SECRET:
		return strstr(value, w->text) != NULL && (strlen(w->text) >= SHORT_WORD || strcmp(value, w->text) == 0);
	case RESIDUE_ANY:
		return holds(value, w->text, false);
	case RESIDUE_NAME:
	case RESIDUE_NUMBER:
		if (strlen(w->text) < SHORT_WORD)
			return strcasecmp(value, w->text) == 0;
		return holds(value, w->text, true);
	case RESIDUE_EMAIL:
	case RESIDUE_EXTENSION:
		return holds(value, w->text, true);
	}
	return false;
}

static bool is_kept(const struct residue_query *q, const char *value)
{
	size_t i;

	for (i = 0; i < q->nkept; i++)
		if (strcmp(q->kept[i], value) == 0)
			return true;
	return false;
}

/* ---- places ---- */

static bool is_taken(const struct residue_query *q, const struct handset_model *model, const char *parameter)
{
	struct residue_place p;
	size_t i;

	if (!residue_place_of(model, parameter, &p))
		return false;
	for (i = 0; i < q->ntaken; i++)
		if (q->taken[i].key == p.key &&
			(p.index == 0 || (q->taken[i].module == p.module && q->taken[i].index == p.index)))
			return true;
	return false;
}

/* ---- the search ---- */

/* A setting that the new files wrote and that carries no person: "English" is a language here, not the leaver's
 * surname, and 5060 a port. */
static bool is_neutral(const struct handset *after, const struct handset_entry *e, const struct residue_word *w)
{
	return e->written && w->kind != RESIDUE_SECRET && w->kind != RESIDUE_ANY &&
	       !residue_carries_person(handset_model(after)->kind, e->name);
}

static enum err_code add(
	struct residue_list *out, struct arena *a, const struct handset_entry *e, struct residue r, struct err *err)
{
	struct residue *slot = arena_push(a, (void **)&out->v, &out->n, &out->cap, sizeof(*slot));

	if (!slot)
		return no_memory(err);
	*slot = r;
	slot->layer = e->layer;
	slot->parameter = arena_strdup(a, e->name);
	slot->text = arena_strdup(a, r.why == RESIDUE_UNTOUCHED ? "" : r.word == RESIDUE_SECRET ? "***" : r.text);
	return slot->parameter && slot->text ? ERR_OK : no_memory(err);
}

static bool untouched(const struct handset *before, const struct handset *after, const struct handset_entry *e)
{
	const char *old = before ? hs_get(before, e->layer, e->name) : NULL;

	return old && !e->written && *e->value && strcmp(old, e->value) == 0 &&
	       (e->layer == HANDSET_DATA || residue_carries_person(handset_model(after)->kind, e->name));
}

static enum err_code look_at(const struct handset *before, const struct handset *after, const struct handset_entry *e,
	const struct residue_query *q, struct arena *a, struct residue_list *out, struct err *err)
{
	const struct residue_word *w;
	struct residue r = { 0 };
	size_t i;

	for (i = 0; i < q->nwords; i++) {
		w = &q->words[i];
		if (!word_is_in(w, e->value) || is_kept(q, e->value) || is_neutral(after, e, w))
			continue;
		if (w->kind == RESIDUE_EXTENSION && !is_taken(q, handset_model(after), e->name))
			continue;
		r.why = w->kind == RESIDUE_EXTENSION ? RESIDUE_PLACE : RESIDUE_WORD;
		r.word = w->kind;
		r.text = w->text;
		return add(out, a, e, r, err);
	}
	if (!untouched(before, after, e))
		return ERR_OK;
	r.why = RESIDUE_UNTOUCHED;
	return add(out, a, e, r, err);
}

enum err_code residue_find(const struct handset *before, const struct handset *after, const struct residue_query *query,
	struct arena *a, struct residue_list *out, struct err *err)
{
	enum err_code rc = ERR_OK;
	struct handset_entry e;
	size_t i, k;

	memset(out, 0, sizeof(*out));
	for (i = 0; i < HANDSET_SEEN && !rc; i++)
		for (k = 0; k < after->layers[i].count && !rc; k++)
			if (hs_entry(after, (enum handset_layer)i, k, &e))
				rc = look_at(before, after, &e, query, a, out, err);
	return rc;
}

/* ---- both ways ---- */

static bool same_finding(const struct residue *a, const struct residue *b)
{
	return a->layer == b->layer && strcmp(a->parameter, b->parameter) == 0;
}

/* One reading: flip is the switch that is turned the other way, or NULL. Findings that a reading before had are not
 * repeated. */
static enum err_code one_reading(const struct handset *before, const struct handset_rule_name *flip,
	residue_pull_fn *pull, void *arg, const struct residue_query *q, struct arena *a, struct residue_list *out,
	struct err *err)
{
	struct handset *hs = handset_fork(before, err);
	struct residue_list found;
	struct residue *slot;
	enum err_code rc;
	bool *rule;
	size_t i, k;

	if (!hs)
		return ERR_NOMEM;
	if (flip) {
		rule = (bool *)((char *)handset_rules(hs) + flip->offset);
		*rule = !*rule;
	}
	rc = pull(hs, arg, err);
	if (!rc)
		rc = residue_find(before, hs, q, a, &found, err);
	handset_free(hs);
	for (i = 0; !rc && i < found.n; i++) {
		for (k = 0; k < out->n && !same_finding(&out->v[k], &found.v[i]); k++)
			;
		if (k < out->n)
			continue;
		slot = arena_push(a, (void **)&out->v, &out->n, &out->cap, sizeof(*slot));
		if (!slot)
			return no_memory(err);
		*slot = found.v[i];
		slot->rule = flip ? flip->name : NULL;
	}
	return rc;
}

enum err_code residue_check(const struct handset *before, residue_pull_fn *pull, void *arg,
	const struct residue_query *query, struct arena *a, struct residue_list *out, struct err *err)
{
	const struct handset_rule_name *r;
	enum err_code rc;

	memset(out, 0, sizeof(*out));
	rc = one_reading(before, NULL, pull, arg, query, a, out, err);
	for (r = handset_rule_names(); r->name && !rc; r++)
		if (!r->from_birth && (r->kind == handset_model(before)->kind || r->kind == HANDSET_KINDS))
			rc = one_reading(before, r, pull, arg, query, a, out, err);
	return rc;
}

/* ---- for people ---- */

const char *residue_sentence(const struct residue *r, char *out, size_t size)
{
	static const char *const kinds[] = {
		[RESIDUE_NAME] = "the name",
		[RESIDUE_EMAIL] = "the email address",
		[RESIDUE_SECRET] = "a secret",
		[RESIDUE_NUMBER] = "a number",
		[RESIDUE_EXTENSION] = "the extension",
		[RESIDUE_ANY] = "the word",
	};
	int n;

	if (r->why == RESIDUE_UNTOUCHED)
		n = snprintf(out, size, "%s still holds what it held for the person before, and no new file writes it",
			r->parameter);
	else
		n = snprintf(out, size, "%s still holds %s \"%s\"%s", r->parameter, kinds[r->word], r->text,
			r->word == RESIDUE_ANY ? "" : " of the person before");
	if (n > 0 && (size_t)n < size)
		n += snprintf(out + n, size - (size_t)n, " (%s)", handset_layer_name(r->layer));
	if (r->rule && n > 0 && (size_t)n < size)
		snprintf(out + n, size - (size_t)n, ", if %s holds", r->rule);
	return out;
}
