/* One row of each kind, through the same doors that the API uses. */
#include <stdlib.h>
#include <string.h>

#include "phonecfg/base/map.h"
#include "phonecfg/base/text.h"
#include "phonecfg/profile/profile.h"
#include "provisioning/mail/address.h"
#include "provisioning/reset/importer.h"
#include "provisioning/store/line.h"

enum { EXT_MAX = 32, TEXT_MAX = 60, NOTES_MAX = 500, EMAIL_MAX = 254, PIN_MIN = 4, PIN_MAX = 12 };

static const char *or_empty(const char *s)
{
	return s ? s : "";
}

/* ---- users ---- */

enum { U_USER, U_FIRST, U_LAST, U_EMAIL, U_SCOPE, U_DEPARTMENT, U_SITE, U_PIN, U_CALLER_ID, U_EMERGENCY };

static enum err_code check_ext(const char *ext, struct err *err)
{
	static const char letters[] = "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t n = strlen(ext), head = strspn(ext, letters), all;

	for (all = head; all < n && (strchr("._-", ext[all]) || strchr(letters, ext[all])); all++)
		;
	if (head == 0 || all < n || n > EXT_MAX || strncmp(ext, "idle-", 5) == 0 || strcmp(ext, "count") == 0)
		return err_set(err, ERR_INPUT,
			"user \"%.40s\" must be 1 to %d letters, digits, dots or dashes, beginning with a letter or digit",
			ext, EXT_MAX);
	return ERR_OK;
}

enum err_code import_scope_check(const char *scope, struct err *err)
{
	static const char *const known[] = { "Office Manager", "Site Manager", "Call Center Supervisor",
		"Call Center Agent", "Advanced User", "Basic User", "Simple User", "No Portal", "NDP",
		"Field Technician" };
	size_t i;

	for (i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strcmp(known[i], scope) == 0)
			return ERR_OK;
	return err_set(
		err, ERR_INPUT, "user-scope \"%.40s\" cannot be imported; use Basic User up to Office Manager", scope);
}

static enum err_code set_text(const struct importer *im, size_t row, size_t column, size_t max, const char **field,
	bool *changed, struct err *err)
{
	const char *value = import_value(im, row, column);
	enum err_code code;

	if (value == NULL)
		return ERR_OK;
	code = text_check(im->kind->columns[column], slice_str(value), max, err);
	if (code == ERR_OK && strcmp(*field, value) != 0) {
		*field = value;
		*changed = true;
	}
	return code;
}

static enum err_code set_site(
	const struct importer *im, size_t row, size_t column, int64_t *site_id, bool *changed, struct err *err)
{
	const char *name = import_value(im, row, column);
	struct site_row site = { 0 };
	enum err_code code = ERR_OK;

	if (name == NULL)
		return ERR_OK;
	if (*name)
		code = site_by_name(im->in.db, im->domain.id, name, im->in.arena, &site, err);
	if (code == ERR_OK && *site_id != site.id) {
		*site_id = site.id;
		*changed = true;
	}
	return code;
}

static enum err_code set_pin(
	const struct importer *im, size_t row, struct user_row *user, bool *changed, struct err *err)
{
	const char *pin = import_value(im, row, U_PIN);
	struct secret given;
	size_t n;

	if (pin == NULL || *pin == '\0') /* an empty one never unsets: no PIN is not an empty PIN */
		return ERR_OK;
	n = strlen(pin);
	if (n < PIN_MIN || n > PIN_MAX || strspn(pin, "0123456789") != n)
		return err_set(err, ERR_INPUT, "voicemail-login-pin must be %d to %d digits", PIN_MIN, PIN_MAX);
	given = secret_copy(im->in.arena, slice_str(pin));
	*changed |= !secret_eq(&given, &user->voicemail_pin);
	user->voicemail_pin = given;
	return ERR_OK;
}

static enum err_code fill_user(
	const struct importer *im, size_t row, struct user_row *user, bool *changed, struct err *err)
{
	enum err_code code;

	if ((code = set_text(im, row, U_FIRST, TEXT_MAX, &user->first_name, changed, err)) ||
		(code = set_text(im, row, U_LAST, TEXT_MAX, &user->last_name, changed, err)) ||
		(code = set_text(im, row, U_EMAIL, EMAIL_MAX, &user->email, changed, err)) ||
		(code = set_text(im, row, U_SCOPE, TEXT_MAX, &user->scope, changed, err)) ||
		(code = set_text(im, row, U_DEPARTMENT, TEXT_MAX, &user->department, changed, err)) ||
		(code = set_text(im, row, U_CALLER_ID, TEXT_MAX, &user->caller_id_number, changed, err)) ||
		(code = set_text(im, row, U_EMERGENCY, TEXT_MAX, &user->emergency_number, changed, err)) ||
		(code = set_site(im, row, U_SITE, &user->site_id, changed, err)) ||
		(code = set_pin(im, row, user, changed, err)))
		return code;
	if (*user->scope == '\0')
		user->scope = "Basic User";
	if (*user->email && address_check("email-address", user->email, err))
		return ERR_INPUT;
	return import_scope_check(user->scope, err);
}

static enum err_code user_row(struct importer *im, size_t row, enum import_result *result, struct err *err)
{
	const char *ext = or_empty(import_value(im, row, U_USER));
	struct user_row user;
	bool changed = false;
	enum err_code code = check_ext(ext, err);

	if (code)
		return code;
	code = user_load(im->in.db, im->domain.id, ext, im->in.arena, &user, NULL);
	if (code == ERR_OK) {
		code = import_scope_check(user.scope, err); /* as it stands now */
		if (code == ERR_OK)
			code = fill_user(im, row, &user, &changed, err);
		*result = changed ? IMPORT_CHANGED : IMPORT_SAME;
		return code || !changed ? code : inventory_user_save(&im->in, &im->domain, &user, err);
	}
	if (code != ERR_NOT_FOUND)
		return err_set(err, code, "The users of %s cannot be read.", im->domain.name);
	user = (struct user_row){ .domain_id = im->domain.id,
		.ext = ext,
		.first_name = "",
		.last_name = "",
		.email = "",
		.scope = "Basic User",
		.department = "",
		.caller_id_number = "",
		.emergency_number = "",
		.voicemail_email = "no",
		.voicemail_enabled = true,
		.directory_visible = true };
	code = fill_user(im, row, &user, &changed, err);
	user.status = *user.first_name || *user.last_name ? USER_NEW : USER_RESET;
	*result = IMPORT_CREATED;
	return code ? code : inventory_user_add(&im->in, &user, err);
}

/* ---- devices ---- */

enum { D_USER, D_DEVICE, D_KIND };

static enum err_code device_row(struct importer *im, size_t row, enum import_result *result, struct err *err)
{
	const char *kind = import_value(im, row, D_KIND);
	struct user_row user;
	struct device_row device, new = { .name = or_empty(import_value(im, row, D_DEVICE)), .kind = DEVICE_DESK };
	enum err_code code =
		user_load(im->in.db, im->domain.id, or_empty(import_value(im, row, D_USER)), im->in.arena, &user, err);

	if (code)
		return code;
	if (kind && *kind) {
		for (new.kind = 0; new.kind < DEVICE_IDLE; new.kind++)
			if (strcmp(device_kind_words[new.kind], kind) == 0)
				break;
		if (new.kind == DEVICE_IDLE)
			return err_set(err, ERR_INPUT, "kind \"%.20s\" must be desk, mobile, web or softphone", kind);
	}
	*result = IMPORT_SAME;
	code = device_load(im->in.db, im->domain.id, new.name, im->in.arena, &device, NULL);
	if (code == ERR_OK && device.user_id != user.id)
		return err_set(err, ERR_CONFLICT, "device %s belongs to another user", new.name);
	if (code == ERR_OK && device.kind != new.kind &&kind &&*kind)
		return err_set(err, ERR_CONFLICT, "device %s is there already, as %s", new.name,
			device_kind_words[device.kind]);
	if (code != ERR_NOT_FOUND)
		return code;
	*result = IMPORT_CREATED;
	return inventory_device_add(&im->in, &user, &new, err);
}

/* ---- phones ---- */

enum { P_MAC, P_MODEL, P_SITE, P_LINE, P_DEVICE, P_LABEL, P_NOTES };

static bool row_mac(const struct importer *im, size_t row, struct mac *out)
{
	return (size_t)im->at[P_MAC] < im->rows[row].n &&
	       mac_parse(slice_str(or_empty(import_value(im, row, P_MAC))), out);
}

/* The line of this row, with slot 0 when it has none: a vacant phone. */
static enum err_code read_line(
	const struct importer *im, size_t row, const struct profile *pf, struct inventory_line *out, struct err *err)
{
	const char *device = or_empty(import_value(im, row, P_DEVICE)), *line = or_empty(import_value(im, row, P_LINE));
	struct device_row there;
	char *end = NULL;

	*out = (struct inventory_line){ .device = device, .label = import_value(im, row, P_LABEL) };
	if (*device == '\0')
		return ERR_OK;
	out->slot = *line ? strtol(line, &end, 10) : 1;
	if ((end && *end) || out->slot < 1 || out->slot > (int64_t)pf->accounts)
		return err_set(err, ERR_INPUT, "line \"%.20s\" must be a number from 1 to %u on a %s", line,
			pf->accounts, pf->display);
	if (device_load(im->in.db, im->domain.id, device, im->in.arena, &there, NULL))
		return err_set(
			err, ERR_INPUT, "there is no device %s in %s; import the users first", device, im->domain.name);
	return text_check("label", slice_str(or_empty(out->label)), TEXT_MAX, err);
}

static enum err_code check_phone(const struct importer *im, size_t row, const struct profile **pf, struct err *err)
{
	const char *model = or_empty(import_value(im, row, P_MODEL));
	struct mac mac;

	if (!row_mac(im, row, &mac))
		return err_set(err, ERR_INPUT, "mac \"%.40s\" is no MAC address; write its 12 hexadecimal digits",
			or_empty(import_value(im, row, P_MAC)));
	*pf = catalog_find(im->in.rs->catalog, model);
	if (*pf == NULL || (*pf)->softphone)
		return err_set(err, ERR_INPUT, "model \"%.40s\" is not known; phonecfg models lists them", model);
	return ERR_OK;
}

/* All rows of one MAC make one phone; the first of them does the work. */
static enum err_code group_phones(struct importer *im, struct err *err)
{
	size_t *last = arena_alloc(im->in.arena, im->nrows * sizeof(*last) + 1), *slot, i;
	struct map seen;
	struct mac mac;

	im->next = arena_alloc(im->in.arena, im->nrows * sizeof(*im->next) + 1);
	im->follows = arena_alloc(im->in.arena, im->nrows * sizeof(*im->follows) + 1);
	map_init(&seen, im->in.arena);
	for (i = 0; !arena_failed(im->in.arena) && i < im->nrows; i++) {
		char *text = arena_alloc(im->in.arena, MAC_TEXT);

		if (text == NULL || !row_mac(im, i, &mac))
			continue;
		slot = map_get(&seen, mac_text(&mac, text));
		if (slot) {
			im->next[*slot] = i + 1;
			im->follows[i] = true;
			*slot = i;
			continue;
		}
		last[i] = i;
		map_put(&seen, text, &last[i]);
	}
	if (arena_failed(im->in.arena))
		return err_set(err, ERR_NOMEM, "There is no memory for this file; import it in parts.");
	return ERR_OK;
}

/* The lines of this phone. What is wrong with a later row is said there. */
static enum err_code gather(const struct importer *im, size_t row, const struct profile *pf,
	struct inventory_line **out, size_t *n, struct err *err)
{
	struct inventory_line line, *slot;
	size_t at, cap = 0;

	*out = NULL;
	*n = 0;
	for (at = row + 1; at; at = im->next[at - 1]) {
		enum err_code code = read_line(im, at - 1, pf, &line, at == row + 1 ? err : NULL);

		if (code && at == row + 1)
			return code;
		if (code || line.slot == 0)
			continue;
		slot = arena_push(im->in.arena, (void **)out, n, &cap, sizeof(*slot));
		if (slot == NULL)
			return err_set(err, ERR_NOMEM, "There is no memory for this phone.");
		*slot = line;
	}
	return ERR_OK;
}

static bool same_lines(const struct line_row *rows, size_t nrows, const struct inventory_line *lines, size_t n)
{
	size_t i, k, people = 0;

	for (i = 0; i < nrows; i++) {
		if (rows[i].kind == DEVICE_IDLE)
			continue;
		people++;
		for (k = 0; k < n; k++)
			if (lines[k].slot == rows[i].slot && strcmp(lines[k].device, rows[i].device) == 0 &&
				strcmp(or_empty(lines[k].label), rows[i].label) == 0)
				break;
		if (k == n)
			return false;
	}
	return people == n;
}

static enum err_code change_phone(struct importer *im, size_t row, struct phone_row *phone, const char *model,
	const struct inventory_line *lines, size_t n, enum import_result *result, struct err *err)
{
	struct line_row *rows;
	size_t nrows;
	bool moved = false;
	enum err_code code;

	if (phone->domain_id != im->domain.id)
		return err_set(err, ERR_CONFLICT, "the phone belongs to another domain");
	if (strcmp(phone->model, model) != 0)
		return err_set(err, ERR_CONFLICT, "the phone is a %s already; delete it first to give it another model",
			phone->model);
	if ((code = set_site(im, row, P_SITE, &phone->site_id, &moved, err)) ||
		(code = line_list(im->in.db, phone->id, im->in.arena, &rows, &nrows, err)) ||
		(moved && (code = phone_save(im->in.db, phone, err))))
		return code;
	*result = IMPORT_CHANGED;
	if (!same_lines(rows, nrows, lines, n))
		return inventory_phone_lines(&im->in, phone, lines, n, err);
	if (moved)
		return inventory_phone_changed(&im->in, &phone->mac, err);
	*result = IMPORT_SAME;
	return ERR_OK;
}

static enum err_code phone_row(struct importer *im, size_t row, enum import_result *result, struct err *err)
{
	const struct profile *pf = NULL;
	struct inventory_line *lines, own;
	struct phone_row phone;
	bool ignored = false;
	size_t n;
	enum err_code code = check_phone(im, row, &pf, err);

	if (code)
		return code;
	*result = IMPORT_SAME;
	code = text_check("notes", slice_str(or_empty(import_value(im, row, P_NOTES))), NOTES_MAX, err);
	if (code)
		return code;
	if (im->follows[row])
		return read_line(im, row, pf, &own, err);
	phone = (struct phone_row){
		.domain_id = im->domain.id, .model = pf->id, .notes = import_value(im, row, P_NOTES)
	};
	row_mac(im, row, &phone.mac);
	if ((code = gather(im, row, pf, &lines, &n, err)))
		return code;
	code = phone_load(im->in.db, &phone.mac, im->in.arena, &phone, NULL);
	if (code == ERR_OK)
		return change_phone(im, row, &phone, pf->id, lines, n, result, err);
	*result = IMPORT_CREATED;
	code = set_site(im, row, P_SITE, &phone.site_id, &ignored, err);
	return code ? code : inventory_phone_add(&im->in, &phone, lines, n, err);
}

const struct import_kind import_kinds[] = {
	{ "phones", { "mac", "model", "site", "line", "device", "label", "notes" }, 2, P_MAC, phone_row, group_phones },
	{ "devices", { "user", "device", "kind" }, 2, D_DEVICE, device_row, NULL },
	{ "users",
		{ "user", "name-first-name", "name-last-name", "email-address", "user-scope", "department", "site",
			"voicemail-login-pin", "caller-id-number", "caller-id-number-emergency" },
		1, U_USER, user_row, NULL },
	{ "phone numbers",
		{ "phonenumber", "dial-rule-application", "dial-rule-translation-destination-user",
			"dial-rule-description", "enabled" },
		1, 0, import_number_row, NULL },
};
const size_t import_kind_count = sizeof(import_kinds) / sizeof(import_kinds[0]);
