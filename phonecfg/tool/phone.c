#include "phonecfg/tool/phone.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/model/words.h"
#include "phonecfg/tool/tool.h"

enum type {
	TEXT,
	SECRET,
	UINT,
	BIG,
	FLAG,
	MAC,
	TRANSPORT,
	USE,
	KEYTYPE,
	OWNER,
	LAYER,
	ACCOUNTS,
	KEYS,
	OVERRIDES,
	PEOPLE,
	PROV,
	SETTINGS
};

struct member {
	const char *name;
	enum type type;
	size_t offset;
};

#define AT(s, m) offsetof(struct s, m)

static const struct member phone_members[] = {
	{ "mac", MAC, AT(phone, mac) },
	{ "model", TEXT, AT(phone, model) },
	{ "generation", BIG, AT(phone, generation) },
	{ "domain", TEXT, AT(phone, domain) },
	{ "timezone", TEXT, AT(phone, timezone) },
	{ "ntp", TEXT, AT(phone, ntp) },
	{ "language", TEXT, AT(phone, language) },
	{ "provisioning", PROV, AT(phone, prov) },
	{ "admin-password", SECRET, AT(phone, admin_password) },
	{ "user-password", SECRET, AT(phone, user_password) },
	{ "poll-minutes", UINT, AT(phone, poll_minutes) },
	{ "ca-url", TEXT, AT(phone, ca_url) },
	{ "file-key", SECRET, AT(phone, file_key) },
	{ "file-key-next", SECRET, AT(phone, file_key_next) },
	{ "firmware", TEXT, AT(phone, firmware) },
	{ "filler", SECRET, AT(phone, filler) },
	{ "settings", SETTINGS, 0 },
	{ "accounts", ACCOUNTS, 0 },
	{ "keys", KEYS, 0 },
	{ "overrides", OVERRIDES, 0 },
	{ "people", PEOPLE, 0 },
	{ "settled", FLAG, AT(phone, settled) },
	{ NULL, TEXT, 0 },
};

static const struct member person_members[] = {
	{ "first", TEXT, AT(listed_person, first) },
	{ "last", TEXT, AT(listed_person, last) },
	{ "number", TEXT, AT(listed_person, number) },
	{ NULL, TEXT, 0 },
};

static const struct member prov_members[] = {
	{ "url", TEXT, AT(prov, url) },
	{ "user", TEXT, AT(prov, user) },
	{ "password", SECRET, AT(prov, password) },
	{ "write-login", FLAG, AT(prov, write_login) },
	{ NULL, TEXT, 0 },
};

static const struct member account_members[] = {
	{ "slot", UINT, AT(account, slot) },
	{ "use", USE, AT(account, use) },
	{ "label", TEXT, AT(account, label) },
	{ "display-name", TEXT, AT(account, display_name) },
	{ "user", TEXT, AT(account, user) },
	{ "auth-user", TEXT, AT(account, auth_user) },
	{ "password", SECRET, AT(account, password) },
	{ "domain", TEXT, AT(account, domain) },
	{ "realm", TEXT, AT(account, realm) },
	{ "server", TEXT, AT(account, server) },
	{ "port", UINT, AT(account, port) },
	{ "transport", TRANSPORT, AT(account, transport) },
	{ "proxy", TEXT, AT(account, proxy) },
	{ "proxy-port", UINT, AT(account, proxy_port) },
	{ "expires", UINT, AT(account, expires_s) },
	{ "voicemail", TEXT, AT(account, voicemail) },
	{ "shared", FLAG, AT(account, shared) },
	{ NULL, TEXT, 0 },
};

static const struct member key_members[] = {
	{ "module", UINT, AT(key, module) },
	{ "index", UINT, AT(key, index) },
	{ "type", KEYTYPE, AT(key, type) },
	{ "slot", UINT, AT(key, slot) },
	{ "value", TEXT, AT(key, value) },
	{ "label", TEXT, AT(key, label) },
	{ "pickup", TEXT, AT(key, pickup) },
	{ "owner", OWNER, AT(key, owner) },
	{ NULL, TEXT, 0 },
};

static const struct member override_members[] = {
	{ "layer", LAYER, AT(override, layer) },
	{ "name", TEXT, AT(override, name) },
	{ "value", TEXT, AT(override, value) },
	{ NULL, TEXT, 0 },
};

struct reader {
	const char *file;
	struct arena *a;
	struct phone *ph;
	struct err *err;
};

static enum err_code read_object(
	struct reader *r, const struct tval *v, const char *path, const struct member *members, void *out);

static enum err_code wrong(struct reader *r, const char *path, const char *what)
{
	return err_set(r->err, ERR_INPUT, "%s: %s %s", r->file, path, what);
}

static const char *text(struct reader *r, const struct tval *v)
{
	return v->kind == TVAL_TEXT ? arena_slice(r->a, v->as.text) : NULL;
}

static enum err_code unsigned_of(
	struct reader *r, const struct tval *v, const char *path, long long max, long long *out)
{
	if (v->kind != TVAL_INT || v->as.integer < 0 || v->as.integer > max)
		return wrong(r, path, "must be a whole number, not negative and not huge");
	*out = v->as.integer;
	return ERR_OK;
}

static enum err_code word(struct reader *r, const struct tval *v, const char *path, enum type type, void *out)
{
	const char *s = text(r, v);
	bool ok = false;

	switch (type) {
	case TRANSPORT:
		ok = transport_parse(s, out);
		break;
	case USE:
		ok = account_use_parse(s, out);
		break;
	case KEYTYPE:
		ok = key_type_parse(s, out);
		break;
	case OWNER:
		ok = key_owner_parse(s, out);
		break;
	default:
		ok = override_layer_parse(s, out);
		break;
	}
	return ok ? ERR_OK : wrong(r, path, "is none of the words that README.md of phonecfg/tool lists");
}

static enum err_code read_list(struct reader *r, const struct tval *v, const char *path, const struct member *members,
	size_t size, void **out, size_t *n)
{
	char *rows;

	if (v->kind != TVAL_LIST)
		return wrong(r, path, "must be a list");
	rows = arena_alloc(r->a, (v->as.list.count + 1) * size);
	if (!rows)
		return err_set(r->err, ERR_NOMEM, "no memory to read %s", r->file);
	for (size_t i = 0; i < v->as.list.count; i++) {
		const char *at = arena_printf(r->a, "%s[%zu]", path, i);
		enum err_code rc = read_object(r, v->as.list.items[i], at, members, rows + i * size);
		if (rc)
			return rc;
	}
	*out = rows;
	*n = v->as.list.count;
	return ERR_OK;
}

/* A list of words stands as text with blanks between, as an override has it. */
static enum err_code setting_text(struct reader *r, const struct tval *v, const char *path, const char **out)
{
	switch (v->kind) {
	case TVAL_TEXT:
		*out = text(r, v);
		break;
	case TVAL_INT:
		*out = arena_printf(r->a, "%lld", v->as.integer);
		break;
	case TVAL_BOOL:
		*out = v->as.truth ? "true" : "false";
		break;
	case TVAL_NULL:
		*out = "";
		break;
	case TVAL_LIST:
		*out = "";
		for (size_t i = 0; i < v->as.list.count && *out; i++) {
			const struct tval *one = v->as.list.items[i];
			if (one->kind != TVAL_TEXT)
				return wrong(r, path, "must be a list of texts");
			*out = arena_printf(r->a, "%s %s", *out, text(r, one));
		}
		break;
	default:
		return wrong(r, path, "must be a text, a number, true or false, or a list of texts");
	}
	return *out ? ERR_OK : err_set(r->err, ERR_NOMEM, "no memory to read %s", r->file);
}

static enum err_code unknown_word(struct reader *r, const char *path)
{
	const char *names[64], *near;
	size_t n = 0;

	for (size_t i = 0; i < word_count() && n < 64; i++) {
		if (word_at(i)->scope == WORD_OF_PHONE)
			names[n++] = word_at(i)->name;
	}
	near = tool_nearest(strrchr(path, '.') + 1, names, n);
	if (near)
		return err_set(r->err, ERR_INPUT, "%s: %s is unknown; did you mean '%s'?", r->file, path, near);
	return err_set(r->err, ERR_INPUT, "%s: %s is unknown; phonecfg explain --words lists them", r->file, path);
}

/* The neutral words of the phone; those of accounts are members of the accounts. */
static enum err_code read_settings(struct reader *r, const struct tval *v)
{
	if (v->kind != TVAL_OBJECT)
		return wrong(r, "settings", "must be an object");
	for (size_t i = 0; i < v->as.object.count; i++) {
		const char *name = v->as.object.entries[i].key, *value = "";
		const char *path = arena_printf(r->a, "settings.%s", name);
		const struct word *w = word_find(name);
		enum err_code rc;
		if (!path)
			return err_set(r->err, ERR_NOMEM, "no memory to read %s", r->file);
		if (!w)
			return unknown_word(r, path);
		if (w->scope != WORD_OF_PHONE)
			return wrong(r, path, "is a word of accounts; set it in each account");
		rc = setting_text(r, v->as.object.entries[i].value, path, &value);
		if (!rc && (rc = word_set(w, value, r->a, r->ph, r->err)))
			err_prefix(r->err, "%s: settings", r->file);
		if (rc)
			return rc;
	}
	return ERR_OK;
}

static enum err_code read_member(
	struct reader *r, const struct tval *v, const char *path, const struct member *m, void *at)
{
	struct phone *ph = r->ph;
	long long number = 0;
	enum err_code rc;

	switch (m->type) {
	case TEXT:
		if (v->kind != TVAL_TEXT && v->kind != TVAL_NULL)
			return wrong(r, path, "must be a text");
		*(const char **)at = text(r, v);
		return ERR_OK;
	case SECRET:
		if (v->kind != TVAL_TEXT)
			return wrong(r, path, "must be a text");
		*(struct secret *)at = secret_copy(r->a, v->as.text);
		return ERR_OK;
	case UINT:
		rc = unsigned_of(r, v, path, 1 << 30, &number);
		*(unsigned *)at = (unsigned)number;
		return rc;
	case BIG:
		rc = unsigned_of(r, v, path, 1LL << 62, &number);
		*(uint64_t *)at = (uint64_t)number;
		return rc;
	case FLAG:
		if (v->kind != TVAL_BOOL)
			return wrong(r, path, "must be true or false");
		*(bool *)at = v->as.truth;
		return ERR_OK;
	case MAC:
		if (v->kind != TVAL_TEXT || !mac_parse(v->as.text, at))
			return wrong(r, path, "must be a hardware address of 12 hexadecimal digits");
		return ERR_OK;
	case PROV:
		return read_object(r, v, path, prov_members, at);
	case SETTINGS:
		return read_settings(r, v);
	case ACCOUNTS:
		return read_list(
			r, v, path, account_members, sizeof(struct account), (void **)&ph->accounts, &ph->naccounts);
	case KEYS:
		return read_list(r, v, path, key_members, sizeof(struct key), (void **)&ph->keys, &ph->nkeys);
	case OVERRIDES:
		return read_list(r, v, path, override_members, sizeof(struct override), (void **)&ph->overrides,
			&ph->noverrides);
	case PEOPLE:
		return read_list(r, v, path, person_members, sizeof(struct listed_person),
			(void **)(uintptr_t)&ph->people, &ph->npeople);
	default:
		return word(r, v, path, m->type, at);
	}
}

static enum err_code unknown_member(struct reader *r, const char *path, const struct member *members, const char *name)
{
	const char *names[24], *near;
	size_t n = 0;

	for (; n < 24 && members[n].name; n++)
		names[n] = members[n].name;
	near = tool_nearest(name, names, n);
	if (near)
		return err_set(r->err, ERR_INPUT, "%s: %s%s is unknown; did you mean '%s'?", r->file, path, name, near);
	return err_set(r->err, ERR_INPUT, "%s: %s%s is unknown; remove it", r->file, path, name);
}

static enum err_code read_object(
	struct reader *r, const struct tval *v, const char *path, const struct member *members, void *out)
{
	const char *dot = *path ? "." : "";

	if (!v || v->kind != TVAL_OBJECT)
		return wrong(r, *path ? path : "the document", "must be an object");
	for (size_t i = 0; i < v->as.object.count; i++) {
		const char *name = v->as.object.entries[i].key;
		const char *at = arena_printf(r->a, "%s%s%s", path, dot, name);
		const struct member *m = members;
		enum err_code rc;
		while (m->name && strcmp(m->name, name) != 0)
			m++;
		if (!m->name)
			return unknown_member(r, arena_printf(r->a, "%s%s", path, dot), members, name);
		rc = read_member(r, v->as.object.entries[i].value, at ? at : name, m, (char *)out + m->offset);
		if (rc)
			return rc;
	}
	return arena_failed(r->a) ? err_set(r->err, ERR_NOMEM, "no memory to read %s", r->file) : ERR_OK;
}

enum err_code phone_from_tval(
	const struct tval *doc, const char *file, struct arena *a, struct phone *out, struct err *err)
{
	static const struct mac none;
	struct reader r = { file, a, out, err };
	enum err_code rc;

	memset(out, 0, sizeof(*out));
	rc = read_object(&r, doc, "", phone_members, out);
	if (!rc && !out->model)
		rc = wrong(&r, "model", "is missing; phonecfg models lists them");
	if (!rc && mac_eq(&out->mac, &none))
		rc = wrong(&r, "mac", "is missing");
	return rc;
}
