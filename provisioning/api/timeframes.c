/* Time frames: of a user, and shared by the domain. */
#include <string.h>

#include "phonecfg/base/text.h"
#include "provisioning/api/calls.h"
#include "provisioning/api/patch.h"
#include "provisioning/api/rule_parts.h"
#include "provisioning/store/timeframe.h"

enum { NAME_MAX_CHARS = 64, BODY_MAX = 16 * 1024, ENTRIES_MAX = 64, MEMBERS_MAX = 64, VALUE_MAX = 64 };

static const char *const types[] = { "always", "days-of-week", "specific-dates", "holiday", "custom" };
static const char *const arrays[] = { "timeframe-days-of-week-array", "timeframe-specific-dates-array",
	"timeframe-holiday-array" };
enum { TYPES = sizeof(types) / sizeof(types[0]), ARRAYS = sizeof(arrays) / sizeof(arrays[0]) };

static const struct patch_field fields[] = {
	{ "timeframe-name", JSON_TEXT, offsetof(struct timeframe_row, name), NAME_MAX_CHARS, false },
	{ "timeframe-type", JSON_TEXT, offsetof(struct timeframe_row, type), 32, false },
	{ "timeframe-id", JSON_TEXT, 0, 0, true },
	{ "update-only", JSON_TEXT, 0, 0, true },
	{ "user", JSON_TEXT, 0, 0, true },
	{ "domain", JSON_TEXT, 0, 0, true },
	{ "created-datetime", JSON_TEXT, 0, 0, true },
	{ "last-modified-datetime", JSON_TEXT, 0, 0, true },
};
enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

/* ---- out ---- */

static json_t *shape(struct call *c, const struct timeframe_row *row, const char *user)
{
	json_t *body = json_kept(row->body);
	json_t *v = json_pack("{s:s, s:s, s:s, s:s, s:s, s:o, s:o}", "timeframe-id",
		arena_printf(c->a, "%lld", (long long)row->id), "timeframe-name", row->name, "user", user, "domain",
		c->domain.name, "timeframe-type", row->type, "created-datetime", shape_time(row->created_ms),
		"last-modified-datetime", shape_time(row->modified_ms));
	size_t i;

	if (body == NULL) {
		json_decref(v);
		return NULL;
	}
	for (i = 0; v && i < ARRAYS; i++) {
		json_t *list = json_incref(json_object_get(body, arrays[i]));

		json_object_set_new(v, arrays[i], list ? list : json_array());
	}
	json_decref(body);
	return v;
}

static const char *owner(const struct user_row *user)
{
	return user->id ? user->ext : "*";
}

enum err_code timeframes_list(struct call *c, struct err *err)
{
	struct timeframe_row *rows;
	struct user_row user;
	struct page page;
	struct db *db;
	size_t i, n;
	json_t *out;
	enum err_code e = call_page(c, &page, err);

	if (e || (e = call_owner(c, &user, err)) || (e = call_db(c, &db, err)) ||
		(e = timeframe_list(db, c->domain.id, user.id, page, c->a, &rows, &n, err)))
		return e;
	out = json_array();
	for (i = 0; i < n; i++)
		json_array_append_new(out, shape(c, &rows[i], owner(&user)));
	return call_ok(c, out, err);
}

enum err_code timeframes_count(struct call *c, struct err *err)
{
	struct user_row user;
	struct db *db;
	int64_t n;
	enum err_code e = call_owner(c, &user, err);

	if (e || (e = call_db(c, &db, err)) || (e = timeframe_count(db, c->domain.id, user.id, &n, err)))
		return e;
	return call_count(c, n, err);
}

/* {timeframe} of the owner, whom the caller has found. Another's and none are one answer. */
static enum err_code load(struct call *c, const struct user_row *user, struct timeframe_row *row, struct err *err)
{
	struct db *db;
	int64_t id;
	enum err_code e = call_number("the time frame's id", request_param(c->rq, "timeframe"), &id, err);

	if (e || (e = call_db(c, &db, err)))
		return e;
	e = timeframe_load(db, id, c->a, row, err);
	if (e == ERR_NOT_FOUND || (e == ERR_OK && (row->domain_id != c->domain.id || row->user_id != user->id)))
		return err_set(err, ERR_NOT_FOUND, "There is no time frame %lld here.", (long long)id);
	return e;
}

enum err_code timeframes_get(struct call *c, struct err *err)
{
	struct timeframe_row row;
	struct user_row user;
	enum err_code e = call_owner(c, &user, err);

	if (e || (e = load(c, &user, &row, err)))
		return e;
	return call_ok(c, shape(c, &row, owner(&user)), err);
}

/* ---- in ---- */

static enum err_code check_value(const char *name, json_t *v, struct err *err)
{
	struct slice s = { json_string_value(v), json_string_length(v) };
	enum err_code e = text_check("the name of a member", slice_str(name), VALUE_MAX, err);

	if (e || json_is_number(v) || json_is_boolean(v) || json_is_null(v))
		return e;
	if (!json_is_string(v))
		return err_set(err, ERR_INPUT, "\"%.60s\" must be a text or a number", name);
	return text_check(name, s, VALUE_MAX, err);
}

static enum err_code check_entries(const char *array, json_t *list, struct err *err)
{
	const char *name;
	json_t *entry, *v;
	enum err_code e;
	size_t i;

	if (!json_is_array(list) || json_array_size(list) > ENTRIES_MAX)
		return err_set(err, ERR_INPUT, "\"%s\" must be a list of at most %d", array, ENTRIES_MAX);
	json_array_foreach (list, i, entry) {
		if (!json_is_object(entry) || json_object_size(entry) > MEMBERS_MAX)
			return err_set(
				err, ERR_INPUT, "\"%s\" must hold objects of at most %d members", array, MEMBERS_MAX);
		json_object_foreach (entry, name, v)
			if ((e = check_value(name, v, err)))
				return e;
	}
	return ERR_OK;
}

/* The arrays that are given, laid over those that stand. */
static enum err_code take_arrays(struct call *c, json_t *body, struct timeframe_row *row, struct err *err)
{
	json_t *kept = json_kept(row->body), *v;
	enum err_code e = kept ? ERR_OK : call_no_memory(err);
	size_t i;

	for (i = 0; e == ERR_OK && i < ARRAYS; i++) {
		if ((v = json_object_get(body, arrays[i])) == NULL)
			continue;
		e = json_is_null(v) ? ERR_OK : check_entries(arrays[i], v, err);
		if (e == ERR_OK && (json_is_null(v) || json_array_size(v) == 0))
			json_object_del(kept, arrays[i]);
		else if (e == ERR_OK && json_object_set(kept, arrays[i], v))
			e = call_no_memory(err);
		json_object_del(body, arrays[i]);
	}
	if (e == ERR_OK) {
		row->body = json_object_size(kept) ? call_text_whole(c, json_incref(kept)) : "";
		if (strlen(row->body) > BODY_MAX)
			e = err_set(err, ERR_INPUT, "the days and dates take more than %d bytes", BODY_MAX);
	}
	json_decref(kept);
	return e;
}

static enum err_code read_body(struct call *c, struct timeframe_row *row, struct err *err)
{
	json_t *body;
	size_t i;
	enum err_code e = call_body(c, &body, err);

	if (e || (e = take_arrays(c, body, row, err)) || (e = patch_row(body, fields, FIELDS, c->a, row, err)))
		return e;
	if (row->name == NULL || !rule_name_good(row->name))
		return err_set(err, ERR_INPUT,
			"timeframe-name must be 1 to %d characters, and none of \"*\", \"count\" and \"reorder\"",
			NAME_MAX_CHARS);
	for (i = 0; i < TYPES && strcmp(types[i], row->type) != 0; i++)
		;
	return i < TYPES ? ERR_OK
			 : err_set(err, ERR_INPUT,
				   "timeframe-type must be always, days-of-week, specific-dates, holiday or custom");
}

/* ---- changes ---- */

struct change {
	struct call *call;
	struct user_row user;
	struct timeframe_row row, out; /* as it is wanted, as it then stands */
	const char *before;
	const char *action;
};

static const char *audit_of(struct change *ch, const struct timeframe_row *row)
{
	return call_text(ch->call, shape(ch->call, row, owner(&ch->user)));
}

static enum err_code note(struct change *ch, struct db *db, const char *after, struct err *err)
{
	return call_audit(
		ch->call, db, ch->action, ch->user.id ? ch->user.ext : "", ch->row.name, ch->before, after, err);
}

static enum err_code save_fn(struct txn *t, void *arg, struct err *err)
{
	struct change *ch = arg;
	struct timeframe_row row = ch->row;
	enum err_code e = row.id ? timeframe_save(t->db, &row, err) : timeframe_add(t->db, &row, err);

	if (e == ERR_OK)
		e = timeframe_load(t->db, row.id, ch->call->a, &ch->out, err);
	return e ? e : note(ch, t->db, audit_of(ch, &ch->out), err);
}

static enum err_code add_answer(struct call *c, void *arg, struct err *err)
{
	struct change *ch = arg;
	const char *at = ch->user.id ? arena_printf(c->a, "/users/%s", ch->user.ext) : "";

	c->synchronous = true; /* NetSapiens answers this one with the row */
	return call_created(c,
		arena_printf(c->a, "%s/domains/%s%s/timeframes/%lld", c->rq->prefix, c->domain.name, at,
			(long long)ch->out.id),
		shape(c, &ch->out, owner(&ch->user)), err);
}

enum err_code timeframes_add(struct call *c, struct err *err)
{
	struct change ch = { .call = c, .row = { .type = "always", .body = "" }, .action = "timeframe-add" };
	enum err_code e = call_owner_change(c, &ch.user, err);

	ch.row.domain_id = c->domain.id;
	ch.row.user_id = ch.user.id;
	if (e == ERR_OK)
		e = read_body(c, &ch.row, err);
	return e ? e : call_write_answer(c, save_fn, add_answer, &ch, err);
}

enum err_code timeframes_set(struct call *c, struct err *err)
{
	struct change ch = { .call = c, .action = "timeframe-change" };
	enum err_code e = call_owner_change(c, &ch.user, err);

	if (e || (e = load(c, &ch.user, &ch.row, err)))
		return e;
	ch.before = audit_of(&ch, &ch.row);
	if ((e = read_body(c, &ch.row, err)) || (e = call_write(c, save_fn, &ch, err)))
		return e;
	return call_changed(c, shape(c, &ch.out, owner(&ch.user)), err);
}

static enum err_code delete_fn(struct txn *t, void *arg, struct err *err)
{
	struct change *ch = arg;
	enum err_code e = timeframe_delete(t->db, ch->row.id, err);

	return e ? e : note(ch, t->db, NULL, err);
}

enum err_code timeframes_delete(struct call *c, struct err *err)
{
	struct change ch = { .call = c, .action = "timeframe-delete" };
	enum err_code e = call_owner_change(c, &ch.user, err);

	if (e || (e = load(c, &ch.user, &ch.row, err)))
		return e;
	ch.before = audit_of(&ch, &ch.row);
	e = call_write(c, delete_fn, &ch, err);
	return e ? e : call_deleted(c, err);
}
