#include "provisioning/api/phone_parts.h"

#include <stdio.h>
#include <string.h>

#include "provisioning/api/extra.h"
#include "provisioning/api/patch.h"
#include "provisioning/reset/filekey.h"
#include "provisioning/store/line.h"
#include "provisioning/store/record.h"

enum { NS_LINES = 8, LINES_MAX = 64, DEVICE_MAX = 48, LABEL_MAX = 60 };

/* ---- out ---- */

static void set(json_t *v, const char *fmt, unsigned n, json_t *value)
{
	char name[80];

	snprintf(name, sizeof(name), fmt, n);
	json_object_set_new(v, name, value);
}

/* Every slot that the model has, as far as NetSapiens counts. */
static void add_ns_lines(
	struct call *c, json_t *v, const char *domain, unsigned slots, const struct line_row *lines, size_t n)
{
	unsigned slot;
	size_t i;

	for (slot = 1; slot <= NS_LINES && (slot <= 2 || slot <= slots); slot++) {
		const struct line_row *l = NULL;

		for (i = 0; i < n; i++)
			if (lines[i].slot == slot && lines[i].kind != DEVICE_IDLE)
				l = &lines[i];
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

unsigned phone_ports(const struct profile *pf)
{
	return pf && pf->vendor == VENDOR_GRANDSTREAM && strncmp(pf->model, "HT", 2) == 0 ? pf->accounts : 0;
}

/* What NetSapiens tells of the model. */
static json_t *shape_model(const struct phone_row *row, const struct profile *pf)
{
	return json_pack("{s:s, s:s, s:I, s:I, s:s, s:s, s:o, s:s}", "device-models-brand-and-model",
		pf ? pf->display : row->model, "device-models-model", row->model, "device-models-count-buttons",
		(json_int_t)(pf ? profile_keys(pf, 0) : 0), "device-models-fxs-support-enabled",
		(json_int_t)phone_ports(pf), "device-models-resync-support-enabled", "yes",
		"device-models-shared-line-support-enabled", "yes", "device-models-sidecar-support-enabled",
		shape_yes(pf && pf->modules), "device-provisioning-directory-support", "yes");
}

/* Its registration, as far as events told. */
static void add_contact(json_t *v, const struct phone_row *row)
{
	json_object_set_new(v, "device-sip-registration-contact", json_string(row->contact));
	json_object_set_new(v, "device-sip-registration-state",
		*row->contact_state ? json_string(row->contact_state) : json_null());
	if (row->contact_ms)
		json_object_set_new(v, "device-sip-registration-datetime", shape_time(row->contact_ms));
}

static json_t *shape_own(const struct phone_row *row, const struct domain_row *domain)
{
	char mac[MAC_TEXT];

	mac_text(&row->mac, mac);
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "device-provisioning-mac-address",
		mac, "domain", domain->name, "reseller", domain->reseller, "notes", row->notes, "site", row->site,
		"device-provisioning-sip-transport-protocol", row->transport, "device-provisioning-username", mac,
		"device-provisioning-password", "" /* never told */, "device-provisioning-last-retrieved-datetime",
		shape_time_text(row->last_pull_ms), "created-datetime", shape_time(row->created_ms),
		"last-modified-datetime", shape_time(row->modified_ms));
}

static json_t *shape_state(const struct phone_row *row, const struct line_row *lines, size_t n)
{
	return json_pack("{s:b, s:s, s:s, s:I, s:I, s:o, s:s, s:s, s:s, s:o}", "encrypt-files",
		(int)secret_set(&row->file_key), "encrypt-files-state", filekey_word(filekey_state(row)), "state",
		phone_state_words[row->state], "generation-wanted", (json_int_t)row->wanted, "generation-acknowledged",
		(json_int_t)row->acked, "acknowledged-datetime", shape_time(row->acked_ms), "firmware", row->firmware,
		"user-agent", row->user_agent, "address", row->address, "lines", shape_lines(lines, n));
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

json_t *phone_shape(
	struct call *c, struct db *db, const struct domain_row *domain, const struct phone_row *row, struct err *err)
{
	const struct profile *pf = catalog_find(c->api->conf.catalog, row->model);
	const char *server = "device-provisioning-registration-core-server";
	const struct record_filter open = { .phone_id = row->id, .open_only = true };
	struct line_row *lines;
	int64_t waits;
	size_t n;
	json_t *v, *model, *state;

	if (record_count(db, &open, &waits, err) || line_list(db, row->id, c->a, &lines, &n, err))
		return NULL;
	v = shape_own(row, domain);
	model = shape_model(row, pf);
	state = shape_state(row, lines, n);
	if (v == NULL || model == NULL || state == NULL || json_object_update(v, model) ||
		json_object_update(v, state) || !extra_give(v, &extra_phone, row->extra)) {
		json_decref(v);
		v = NULL;
		call_no_memory(err);
	}
	json_decref(model);
	json_decref(state);
	if (v == NULL)
		return NULL;
	add_contact(v, row);
	add_ns_lines(c, v, domain->name, pf ? pf->accounts : 0, lines, n);
	if (json_object_get(v, server) == NULL)
		json_object_set_new(v, server, json_string(*domain->sip_server ? domain->sip_server : domain->name));
	add_moves(c, db, v, row);
	json_object_set_new(v, "handovers-open", json_integer(waits));
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

enum err_code phone_fields_take(struct call *c, json_t *body, const char **extra, struct err *err)
{
	static const char *const known[] = { "device-provisioning-mac-address", "device-models-brand-and-model",
		"device-models-model", "notes", "site", "device-provisioning-sip-transport-protocol", "lines", "token",
		"domain", "state", "generation-wanted", "generation-acknowledged", "acknowledged-datetime", "firmware",
		"user-agent", "address", "encrypt-files", "encrypt-files-state", "pair", "pair-until-datetime",
		"paired-datetime", "replaced-by", "after-handovers", "handovers-open" };
	const char *name = json_string_value(json_object_get(body, "domain"));
	json_t *v;
	size_t i;
	enum err_code e = extra_refuse(body, "device-provisioning-password",
		"Rekey gives each phone its own name and password; leave device-provisioning-password out", err);

	if (e == ERR_OK && name && strcmp(name, c->domain.name) != 0)
		e = err_set(err, ERR_INPUT,
			"\"domain\" is %.60s, and this phone belongs to %.60s; a PUT does not move it", name,
			c->domain.name);
	if (e || (e = extra_take(c, body, &extra_phone, extra, err)))
		return e;
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

/* A member of one slot: its text ("" for null), NULL when it is not given; true and false are "yes" and "no". */
static enum err_code slot_text(
	struct call *c, json_t *body, const char *fmt, unsigned slot, const char **out, struct err *err)
{
	char name[80];
	json_t *v;

	snprintf(name, sizeof(name), fmt, slot);
	v = json_object_get(body, name);
	if (!json_is_boolean(v))
		return patch_text(body, name, 300, c->a, out, err);
	*out = json_is_true(v) ? "yes" : "no";
	return ERR_OK;
}

static enum err_code slot_yes(
	struct call *c, json_t *body, const char *fmt, unsigned slot, const char **out, struct err *err)
{
	enum err_code e = slot_text(c, body, fmt, slot, out, err);

	if (e || *out == NULL || **out == '\0' || strcmp(*out, "yes") == 0 || strcmp(*out, "no") == 0)
		return e;
	return err_set(err, ERR_INPUT, "what is said of line %u must be yes or no; \"%.40s\" is not", slot, *out);
}

static struct inventory_line *line_at(struct phone_lines *lines, unsigned slot)
{
	size_t i;

	for (i = 0; i < lines->n; i++)
		if (lines->lines[i].slot == slot)
			return &lines->lines[i];
	return NULL;
}

/* Lays what is given of one slot over the line that stands there. */
static enum err_code read_slot(
	struct call *c, json_t *body, unsigned slot, struct phone_lines *out, bool *given, struct err *err)
{
	struct inventory_line *l = line_at(out, slot), new_line = { .slot = slot };
	const char *uri, *enabled, *shared;
	enum err_code e = slot_text(c, body, "device-provisioning-sip-uri-%u", slot, &uri, err);

	if (e || (e = slot_yes(c, body, "device-provisioning-line-%u-enabled", slot, &enabled, err)) ||
		(e = slot_yes(c, body, "device-provisioning-sip-uri-%u-shared-line-enabled", slot, &shared, err)))
		return e;
	*given |= uri || enabled || shared;
	if ((uri && *uri == '\0') || (enabled && strcmp(enabled, "no") == 0)) {
		if (l)
			*l = out->lines[--out->n];
		return ERR_OK;
	}
	if (l == NULL && uri == NULL)
		return ERR_OK;
	if (l == NULL) {
		l = &out->lines[out->n++];
		*l = new_line;
	}
	if (shared)
		l->shared = strcmp(shared, "yes") == 0;
	if (uri && (e = device_of(c, uri, &l->device, err)))
		return e;
	return ERR_OK;
}

/* People's lines as they stand. */
static enum err_code load_lines(struct call *c, int64_t phone_id, struct phone_lines *out, struct err *err)
{
	struct line_row *rows;
	struct db *db;
	size_t i, n;
	enum err_code e = call_db(c, &db, err);

	if (e == ERR_OK)
		e = line_list(db, phone_id, c->a, &rows, &n, err);
	for (i = 0; e == ERR_OK && i < n && out->n < LINES_MAX; i++)
		if (rows[i].kind != DEVICE_IDLE)
			out->lines[out->n++] = (struct inventory_line){ rows[i].slot, rows[i].device, rows[i].shared,
				*rows[i].label ? rows[i].label : NULL };
	return e;
}

static enum err_code read_numbered(
	struct call *c, json_t *body, int64_t phone_id, struct phone_lines *out, bool *given, struct err *err)
{
	enum err_code e = phone_id ? load_lines(c, phone_id, out, err) : ERR_OK;
	unsigned slot;

	for (slot = 1; e == ERR_OK && slot <= NS_LINES; slot++)
		e = read_slot(c, body, slot, out, given, err);
	return e;
}

static const char *label_of(const struct inventory_line *l)
{
	return l->label ? l->label : "";
}

/* Whoever reads a phone and sends it back changes no line, so that no phone is told. */
static enum err_code as_they_stand(
	struct call *c, int64_t phone_id, const struct phone_lines *want, bool *same, struct err *err)
{
	struct phone_lines now = { .lines = arena_alloc(c->a, LINES_MAX * sizeof(*now.lines)) };
	enum err_code e = now.lines ? load_lines(c, phone_id, &now, err) : call_no_memory(err);
	size_t i;

	*same = e == ERR_OK && now.n == want->n;
	for (i = 0; *same && i < want->n; i++) {
		const struct inventory_line *w = &want->lines[i], *l = line_at(&now, (unsigned)w->slot);

		*same = l && strcmp(l->device, w->device) == 0 && l->shared == w->shared &&
			strcmp(label_of(l), label_of(w)) == 0;
	}
	return e;
}

enum err_code phone_lines_read(
	struct call *c, json_t *body, int64_t phone_id, struct phone_lines *out, bool *given, struct err *err)
{
	json_t *list = json_object_get(body, "lines");
	bool same = false;
	enum err_code e;

	*given = list != NULL;
	out->n = 0;
	out->lines = arena_alloc(c->a, (LINES_MAX + NS_LINES + 1) * sizeof(*out->lines));
	if (out->lines == NULL)
		return call_no_memory(err);
	if (list && (!json_is_array(list) || json_array_size(list) > LINES_MAX))
		return err_set(err, ERR_INPUT, "lines must be a list of at most %d", LINES_MAX);
	e = list ? read_list(c, list, out, err) : read_numbered(c, body, phone_id, out, given, err);
	if (e == ERR_OK && *given && phone_id)
		e = as_they_stand(c, phone_id, out, &same, err);
	*given &= !same;
	return e;
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
