/* Users: list, read, add, change, delete. */
#include <string.h>

#include "provisioning/api/ask.h"
#include "provisioning/api/calls.h"
#include "provisioning/api/extra.h"
#include "provisioning/api/patch.h"
#include "provisioning/mail/address.h"
#include "provisioning/reset/inventory.h"
#include "provisioning/store/phone.h"

enum { EXT_MAX = 32, PIN_MIN = 4, PIN_MAX = 12, SEARCH_MAX = 200 };

#define TEXT(name, member, max)                                                                                        \
	{                                                                                                              \
		name, JSON_TEXT, offsetof(struct user_row, member), max, false                                         \
	}
#define FLAG(name, member)                                                                                             \
	{                                                                                                              \
		name, JSON_BOOL, offsetof(struct user_row, member), 0, false                                           \
	}
#define SKIP(name)                                                                                                     \
	{                                                                                                              \
		name, JSON_TEXT, 0, 0, true                                                                            \
	}

static const struct patch_field fields[] = {
	TEXT("name-first-name", first_name, 60),
	TEXT("name-last-name", last_name, 60),
	TEXT("email-address", email, 254),
	TEXT("login-username", login, 128),
	TEXT("user-scope", scope, 32),
	TEXT("department", department, 64),
	TEXT("time-zone", timezone, 64),
	TEXT("language-token", language, 16),
	TEXT("dial-plan", dial_plan, 64),
	TEXT("dial-policy", dial_policy, 64),
	TEXT("caller-id-name", caller_id_name, 60),
	{ "caller-id-number", JSON_TEXT, offsetof(struct user_row, caller_id_number), 32, false, true },
	{ "caller-id-number-emergency", JSON_TEXT, offsetof(struct user_row, emergency_number), 32, false, true },
	TEXT("emergency-address-id", emergency_address, 128),
	TEXT("email-send-alert-new-voicemail-behavior", voicemail_email, 16),
	TEXT("email-send-alert-new-voicemail-cc-list-csv", voicemail_email_cc, 512),
	FLAG("voicemail-enabled", voicemail_enabled),
	FLAG("directory-name-visible-in-list-enabled", directory_visible),
	SKIP("user"),
	SKIP("domain"),
	SKIP("site"),
	SKIP("voicemail-login-pin"),
	SKIP("voicemail-login-pin-set"),
	SKIP("account-status"),
	SKIP("created-datetime"),
	SKIP("last-modified-datetime"),
};
enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

/* ---- reading ---- */

/* "name", or "-name" for the other way round. */
static enum err_code read_sort(const char *text, struct user_filter *f, struct err *err)
{
	unsigned i;

	if (text == NULL || *text == '\0')
		return ERR_OK;
	f->down = *text == '-';
	for (i = 0; i < USER_SORT_COUNT; i++)
		if (strcmp(text + f->down, user_sort_words[i]) == 0) {
			f->sort = (enum user_sort)i;
			return ERR_OK;
		}
	return err_set(err, ERR_INPUT,
		"sort must be user, name, account-status, department, site or user-scope, with a - in front for the other "
		"way round");
}

static enum err_code filter_of(struct call *c, struct user_filter *f, struct err *err)
{
	const char *status = request_query(c->rq, "account-status");
	enum err_code e = call_domain(c, err);

	if (e)
		return e;
	*f = (struct user_filter){ .domain_id = c->domain.id, .search = request_query(c->rq, "search") };
	if (f->search && strlen(f->search) > SEARCH_MAX)
		return err_set(err, ERR_INPUT, "search takes at most %d bytes", SEARCH_MAX);
	if ((e = call_site_asked(c, &f->site_id, err)) || (e = read_sort(request_query(c->rq, "sort"), f, err)))
		return e;
	if (status == NULL || *status == '\0')
		return ERR_OK;
	f->by_status = true;
	for (f->status = 0; f->status < USER_STATUS_COUNT; f->status++)
		if (strcmp(user_status_words[f->status], status) == 0)
			return ERR_OK;
	return err_set(err, ERR_INPUT, "account-status must be standard, reset, new or \"pwd reset\"");
}

/* Whom a row is about and no more: for lists of thousands. */
static json_t *shape_brief(const struct user_row *u)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s}", "user", u->ext, "name-first-name", u->first_name,
		"name-last-name", u->last_name, "user-scope", u->scope, "account-status", user_status_words[u->status]);
}

/* The phones that carry a line of his, and whether each is there. */
static enum err_code add_phones(struct call *c, struct db *db, const struct user_row *u, json_t *v, struct err *err)
{
	struct phone_row *rows;
	json_t *out;
	char mac[MAC_TEXT];
	size_t i, n;
	enum err_code e = phone_list_user(db, u->id, c->a, &rows, &n, err);

	if (e)
		return e;
	out = json_array();
	for (i = 0; i < n; i++)
		json_array_append_new(out,
			json_pack("{s:s, s:s, s:s?, s:b}", "device-provisioning-mac-address",
				mac_text(&rows[i].mac, mac), "device-models-model", rows[i].model,
				"device-sip-registration-state", *rows[i].contact_state ? rows[i].contact_state : NULL,
				"behind", (int)(rows[i].acked < rows[i].wanted)));
	return json_object_set_new(v, "phones", out) ? call_no_memory(err) : ERR_OK;
}

static enum err_code shape_list(
	struct call *c, struct db *db, const struct user_row *rows, size_t n, json_t *out, struct err *err)
{
	static const char *const wants[] = { "full", "brief", "phones" };
	size_t i, want;
	json_t *sites, *v;
	enum err_code e = ask_word(c, "fields", wants, 3, &want, err);

	if (e)
		return e;
	sites = shape_sites(c, db, err);
	if (sites == NULL)
		return err->code;
	for (i = 0; e == ERR_OK && i < n; i++) {
		v = want == 1 ? shape_brief(&rows[i])
			      : shape_user(&rows[i], c->domain.name, site_name(sites, rows[i].site_id));
		if (json_array_append_new(out, v))
			e = call_no_memory(err);
		else if (want == 2)
			e = add_phones(c, db, &rows[i], v, err);
	}
	json_decref(sites);
	return e;
}

enum err_code users_list(struct call *c, struct err *err)
{
	struct user_filter f;
	struct user_row *rows;
	struct page page;
	struct db *db;
	json_t *out;
	size_t n;
	enum err_code e = call_page(c, &page, err);

	if (e || (e = filter_of(c, &f, err)) || (e = call_db(c, &db, err)) ||
		(e = user_list(db, &f, page, c->a, &rows, &n, err)))
		return e;
	out = json_array();
	if (out == NULL)
		return call_no_memory(err);
	e = shape_list(c, db, rows, n, out, err);
	if (e == ERR_OK)
		return call_ok(c, out, err);
	json_decref(out);
	return e;
}

enum err_code users_count(struct call *c, struct err *err)
{
	struct user_filter f;
	struct db *db;
	int64_t n;
	enum err_code e = filter_of(c, &f, err);

	if (e || (e = call_db(c, &db, err)) || (e = user_count(db, &f, &n, err)))
		return e;
	return call_count(c, n, err);
}

static json_t *shape(struct call *c, const struct user_row *row, struct err *err)
{
	struct db *db;
	json_t *sites, *v;

	if (call_db(c, &db, err))
		return NULL;
	sites = shape_sites(c, db, err);
	if (sites == NULL)
		return NULL;
	v = shape_user(row, c->domain.name, site_name(sites, row->site_id));
	json_decref(sites);
	return v;
}

enum err_code users_get(struct call *c, struct err *err)
{
	struct user_row row;
	enum err_code e = call_user(c, &row, err);

	return e ? e : call_ok(c, shape(c, &row, err), err);
}

/* ---- writing ---- */

static enum err_code check_ext(const char *ext, struct err *err)
{
	size_t i, n = strlen(ext);

	for (i = 0; i < n; i++)
		if (strchr("0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ", ext[i]) == NULL &&
			(i == 0 || strchr("._-", ext[i]) == NULL))
			break;
	if (n == 0 || n > EXT_MAX || i < n || strncmp(ext, "idle-", 5) == 0 || strcmp(ext, "count") == 0)
		return err_set(err, ERR_INPUT,
			"user must be 1 to %d letters, digits, dots or dashes, beginning with a letter or digit; \"%.40s\" "
			"is not",
			EXT_MAX, ext);
	return ERR_OK;
}

/* Logins are looked for in every domain, and the audit log shows them: a text that reads like somebody's address could
 * lock him out, or speak in his name. */
static enum err_code check_login(struct call *c, const struct user_row *row, struct err *err)
{
	const char *at = strchr(row->login, '@');
	size_t n = strlen(row->ext);

	if (at == NULL)
		return ERR_OK;
	if ((size_t)(at - row->login) == n && strncmp(row->login, row->ext, n) == 0 &&
		strcmp(at + 1, c->domain.name) == 0)
		return ERR_OK;
	return err_set(err, ERR_INPUT, "login-username may hold an @ only as the user's own address, %s@%s", row->ext,
		c->domain.name);
}

/* What of a new message goes by mail; with "att" the sound, then what becomes of the message. */
static const char *const voicemail_words[] = { "no", "yes", "attnew", "attsave", "atttrash", "brief", "briefattnew",
	"briefattsave", "briefatttrash" };
enum { VOICEMAIL_WORDS = sizeof(voicemail_words) / sizeof(voicemail_words[0]) };

static enum err_code check_row(struct call *c, const struct user_row *row, struct err *err)
{
	size_t i;

	if (!scope_known(row->scope))
		return err_set(err, ERR_INPUT, "user-scope \"%.40s\" is not known", row->scope);
	if (scope_rank(row->scope) > c->who->rank)
		return err_set(err, ERR_FORBIDDEN, "You cannot give a scope higher than your own.");
	for (i = 0; i < VOICEMAIL_WORDS && strcmp(voicemail_words[i], row->voicemail_email) != 0; i++)
		;
	if (*row->voicemail_email && i == VOICEMAIL_WORDS)
		return err_set(err, ERR_INPUT, "email-send-alert-new-voicemail-behavior \"%.20s\" is not known",
			row->voicemail_email);
	if ((*row->email && address_check("email-address", row->email, err)) || call_zone_check(row->timezone, err))
		return ERR_INPUT;
	return check_login(c, row, err);
}

static enum err_code read_pin(struct call *c, json_t *body, struct user_row *row, struct err *err)
{
	const char *pin;
	size_t n;
	enum err_code e = patch_text(body, "voicemail-login-pin", PIN_MAX, c->a, &pin, err);

	if (e || pin == NULL)
		return e;
	n = strlen(pin);
	if (n && (n < PIN_MIN || strspn(pin, "0123456789") != n))
		return err_set(err, ERR_INPUT, "voicemail-login-pin must be %d to %d digits", PIN_MIN, PIN_MAX);
	row->voicemail_pin = n ? secret_copy(c->a, slice_str(pin)) : (struct secret){ 0 };
	return ERR_OK;
}

static enum err_code read_body(struct call *c, json_t *body, struct user_row *row, struct err *err)
{
	enum err_code e = extra_take(c, body, &extra_user, &row->extra, err);

	if (e == ERR_OK)
		e = extra_take(c, body, &extra_person, &row->extra_person, err);
	if (e == ERR_OK)
		e = patch_row(body, fields, FIELDS, c->a, row, err);
	if (e == ERR_OK)
		e = check_row(c, row, err);
	if (e == ERR_OK)
		e = read_pin(c, body, row, err);
	return e ? e : call_site_given(c, body, &row->site_id, err);
}

/* What the audit log keeps of a person: everything but secrets. */
static const char *audit_of(struct call *c, const struct user_row *row)
{
	return call_text(c, shape_user(row, c->domain.name, ""));
}

struct change {
	struct call *call;
	struct user_row row;
	const char *before;
};

static enum err_code add_fn(struct txn *t, void *arg, struct err *err)
{
	struct change *ch = arg;
	struct call *c = ch->call;
	struct inventory in = call_inventory(c, t->db, "add");
	enum err_code e = inventory_user_add(&in, &ch->row, err);

	if (e == ERR_OK)
		e = user_by_id(t->db, ch->row.id, c->a, &ch->row, err);
	return e ? e : call_audit(c, t->db, "user-add", ch->row.ext, "", NULL, audit_of(c, &ch->row), err);
}

static enum err_code add_answer(struct call *c, void *arg, struct err *err)
{
	struct change *ch = arg;

	return call_created(c, arena_printf(c->a, "%s/domains/%s/users/%s", c->rq->prefix, c->domain.name, ch->row.ext),
		shape(c, &ch->row, err), err);
}

enum err_code users_add(struct call *c, struct err *err)
{
	struct change ch = { .call = c,
		.row = { .first_name = "",
			.last_name = "",
			.email = "",
			.login = "",
			.scope = "Basic User",
			.status = USER_STANDARD,
			.voicemail_email = "no",
			.voicemail_enabled = true,
			.directory_visible = true } };
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	if (e || (e = call_domain(c, err)) || (e = patch_text(body, "user", EXT_MAX, c->a, &ch.row.ext, err)))
		return e;
	if (c->who->scope & SCOPE_SITE)
		ch.row.site_id = principal_own_site(c->who);
	ch.row.domain_id = c->domain.id;
	ch.row.ext = ch.row.ext ? ch.row.ext : "";
	if ((e = check_ext(ch.row.ext, err)) || (e = read_body(c, body, &ch.row, err)))
		return e;
	ch.row.status = *ch.row.first_name || *ch.row.last_name ? USER_NEW : USER_RESET;
	return call_write_answer(c, add_fn, add_answer, &ch, err);
}

static enum err_code save_fn(struct txn *t, void *arg, struct err *err)
{
	struct change *ch = arg;
	struct call *c = ch->call;
	struct inventory in = call_inventory(c, t->db, "edit");
	struct user_row row = ch->row;
	enum err_code e = inventory_user_save(&in, &c->domain, &row, err);

	if (e == ERR_OK)
		e = user_by_id(t->db, row.id, c->a, &row, err);
	if (e == ERR_OK)
		e = call_audit(c, t->db, "user-change", row.ext, "", ch->before, audit_of(c, &row), err);
	if (e == ERR_OK)
		ch->row = row;
	return e;
}

/* Rows of a higher scope are out of reach; one's own may be changed, but for the scope. */
static enum err_code may_change(struct call *c, const struct user_row *row, struct err *err)
{
	const char *why = scope_refusal(c->who, 0, row->scope);

	return why ? err_set(err, ERR_FORBIDDEN, "%s", why) : ERR_OK;
}

/* A name on a user that is reset is a recycle, and needs what a recycle needs. */
static enum err_code may_recycle(struct call *c, const struct user_row *row, struct err *err)
{
	const char *why = scope_refusal(c->who, row->id, row->scope);

	if (row->status != USER_RESET || *row->first_name == '\0' || *row->last_name == '\0')
		return ERR_OK;
	if (!(c->who->scope & SCOPE_OFFICES))
		why = "A name on this user is a recycle; ask an Office Manager.";
	return why ? err_set(err, ERR_FORBIDDEN, "%s", why) : ERR_OK;
}

enum err_code users_set(struct call *c, struct err *err)
{
	struct change ch = { .call = c };
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	if (e || (e = call_user(c, &ch.row, err)) || (e = may_change(c, &ch.row, err)))
		return e;
	ch.before = audit_of(c, &ch.row);
	if ((e = read_body(c, body, &ch.row, err)) || (e = may_recycle(c, &ch.row, err)) ||
		(e = call_write(c, save_fn, &ch, err)))
		return e;
	return call_changed(c, shape(c, &ch.row, err), err);
}

static enum err_code delete_fn(struct txn *t, void *arg, struct err *err)
{
	struct change *ch = arg;
	struct call *c = ch->call;
	struct inventory in = call_inventory(c, t->db, "delete");
	struct user_row row = ch->row;
	enum err_code e = inventory_user_delete(&in, &c->domain, &row, err);

	return e ? e : call_audit(c, t->db, "user-delete", ch->row.ext, "", ch->before, NULL, err);
}

enum err_code users_delete(struct call *c, struct err *err)
{
	struct change ch = { .call = c };
	const char *why;
	enum err_code e = call_user(c, &ch.row, err);

	if (e)
		return e;
	why = scope_refusal(c->who, ch.row.id, ch.row.scope);
	if (why)
		return err_set(err, ERR_FORBIDDEN, "%s", why);
	ch.before = audit_of(c, &ch.row);
	e = call_write(c, delete_fn, &ch, err);
	return e ? e : call_deleted(c, err);
}
