/* Phone numbers: list, read, add, change, delete. Names and words are those of NetSapiens' API v2. */
#include <string.h>

#include "phonecfg/base/text.h"
#include "provisioning/api/calls.h"
#include "provisioning/api/patch.h"
#include "provisioning/reset/numbers.h"

enum { EXTRA_MAX = 20, EXTRA_NAME_MAX = 64, EXTRA_TEXT_MAX = 255, MISSPELT = 2 };

#define TEXT(name, member, max)                                                                                        \
	{                                                                                                              \
		name, JSON_TEXT, offsetof(struct number_row, member), max, false                                       \
	}
#define SKIP(name)                                                                                                     \
	{                                                                                                              \
		name, JSON_TEXT, 0, 0, true                                                                            \
	}

#define DESTINATION "dial-rule-translation-destination-user"

static const struct patch_field fields[] = {
	{ "enabled", JSON_BOOL, offsetof(struct number_row, enabled), 0, false },
	TEXT("dial-rule-application", application, 64),
	TEXT("dial-rule-parameter", parameter, 128),
	TEXT(DESTINATION, destination_user, 64),
	TEXT("dial-rule-translation-destination-host", destination_host, 253),
	TEXT("dial-rule-translation-source-name", source_name, 60),
	TEXT("dial-rule-description", description, 255),
	SKIP("phonenumber"),
	SKIP("domain"),
	SKIP("created-datetime"),
	SKIP("last-modified-datetime"),
};
enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

static json_t *shape(const struct number_row *n)
{
	json_t *v = json_pack("{s:s, s:o, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "phonenumber", n->number,
		"enabled", shape_yes(n->enabled), "domain", n->domain, "dial-rule-application", n->application,
		"dial-rule-parameter", n->parameter, DESTINATION, n->destination_user,
		"dial-rule-translation-destination-host", n->destination_host, "dial-rule-translation-source-name",
		n->source_name, "dial-rule-description", n->description, "created-datetime", shape_time(n->created_ms),
		"last-modified-datetime", shape_time(n->modified_ms));
	json_t *extra = *n->extra ? json_loads(n->extra, 0, NULL) : NULL;

	if (v && extra)
		json_object_update_missing(v, extra);
	json_decref(extra);
	return v;
}

/* ---- reading ---- */

/* user: led to that extension, or to its mailbox. available: yes or no. */
static enum err_code filter_of(struct call *c, struct number_filter *f, struct err *err)
{
	const char *user = request_query(c->rq, "user"), *available = request_query(c->rq, "available");
	const char *application = request_query(c->rq, "dial-rule-application");
	struct user_row row;
	struct db *db;
	enum err_code e = call_domain(c, err);

	if (e || (e = call_db(c, &db, err)))
		return e;
	*f = (struct number_filter){ .domain_id = c->domain.id };
	if ((e = call_site_asked(c, &f->site_id, err)))
		return e;
	if (user && *user) {
		e = user_load(db, c->domain.id, user, c->a, &row, err);
		f->user_id = row.id;
	}
	if (e == ERR_OK && application && *application && number_application(application) == NULL)
		return err_set(err, ERR_INPUT, "dial-rule-application \"%.60s\" is not known", application);
	f->application = application;
	if (e || available == NULL || *available == '\0')
		return e;
	if (strcmp(available, "yes") == 0)
		f->application = NUMBER_AVAILABLE;
	else if (strcmp(available, "no") == 0)
		f->unlike = NUMBER_AVAILABLE;
	else
		return err_set(err, ERR_INPUT, "available must be yes or no");
	return ERR_OK;
}

enum err_code numbers_list(struct call *c, struct err *err)
{
	struct number_filter f;
	struct number_row *rows;
	struct page page;
	struct db *db;
	size_t i, n;
	json_t *out;
	enum err_code e = call_page(c, &page, err);

	if (e || (e = filter_of(c, &f, err)) || (e = call_db(c, &db, err)) ||
		(e = number_list(db, &f, page, c->a, &rows, &n, err)))
		return e;
	out = json_array();
	for (i = 0; i < n; i++)
		json_array_append_new(out, shape(&rows[i]));
	return call_ok(c, out, err);
}

enum err_code numbers_count(struct call *c, struct err *err)
{
	struct number_filter f;
	struct db *db;
	int64_t n;
	enum err_code e = filter_of(c, &f, err);

	if (e || (e = call_db(c, &db, err)) || (e = number_count(db, &f, &n, err)))
		return e;
	return call_count(c, n, err);
}

/* Another domain's number and none are one answer; so is one of another site. */
static enum err_code load(struct call *c, const char *text, struct number_row *out, struct err *err)
{
	const char *digits;
	struct user_row user = { 0 };
	struct db *db;
	enum err_code e = call_domain(c, err);

	if (e || (e = number_read(text, c->a, &digits, err)) || (e = call_db(c, &db, err)))
		return e;
	e = number_load(db, digits, c->a, out, err);
	if (e && e != ERR_NOT_FOUND)
		return e;
	if (e == ERR_OK && principal_sited(c->who) && user_by_id(db, out->user_id, c->a, &user, NULL))
		user.site_id = -1;
	if (e || out->domain_id != c->domain.id || (principal_sited(c->who) && !principal_site(c->who, user.site_id)))
		return err_set(err, ERR_NOT_FOUND, "There is no phone number %s in %s.", digits, c->domain.name);
	return ERR_OK;
}

enum err_code numbers_get(struct call *c, struct err *err)
{
	struct number_row row;
	enum err_code e = load(c, request_param(c->rq, "number"), &row, err);

	return e ? e : call_ok(c, shape(&row), err);
}

/* ---- writing ---- */

static const struct patch_field *field_of(const char *name)
{
	size_t i;

	for (i = 0; i < FIELDS; i++)
		if (strcmp(fields[i].name, name) == 0)
			return &fields[i];
	return NULL;
}

/* A field that Rekey has no use for is kept, unless it looks like one that it has: then nobody would see why nothing
 * came of it. */
static enum err_code check_extra(const char *name, json_t *v, struct err *err)
{
	size_t i;

	for (i = 0; i < FIELDS; i++)
		if (text_distance(name, fields[i].name) <= MISSPELT)
			return err_set(err, ERR_INPUT, "\"%.60s\" is not known here; did you mean \"%s\"?", name,
				fields[i].name);
	if (strlen(name) > EXTRA_NAME_MAX || json_is_object(v) || json_is_array(v))
		return err_set(err, ERR_INPUT,
			"\"%.60s\" is not known here, and kept only as a text, a number or true or false, under a name of "
			"at most %d letters",
			name, EXTRA_NAME_MAX);
	if (json_is_string(v))
		return text_check(name, slice_str(json_string_value(v)), EXTRA_TEXT_MAX, err);
	return ERR_OK;
}

/* Takes them out of the body and lays them over those that the row has. */
static enum err_code read_extra(struct call *c, json_t *body, struct number_row *row, struct err *err)
{
	json_t *extra = *row->extra ? json_loads(row->extra, 0, NULL) : json_object(), *v;
	const char *name;
	void *next;
	enum err_code e = extra ? ERR_OK : call_no_memory(err);

	json_object_foreach_safe(body, next, name, v)
	{
		if (e || field_of(name))
			continue;
		e = check_extra(name, v, err);
		if (e == ERR_OK && json_object_set(extra, name, v))
			e = call_no_memory(err);
		if (e == ERR_OK)
			json_object_del(body, name);
	}
	if (e == ERR_OK && json_object_size(extra) > EXTRA_MAX)
		e = err_set(
			err, ERR_INPUT, "at most %d fields that are not known here are kept with a number", EXTRA_MAX);
	if (e == ERR_OK && json_object_size(extra))
		row->extra = call_text_whole(c, json_incref(extra));
	json_decref(extra);
	return e;
}

/* A user's number is that user's voice: those of a higher scope are out of reach. */
static enum err_code may_touch(struct call *c, int64_t user_id, struct err *err)
{
	struct user_row user = { 0 };
	struct db *db;
	const char *why;
	enum err_code e;

	if (user_id == 0)
		return ERR_OK;
	if ((e = call_db(c, &db, err)) || (e = user_by_id(db, user_id, c->a, &user, err)))
		return e;
	why = scope_refusal(c->who, 0, user.scope);
	return why ? err_set(err, ERR_FORBIDDEN, "%s", why) : ERR_OK;
}

static enum err_code may_lead_to(struct call *c, const struct number_row *row, struct err *err)
{
	const struct number_application *app = number_application(row->application);
	struct device_row device;
	struct user_row user;
	struct db *db;
	const char *ext = arena_strndup(c->a, row->destination_user, strcspn(row->destination_user, "@"));
	enum err_code e = call_db(c, &db, err);

	if (e || app == NULL || ext == NULL || app->end == NUMBER_FREE || app->end == NUMBER_ELSEWHERE)
		return e;
	if (app->end == NUMBER_DEVICE)
		return device_load(db, c->domain.id, ext, c->a, &device, NULL) ? ERR_OK
									       : may_touch(c, device.user_id, err);
	return user_load(db, c->domain.id, ext, c->a, &user, NULL) ? ERR_OK : may_touch(c, user.id, err);
}

static enum err_code read_body(struct call *c, json_t *body, struct number_row *row, struct err *err)
{
	bool destination = json_object_get(body, DESTINATION) != NULL;
	bool application = json_object_get(body, "dial-rule-application") != NULL;
	enum err_code e = read_extra(c, body, row, err);

	if (e || (e = patch_row(body, fields, FIELDS, c->a, row, err)))
		return e;
	if (destination && !application && *row->destination_user && strcmp(row->application, NUMBER_AVAILABLE) == 0)
		return err_set(err, ERR_INPUT,
			"dial-rule-application is missing: the number is available; to-user leads it to a user");
	return may_lead_to(c, row, err);
}

struct change {
	struct call *call;
	struct number_row row;
	const char *before;
};

static const char *audit_of(struct call *c, const struct number_row *row)
{
	return call_text(c, shape(row));
}

static enum err_code add_fn(struct txn *t, void *arg, struct err *err)
{
	struct change *ch = arg;
	struct call *c = ch->call;
	struct inventory in = call_inventory(c, t->db, "add");
	struct number_row row = ch->row;
	enum err_code e = numbers_add(&in, &c->domain, &row, err);

	if (e == ERR_OK)
		e = number_load(t->db, row.number, c->a, &row, err);
	if (e)
		return e;
	ch->row = row;
	return call_audit(c, t->db, "number-add", row.ext, row.number, NULL, audit_of(c, &row), err);
}

static enum err_code add_answer(struct call *c, void *arg, struct err *err)
{
	struct change *ch = arg;

	return call_created(c,
		arena_printf(c->a, "%s/domains/%s/phonenumbers/%s", c->rq->prefix, c->domain.name, ch->row.number),
		shape(&ch->row), err);
}

enum err_code numbers_post(struct call *c, struct err *err)
{
	struct change ch = { .call = c,
		.row = { .enabled = true,
			.application = "",
			.destination_user = "",
			.destination_host = "",
			.parameter = "",
			.source_name = "",
			.description = "",
			.extra = "" } };
	struct number_row *row = &ch.row;
	const char *text;
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	if (e || (e = call_domain(c, err)) || (e = patch_text(body, "phonenumber", 32, c->a, &text, err)) ||
		(e = number_read(text, c->a, &row->number, err)) || (e = read_body(c, body, row, err)))
		return e;
	row->domain_id = c->domain.id;
	if (*row->application == '\0')
		row->application = *row->destination_user ? "to-user" : NUMBER_AVAILABLE;
	e = may_lead_to(c, row, err);
	return e ? e : call_write_answer(c, add_fn, add_answer, &ch, err);
}

static enum err_code save_fn(struct txn *t, void *arg, struct err *err)
{
	struct change *ch = arg;
	struct call *c = ch->call;
	struct inventory in = call_inventory(c, t->db, "edit");
	struct number_row row = ch->row;
	enum err_code e = numbers_save(&in, &c->domain, &row, err);

	if (e == ERR_OK)
		e = number_load(t->db, row.number, c->a, &row, err);
	if (e == ERR_OK)
		e = call_audit(c, t->db, "number-change", row.ext, row.number, ch->before, audit_of(c, &row), err);
	if (e == ERR_OK)
		ch->row = row;
	return e;
}

/* The number stands in the path or, as NetSapiens has it too, in the body. */
enum err_code numbers_set(struct call *c, struct err *err)
{
	const char *text = request_param(c->rq, "number");
	struct change ch = { .call = c };
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	if (e == ERR_OK && *text == '\0')
		e = patch_text(body, "phonenumber", 32, c->a, &text, err);
	if (e || (e = load(c, text, &ch.row, err)) || (e = may_touch(c, ch.row.user_id, err)))
		return e;
	ch.before = audit_of(c, &ch.row);
	if ((e = read_body(c, body, &ch.row, err)) || (e = call_write(c, save_fn, &ch, err)))
		return e;
	return call_changed(c, shape(&ch.row), err);
}

static enum err_code delete_fn(struct txn *t, void *arg, struct err *err)
{
	struct change *ch = arg;
	struct inventory in = call_inventory(ch->call, t->db, "delete");
	enum err_code e = numbers_delete(&in, &ch->row, err);

	return e ? e : call_audit(ch->call, t->db, "number-delete", ch->row.ext, ch->row.number, ch->before, NULL, err);
}

enum err_code numbers_remove(struct call *c, struct err *err)
{
	struct change ch = { .call = c };
	enum err_code e = load(c, request_param(c->rq, "number"), &ch.row, err);

	if (e || (e = may_touch(c, ch.row.user_id, err)))
		return e;
	ch.before = audit_of(c, &ch.row);
	e = call_write(c, delete_fn, &ch, err);
	return e ? e : call_deleted(c, err);
}
