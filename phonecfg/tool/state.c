#include "phonecfg/tool/state.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "phonecfg/base/share.h"
#include "phonecfg/profile/profile.h"
#include "phonecfg/tool/tool.h"

enum { STATE_MAX = 16 * 1024 * 1024 };

/* ---- reading ---- */

static struct handset *new_phone(
	const struct state_place *place, const char *id, const char *mac_digits, const char *firmware, struct err *err)
{
	const char *dir = place->profiles ? place->profiles : share_profiles_dir;
	struct handset_model model;
	const struct profile *pf;
	struct handset *hs = NULL;
	struct catalog *cat;
	struct mac mac;

	if (!mac_parse(slice_str(mac_digits), &mac)) {
		err_set(err, ERR_INPUT, "'%s' is no MAC; give its 12 hexadecimal digits", mac_digits);
		return NULL;
	}
	cat = catalog_open(dir, err);
	if (!cat)
		return NULL;
	pf = catalog_find(cat, id);
	if (!pf)
		err_set(err, ERR_NOT_FOUND, "there is no model '%s'; `phonecfg models` lists them", id);
	else if (!handset_model_of(pf, &model))
		err_set(err, ERR_UNSUPPORTED, "how a %s applies files is not known here", pf->display);
	else {
		handset_model_runs(&model, pf, firmware);
		hs = handset_new(&model, &mac, err);
	}
	catalog_close(cat);
	return hs;
}

static enum err_code read_value(struct handset *hs, const char *path, size_t i, const json_t *e, struct err *err)
{
	const char *layer = json_string_value(json_object_get(e, "layer"));
	const char *name = json_string_value(json_object_get(e, "name"));
	const char *value = json_string_value(json_object_get(e, "value"));
	enum handset_layer at;

	if (!layer || !name || !value || !handset_layer_parse(layer, &at))
		return err_set(err, ERR_INPUT,
			"%s: values[%zu] needs a \"layer\" that there is, a \"name\" and a \"value\"", path, i);
	return handset_restore(hs, at, name, value, json_string_value(json_object_get(e, "source")), err);
}

static enum err_code read_rules(struct handset *hs, const char *path, const json_t *rules, struct err *err)
{
	const struct handset_rule_name *r;
	const char *name;
	json_t *on;

	json_object_foreach ((json_t *)rules, name, on) {
		for (r = handset_rule_names(); r->name && strcmp(r->name, name) != 0; r++)
			;
		if (!r->name)
			return err_set(err, ERR_INPUT, "%s: there is no rule '%s'; remove it", path, name);
		*(bool *)((char *)handset_rules(hs) + r->offset) = json_is_true(on);
	}
	return ERR_OK;
}

static enum err_code read_state(const struct state_place *place, const json_t *j, struct handset **out, struct err *err)
{
	const char *model = json_string_value(json_object_get(j, "model"));
	const char *mac = json_string_value(json_object_get(j, "mac"));
	enum err_code rc;
	json_t *e;
	size_t i;

	if (!model || !mac)
		return err_set(err, ERR_INPUT, "%s: no state of a phone; it needs \"model\" and \"mac\"", place->path);
	if (place->model && strcmp(place->model, model) != 0)
		return err_set(err, ERR_CONFLICT, "%s: this is a %s; leave --model away", place->path, model);
	err->code = ERR_OK;
	*out = new_phone(place, model, mac, json_string_value(json_object_get(j, "firmware")), err);
	if (!*out)
		return err->code;
	rc = read_rules(*out, place->path, json_object_get(j, "rules"), err);
	json_array_foreach (json_object_get(j, "values"), i, e)
		if (!rc)
			rc = read_value(*out, place->path, i, e, err);
	if (rc) {
		handset_free(*out);
		*out = NULL;
	}
	return rc;
}

enum err_code state_load(const struct state_place *place, struct handset **out, struct err *err)
{
	json_error_t why;
	struct buf text;
	enum err_code rc;
	json_t *j;

	*out = NULL;
	if (place->model && place->mac && access(place->path, F_OK) != 0 && errno == ENOENT) {
		err->code = ERR_OK;
		*out = new_phone(place, place->model, place->mac, NULL, err);
		return *out ? ERR_OK : err->code;
	}
	buf_init(&text, STATE_MAX);
	rc = tool_read(place->path, &text, err);
	if (rc == ERR_NOT_FOUND)
		rc = err_set(err, rc, "there is no state %s; for a new phone give --model and --mac", place->path);
	if (!rc) {
		j = json_loadb(text.data, text.len, JSON_REJECT_DUPLICATES, &why);
		if (!j)
			rc = err_set(err, ERR_INPUT, "%s:%d:%d: not valid JSON: %s; correct it there", place->path,
				why.line, why.column, why.text);
		else
			rc = read_state(place, j, out, err);
		json_decref(j);
	}
	buf_release(&text);
	return rc;
}

/* ---- writing ---- */

static json_t *rules_json(const struct handset *hs)
{
	const struct handset_rules *rules = handset_rules((struct handset *)hs);
	const struct handset_rule_name *r;
	json_t *out = json_object();

	for (r = handset_rule_names(); r->name; r++)
		if (*(const bool *)((const char *)rules + r->offset))
			json_object_set_new(out, r->name, json_true());
	return out;
}

/* A value that JSON cannot hold is said, never left out. */
static enum err_code append(json_t *list, json_t *item, struct err *err)
{
	if (json_array_append_new(list, item) == 0)
		return ERR_OK;
	return err_set(
		err, ERR_INPUT, "the phone holds a value that is not UTF-8; such a state cannot be written as JSON");
}

static enum err_code values_json(const struct handset *hs, struct arena *a, json_t *out, struct err *err)
{
	struct handset_entry *v;
	enum err_code rc;
	size_t i, n;

	rc = handset_entries(hs, a, &v, &n, err);
	for (i = 0; i < n && !rc; i++)
		rc = append(out,
			json_pack("{s:s, s:s, s:s, s:s, s:b}", "layer", handset_layer_name(v[i].layer), "name",
				v[i].name, "value", v[i].value, "source", v[i].source, "written", (int)v[i].written),
			err);
	return rc;
}

static enum err_code lines_json(const struct handset *hs, struct arena *a, json_t *out, struct err *err)
{
	static const char *const transports[] = { "udp", "tcp", "tls", "naptr" };
	struct handset_line *v;
	enum err_code rc;
	size_t i, n;

	rc = handset_lines(hs, a, &v, &n, err);
	for (i = 0; i < n && !rc; i++)
		rc = append(out,
			json_pack("{s:i, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:s, s:s, s:i, s:i}", "slot",
				(int)v[i].slot, "label", v[i].label, "user", v[i].user, "auth-user", v[i].auth_user,
				"password", v[i].secret.bytes ? v[i].secret.bytes : "", "domain", v[i].domain, "server",
				v[i].server, "port", (int)v[i].port, "transport", transports[v[i].transport], "proxy",
				v[i].proxy, "proxy-port", (int)v[i].proxy_port, "expires", (int)v[i].expires_s),
			err);
	return rc;
}

static enum err_code keys_json(const struct handset *hs, struct arena *a, json_t *out, struct err *err)
{
	struct handset_key *v;
	enum err_code rc;
	size_t i, n;

	rc = handset_keys(hs, a, &v, &n, err);
	for (i = 0; i < n && !rc; i++)
		rc = append(out,
			json_pack("{s:i, s:i, s:s, s:s, s:s, s:i}", "module", (int)v[i].module, "index",
				(int)v[i].index, "kind", v[i].kind, "label", v[i].label, "value", v[i].value, "account",
				(int)v[i].slot),
			err);
	return rc;
}

static enum err_code steps_json(const struct handset *hs, json_t *out, struct err *err)
{
	static const char *const words[] = { "applied", "unchanged", "refused", "absent" };
	const struct handset_step *v;
	enum err_code rc = ERR_OK;
	size_t i, n;

	v = handset_steps(hs, &n);
	for (i = 0; i < n && !rc; i++)
		rc = append(out,
			json_pack("{s:s, s:s, s:s}", "file", v[i].file, "what", words[v[i].what], "why", v[i].why),
			err);
	return rc;
}

static int add_text(const char *text, size_t n, void *arg)
{
	buf_add(arg, text, n);
	return 0;
}

enum err_code state_text(const struct handset *hs, struct buf *out, struct err *err)
{
	json_t *values = json_array(), *lines = json_array(), *keys = json_array(), *steps = json_array(), *j;
	char digits[MAC_TEXT];
	enum err_code rc;
	struct arena a;

	arena_init(&a, 0);
	rc = values_json(hs, &a, values, err);
	if (!rc)
		rc = lines_json(hs, &a, lines, err);
	if (!rc)
		rc = keys_json(hs, &a, keys, err);
	if (!rc)
		rc = steps_json(hs, steps, err);
	arena_release(&a);
	j = json_pack("{s:s, s:s, s:o, s:o, s:o, s:o, s:o}", "model", handset_model(hs)->id, "mac",
		mac_text(handset_mac(hs), digits), "rules", rules_json(hs), "steps", steps, "lines", lines, "keys",
		keys, "values", values);
	if (handset_model(hs)->firmware[0])
		json_object_set_new(j, "firmware", json_string(handset_model(hs)->firmware));
	if (!rc && json_dump_callback(j, add_text, out, JSON_INDENT(1)) != 0)
		rc = err_set(err, ERR_INPUT, "the state cannot be written as JSON; is one of its values not UTF-8?");
	json_decref(j);
	buf_char(out, '\n');
	return rc ? rc : buf_check(out, "the state of the phone", err);
}

enum err_code state_save(const char *path, const struct buf *text, struct err *err)
{
	char tmp[4096];
	bool ok;
	int fd;

	if (snprintf(tmp, sizeof(tmp), "%s.new", path) >= (int)sizeof(tmp))
		return err_set(err, ERR_LIMIT, "the path %s is too long; shorten it", path);
	fd = open(tmp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return err_set(err, ERR_IO, "cannot write %s: %s", tmp, strerror(errno));
	ok = write(fd, text->data, text->len) == (ssize_t)text->len && fsync(fd) == 0;
	if (close(fd) != 0 || !ok || rename(tmp, path) != 0) {
		unlink(tmp);
		return err_set(err, ERR_IO, "cannot write %s: %s", path, strerror(errno));
	}
	return ERR_OK;
}
