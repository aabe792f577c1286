/* Polycom phones on UC Software: the files. From the vendor's administrator guides and its parameter schema (4.0.15).
 */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "phonecfg/handset/polycom.h"

enum polycom_dir { DIR_OVERRIDES, DIR_CONTACTS, DIR_CALLS, DIR_LICENSE };

static const char *const dir_names[] = {
	[DIR_OVERRIDES] = "OVERRIDES_DIRECTORY",
	[DIR_CONTACTS] = "CONTACTS_DIRECTORY",
	[DIR_CALLS] = "CALL_LISTS_DIRECTORY",
	[DIR_LICENSE] = "LICENSE_DIRECTORY",
};

enum file_role { ROLE_OVERRIDES, ROLE_DATA, ROLE_IGNORED };

/* "The other per-phone files". */
static const struct {
	const char *suffix;
	enum file_role role;
	enum polycom_dir dir;
	enum handset_layer layer;
	const char *data; /* first part of the names in the data layer */
} roles[] = {
	{ "-phone.cfg", ROLE_OVERRIDES, DIR_OVERRIDES, HANDSET_LOCAL, NULL },
	{ "-web.cfg", ROLE_OVERRIDES, DIR_OVERRIDES, HANDSET_WEB, NULL },
	{ "-license.cfg", ROLE_IGNORED, DIR_LICENSE, HANDSET_FILE, NULL },
	{ "-directory.xml", ROLE_DATA, DIR_CONTACTS, HANDSET_DATA, "directory" },
	{ "-calls.xml", ROLE_DATA, DIR_CALLS, HANDSET_DATA, "calls" },
};
enum { ROLES = sizeof(roles) / sizeof(roles[0]) };

/* Defaults of the schema that change what the phone does; every other one is "" or of no matter here. */
static const struct {
	const char *pattern, *value;
} defaults[] = {
	{ "reg.#.server.#.expires", "3600" },
	{ "reg.#.server.#.register", "1" },
	{ "reg.#.server.#.transport", "DNSnaptr" },
	{ "reg.#.lineKeys", "1" },
	{ "lineKey.#.category", "Unassigned" },
	{ "voIpProt.SIP.specialEvent.checkSync.alwaysReboot", "0" },
	{ "voIpProt.SIP.requestValidation.digest.realm", "PolycomSPIP" },
};

/* device.* values of these kinds: "empty string = leave unchanged" (schema: integer or empty). */
static const char *const integer_or_empty[] = { "device.net.vlanId", "device.sntp.gmtOffset", "device.dhcp.*",
	"device.prov.redun*", "device.syslog.facility", "device.syslog.renderLevel", "device.net.lldp*" };

static enum err_code no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "no memory left for the files of a phone");
}

/* Changes made on the phone or on its web page win over every listed file; which of the two is first is open. */
static const char *value(const struct handset *hs, const char *name)
{
	enum handset_layer first = hs->rules.polycom_web_wins ? HANDSET_WEB : HANDSET_LOCAL;
	enum handset_layer second = hs->rules.polycom_web_wins ? HANDSET_LOCAL : HANDSET_WEB;
	const enum handset_layer order[] = { first, second, HANDSET_FILE, HANDSET_FLASH };
	const char *v;
	size_t i;

	for (i = 0; i < 4; i++) {
		v = hs_get(hs, order[i], name);
		if (v)
			return v;
	}
	for (i = 0; i < sizeof(defaults) / sizeof(defaults[0]); i++)
		if (hs_glob(defaults[i].pattern, name, NULL, 0))
			return defaults[i].value;
	return "";
}

static bool ends_with_any_case(const char *s, const char *suffix)
{
	size_t n = strlen(s), m = strlen(suffix);

	return n >= m && strcasecmp(s + n - m, suffix) == 0;
}

/* ---- parameters ---- */

/* The first occurrence of a parameter in the order of the files wins; within a file too. */
static enum err_code merge(
	struct handset *hs, const char *name, const char *text, const char *source, unsigned pass, struct err *err)
{
	struct hs_value *v;

	if (map_has(&hs->pass.present, name) || strlen(name) >= HS_NAME_MAX)
		return ERR_OK;
	v = arena_alloc(&hs->arena, sizeof(*v));
	name = arena_strdup(&hs->arena, name);
	if (!v || !name)
		return no_memory(err);
	v->text = arena_strdup(&hs->arena, text);
	v->source = arena_strdup(&hs->arena, source);
	v->pass = pass;
	if (arena_failed(&hs->arena) || !map_put(&hs->pass.present, name, v))
		return no_memory(err);
	return ERR_OK;
}

/* Element names are free; every attribute without a namespace is a parameter. */
static enum err_code merge_file(struct handset *hs, const char *file, xmlNode *root, struct err *err)
{
	enum err_code rc = ERR_OK;
	const char *text;
	xmlNode *node;
	xmlAttr *at;

	for (node = root; node && !rc; node = hs_xml_next(root, node)) {
		for (at = node->properties; at && !rc; at = at->next) {
			if (at->ns)
				continue;
			text = hs_xml_attr_text(&hs->arena, at);
			rc = text ? merge(hs, (const char *)at->name, text, file, hs->pass_number, err)
				  : no_memory(err);
		}
	}
	hs->pass.config_files++;
	return rc ? rc : hs_step(hs, file, 200, HANDSET_APPLIED, "", err);
}

/* A listed file that cannot be had, or that is broken: the phone's cached copy of it stands in its place. */
static enum err_code merge_cached(struct handset *hs, const char *file, struct err *err)
{
	const struct map *m = &hs->layers[HANDSET_FILE];
	const struct hs_value *v;
	enum err_code rc;
	size_t i;

	if (hs->rules.polycom_missing_drops)
		return ERR_OK;
	for (i = 0; i < m->count; i++) {
		v = m->entries[i].value;
		if (!v->text || strcmp(v->source, file) != 0)
			continue;
		rc = merge(hs, m->entries[i].key, v->text, file, v->pass, err);
		if (rc)
			return rc;
	}
	return ERR_OK;
}

/* ---- the master file ---- */

static const char *substitute(struct handset *hs, const char *text)
{
	const char *const marks[] = { "[PHONE_MAC_ADDRESS]", "[PHONE_MODEL]", "[PHONE_PART_NUMBER]" };
	const char *const with[] = { hs->mac_digits, hs->model.token, hs->model.part ? hs->model.part : "" };
	const char *out, *from;
	struct buf b;
	size_t i;

	buf_init(&b, HS_BODY_MAX);
	for (from = text; *from;) {
		for (i = 0; i < 3 && strncmp(from, marks[i], strlen(marks[i])) != 0; i++)
			;
		if (i == 3) {
			buf_char(&b, *from++);
			continue;
		}
		buf_str(&b, with[i]);
		from += strlen(marks[i]);
	}
	out = b.failed ? NULL : arena_strdup(&hs->arena, b.data);
	buf_release(&b);
	return out;
}

static enum err_code take_master(struct handset *hs, const char *file, xmlNode *app, struct err *err)
{
	char own[48];
	const char *list = hs_xml_attr(&hs->arena, app, "CONFIG_FILES"), *text;
	xmlNode *node;
	size_t i;

	snprintf(own, sizeof(own), "APPLICATION_%s", hs->model.token);
	for (node = xmlFirstElementChild(app); node; node = xmlNextElementSibling(node)) {
		if (!hs_xml_is(node, own))
			continue;
		snprintf(own, sizeof(own), "CONFIG_FILES_%s", hs->model.token);
		text = hs_xml_attr(&hs->arena, node, own);
		list = text ? text : list;
		break;
	}
	for (i = 0; i < 4; i++) {
		text = hs_xml_attr(&hs->arena, app, dir_names[i]);
		hs->pass.dir[i] = text ? substitute(hs, text) : "";
		if (!hs->pass.dir[i])
			return no_memory(err);
	}
	hs->pass.list = substitute(hs, list ? list : "");
	hs->pass.master = true;
	if (!hs->pass.list || arena_failed(&hs->arena))
		return no_memory(err);
	return hs_step(hs, file, 200, HANDSET_APPLIED, "", err);
}

static xmlNode *application(xmlNode *root)
{
	xmlNode *node;

	for (node = root; node; node = hs_xml_next(root, node))
		if (hs_xml_is(node, "APPLICATION"))
			return node;
	return NULL;
}

/* ---- overrides, contacts, call list ---- */

static enum err_code take_overrides(
	struct handset *hs, const char *file, enum handset_layer layer, xmlNode *root, struct err *err)
{
	enum err_code rc = ERR_OK;
	const char *text;
	xmlNode *node;
	xmlAttr *at;

	if (!hs_xml_is(root, "PHONE_CONFIG"))
		return hs_step(hs, file, 200, HANDSET_REFUSED, "the root is not PHONE_CONFIG", err);
	hs_drop_all(hs, layer);
	for (node = root; node && !rc; node = hs_xml_next(root, node)) {
		for (at = node->properties; at && !rc; at = at->next) {
			if (at->ns || slice_starts(slice_str((const char *)at->name), "device."))
				continue;
			text = hs_xml_attr_text(&hs->arena, at);
			rc = text ? hs_put(hs, layer, slice_str((const char *)at->name), slice_str(text), file, err)
				  : no_memory(err);
		}
	}
	return rc ? rc : hs_step(hs, file, 200, HANDSET_APPLIED, "", err);
}

static void drop_data(struct handset *hs, const char *kind)
{
	const struct map *m = &hs->layers[HANDSET_DATA];
	size_t i, n = strlen(kind);

	for (i = 0; i < m->count; i++)
		if (strncmp(m->entries[i].key, kind, n) == 0 && m->entries[i].key[n] == '.')
			hs_drop(hs, HANDSET_DATA, m->entries[i].key);
}

/* Each element with text becomes "directory.<entry>.<element>"; entries count their parents. */
static enum err_code take_data(struct handset *hs, const char *file, const char *kind, xmlNode *root, struct err *err)
{
	char name[HS_NAME_MAX];
	xmlNode *node, *parent = NULL;
	enum err_code rc = ERR_OK;
	unsigned entry = 0;
	const char *text;

	drop_data(hs, kind);
	for (node = root; node && !rc; node = hs_xml_next(root, node)) {
		if (xmlFirstElementChild(node))
			continue;
		text = hs_xml_text(&hs->arena, node);
		if (!text)
			return no_memory(err);
		if (text[strspn(text, " \t\r\n")] == '\0') /* an empty list, over two lines */
			continue;
		entry += node->parent != parent;
		parent = node->parent;
		snprintf(name, sizeof(name), "%s.%u.%s", kind, entry, (const char *)node->name);
		rc = hs_put(hs, HANDSET_DATA, slice_str(name), slice_trim(slice_str(text)), file, err);
	}
	return rc ? rc : hs_step(hs, file, 200, HANDSET_APPLIED, "", err);
}

/* ---- one file ---- */

static enum err_code take_file(struct handset *hs, const char *file, xmlNode *root, struct err *err)
{
	xmlNode *app;
	size_t i;

	for (i = 0; i < ROLES; i++) {
		if (!ends_with_any_case(file, roles[i].suffix))
			continue;
		if (roles[i].role == ROLE_OVERRIDES)
			return take_overrides(hs, file, roles[i].layer, root, err);
		if (roles[i].role == ROLE_DATA)
			return take_data(hs, file, roles[i].data, root, err);
		return hs_step(hs, file, 200, HANDSET_REFUSED, "no configuration file", err);
	}
	app = application(root);
	return app ? take_master(hs, file, app, err) : merge_file(hs, file, root, err);
}

static enum err_code apply(struct handset *hs, const char *file, struct slice body, struct err *err)
{
	xmlDoc *doc = hs_xml(body);
	enum err_code rc;

	if (!doc || !xmlDocGetRootElement(doc))
		rc = hs_step(hs, file, 200, HANDSET_REFUSED, "not well-formed", err);
	else
		rc = take_file(hs, file, xmlDocGetRootElement(doc), err);
	xmlFreeDoc(doc);
	return rc;
}

static bool last_was_taken(const struct handset *hs)
{
	return hs->nsteps && hs->steps[hs->nsteps - 1].what == HANDSET_APPLIED;
}

static enum err_code pull_listed(struct handset *hs, struct hs_fetch *f, struct err *err)
{
	struct slice rest = slice_str(hs->pass.list), item;
	enum err_code rc = ERR_OK;
	char name[256];

	while (rest.n && !rc) {
		item = slice_trim(slice_cut(&rest, ','));
		if (item.n == 0 || item.n >= sizeof(name)) /* "a name has at most 255 characters" */
			continue;
		snprintf(name, sizeof(name), "%.*s", SLICE_ARG(item));
		if (hs_fetch(hs, f, name, &rc, err))
			rc = apply(hs, name, buf_view(&f->body), err);
		if (!rc && !last_was_taken(hs))
			rc = merge_cached(hs, name, err);
	}
	return rc;
}

static bool has_contacts(const struct handset *hs)
{
	const struct map *m = &hs->layers[HANDSET_DATA];
	const struct hs_value *v;
	size_t i;

	for (i = 0; i < m->count; i++) {
		v = m->entries[i].value;
		if (v->text && slice_starts(slice_str(m->entries[i].key), "directory."))
			return true;
	}
	return false;
}

/* A file of the phone's own that the server does not have. "The seed 000000000000-directory.xml is only loaded on the
 * first boot" (vendor FAQ): by a phone without contacts. */
static enum err_code not_there(struct handset *hs, struct hs_fetch *f, size_t role, const char *dir, struct err *err)
{
	enum err_code rc = ERR_OK;
	char name[320];

	if (hs->rules.polycom_override_404 && roles[role].role == ROLE_OVERRIDES)
		hs_drop_all(hs, roles[role].layer);
	if (roles[role].dir != DIR_CONTACTS || has_contacts(hs))
		return ERR_OK;
	snprintf(name, sizeof(name), "%s%s000000000000%s", dir, *dir && !slice_ends(slice_str(dir), "/") ? "/" : "",
		roles[role].suffix);
	if (hs_fetch(hs, f, name, &rc, err))
		rc = apply(hs, name, buf_view(&f->body), err);
	return rc;
}

/* What only the running application asks for. A directory of "http://0.0.0.0" switches a kind off. */
static enum err_code pull_others(struct handset *hs, struct hs_fetch *f, struct err *err)
{
	enum err_code rc = ERR_OK;
	const char *dir;
	char name[320];
	size_t i;

	for (i = 0; i < ROLES && !rc; i++) {
		dir = hs->pass.dir[roles[i].dir] ? hs->pass.dir[roles[i].dir] : "";
		if (strlen(dir) > 255 || slice_starts(slice_str(dir), "http://0.0.0.0"))
			continue;
		snprintf(name, sizeof(name), "%s%s%s%s", dir, *dir && !slice_ends(slice_str(dir), "/") ? "/" : "",
			hs->mac_digits, roles[i].suffix);
		if (hs_fetch(hs, f, name, &rc, err))
			rc = apply(hs, name, buf_view(&f->body), err);
		else if (!rc && hs->steps[hs->nsteps - 1].status == 404)
			rc = not_there(hs, f, i, dir, err);
	}
	return rc;
}

/* "If the boot server's address itself ends in a file name *.cfg (at least 5 characters), that file is tried first"
 * (vendor guides 2.2, 3.1). "" when it does not. */
static void named_master(const struct handset *hs, char *out, size_t size)
{
	const char *url = handset_value(hs, "device.prov.serverName"), *name = strrchr(url, '/');

	name = name ? name + 1 : "";
	snprintf(out, size, "%s",
		strlen(name) >= 5 && strlen(name) < size && ends_with_any_case(name, ".cfg") ? name : "");
}

/* "Which master file": that of the address, <mac>.cfg, then 000000000000.cfg; parameters may stand in the master's
 * place. With none of them the phone runs on its cached configuration. */
static enum err_code pull(struct handset *hs, struct hs_fetch *f, struct err *err)
{
	char own[32], named[128];
	const char *const masters[] = { named, own, "000000000000.cfg" };
	enum err_code rc = ERR_OK;
	bool got = false;
	size_t i;

	snprintf(own, sizeof(own), "%s.cfg", hs->mac_digits);
	named_master(hs, named, sizeof(named));
	for (i = *named ? 0 : 1; i < 3 && !got && !rc; i++) {
		if (!hs_fetch(hs, f, masters[i], &rc, err))
			continue;
		rc = apply(hs, masters[i], buf_view(&f->body), err);
		got = !rc && last_was_taken(hs);
	}
	if (rc || !got)
		return rc;
	if (hs->pass.master)
		rc = pull_listed(hs, f, err);
	hs->pass.master = true; /* even an empty list is the new configuration */
	return rc ? rc : pull_others(hs, f, err);
}

/* ---- after the files ---- */

static const char *merged(const struct handset *hs, const char *name)
{
	const struct hs_value *v = map_get(&hs->pass.present, name);

	return v ? v->text : "";
}

static bool is_flag(const char *name)
{
	return slice_ends(slice_str(name), ".set");
}

static bool is_device(const char *name)
{
	return slice_starts(slice_str(name), "device.") && !is_flag(name);
}

/* "device.*": in flash, taken only with device.set and device.<name>.set, kept when left out. */
static enum err_code take_device(struct handset *hs, const char *name, const struct hs_value *v, struct err *err)
{
	char flag[HS_NAME_MAX + 8];
	size_t i;

	snprintf(flag, sizeof(flag), "%s.set", name);
	if (strcmp(merged(hs, "device.set"), "1") != 0 || strcmp(merged(hs, flag), "1") != 0)
		return ERR_OK;
	for (i = 0; !*v->text && i < sizeof(integer_or_empty) / sizeof(integer_or_empty[0]); i++)
		if (hs_glob(integer_or_empty[i], name, NULL, 0))
			return ERR_OK;
	return hs_put(hs, HANDSET_FLASH, slice_str(name), slice_str(v->text), v->source, err);
}

/* "Omitted attribute": the files are a cache that is synchronised, so what is left out falls back to its default. */
static enum err_code keep_omitted(struct handset *hs, struct err *err)
{
	const struct map *m = &hs->layers[HANDSET_FILE];
	const struct hs_value *v;
	enum err_code rc = ERR_OK;
	size_t i;

	for (i = 0; i < m->count && !rc; i++) {
		v = m->entries[i].value;
		if (v->text)
			rc = merge(hs, m->entries[i].key, v->text, v->source, v->pass, err);
	}
	return rc;
}

static enum err_code end(struct handset *hs, struct err *err)
{
	const struct map *m = &hs->pass.present;
	const struct hs_value *v;
	struct hs_value *put;
	enum err_code rc = ERR_OK;
	size_t i;

	if (!hs->pass.master && hs->pass.config_files == 0)
		return ERR_OK;
	if (hs->rules.polycom_omission_keeps)
		rc = keep_omitted(hs, err);
	hs_drop_all(hs, HANDSET_FILE);
	for (i = 0; i < m->count && !rc; i++) {
		v = m->entries[i].value;
		if (is_device(m->entries[i].key)) {
			rc = take_device(hs, m->entries[i].key, v, err);
			continue;
		}
		rc = hs_put(hs, HANDSET_FILE, slice_str(m->entries[i].key), slice_str(v->text), v->source, err);
		put = map_get(&hs->layers[HANDSET_FILE], m->entries[i].key);
		if (!rc && put)
			put->pass = v->pass;
	}
	return rc;
}

/* ---- a person at the desk ---- */

static enum err_code set_local(struct handset *hs, const char *name, const char *v, bool web, struct err *err)
{
	return hs_put(hs, web ? HANDSET_WEB : HANDSET_LOCAL, slice_str(name), slice_str(v), NULL, err);
}

/* "Uploaded again at every local change", unless prov.autoConfigUpload.enabled is 0. */
static enum err_code uploads(const struct handset *hs, handset_put_fn *put, void *arg, struct err *err)
{
	bool overrides = strcmp(value(hs, "prov.autoConfigUpload.enabled"), "0") != 0;
	enum err_code rc = ERR_OK;
	size_t i;

	for (i = 0; i < ROLES && !rc; i++) {
		if (roles[i].role == ROLE_OVERRIDES && overrides)
			rc = hs_polycom_send_layer(hs, roles[i].layer, roles[i].suffix, put, arg, err);
		if (roles[i].role == ROLE_DATA)
			rc = hs_polycom_send_data(hs, roles[i].data, roles[i].suffix, put, arg, err);
	}
	return rc;
}

const struct hs_ops hs_polycom = { pull, apply, end, NULL, value, set_local, uploads, hs_polycom_line, hs_polycom_keys,
	hs_polycom_credentials, hs_polycom_notify };
