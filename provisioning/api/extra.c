#include "provisioning/api/extra.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/text.h"

enum { WORD_MAX = 64 };

static enum err_code check_text(const struct extra_field *f, json_t *v, struct err *err)
{
	struct slice s = { json_string_value(v), json_string_length(v) }, line;

	if (!json_is_string(v))
		return err_set(err, ERR_INPUT, "\"%s\" must be a text", f->name);
	if (f->kind != EXTRA_LINES)
		return text_check(f->name, s, (size_t)f->max, err);
	if (text_length(s) > (size_t)f->max)
		return err_set(err, ERR_INPUT, "\"%s\" has more than %lld characters", f->name, (long long)f->max);
	while (s.n) {
		enum err_code e;

		line = slice_cut(&s, '\n');
		if (line.n && line.p[line.n - 1] == '\r')
			line.n--;
		if ((e = text_check(f->name, line, (size_t)f->max, err)))
			return e;
	}
	return ERR_OK;
}

static enum err_code check_word(const struct extra_field *f, json_t *v, struct err *err)
{
	const char *s = json_string_value(v);
	char word[WORD_MAX + 3];

	if (s && *s && strlen(s) <= WORD_MAX && strchr(s, '|') == NULL) {
		snprintf(word, sizeof(word), "|%s|", s);
		if (strstr(f->words, word))
			return ERR_OK;
	}
	return err_set(err, ERR_INPUT, "\"%s\" must be one of %s", f->name, f->words);
}

static enum err_code check_number(const struct extra_field *f, json_t *v, struct err *err)
{
	bool whole = f->kind == EXTRA_INT;
	double d = json_number_value(v);

	if ((whole ? json_is_integer(v) : json_is_number(v)) && isfinite(d) && d >= 0 && d <= (double)f->max)
		return ERR_OK;
	return err_set(err, ERR_INPUT, "\"%s\" must be a %snumber from 0 to %lld", f->name, whole ? "whole " : "",
		(long long)f->max);
}

/* *v may become another value. */
static enum err_code check(const struct extra_field *f, json_t **v, struct err *err)
{
	const char *s = json_string_value(*v);

	switch (f->kind) {
	case EXTRA_TEXT:
	case EXTRA_LINES:
		return check_text(f, *v, err);
	case EXTRA_YES:
		if (!json_is_boolean(*v) && !(s && (strcmp(s, "yes") == 0 || strcmp(s, "no") == 0)))
			return err_set(err, ERR_INPUT, "\"%s\" must be yes or no", f->name);
		*v = json_string(s ? s : json_is_true(*v) ? "yes" : "no");
		return *v ? ERR_OK : call_no_memory(err);
	case EXTRA_WORD:
		return check_word(f, *v, err);
	case EXTRA_INT:
	case EXTRA_NUMBER:
		return check_number(f, *v, err);
	case EXTRA_SCALAR:
		return json_is_number(*v)
			       ? check_number(&(struct extra_field){ f->name, EXTRA_NUMBER, INT64_MAX }, *v, err)
			       : check_text(f, *v, err);
	case EXTRA_PASSED:
		break;
	}
	return ERR_OK;
}

static enum err_code take(const struct extra_field *f, json_t *v, json_t *into, struct err *err)
{
	json_t *kept = v;
	enum err_code e;

	if (f->kind == EXTRA_PASSED)
		return ERR_OK;
	if (json_is_null(v)) {
		json_object_del(into, f->name);
		return ERR_OK;
	}
	if ((e = check(f, &kept, err)))
		return e;
	if (kept == v)
		json_incref(v);
	return json_object_set_new(into, f->name, kept) ? call_no_memory(err) : ERR_OK;
}

enum err_code extra_take(struct call *c, json_t *body, const struct extra_table *t, const char **text, struct err *err)
{
	json_t *into = NULL;
	enum err_code e = ERR_OK;
	size_t i;

	for (i = 0; e == ERR_OK && i < t->n; i++) {
		json_t *v = json_object_get(body, t->v[i].name);

		if (v == NULL)
			continue;
		if (into == NULL && (into = json_kept(*text)) == NULL)
			return call_no_memory(err);
		e = take(&t->v[i], v, into, err);
		json_object_del(body, t->v[i].name);
	}
	if (e == ERR_OK && into)
		*text = json_object_size(into) ? call_text_whole(c, json_incref(into)) : "";
	json_decref(into);
	return e;
}

enum err_code extra_refuse(json_t *body, const char *name, const char *sentence, struct err *err)
{
	json_t *v = json_object_get(body, name);

	if (v && !json_is_null(v) && !(json_is_string(v) && json_string_length(v) == 0))
		return err_set(err, ERR_INPUT, "%s", sentence);
	json_object_del(body, name);
	return ERR_OK;
}

bool extra_give(json_t *v, const struct extra_table *t, const char *text)
{
	json_t *kept = json_kept(text), *one;
	bool good = kept != NULL;
	size_t i;

	for (i = 0; good && i < t->n; i++) {
		const struct extra_field *f = &t->v[i];

		if (json_object_get(v, f->name))
			continue;
		one = json_incref(json_object_get(kept, f->name));
		if (one == NULL && f->absent == NULL)
			continue;
		good = json_object_set_new(v, f->name, one ? one : json_string(f->absent)) == 0;
	}
	json_decref(kept);
	return good;
}
