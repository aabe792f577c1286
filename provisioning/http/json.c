#include "provisioning/http/json.h"

#include <pthread.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "phonecfg/base/text.h"

static void use_our_memory(void)
{
	json_set_alloc_funcs(mem_alloc, mem_free);
}

void json_prepare(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, use_our_memory);
}

void json_free_text(char *text)
{
	mem_free(text);
}

/* jansson's own limit is 2048 levels of recursion, more than a worker's stack should see. */
static bool too_deep(struct slice s)
{
	size_t i, depth = 0;
	bool text = false;

	for (i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (text && c == '\\')
			i++;
		else if (c == '"')
			text = !text;
		else if (!text && (c == '{' || c == '['))
			depth++;
		else if (!text && (c == '}' || c == ']') && depth > 0)
			depth--;
		if (depth > JSON_DEPTH_MAX)
			return true;
	}
	return false;
}

/* The caller owns *out. */
static enum err_code json_read_text(struct slice text, json_t **out, struct err *err)
{
	json_error_t e = { 0 };

	json_prepare();
	if (text.n > JSON_BODY_MAX)
		return err_set(err, ERR_LIMIT, "the JSON is larger than %d bytes; send less at once", JSON_BODY_MAX);
	if (too_deep(text))
		return err_set(err, ERR_INPUT, "the JSON is nested deeper than %d levels", JSON_DEPTH_MAX);
	*out = json_loadb(text.p, text.n, JSON_REJECT_DUPLICATES, &e);
	if (*out)
		return ERR_OK;
	/* Where memory ran out jansson leaves the reason empty. */
	if (e.text[0] == '\0' || json_error_code(&e) == json_error_out_of_memory)
		return err_set(err, ERR_NOMEM, "no memory for the JSON");
	return err_set(err, ERR_INPUT, "the JSON is wrong at line %d, column %d: %s", e.line, e.column, e.text);
}

json_t *json_kept(const char *text)
{
	json_t *v;

	if (text == NULL || *text == '\0')
		return json_object();
	v = json_loads(text, 0, NULL);
	if (json_is_object(v))
		return v;
	json_decref(v);
	return NULL;
}

static void forget(void *v)
{
	json_decref(v);
}

enum err_code request_json_value(struct request *rq, json_t **out, struct err *err)
{
	enum err_code code;
	json_t *v;

	json_prepare();
	if (slice_trim(rq->body).n == 0) {
		v = json_object();
		if (v == NULL)
			return err_set(err, ERR_NOMEM, "no memory for the body");
	} else {
		code = json_read_text(rq->body, &v, err);
		if (code != ERR_OK)
			return code;
	}
	if (!request_cleanup(rq, forget, v))
		return err_set(err, ERR_NOMEM, "no memory for the body");
	*out = v;
	return ERR_OK;
}

enum err_code request_json(struct request *rq, json_t **out, struct err *err)
{
	enum err_code code = request_json_value(rq, out, err);

	if (code == ERR_OK && !json_is_object(*out))
		return err_set(err, ERR_INPUT, "the body must be a JSON object: { … }");
	return code;
}

static int add_text(const char *p, size_t n, void *buf)
{
	buf_add(buf, p, n);
	return 0;
}

enum handled response_json(struct response *rs, unsigned status, json_t *v)
{
	struct buf *b;

	json_prepare();
	b = response_body(rs, "application/json", JSON_BODY_MAX);
	response_status(rs, status);
	if (v == NULL || json_dump_callback(v, add_text, b, JSON_COMPACT | JSON_ENCODE_ANY) != 0)
		b->failed = ERR_NOMEM;
	buf_char(b, '\n');
	json_decref(v);
	return HANDLED;
}

/* ---- tables of inputs ---- */

static enum err_code refuse_unknown(json_t *obj, const struct json_input *table, size_t n, struct err *err)
{
	const char *key;
	json_t *value;
	size_t i;

	json_object_foreach (obj, key, value) {
		for (i = 0; i < n; i++)
			if (strcmp(key, table[i].name) == 0)
				break;
		if (i == n)
			return err_set(
				err, ERR_INPUT, "\"%.100s\" is not known here; leave it out or mend its spelling", key);
	}
	return ERR_OK;
}

static enum err_code take_text(json_t *v, const struct json_input *in, struct arena *a, void *at, struct err *err)
{
	struct slice s = { json_string_value(v), json_string_length(v) };
	enum err_code code;

	if (!json_is_string(v))
		return err_set(err, ERR_INPUT, "\"%s\" must be a text", in->name);
	code = text_check(in->name, s, in->max ? (size_t)in->max : 255, err);
	if (code != ERR_OK)
		return code;
	*(const char **)at = arena_slice(a, s);
	return arena_failed(a) ? err_set(err, ERR_NOMEM, "no memory for \"%s\"", in->name) : ERR_OK;
}

static enum err_code take_bool(json_t *v, const struct json_input *in, struct arena *a, void *at, struct err *err)
{
	const char *s = json_string_value(v);

	(void)a;
	if (!json_is_boolean(v) && !(s && (strcmp(s, "yes") == 0 || strcmp(s, "no") == 0)))
		return err_set(err, ERR_INPUT, "\"%s\" must be true or false", in->name);
	*(bool *)at = s ? strcmp(s, "yes") == 0 : json_is_true(v);
	return ERR_OK;
}

static enum err_code take_int(json_t *v, const struct json_input *in, struct arena *a, void *at, struct err *err)
{
	int64_t max = in->max ? in->max : INT64_MAX;

	(void)a;
	if (!json_is_integer(v) || json_integer_value(v) < 0 || json_integer_value(v) > max)
		return err_set(
			err, ERR_INPUT, "\"%s\" must be a whole number from 0 to %lld", in->name, (long long)max);
	*(int64_t *)at = json_integer_value(v);
	return ERR_OK;
}

static enum err_code take_list(json_t *v, const struct json_input *in, struct arena *a, void *at, struct err *err)
{
	size_t max = in->max ? (size_t)in->max : 10000;

	(void)a;
	if (!json_is_array(v) || json_array_size(v) > max)
		return err_set(err, ERR_INPUT, "\"%s\" must be a list of at most %zu", in->name, max);
	*(json_t **)at = v;
	return ERR_OK;
}

static enum err_code take_map(json_t *v, const struct json_input *in, struct arena *a, void *at, struct err *err)
{
	(void)a;
	if (!json_is_object(v))
		return err_set(err, ERR_INPUT, "\"%s\" must be an object: { … }", in->name);
	*(json_t **)at = v;
	return ERR_OK;
}

typedef enum err_code take_fn(json_t *v, const struct json_input *in, struct arena *a, void *at, struct err *err);
static take_fn *const takers[] = {
	[JSON_TEXT] = take_text,
	[JSON_BOOL] = take_bool,
	[JSON_INT] = take_int,
	[JSON_LIST] = take_list,
	[JSON_MAP] = take_map,
};

enum err_code json_inputs(json_t *obj, const struct json_input *table, size_t n, struct arena *a, void *out,
	size_t out_size, struct err *err)
{
	enum err_code code;
	size_t i;

	memset(out, 0, out_size);
	code = refuse_unknown(obj, table, n, err);
	for (i = 0; code == ERR_OK && i < n; i++) {
		json_t *v = json_object_get(obj, table[i].name);

		if (v == NULL || json_is_null(v)) {
			if (table[i].required)
				code = err_set(err, ERR_INPUT, "\"%s\" is missing", table[i].name);
			continue;
		}
		code = takers[table[i].kind](v, &table[i], a, (char *)out + table[i].offset, err);
		if (code == ERR_OK && table[i].seen)
			*(bool *)((char *)out + table[i].seen) = true;
	}
	return code;
}
