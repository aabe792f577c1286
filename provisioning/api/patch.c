#include "provisioning/api/patch.h"

#include <string.h>

union value {
	const char *text;
	bool yes;
	int64_t number;
};

static enum err_code read_one(json_t *v, const char *name, enum json_kind kind, int64_t max, struct arena *a,
	union value *out, struct err *err)
{
	const struct json_input input = { .name = name, .kind = kind, .required = true, .offset = 0, .max = max };
	json_t *one = json_object();
	enum err_code e;

	if (one == NULL || json_object_set(one, name, v))
		e = call_no_memory(err);
	else
		e = json_inputs(one, &input, 1, a, out, sizeof(*out), err);
	json_decref(one);
	return e;
}

static enum err_code set_one(json_t *v, const struct patch_field *f, struct arena *a, void *row, struct err *err)
{
	char *at = (char *)row + f->offset;
	union value value;
	enum err_code e;

	if (f->digits && json_is_integer(v) && json_integer_value(v) >= 0) {
		const char *text = arena_printf(a, "%lld", (long long)json_integer_value(v));

		*(const char **)(void *)at = text;
		return text ? ERR_OK : call_no_memory(err);
	}
	if (json_is_null(v)) {
		if (f->kind != JSON_TEXT)
			return err_set(err, ERR_INPUT, "\"%s\" cannot be null", f->name);
		*(const char **)(void *)at = "";
		return ERR_OK;
	}
	e = read_one(v, f->name, f->kind, f->max, a, &value, err);
	if (e)
		return e;
	if (f->kind == JSON_TEXT)
		*(const char **)(void *)at = value.text;
	else if (f->kind == JSON_BOOL)
		*(bool *)at = value.yes;
	else
		*(int64_t *)(void *)at = value.number;
	return ERR_OK;
}

enum err_code patch_row(
	json_t *obj, const struct patch_field *table, size_t n, struct arena *a, void *row, struct err *err)
{
	const char *name;
	json_t *v;
	size_t i;
	enum err_code e;

	json_object_foreach (obj, name, v) {
		for (i = 0; i < n && strcmp(table[i].name, name) != 0; i++)
			;
		if (i == n)
			return err_set(err, ERR_INPUT, "\"%.60s\" is not known here", name);
		e = table[i].skip ? ERR_OK : set_one(v, &table[i], a, row, err);
		if (e)
			return e;
	}
	return ERR_OK;
}

enum err_code patch_text(json_t *obj, const char *name, int64_t max, struct arena *a, const char **out, struct err *err)
{
	json_t *v = json_object_get(obj, name);
	union value value;
	enum err_code e;

	*out = NULL;
	if (v == NULL)
		return ERR_OK;
	*out = "";
	if (json_is_null(v))
		return ERR_OK;
	e = read_one(v, name, JSON_TEXT, max, a, &value, err);
	if (e == ERR_OK)
		*out = value.text;
	return e;
}
