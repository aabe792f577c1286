/* Answering rules are added, changed, deleted and put in order. */
#include <string.h>

#include "provisioning/api/calls.h"
#include "provisioning/api/patch.h"
#include "provisioning/api/rule_parts.h"

enum { ORDER_MAX = 9999, NAME_MAX_CHARS = 64 };

/* ---- in ---- */

enum place { AS_ORDERED, AT_TOP, AT_BOTTOM };

struct change {
	struct call *call;
	struct user_row user;
	json_t *body;
	const char *timeframe;    /* name */
	const char *const *names; /* reorder: all of them */
	size_t nnames;
};

static const struct patch_field fields[] = {
	{ "enabled", JSON_BOOL, offsetof(struct rule_row, enabled), 0, false },
	{ "order", JSON_INT, offsetof(struct rule_row, position), ORDER_MAX, false },
	{ "new-position", JSON_TEXT, 0, 0, true },
	{ "time-frame", JSON_TEXT, 0, 0, true },
	{ "is-active", JSON_BOOL, 0, 0, true },
	{ "time_range_data", JSON_TEXT, 0, 0, true },
	{ "user", JSON_TEXT, 0, 0, true },
	{ "domain", JSON_TEXT, 0, 0, true },
};
enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

static enum err_code read_place(struct call *c, json_t *body, enum place *out, struct err *err)
{
	const char *word;
	enum err_code e = patch_text(body, "new-position", 8, c->a, &word, err);

	*out = AS_ORDERED;
	if (e || word == NULL || *word == '\0')
		return e;
	*out = strcmp(word, "top") == 0 ? AT_TOP : AT_BOTTOM;
	return *out == AT_TOP || strcmp(word, "bottom") == 0
		       ? ERR_OK
		       : err_set(err, ERR_INPUT, "new-position must be top or bottom");
}

/* What the body says, over what stands; a copy of the body, because a transaction may run twice. */
static enum err_code read_rule(struct change *ch, struct rule_row *row, enum place *place, struct err *err)
{
	json_t *body = json_deep_copy(ch->body);
	enum err_code e = body ? rule_take(ch->call, body, &row->body, err) : call_no_memory(err);

	if (e == ERR_OK)
		e = read_place(ch->call, body, place, err);
	if (e == ERR_OK)
		e = patch_row(body, fields, FIELDS, ch->call->a, row, err);
	json_decref(body);
	return e;
}

/* ---- order ---- */

static enum err_code save_at(struct db *db, const struct rule_row *row, int64_t position, struct err *err)
{
	struct rule_row moved = *row;

	if (row->position == position && row->id)
		return ERR_OK;
	moved.position = position;
	return row->id ? rule_save(db, &moved, err) : rule_add(db, &moved, err);
}

/* The place of a rule among the others; the default rule stays last unless somebody moved it. At the top the others
 * make room. */
static enum err_code place_rule(
	const struct rules *rs, struct db *db, struct rule_row *row, enum place place, struct err *err)
{
	int64_t last = 0;
	enum err_code e = ERR_OK;
	size_t i, k = 2;

	for (i = 0; i < rs->n; i++)
		if (rs->rows[i].id != row->id && (rs->rows[i].timeframe_id || row->timeframe_id == 0) &&
			rs->rows[i].position > last)
			last = rs->rows[i].position;
	if (place == AT_BOTTOM)
		row->position = row->timeframe_id == 0 && last < RULE_ORDER_DEFAULT ? RULE_ORDER_DEFAULT : last + 1;
	if (place != AT_TOP)
		return ERR_OK;
	row->position = 1;
	for (i = 0; e == ERR_OK && i < rs->n; i++)
		if (rs->rows[i].id && rs->rows[i].id != row->id)
			e = save_at(db, &rs->rows[i], (int64_t)k++, err);
	return e;
}

/* ---- changes ---- */

static const char *text_of(struct rules *rs, const struct rule_row *row)
{
	return row ? call_text(rs->call, rules_shape(rs, row)) : NULL;
}

static const char *order_text(struct change *ch, const struct rules *rs)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < rs->n; i++)
		json_array_append_new(list, json_string(rs->rows[i].timeframe_id ? rs->rows[i].timeframe : "*"));
	return call_text(ch->call, list);
}

static const char *names_text(struct change *ch)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < ch->nnames; i++)
		json_array_append_new(list, json_string(ch->names[i]));
	return call_text(ch->call, list);
}

static enum err_code write_rule(
	struct change *ch, struct db *db, struct rules *rs, struct rule_row *row, enum place place, struct err *err)
{
	struct rule_number *numbers;
	size_t n;
	enum err_code e = place_rule(rs, db, row, place, err);

	if (e == ERR_OK)
		e = row->id ? rule_save(db, row, err) : rule_add(db, row, err);
	if (e == ERR_OK)
		e = rule_numbers(ch->call, row->body, &numbers, &n, err);
	return e ? e : rule_set_numbers(db, row, numbers, n, err);
}

static enum err_code start(struct change *ch, struct db *db, struct rules *rs, struct err *err)
{
	*rs = (struct rules){ .call = ch->call, .user = ch->user };
	return rules_load(rs, db, err);
}

static enum err_code add_fn(struct txn *t, void *arg, struct err *err)
{
	struct change *ch = arg;
	struct rule_row row = {
		.domain_id = ch->user.domain_id, .user_id = ch->user.id, .enabled = true, .body = "", .timeframe = ""
	};
	bool ordered = json_object_get(ch->body, "order") != NULL;
	const struct rule_row *there;
	struct timeframe_row frame;
	struct rules rs;
	enum place place;
	enum err_code e = start(ch, t->db, &rs, err);

	if (e || (e = read_rule(ch, &row, &place, err)))
		return e;
	if (rules_find(&rs, ch->timeframe, &there, NULL) == ERR_OK)
		return err_set(err, ERR_CONFLICT,
			"User %s has an answering rule for \"%s\" already; change it with PUT.", ch->user.ext,
			ch->timeframe);
	e = timeframe_by_name(t->db, row.domain_id, row.user_id, ch->timeframe, ch->call->a, &frame, err);
	if (e == ERR_NOT_FOUND)
		return err_set(err, ERR_INPUT, "There is no time frame \"%s\"; add it first.", ch->timeframe);
	if (e)
		return e;
	row.timeframe_id = frame.id;
	row.timeframe = frame.name;
	e = write_rule(ch, t->db, &rs, &row, place == AS_ORDERED && !ordered ? AT_BOTTOM : place, err);
	return e ? e
		 : call_audit(ch->call, t->db, "answerrule-add", ch->user.ext, ch->timeframe, NULL, text_of(&rs, &row),
			   err);
}

static enum err_code set_fn(struct txn *t, void *arg, struct err *err)
{
	struct change *ch = arg;
	const struct rule_row *there;
	struct rule_row row;
	struct rules rs;
	enum place place;
	const char *before;
	enum err_code e = start(ch, t->db, &rs, err);

	if (e || (e = rules_find(&rs, ch->timeframe, &there, err)))
		return e;
	row = *there;
	before = text_of(&rs, there);
	if ((e = read_rule(ch, &row, &place, err)) || (e = write_rule(ch, t->db, &rs, &row, place, err)))
		return e;
	return call_audit(
		ch->call, t->db, "answerrule-change", ch->user.ext, ch->timeframe, before, text_of(&rs, &row), err);
}

/* The rule as it stands now. */
static json_t *reshape(struct change *ch, struct err *err)
{
	struct rules rs = { .call = ch->call, .user = ch->user };
	const struct rule_row *row;

	return rules_load_now(&rs, err) || rules_find(&rs, ch->timeframe, &row, err) ? NULL : rules_shape(&rs, row);
}

/* Checks the body before a transaction is waited for. */
static enum err_code read_change(struct call *c, struct change *ch, struct err *err)
{
	struct rule_row row = { .body = "" };
	enum place place;
	enum err_code e = call_body(c, &ch->body, err);

	if (e == ERR_OK)
		e = call_owner_change(c, &ch->user, err);
	return e ? e : read_rule(ch, &row, &place, err);
}

static enum err_code add_answer(struct call *c, void *arg, struct err *err)
{
	struct change *ch = arg;

	return call_created(c,
		arena_printf(c->a, "%s/domains/%s/users/%s/answerrules/%s", c->rq->prefix, c->domain.name, ch->user.ext,
			call_segment(c, ch->timeframe)),
		reshape(ch, err), err);
}

enum err_code rules_add(struct call *c, struct err *err)
{
	struct change ch = { .call = c };
	enum err_code e = read_change(c, &ch, err);

	if (e || (e = patch_text(ch.body, "time-frame", NAME_MAX_CHARS, c->a, &ch.timeframe, err)))
		return e;
	if (ch.timeframe == NULL || *ch.timeframe == '\0')
		return err_set(err, ERR_INPUT, "\"time-frame\" is missing");
	return call_write_answer(c, add_fn, add_answer, &ch, err);
}

enum err_code rules_set(struct call *c, struct err *err)
{
	struct change ch = { .call = c, .timeframe = request_param(c->rq, "timeframe") };
	enum err_code e = read_change(c, &ch, err);

	if (e == ERR_OK)
		e = call_write(c, set_fn, &ch, err);
	return e ? e : call_changed(c, reshape(&ch, err), err);
}

static enum err_code delete_fn(struct txn *t, void *arg, struct err *err)
{
	struct change *ch = arg;
	const struct rule_row *row;
	struct rules rs;
	enum err_code e = start(ch, t->db, &rs, err);

	if (e || (e = rules_find(&rs, ch->timeframe, &row, err)))
		return e;
	if (row->timeframe_id == 0)
		return err_set(err, ERR_CONFLICT,
			"The default rule stays; change it, or put it back with a reset's option answering-rules.");
	e = rule_delete(t->db, row->id, err);
	return e ? e
		 : call_audit(ch->call, t->db, "answerrule-delete", ch->user.ext, ch->timeframe, text_of(&rs, row),
			   NULL, err);
}

enum err_code rules_delete(struct call *c, struct err *err)
{
	struct change ch = { .call = c, .timeframe = request_param(c->rq, "timeframe") };
	enum err_code e = call_owner_change(c, &ch.user, err);

	if (e == ERR_OK)
		e = call_write(c, delete_fn, &ch, err);
	return e ? e : call_deleted(c, err);
}

/* ---- reorder ---- */

static enum err_code reorder_fn(struct txn *t, void *arg, struct err *err)
{
	struct change *ch = arg;
	const struct rule_row *row;
	struct rules rs;
	size_t i, k;
	enum err_code e = start(ch, t->db, &rs, err);

	if (e == ERR_OK && ch->nnames != rs.n)
		e = err_set(
			err, ERR_INPUT, "name each of the %zu answering rules once, the default rule \"*\" too", rs.n);
	for (i = 0; e == ERR_OK && i < ch->nnames; i++) {
		for (k = 0; k < i; k++)
			if (strcmp(ch->names[k], ch->names[i]) == 0)
				return err_set(err, ERR_INPUT, "\"%s\" is named twice", ch->names[i]);
		e = rules_find(&rs, ch->names[i], &row, err);
		/* Last of all is where the default rule stands by itself. */
		if (e == ERR_OK && (row->id || i + 1 < ch->nnames))
			e = save_at(t->db, row, (int64_t)i + 1, err);
	}
	return e ? e
		 : call_audit(ch->call, t->db, "answerrule-reorder", ch->user.ext, "", order_text(ch, &rs),
			   names_text(ch), err);
}

static json_t *reshape_all(struct change *ch, struct err *err)
{
	struct rules rs = { .call = ch->call, .user = ch->user };
	json_t *out;
	size_t i;

	if (rules_load_now(&rs, err))
		return NULL;
	out = json_array();
	for (i = 0; i < rs.n; i++)
		json_array_append_new(out, rules_shape(&rs, &rs.rows[i]));
	return out;
}

static enum err_code read_names(struct call *c, json_t *list, struct change *ch, struct err *err)
{
	const char **names = arena_alloc(c->a, (json_array_size(list) + 1) * sizeof(*names));
	json_t *v;
	size_t i;

	if (names == NULL)
		return call_no_memory(err);
	json_array_foreach (list, i, v) {
		names[i] = json_string_value(json_is_object(v) ? json_object_get(v, "time-frame") : v);
		if (names[i] == NULL)
			return err_set(
				err, ERR_INPUT, "the list must hold names of time frames, or {\"time-frame\": name}");
	}
	ch->names = names;
	ch->nnames = json_array_size(list);
	return ERR_OK;
}

static enum err_code reorder_answer(struct call *c, void *arg, struct err *err)
{
	return call_changed(c, reshape_all(arg, err), err);
}

enum err_code rules_reorder(struct call *c, struct err *err)
{
	struct change ch = { .call = c };
	json_t *list;
	enum err_code e = call_body_list(c, "time-frames", &list, err);

	if (e || (e = call_owner_change(c, &ch.user, err)) || (e = read_names(c, list, &ch, err)))
		return e;
	return call_write_answer(c, reorder_fn, reorder_answer, &ch, err);
}
