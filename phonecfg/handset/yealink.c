/* Yealink desk phones, before V81 and from it on (boot files, static.). The sections are those of the vendor's
 * administrator and auto-provisioning guides, as far as several of them agree. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "phonecfg/handset/yealink.h"

#define HEADER HS_YEALINK_HEADER
#define PROTECT "auto_provision.custom.protect"

/* Longest values (vendor tables; typical figures, so the check is a switch). The first row that fits counts. */
static const struct {
	const char *pattern;
	size_t max;
} lengths[] = {
	{ "account.#.label", 99 },
	{ "account.#.display_name", 99 },
	{ "account.#.user_name", 99 },
	{ "account.#.auth_name", 99 },
	{ "*.url", 511 },
	{ "*", 256 },
};

/* "Line keys": an untouched phone shows type 15 (Line) on the first keys, one for each account; taking a key's value
 * back to the default therefore gives a Line key, not an empty one. */
static const char *factory(const struct handset *hs, const char *name)
{
	unsigned n = 0, lines = hs->model.accounts < hs->model.keys ? hs->model.accounts : hs->model.keys;

	if (hs_glob("linekey.#.type", name, &n, 1))
		return n >= 1 && n <= lines ? "15" : "0";
	if (hs_glob("linekey.#.line", name, &n, 1) && n >= 1 && n <= lines)
		return hs_number(hs, n);
	return "";
}

static const char *value(const struct handset *hs, const char *name)
{
	const char *v = hs_get(hs, HANDSET_FILE, name);

	return v ? v : factory(hs, name);
}

static bool is_on(const struct handset *hs, const char *name)
{
	return strcmp(value(hs, name), "1") == 0;
}

/* "Names without static. are the spelling of before V81" (parameter lists of public template sets). Both readings of a
 * phone whose firmware nobody knows are looked at. */
bool hs_yealink_old(const struct handset *hs)
{
	return hs->model.old_names || (hs->model.either && hs->rules.yealink_old_firmware);
}

/* A phone does not know the other generation's names; no source says what it does with one, hence the switch. */
const char *hs_yealink_static(const struct handset *hs, const char *name)
{
	const char *v, *other;
	char full[HS_NAME_MAX];

	snprintf(full, sizeof(full), "static.%s", name);
	v = hs_get(hs, HANDSET_FILE, hs_yealink_old(hs) ? name : full);
	other = hs_get(hs, HANDSET_FILE, hs_yealink_old(hs) ? full : name);
	return v ? v : other && hs->rules.yealink_both_spellings ? other : "";
}

bool hs_yealink_static_on(const struct handset *hs, const char *name)
{
	return strcmp(hs_yealink_static(hs, name), "1") == 0;
}

static bool protects(const struct handset *hs)
{
	return hs_yealink_static_on(hs, PROTECT);
}

/* "Local configuration sync" came with V81: no list of names has it without static. */
static bool syncs(const struct handset *hs)
{
	return !hs_yealink_old(hs) && hs_yealink_static_on(hs, "auto_provision.custom.sync");
}

/* ---- reading a file ---- */

static struct slice next_line(struct slice *rest)
{
	struct slice line = slice_cut(rest, '\n');

	if (line.n && line.p[line.n - 1] == '\r')
		line.n--;
	return line;
}

/* "The first line must be exactly this": without it the file is silently ignored. Moves *body behind it. */
static bool has_header(struct slice *body)
{
	return slice_eq_str(slice_trim(next_line(body)), HEADER);
}

static bool too_long(const struct handset *hs, const char *name, struct slice v)
{
	size_t i;

	if (!hs->rules.yealink_long_refused)
		return false;
	for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++)
		if (hs_glob(lengths[i].pattern, name, NULL, 0))
			return v.n > lengths[i].max;
	return false;
}

/* "name = value", blanks around both removed. False for comments and anything else. user_password stands once per role
 * ("admin:secret"), so each role's keeps a name of its own. */
static bool setting(struct slice line, char name[HS_NAME_MAX], struct slice *v)
{
	struct slice key = slice_cut(&line, '='), role;

	if (key.n == 0 || *key.p == '#' || key.p + key.n == line.p)
		return false;
	key = slice_trim(key);
	*v = slice_trim(line);
	if (key.n == 0 || key.n >= HS_NAME_MAX)
		return false;
	memcpy(name, key.p, key.n);
	name[key.n] = '\0';
	if (strcmp(name, "static.security.user_password") == 0 || strcmp(name, "security.user_password") == 0) {
		role = *v;
		role = slice_cut(&role, ':');
		if (role.n < v->n && key.n + role.n + 2 < HS_NAME_MAX)
			snprintf(name + key.n, HS_NAME_MAX - key.n, ".%.*s", SLICE_ARG(role));
	}
	return true;
}

/* Omitted, blank, %NULL% or a value: the table of the guide's "overwrite_mode". Blank keeps the old value in mode 0 and
 * is the factory default in mode 1; %NULL% is the default in both. */
static enum err_code take_line(
	struct handset *hs, const char *name, struct slice v, const char *source, struct err *err)
{
	if (slice_eq_str(v, "%NULL%") || (v.n == 0 && hs->pass.overwrite)) {
		hs_drop(hs, HANDSET_FILE, name);
		return ERR_OK;
	}
	if (v.n == 0 || too_long(hs, name, v))
		return ERR_OK;
	return hs_put(hs, HANDSET_FILE, slice_str(name), v, source, err);
}

static enum err_code note_present(struct handset *hs, const char *name, struct err *err)
{
	static char mark;
	const char *key;

	if (map_has(&hs->pass.present, name))
		return ERR_OK;
	key = arena_strdup(&hs->arena, name);
	if (!key || !map_put(&hs->pass.present, key, &mark))
		return err_set(err, ERR_NOMEM, "no memory left for the names in a phone's file");
	return ERR_OK;
}

/* Two different sums of 64 bits: enough to tell the same bytes from others (the phone keeps an MD5). */
static void fingerprint(struct slice body, char out[40])
{
	uint64_t a = 1469598103934665603u, b = 88172645463325252u;
	size_t i;

	for (i = 0; i < body.n; i++) {
		a = (a ^ (unsigned char)body.p[i]) * 1099511628211u;
		b = (b + (unsigned char)body.p[i]) * 6364136223846793005u;
	}
	snprintf(out, 40, "%016llx%016llx", (unsigned long long)a, (unsigned long long)b);
}

/* rest: the lines behind the first one, in the clear; sum: of the bytes as they came. */
static enum err_code apply_lines(
	struct handset *hs, const char *file, struct slice rest, const char *sum, struct err *err)
{
	const char *seen = hs_get(hs, HANDSET_SEEN, file);
	bool same = seen && strcmp(seen, sum) == 0;
	char name[HS_NAME_MAX];
	enum err_code rc;
	struct slice v;

	while (rest.n) {
		if (!setting(next_line(&rest), name, &v))
			continue;
		rc = note_present(hs, name, err);
		if (!rc && !same)
			rc = take_line(hs, name, v, file, err);
		if (rc)
			return rc;
	}
	/* "The phone keeps an MD5 of the last file": identical bytes are not applied again. */
	if (same)
		return hs_step(hs, file, 200, HANDSET_UNCHANGED, "", err);
	hs->pass.changed = true;
	rc = hs_put(hs, HANDSET_SEEN, slice_str(file), slice_str(sum), NULL, err);
	return rc ? rc : hs_step(hs, file, 200, HANDSET_APPLIED, "", err);
}

/* "update_file_mode = 1: only encrypted files". Otherwise a plain file is told from an encrypted one by its first
 * line. */
static enum err_code apply_cfg(struct handset *hs, const char *file, struct slice body, struct err *err)
{
	const char *why = "the first line is not " HEADER;
	struct slice rest = body;
	struct buf plain;
	char sum[40];
	enum err_code rc;

	fingerprint(body, sum);
	if (has_header(&rest)) {
		if (hs_yealink_static_on(hs, "auto_provision.update_file_mode"))
			return hs_step(hs, file, 200, HANDSET_REFUSED, "it takes encrypted files only", err);
		return apply_lines(hs, file, rest, sum, err);
	}
	buf_init(&plain, HS_BODY_MAX);
	hs_yealink_unseal(hs, file, body, &plain, &why);
	rest = buf_view(&plain);
	rc = has_header(&rest) ? apply_lines(hs, file, rest, sum, err)
			       : hs_step(hs, file, 200, HANDSET_REFUSED, why, err);
	buf_release(&plain);
	return rc;
}

/* A served -local.cfg takes the place of the record of local changes. */
static enum err_code local_lines(struct handset *hs, const char *file, struct slice body, struct err *err)
{
	char name[HS_NAME_MAX];
	enum err_code rc;
	struct slice v;

	hs_drop_all(hs, HANDSET_LOCAL);
	while (body.n) {
		if (!setting(next_line(&body), name, &v))
			continue;
		rc = hs_put(hs, HANDSET_LOCAL, slice_str(name), v, file, err);
		if (rc)
			return rc;
	}
	return hs_step(hs, file, 200, HANDSET_APPLIED, "", err);
}

static enum err_code apply_local(struct handset *hs, const char *file, struct slice body, struct err *err)
{
	const char *why = "the first line is not " HEADER;
	struct slice sealed = body;
	struct buf plain;
	enum err_code rc;

	if (has_header(&body))
		return local_lines(hs, file, body, err);
	buf_init(&plain, HS_BODY_MAX);
	hs_yealink_unseal(hs, file, sealed, &plain, &why);
	body = buf_view(&plain);
	rc = has_header(&body) ? local_lines(hs, file, body, err) : hs_step(hs, file, 200, HANDSET_REFUSED, why, err);
	buf_release(&plain);
	return rc;
}

/* ---- the boot file ---- */

struct include {
	struct slice file;
	bool filtered; /* it stood behind a [MODEL,…] that names this one */
};

static bool filter_fits(const struct handset *hs, struct slice models)
{
	while (models.n)
		if (slice_eq_str(slice_trim(slice_cut(&models, ',')), hs->model.token))
			return true;
	return false;
}

/* [T46S,T23G]include:config <x.cfg> or "x.cfg". False when it is no such line, or not for this model. */
static bool include_line(const struct handset *hs, struct slice line, struct include *out)
{
	struct slice models = { NULL, 0 };
	char close;

	out->filtered = line.n && *line.p == '[';
	if (out->filtered) {
		line = (struct slice){ line.p + 1, line.n - 1 };
		models = slice_cut(&line, ']');
		line = slice_trim(line);
	}
	if (!slice_starts(line, "include:config"))
		return false;
	line = slice_trim((struct slice){ line.p + 14, line.n - 14 });
	if (line.n < 3 || (*line.p != '<' && *line.p != '"'))
		return false;
	close = *line.p == '<' ? '>' : '"';
	line = (struct slice){ line.p + 1, line.n - 1 };
	out->file = slice_cut(&line, close);
	return slice_ends(out->file, ".cfg") && (!out->filtered || filter_fits(hs, models));
}

static enum err_code add_include(struct handset *hs, struct include in, struct err *err)
{
	const char **slot = arena_push(
		&hs->arena, (void **)&hs->pass.includes, &hs->pass.nincludes, &hs->pass.cap_includes, sizeof(*slot));

	if (slot)
		*slot = arena_slice(&hs->arena, in.file);
	if (!slot || !*slot)
		return err_set(err, ERR_NOMEM, "no memory left for the names in a boot file");
	return ERR_OK;
}

static bool boot_switch(struct slice line, const char *name)
{
	struct slice key = slice_trim(slice_cut(&line, '='));

	if (slice_starts(key, "static."))
		key = (struct slice){ key.p + 7, key.n - 7 };
	return slice_eq_str(key, name) && slice_eq_str(slice_trim(line), "1");
}

static enum err_code apply_boot(struct handset *hs, const char *file, struct slice body, struct err *err)
{
	struct slice rest, line;
	bool excluded = false, mine = false;
	struct include in;
	enum err_code rc;

	if (hs_yealink_old(hs))
		return hs_step(hs, file, 200, HANDSET_REFUSED, "boot files came with V81", err);
	if (!has_header(&body))
		return hs_step(hs, file, 200, HANDSET_REFUSED, "the first line is not " HEADER, err);
	for (rest = body; rest.n;) {
		line = slice_trim(next_line(&rest));
		excluded |= boot_switch(line, "specific_model.excluded_mode");
		hs->pass.overwrite |= boot_switch(line, "overwrite_mode");
		mine |= include_line(hs, line, &in) && in.filtered;
	}
	for (rest = body; rest.n;) {
		/* excluded_mode = 1: a model with a line of its own ignores the lines for all. */
		if (!include_line(hs, slice_trim(next_line(&rest)), &in) || (!in.filtered && excluded && mine))
			continue;
		rc = add_include(hs, in, err);
		if (rc)
			return rc;
	}
	return hs_step(hs, file, 200, HANDSET_APPLIED, "", err);
}

static enum err_code apply(struct handset *hs, const char *file, struct slice body, struct err *err)
{
	if (slice_ends(slice_str(file), ".boot"))
		return apply_boot(hs, file, body, err);
	if (slice_ends(slice_str(file), "-local.cfg"))
		return apply_local(hs, file, body, err);
	if (slice_ends(slice_str(file), "-contact.xml"))
		return hs_yealink_take_contacts(hs, file, body, err);
	if (slice_ends(slice_str(file), "-calllog.xml"))
		return hs_yealink_take_calls(hs, file, body, err);
	if (slice_ends(slice_str(file), ".xml"))
		return hs_step(hs, file, 200, HANDSET_REFUSED, "no configuration file", err);
	return apply_cfg(hs, file, body, err);
}

/* "Boot files": <mac>.boot, else y000000000000.boot, and then only what it includes; without either the old pair, which
 * is all that firmware of before V81 asks for. */
static enum err_code pull_cfgs(struct handset *hs, struct hs_fetch *f, struct err *err)
{
	char own_boot[32], own_cfg[32];
	const char *const boots[] = { own_boot, "y000000000000.boot" };
	const char *const pair[] = { hs->model.common, own_cfg };
	const char *const *files = pair;
	size_t i, n = 2;
	enum err_code rc = ERR_OK;

	snprintf(own_boot, sizeof(own_boot), "%s.boot", hs->mac_digits);
	snprintf(own_cfg, sizeof(own_cfg), "%s.cfg", hs->mac_digits);
	for (i = 0; i < 2 && !rc && !hs_yealink_old(hs); i++) {
		if (!hs_fetch(hs, f, boots[i], &rc, err))
			continue;
		rc = apply_boot(hs, boots[i], buf_view(&f->body), err);
		files = hs->pass.includes;
		n = hs->pass.nincludes;
		break;
	}
	for (i = 0; i < n && !rc; i++)
		if (files[i] && hs_fetch(hs, f, files[i], &rc, err))
			rc = apply_cfg(hs, files[i], buf_view(&f->body), err);
	return rc;
}

static enum err_code pull(struct handset *hs, struct hs_fetch *f, struct err *err)
{
	enum err_code rc = pull_cfgs(hs, f, err);
	char name[40];

	if (!rc && syncs(hs)) {
		snprintf(name, sizeof(name), "%s-local.cfg", hs->mac_digits);
		if (hs_fetch(hs, f, name, &rc, err))
			rc = apply_local(hs, name, buf_view(&f->body), err);
	}
	return rc ? rc : hs_yealink_pull_lists(hs, f, err);
}

/* ---- after the files ---- */

/* overwrite_mode = 1: what no included file mentions goes back to the factory default, static.* excepted. */
static void reset_omitted(struct handset *hs)
{
	const struct map *m = &hs->layers[HANDSET_FILE];
	size_t i;

	for (i = 0; i < m->count; i++)
		if (!slice_starts(slice_str(m->entries[i].key), "static.") &&
			!map_has(&hs->pass.present, m->entries[i].key))
			hs_drop(hs, HANDSET_FILE, m->entries[i].key);
}

/* "custom.protect = 1": the record of local changes goes on top of every provision. That the record outlives protection
 * is a reading of the firmware that keeps it as <mac>-local.cfg; of before V81 no source knows one. */
static enum err_code replay_local(struct handset *hs, struct err *err)
{
	const struct map *m = &hs->layers[HANDSET_LOCAL];
	const struct hs_value *v;
	enum err_code rc;
	size_t i;

	if (!protects(hs) && !(hs->rules.protect_late && hs->pass.protect_before)) {
		if (!hs->rules.yealink_local_dormant || hs_yealink_old(hs))
			hs_drop_all(hs, HANDSET_LOCAL);
		return ERR_OK;
	}
	for (i = 0; i < m->count; i++) {
		v = m->entries[i].value;
		if (!v->text || !*v->text)
			continue;
		if (strcmp(v->text, "%NULL%") == 0) {
			hs_drop(hs, HANDSET_FILE, m->entries[i].key);
			continue;
		}
		rc = hs_put(hs, HANDSET_FILE, slice_str(m->entries[i].key), slice_str(v->text), NULL, err);
		if (rc)
			return rc;
	}
	return ERR_OK;
}

static bool key_is_line_of(const struct handset *hs, unsigned key, unsigned account)
{
	return hs_unsigned(hs_valuef(hs, "linekey.%u.type", key), 0, 999) == TYPE_LINE &&
	       hs_unsigned(hs_valuef(hs, "linekey.%u.line", key), 0, 999) == account;
}

static enum err_code put_number(struct handset *hs, const char *what, unsigned key, unsigned n, struct err *err)
{
	char name[40], text[12];

	snprintf(name, sizeof(name), "linekey.%u.%s", key, what);
	snprintf(text, sizeof(text), "%u", n);
	return hs_put(hs, HANDSET_FILE, slice_str(name), slice_str(text), NULL, err);
}

static enum err_code fill_account(struct handset *hs, unsigned account, struct err *err)
{
	unsigned want = hs_unsigned(hs_valuef(hs, "account.%u.number_of_linekey", account), 1, 999);
	unsigned key, have = 0;
	enum err_code rc = ERR_OK;

	for (key = 1; key <= hs->model.keys; key++)
		have += key_is_line_of(hs, key, account);
	for (key = 1; key <= hs->model.keys && have < want && !rc; key++) {
		if (hs_unsigned(hs_valuef(hs, "linekey.%u.type", key), 1, 999) != TYPE_NONE)
			continue;
		rc = put_number(hs, "type", key, TYPE_LINE, err);
		if (!rc)
			rc = put_number(hs, "line", key, account, err);
		have++;
	}
	return rc;
}

/* "auto_linekeys": keys without a function become Line keys of an account that asks for more. */
static enum err_code fill_line_keys(struct handset *hs, struct err *err)
{
	unsigned account;
	enum err_code rc;

	if (!is_on(hs, "features.auto_linekeys.enable"))
		return ERR_OK;
	for (account = 1; account <= hs->model.accounts; account++) {
		if (strcmp(hs_valuef(hs, "account.%u.enable", account), "1") != 0)
			continue;
		rc = fill_account(hs, account, err);
		if (rc)
			return rc;
	}
	return ERR_OK;
}

static enum err_code end(struct handset *hs, struct err *err)
{
	enum err_code rc;

	if (hs->pass.overwrite && hs->pass.changed)
		reset_omitted(hs);
	rc = replay_local(hs, err);
	return rc ? rc : fill_line_keys(hs, err);
}

/* ---- a person at the desk ---- */

/* Only what is changed while protection is on is recorded, and static.* never. */
static enum err_code set_local(struct handset *hs, const char *name, const char *v, bool web, struct err *err)
{
	enum err_code rc = hs_put(hs, HANDSET_FILE, slice_str(name), slice_str(v), NULL, err);

	(void)web; /* menu and web page are one here */
	if (rc || !protects(hs) || slice_starts(slice_str(name), "static."))
		return rc;
	return hs_put(hs, HANDSET_LOCAL, slice_str(name), slice_str(v), NULL, err);
}

static enum err_code uploads(const struct handset *hs, handset_put_fn *put, void *arg, struct err *err)
{
	const struct map *m = &hs->layers[HANDSET_LOCAL];
	const struct hs_value *v;
	enum err_code rc;
	char name[40];
	struct buf b;
	size_t i;

	if (!syncs(hs) || m->count == 0)
		return hs_yealink_put_contacts(hs, put, arg, err);
	buf_init(&b, HS_BODY_MAX);
	buf_str(&b, HEADER "\n");
	for (i = 0; i < m->count; i++) {
		v = m->entries[i].value;
		if (v->text)
			buf_printf(&b, "%s = %s\n", m->entries[i].key, v->text);
	}
	snprintf(name, sizeof(name), "%s-local.cfg", hs->mac_digits);
	rc = buf_check(&b, "the record of local changes", err);
	if (!rc)
		put(arg, "PUT", name, buf_view(&b));
	buf_release(&b);
	return rc ? rc : hs_yealink_put_contacts(hs, put, arg, err);
}

const struct hs_ops hs_yealink = { pull, apply, end, protects, value, set_local, uploads, hs_yealink_line,
	hs_yealink_keys, hs_yealink_credentials, hs_yealink_notify };
