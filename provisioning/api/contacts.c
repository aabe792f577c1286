/* Contacts: of a user, and shared by the domain. */
#include <string.h>

#include "provisioning/api/calls.h"
#include "provisioning/api/patch.h"
#include "provisioning/reset/walk.h"
#include "provisioning/store/contact.h"

enum { NAME_MAX_CHARS = 60, NUMBER_MAX = 40 };

#define TEXT(name, member, max)                                                                                        \
	{                                                                                                              \
		name, JSON_TEXT, offsetof(struct contact_row, member), max, false                                      \
	}
#define NUMBER(name, member)                                                                                           \
	{                                                                                                              \
		name, JSON_TEXT, offsetof(struct contact_row, member), NUMBER_MAX, false, true                         \
	}
#define SKIP(name)                                                                                                     \
	{                                                                                                              \
		name, JSON_TEXT, 0, 0, true                                                                            \
	}

static const struct patch_field fields[] = {
	TEXT("name-first-name", first_name, NAME_MAX_CHARS),
	TEXT("name-middle-name", middle_name, NAME_MAX_CHARS),
	TEXT("name-last-name", last_name, NAME_MAX_CHARS),
	TEXT("email", email, 254),
	TEXT("company", company, 120),
	NUMBER("phonenumber-work", work),
	NUMBER("phonenumber-cell", cell),
	NUMBER("phonenumber-fax", fax),
	NUMBER("phonenumber-home", home),
	TEXT("tags", tags, 255),
	SKIP("unique-id"),
	SKIP("shared"),
	SKIP("created-datetime"),
	SKIP("last-modified-datetime"),
};
enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

/* ---- reading ---- */

static json_t *shape(struct call *c, const struct contact_row *r)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o, s:o}", "unique-id",
		arena_printf(c->a, "%lld", (long long)r->id), "name-first-name", r->first_name, "name-middle-name",
		r->middle_name, "name-last-name", r->last_name, "email", r->email, "company", r->company,
		"phonenumber-work", r->work, "phonenumber-cell", r->cell, "phonenumber-fax", r->fax, "phonenumber-home",
		r->home, "tags", r->tags, "shared", shape_yes(r->user_id == 0), "created-datetime",
		shape_time(r->created_ms), "last-modified-datetime", shape_time(r->modified_ms));
}

/* Whose, and with the shared ones too when the query says includeDomain=yes. */
static enum err_code filter_of(struct call *c, struct contact_filter *f, struct err *err)
{
	const char *both = request_query(c->rq, "includeDomain");
	struct user_row user;
	enum err_code e = call_owner(c, &user, err);

	if (e)
		return e;
	*f = (struct contact_filter){ .domain_id = c->domain.id, .user_id = user.id };
	if (both == NULL || *both == '\0' || strcmp(both, "no") == 0 || strcmp(both, "false") == 0)
		return ERR_OK;
	f->shared = strcmp(both, "yes") == 0 || strcmp(both, "true") == 0;
	return f->shared ? ERR_OK : err_set(err, ERR_INPUT, "includeDomain must be yes or no");
}

enum err_code contacts_list(struct call *c, struct err *err)
{
	struct contact_filter f;
	struct contact_row *rows;
	struct page page;
	struct db *db;
	size_t i, n;
	json_t *out;
	enum err_code e = call_page(c, &page, err);

	if (e || (e = filter_of(c, &f, err)) || (e = call_db(c, &db, err)) ||
		(e = contact_list(db, &f, page, c->a, &rows, &n, err)))
		return e;
	out = json_array();
	for (i = 0; i < n; i++)
		json_array_append_new(out, shape(c, &rows[i]));
	return call_ok(c, out, err);
}

enum err_code contacts_count(struct call *c, struct err *err)
{
	struct contact_filter f;
	struct db *db;
	int64_t n;
	enum err_code e = filter_of(c, &f, err);

	if (e || (e = call_db(c, &db, err)) || (e = contact_count(db, &f, &n, err)))
		return e;
	return call_count(c, n, err);
}

/* {contact} of the owner, whom the caller has found. Another's and none are one answer. */
static enum err_code load(struct call *c, const struct user_row *user, struct contact_row *row, struct err *err)
{
	struct db *db;
	int64_t id;
	enum err_code e = call_number("the contact's id", request_param(c->rq, "contact"), &id, err);

	if (e || (e = call_db(c, &db, err)))
		return e;
	e = contact_load(db, id, c->a, row, err);
	if (e == ERR_NOT_FOUND || (e == ERR_OK && (row->domain_id != c->domain.id || row->user_id != user->id)))
		return err_set(err, ERR_NOT_FOUND, "There is no contact %lld here.", (long long)id);
	return e;
}

enum err_code contacts_get(struct call *c, struct err *err)
{
	struct contact_row row;
	struct user_row user;
	enum err_code e = call_owner(c, &user, err);

	if (e || (e = load(c, &user, &row, err)))
		return e;
	return call_ok(c, shape(c, &row), err);
}

/* ---- writing ---- */

/* As people write numbers: digits, and what stands between them. */
static enum err_code check_number(const char *field, const char *text, struct err *err)
{
	size_t n = strlen(text);

	if (n == 0 || (strspn(text, "0123456789+*#()-./ xX") == n && strpbrk(text, "0123456789")))
		return ERR_OK;
	return err_set(err, ERR_INPUT, "%s \"%.40s\" is no phone number", field, text);
}

static enum err_code check_row(const struct contact_row *r, struct err *err)
{
	const struct {
		const char *field, *text;
	} numbers[] = { { "phonenumber-work", r->work }, { "phonenumber-cell", r->cell }, { "phonenumber-fax", r->fax },
		{ "phonenumber-home", r->home } };
	const char *at = strchr(r->email, '@');
	enum err_code e = ERR_OK;
	size_t i;

	for (i = 0; e == ERR_OK && i < sizeof(numbers) / sizeof(numbers[0]); i++)
		e = check_number(numbers[i].field, numbers[i].text, err);
	if (e == ERR_OK && *r->email && (at == NULL || at == r->email || at[1] == '\0' || strchr(r->email, ' ')))
		e = err_set(err, ERR_INPUT, "email \"%.60s\" is no address", r->email);
	if (e == ERR_OK && *r->first_name == '\0' && *r->last_name == '\0' && *r->company == '\0')
		e = err_set(err, ERR_INPUT, "a contact needs a name or a company");
	return e;
}

struct change {
	struct call *call;
	struct user_row user;
	struct contact_row row, out; /* as it is wanted, as it then stands */
	const char *before;
	const char *action;
};

static const char *audit_of(struct change *ch, const struct contact_row *row)
{
	return call_text(ch->call, shape(ch->call, row));
}

static enum err_code note(struct change *ch, struct db *db, int64_t id, const char *after, struct err *err)
{
	return call_audit(ch->call, db, ch->action, ch->user.id ? ch->user.ext : "",
		arena_printf(ch->call->a, "%lld", (long long)id), ch->before, after, err);
}

/* What a user keeps for himself names nothing on the phones of others. */
static enum err_code labels_follow(struct change *ch, struct db *db, const struct contact_row *before,
	const struct contact_row *after, struct err *err)
{
	struct inventory in = call_inventory(ch->call, db, "contact");

	return before->user_id ? ERR_OK : walk_contact_changed(&in, before, after, err);
}

static enum err_code save_fn(struct txn *t, void *arg, struct err *err)
{
	struct change *ch = arg;
	struct contact_row row = ch->row, was;
	bool there = row.id != 0;
	enum err_code e = there ? contact_load(t->db, row.id, ch->call->a, &was, err) : ERR_OK;

	if (e == ERR_OK)
		e = there ? contact_save(t->db, &row, err) : contact_add(t->db, &row, err);
	if (e == ERR_OK)
		e = contact_load(t->db, row.id, ch->call->a, &ch->out, err);
	if (e == ERR_OK && there)
		e = labels_follow(ch, t->db, &was, &ch->out, err);
	return e ? e : note(ch, t->db, row.id, audit_of(ch, &ch->out), err);
}

static enum err_code read_body(struct call *c, struct contact_row *row, struct err *err)
{
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	if (e == ERR_OK)
		e = patch_row(body, fields, FIELDS, c->a, row, err);
	return e ? e : check_row(row, err);
}

static enum err_code add_answer(struct call *c, void *arg, struct err *err)
{
	struct change *ch = arg;
	const char *at = ch->user.id ? arena_printf(c->a, "/users/%s", ch->user.ext) : "";

	c->synchronous = true; /* NetSapiens answers this one with the row */
	return call_created(c,
		arena_printf(c->a, "%s/domains/%s%s/contacts/%lld", c->rq->prefix, c->domain.name, at,
			(long long)ch->out.id),
		shape(c, &ch->out), err);
}

enum err_code contacts_add(struct call *c, struct err *err)
{
	struct change ch = { .call = c,
		.row = { .first_name = "",
			.middle_name = "",
			.last_name = "",
			.email = "",
			.company = "",
			.work = "",
			.cell = "",
			.fax = "",
			.home = "",
			.tags = "" },
		.action = "contact-add" };
	enum err_code e = call_owner_change(c, &ch.user, err);

	ch.row.domain_id = c->domain.id;
	ch.row.user_id = ch.user.id;
	if (e == ERR_OK)
		e = read_body(c, &ch.row, err);
	return e ? e : call_write_answer(c, save_fn, add_answer, &ch, err);
}

enum err_code contacts_set(struct call *c, struct err *err)
{
	struct change ch = { .call = c, .action = "contact-change" };
	enum err_code e = call_owner_change(c, &ch.user, err);

	if (e || (e = load(c, &ch.user, &ch.row, err)))
		return e;
	ch.before = audit_of(&ch, &ch.row);
	if ((e = read_body(c, &ch.row, err)) || (e = call_write(c, save_fn, &ch, err)))
		return e;
	return call_changed(c, shape(c, &ch.out), err);
}

static enum err_code delete_fn(struct txn *t, void *arg, struct err *err)
{
	struct change *ch = arg;
	enum err_code e = contact_delete(t->db, ch->row.id, err);

	if (e == ERR_OK)
		e = labels_follow(ch, t->db, &ch->row, NULL, err);
	return e ? e : note(ch, t->db, ch->row.id, NULL, err);
}

enum err_code contacts_delete(struct call *c, struct err *err)
{
	struct change ch = { .call = c, .action = "contact-delete" };
	enum err_code e = call_owner_change(c, &ch.user, err);

	if (e || (e = load(c, &ch.user, &ch.row, err)))
		return e;
	ch.before = audit_of(&ch, &ch.row);
	e = call_write(c, delete_fn, &ch, err);
	return e ? e : call_deleted(c, err);
}
