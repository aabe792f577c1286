#include <jansson.h>

#include "phonecfg/tool/tool.h"

static struct tval *convert(struct arena *a, const json_t *j, unsigned depth)
{
	struct tval *v;
	const char *name;
	json_t *item;
	size_t i;

	if (depth > TOOL_JSON_DEPTH_MAX)
		return NULL;
	switch (json_typeof(j)) {
	case JSON_OBJECT:
		v = tval_object(a);
		json_object_foreach ((json_t *)j, name, item)
			tval_put(v, arena_strdup(a, name), convert(a, item, depth + 1));
		return v;
	case JSON_ARRAY:
		v = tval_list(a);
		json_array_foreach (j, i, item)
			tval_push(v, convert(a, item, depth + 1));
		return v;
	case JSON_STRING:
		return tval_text(a, (struct slice){ json_string_value(j), json_string_length(j) });
	case JSON_INTEGER:
		return tval_int(a, json_integer_value(j));
	case JSON_REAL:
		return tval_number(a, json_real_value(j));
	case JSON_TRUE:
	case JSON_FALSE:
		return tval_bool(a, json_typeof(j) == JSON_TRUE);
	case JSON_NULL:
		break;
	}
	return tval_null(a);
}

static unsigned depth_of(const json_t *j, unsigned depth)
{
	unsigned most = depth, d;
	const char *name;
	json_t *item;
	size_t i;

	if (depth > TOOL_JSON_DEPTH_MAX)
		return depth;
	if (json_is_object(j)) {
		json_object_foreach ((json_t *)j, name, item) {
			d = depth_of(item, depth + 1);
			most = d > most ? d : most;
		}
	}
	if (json_is_array(j)) {
		json_array_foreach (j, i, item) {
			d = depth_of(item, depth + 1);
			most = d > most ? d : most;
		}
	}
	return most;
}

enum err_code tool_read_json(const char *path, struct arena *a, struct tval **out, struct err *err)
{
	enum err_code rc;
	json_error_t why;
	struct buf text;
	json_t *j = NULL;

	buf_init(&text, TOOL_FILE_MAX);
	rc = tool_read(path, &text, err);
	if (rc == ERR_OK) {
		j = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &why);
		if (j == NULL)
			rc = err_set(err, ERR_INPUT, "%s:%d:%d: not valid JSON: %s; correct it there", path, why.line,
				why.column, why.text);
	}
	if (rc == ERR_OK && depth_of(j, 0) > TOOL_JSON_DEPTH_MAX)
		rc = err_set(err, ERR_LIMIT, "%s: more than %d levels inside one another; make it flatter", path,
			TOOL_JSON_DEPTH_MAX);
	if (rc == ERR_OK) {
		*out = convert(a, j, 0);
		if (arena_failed(a))
			rc = err_set(err, ERR_NOMEM, "out of memory while reading %s", path);
	}
	json_decref(j);
	buf_release(&text);
	return rc;
}
