#include "provisioning/api/phone_parts.h"

#include <stdio.h>
#include <string.h>

#include "provisioning/api/patch.h"
#include "provisioning/reset/filekey.h"
#include "provisioning/store/line.h"

enum { NS_LINES = 8, LINES_MAX = 64, DEVICE_MAX = 48, LABEL_MAX = 60 };

/* ---- out ---- */

static void set(json_t *v, const char *fmt, unsigned n, json_t *value)
{
	char name[80];

	snprintf(name, sizeof(name), fmt, n);
	json_object_set_new(v, name, value);
}

static void add_ns_lines(struct call *c, json_t *v, const char *domain, const struct line_row *lines, size_t n)
{
	unsigned slot;
	size_t i;

	for (slot = 1; slot <= NS_LINES; slot++) {
		const struct line_row *l = NULL;

		for (i = 0; i < n; i++)
			if (lines[i].slot == slot && lines[i].kind != DEVICE_IDLE)
				l = &lines[i];
		if (l == NULL && slot > 2)
			continue;
		set(v, "device-provisioning-sip-uri-%u", slot,
			json_string(l ? arena_printf(c->a, "sip:%s@%s", l->device, domain) : ""));
		set(v, "device-provisioning-line-%u-enabled", slot, shape_yes(l != NULL));
		set(v, "device-provisioning-sip-uri-%u-shared-line-enabled", slot, shape_yes(l && l->shared));
	}
}

static json_t *shape_lines(const struct line_row *lines, size_t n)
{
	json_t *out = json_array();
	size_t i;

	for (i = 0; i < n; i++)
		json_array_append_new(out,
			json_pack("{s:I, s:s, s:s, s:s, s:o, s:s, s:s, s:s}", "slot", (json_int_t)lines[i].slot,
				"device", lines[i].device, "user", lines[i].ext, "label", lines[i].label, "shared",
				json_boolean(lines[i].shared), "use", lines[i].kind == DEVICE_IDLE ? "idle" : "line",
				"name-first-name", lines[i].first_name, "name-last-name", lines[i].last_name));
	return out;
}

/* Its pairing window, what replaced it, what becomes of it. */
static void add_moves(struct call *c, struct db *db, json_t *v, const struct phone_row *row)
{
	struct phone_row other;
	char mac[MAC_TEXT] = "";

	if (row->replaced_by && phone_by_id(db, row->replaced_by, c->a, &other, NULL) == ERR_OK &&
		other.domain_id == row->domain_id)
		mac_text(&other.mac, mac);
	json_object_set_new(v, "pair-until-datetime",
		shape_time(row->pair_until_ms > db_now_ms(db) && row->paired_ms == 0 ? row->pair_until_ms : 0));
	json_object_set_new(v, "paired-datetime", shape_time(row->paired_ms));
	json_object_set_new(v, "replaced-by", json_string(mac));
	json_object_set_new(v, "after-handovers", json_string(row->after_drop));
}

json_t *phone_shape(struct call *c, struct db *db, const char *domain, const struct phone_row *row, struct err *err)
{
	const struct profile *pf = catalog_find(c->api->conf.catalog, row->model);
	struct line_row *lines;
	char mac[MAC_TEXT];
	size_t n;
	json_t *v, *more;

	if (line_list(db, row->id, c->a, &lines, &n, err))
		return NULL;
	mac_text(&row->mac, mac);
	v = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:b, s:s}", "device-provisioning-mac-address",
		mac, "domain", domain, "device-models-brand-and-model", pf ? pf->display : row->model,
		"device-models-model", row->model, "notes", row->notes, "site", row->site,
		"device-provisioning-sip-transport-protocol", row->transport, "device-provisioning-username", mac,
		"device-models-count-buttons", (json_int_t)(pf ? profile_keys(pf, 0) : 0),
		"device-models-resync-support-enabled", "yes", "encrypt-files", (int)secret_set(&row->file_key),
		"encrypt-files-state", filekey_word(filekey_state(row)));
	more = json_pack("{s:s, s:I, s:I, s:o, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o, s:o}", "state",
		phone_state_words[row->state], "generation-wanted", (json_int_t)row->wanted, "generation-acknowledged",
		(json_int_t)row->acked, "acknowledged-datetime", shape_time(row->acked_ms), "firmware", row->firmware,
		"user-agent", row->user_agent, "address", row->address, "device-sip-registration-contact", row->contact,
		"device-sip-registration-state", row->contact_state, "device-provisioning-last-retrieved-datetime",
		shape_time(row->last_pull_ms), "created-datetime", shape_time(row->created_ms),
		"last-modified-datetime", shape_time(row->modified_ms), "lines", shape_lines(lines, n));
	if (v == NULL || more == NULL || json_object_update(v, more)) {
		json_decref(v);
		v = NULL;
		call_no_memory(err);
	}
	json_decref(more);
	if (v) {
		add_ns_lines(c, v, domain, lines, n);
		add_moves(c, db, v, row);
	}
	return v;
}

/* ---- in ---- */

static bool numbered(const char *name)
{
	unsigned n;
	int end = 0;

	return (sscanf(name, "device-provisioning-sip-uri-%2u%n", &n, &end) == 1 && name[end] == '\0') ||
	       (sscanf(name, "device-provisioning-sip-uri-%2u-shared-line-enabled%n", &n, &end) == 1 && end &&
		       name[end] == '\0') ||
	       (sscanf(name, "device-provisioning-line-%2u-enabled%n", &n, &end) == 1 && end && name[end] == '\0');
}

enum err_code phone_fields_check(json_t *body, struct err *err)
{
	static const char *const known[] = { "device-provisioning-mac-address", "device-models-brand-and-model",
		"device-models-model", "notes", "site", "device-provisioning-sip-transport-protocol", "lines", "token",
		"domain", "device-provisioning-username", "device-models-count-buttons",
		"device-models-resync-support-enabled", "state", "generation-wanted", "generation-acknowledged",
		"acknowledged-datetime", "firmware", "user-agent", "address", "device-sip-registration-contact",
		"device-sip-registration-state", "device-provisioning-last-retrieved-datetime", "created-datetime",
		"last-modified-datetime", "encrypt-files", "encrypt-files-state", "pair", "pair-until-datetime",
		"paired-datetime", "replaced-by", "after-handovers" };
	const char *name;
	json_t *v;
	size_t i;

	json_object_foreach (body, name, v) {
		for (i = 0; i < sizeof(known) / sizeof(known[0]) && strcmp(known[i], name) != 0; i++)
			;
		if (i == sizeof(known) / sizeof(known[0]) && !numbered(name))
			return err_set(err, ERR_INPUT, "\"%.60s\" is not known here", name);
	}
	return ERR_OK;
}

/* "sip:1001@example.test" or "1001"; another domain is refused. */
static enum err_code device_of(struct call *c, const char *text, const char **out, struct err *err)
{
	const char *name = strncmp(text, "sip:", 4) == 0 ? text + 4 : text;
	size_t n = strcspn(name, "@");

	if (name[n] == '@' && strcmp(name + n + 1, c->domain.name) != 0)
		return err_set(err, ERR_INPUT, "%.80s is not in %s; a phone carries lines of its own domain", text,
			c->domain.name);
	*out = arena_strndup(c->a, name, n);
	return *out ? ERR_OK : call_no_memory(err);
}

struct line_in {
	bool unused;
	int64_t slot;
	const char *device, *label;
	bool shared;
};

static const struct json_input line_fields[] = {
	{ "slot", JSON_INT, true, offsetof(struct line_in, slot), 0, LINES_MAX },
	{ "device", JSON_TEXT, true, offsetof(struct line_in, device), 0, 300 },
	{ "label", JSON_TEXT, false, offsetof(struct line_in, label), 0, LABEL_MAX },
	{ "shared", JSON_BOOL, false, offsetof(struct line_in, shared), 0, 0 },
};

/* What the answer holds beside these may come back; an idle line is not a person's and is passed over. */
static enum err_code read_list(struct call *c, json_t *list, struct phone_lines *out, struct err *err)
{
	size_t i;
	json_t *v;

	json_array_foreach (list, i, v) {
		struct inventory_line *l = &out->lines[out->n];
		struct line_in in;
		const char *use = json_string_value(json_object_get(v, "use"));
		enum err_code e;

		if (!json_is_object(v))
			return err_set(err, ERR_INPUT, "lines must be a list of objects with slot and device");
		if (use && strcmp(use, "idle") == 0)
			continue;
		json_object_del(v, "use");
		json_object_del(v, "user");
		json_object_del(v, "name-first-name");
		json_object_del(v, "name-last-name");
		e = json_inputs(v, line_fields, 4, c->a, &in, sizeof(in), err);
		if (e == ERR_OK)
			e = device_of(c, in.device, &l->device, err);
		if (e)
			return e;
		l->slot = in.slot;
		l->shared = in.shared;
		l->label = in.label;
		out->n++;
	}
	return ERR_OK;
}

static enum err_code read_numbered(struct call *c, json_t *body, struct phone_lines *out, bool *given, struct err *err)
{
	unsigned slot;

	for (slot = 1; slot <= NS_LINES; slot++) {
		struct inventory_line *l = &out->lines[out->n];
		const char *uri, *enabled, *shared;
		char name[80];
		enum err_code e;

		snprintf(name, sizeof(name), "device-provisioning-sip-uri-%u", slot);
		e = patch_text(body, name, 300, c->a, &uri, err);
		if (e)
			return e;
		*given |= uri != NULL;
		snprintf(name, sizeof(name), "device-provisioning-line-%u-enabled", slot);
		enabled = json_string_value(json_object_get(body, name));
		snprintf(name, sizeof(name), "device-provisioning-sip-uri-%u-shared-line-enabled", slot);
		shared = json_string_value(json_object_get(body, name));
		if (uri == NULL || *uri == '\0' || (enabled && strcmp(enabled, "no") == 0))
			continue;
		e = device_of(c, uri, &l->device, err);
		if (e)
			return e;
		l->slot = slot;
		l->shared = shared && strcmp(shared, "yes") == 0;
		out->n++;
	}
	return ERR_OK;
}

enum err_code phone_lines_read(struct call *c, json_t *body, struct phone_lines *out, bool *given, struct err *err)
{
	json_t *list = json_object_get(body, "lines");

	*given = list != NULL;
	out->n = 0;
	out->lines = arena_alloc(c->a, (LINES_MAX + 1) * sizeof(*out->lines));
	if (out->lines == NULL)
		return call_no_memory(err);
	if (list == NULL)
		return read_numbered(c, body, out, given, err);
	if (!json_is_array(list) || json_array_size(list) > LINES_MAX)
		return err_set(err, ERR_INPUT, "lines must be a list of at most %d", LINES_MAX);
	return read_list(c, list, out, err);
}

static bool stands(const struct line_row *rows, size_t n, const struct inventory_line *want)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(rows[i].device, want->device) == 0)
			return true;
	return false;
}

enum err_code phone_lines_may(struct call *c, int64_t phone_id, const struct phone_lines *lines, struct err *err)
{
	struct line_row *rows = NULL;
	struct device_row dev;
	struct user_row user;
	struct db *db;
	size_t i, n = 0;
	enum err_code e = call_db(c, &db, err);

	if (e == ERR_OK && phone_id)
		e = line_list(db, phone_id, c->a, &rows, &n, err);
	for (i = 0; e == ERR_OK && i < lines->n; i++) {
		if (stands(rows, n, &lines->lines[i]) || !principal_sited(c->who))
			continue;
		if (device_load(db, c->domain.id, lines->lines[i].device, c->a, &dev, NULL) || dev.user_id == 0 ||
			user_by_id(db, dev.user_id, c->a, &user, NULL) || !principal_site(c->who, user.site_id))
			e = err_set(err, ERR_FORBIDDEN, "%.60s is outside of what your login may put on a phone.",
				lines->lines[i].device);
	}
	return e;
}

const char *phone_lines_text(struct call *c, const struct phone_lines *lines)
{
	json_t *v = json_array();
	size_t i;

	for (i = 0; i < lines->n; i++)
		json_array_append_new(v, json_pack("{s:I, s:s}", "slot", (json_int_t)lines->lines[i].slot, "device",
						 lines->lines[i].device));
	return call_text(c, v);
}
