/* Programmable keys of a phone, named <module>.<place>. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "provisioning/api/calls.h"
#include "provisioning/api/patch.h"
#include "provisioning/reset/inventory.h"
#include "provisioning/store/key.h"

struct key_in {
	bool unused;
	int64_t module, place, line;
	bool has_module, has_place, has_line, has_label, has_value, has_pickup, has_shows, has_user;
	const char *type, *value, *label, *pickup, *owner, *user, *shows;
};

#define IN(name, kind, member, has, max)                                                                               \
	{                                                                                                              \
		name, kind, false, offsetof(struct key_in, member), has, max                                           \
	}
#define HAS(member) offsetof(struct key_in, member)

static const struct json_input fields[] = {
	IN("module", JSON_INT, module, HAS(has_module), 32),
	IN("place", JSON_INT, place, HAS(has_place), 1000),
	IN("type", JSON_TEXT, type, 0, 16),
	IN("line", JSON_INT, line, HAS(has_line), 64),
	IN("value", JSON_TEXT, value, HAS(has_value), 128),
	IN("label", JSON_TEXT, label, HAS(has_label), 60),
	IN("pickup", JSON_TEXT, pickup, HAS(has_pickup), 32),
	IN("owner", JSON_TEXT, owner, 0, 8),
	IN("user", JSON_TEXT, user, HAS(has_user), 64),
	IN("shows", JSON_TEXT, shows, HAS(has_shows), 64),
};
enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

static const char *ext_of(struct call *c, struct db *db, int64_t user_id)
{
	struct user_row u;

	return user_id && user_by_id(db, user_id, c->a, &u, NULL) == ERR_OK ? u.ext : NULL;
}

static json_t *shape(struct call *c, struct db *db, const struct key_row *k)
{
	return json_pack("{s:s, s:I, s:I, s:s, s:I, s:s, s:s, s:s, s:s, s:s?, s:s?, s:b}", "key",
		arena_printf(c->a, "%lld.%lld", (long long)k->module, (long long)k->place), "module",
		(json_int_t)k->module, "place", (json_int_t)k->place, "type", key_type_word(k->type), "line",
		(json_int_t)k->slot, "value", k->value, "label", k->label, "pickup", k->pickup, "owner",
		key_owner_word(k->owner), "user", ext_of(c, db, k->user_id), "shows", ext_of(c, db, k->ref_user_id),
		"own-label", (int)k->own_label);
}

static enum err_code load_all(
	struct call *c, struct phone_row *phone, struct db **db, struct key_row **rows, size_t *n, struct err *err)
{
	enum err_code e = call_phone(c, phone, err);

	if (e == ERR_OK)
		e = call_db(c, db, err);
	return e ? e : key_list(*db, phone->id, c->a, rows, n, err);
}

enum err_code keys_list(struct call *c, struct err *err)
{
	struct phone_row phone;
	struct key_row *rows;
	struct page page;
	struct db *db;
	size_t i, n;
	json_t *out;
	enum err_code e = call_page(c, &page, err);

	if (e || (e = load_all(c, &phone, &db, &rows, &n, err)))
		return e;
	out = json_array();
	for (i = (size_t)page.start; i < n && i < (size_t)(page.start + page.limit); i++)
		json_array_append_new(out, shape(c, db, &rows[i]));
	return call_ok(c, out, err);
}

enum err_code keys_count(struct call *c, struct err *err)
{
	struct phone_row phone;
	struct key_row *rows;
	struct db *db;
	size_t n;
	enum err_code e = load_all(c, &phone, &db, &rows, &n, err);

	return e ? e : call_count(c, (int64_t)n, err);
}

/* {key} of the path. */
static enum err_code find(struct call *c, struct phone_row *phone, struct key_row *out, struct err *err)
{
	const char *name = request_param(c->rq, "key");
	struct key_row *rows;
	struct db *db;
	size_t i, n;
	enum err_code e = load_all(c, phone, &db, &rows, &n, err);

	for (i = 0; e == ERR_OK && i < n; i++) {
		char text[48];

		snprintf(text, sizeof(text), "%lld.%lld", (long long)rows[i].module, (long long)rows[i].place);
		if (strcmp(text, name) == 0) {
			*out = rows[i];
			return ERR_OK;
		}
	}
	return e ? e
		 : err_set(err, ERR_NOT_FOUND, "This phone has no key %.20s; keys are named <module>.<place>.", name);
}

enum err_code keys_get(struct call *c, struct err *err)
{
	struct phone_row phone;
	struct key_row row;
	struct db *db;
	enum err_code e = find(c, &phone, &row, err);

	if (e || (e = call_db(c, &db, err)))
		return e;
	return call_ok(c, shape(c, db, &row), err);
}

/* ---- writing ---- */

static enum err_code user_named(struct call *c, const char *field, const char *ext, int64_t *id, struct err *err)
{
	struct user_row u;
	struct db *db;
	enum err_code e;

	*id = 0;
	if (ext == NULL || *ext == '\0')
		return ERR_OK;
	e = call_db(c, &db, err);
	if (e == ERR_OK)
		e = user_load(db, c->domain.id, ext, c->a, &u, err);
	if (e == ERR_NOT_FOUND)
		return err_set(err, ERR_INPUT, "\"%s\" names no user of %s: %.40s", field, c->domain.name, ext);
	if (e == ERR_OK)
		*id = u.id;
	return e;
}

static enum err_code lay_words(const struct key_in *in, struct key_row *row, struct err *err)
{
	if (in->type && !key_type_parse(in->type, &row->type))
		return err_set(err, ERR_INPUT,
			"\"type\" must be none, line, shared-line, blf, speed-dial, park, intercom, voicemail or page");
	if (in->owner && !key_owner_parse(in->owner, &row->owner))
		return err_set(err, ERR_INPUT, "\"owner\" must be line, desk or person");
	if (row->place < 1)
		return err_set(err, ERR_INPUT, "\"place\" counts from 1");
	if (row->owner == KEY_OWNER_PERSON && row->user_id == 0)
		return err_set(err, ERR_INPUT, "\"user\" is missing: a person's key belongs to somebody");
	return ERR_OK;
}

/* A BLF or speed dial to an extension shows its user, unless a label is typed: then the name never outlives the person.
 */
static enum err_code lay_shown(struct call *c, const struct key_in *in, struct key_row *row, struct err *err)
{
	struct user_row u;
	struct db *db;
	enum err_code e = call_db(c, &db, err);

	if (e == ERR_OK && in->has_shows)
		return user_named(c, "shows", in->shows, &row->ref_user_id, err);
	if (e || !in->has_value || (row->type != KEY_BLF && row->type != KEY_SPEED_DIAL && row->type != KEY_INTERCOM))
		return e;
	row->ref_user_id = user_load(db, c->domain.id, row->value, c->a, &u, NULL) == ERR_OK ? u.id : 0;
	return ERR_OK;
}

static enum err_code lay(struct call *c, json_t *body, struct key_row *row, struct err *err)
{
	struct key_in in;
	enum err_code e = json_inputs(body, fields, FIELDS, c->a, &in, sizeof(in), err);

	if (e)
		return e;
	row->module = in.has_module ? in.module : row->module;
	row->place = in.has_place ? in.place : row->place;
	row->slot = in.has_line ? in.line : row->slot;
	row->value = in.has_value ? in.value : row->value;
	row->pickup = in.has_pickup ? in.pickup : row->pickup;
	if (in.has_label) {
		row->label = in.label;
		row->own_label = *in.label != '\0';
	}
	if (in.has_user && (e = user_named(c, "user", in.user, &row->user_id, err)))
		return e;
	e = lay_words(&in, row, err);
	return e ? e : lay_shown(c, &in, row, err);
}

struct change {
	struct call *call;
	struct phone_row phone;
	struct key_row was, row;
	bool gone;
};

static enum err_code change_fn(struct txn *t, void *arg, struct err *err)
{
	struct change *ch = arg;
	struct call *c = ch->call;
	struct inventory in = { c->api->conf.reset, t->db, c->a, c->who->who, c->rq->peer->text, "edit" };
	struct key_row row = ch->row;
	const char *action = ch->gone ? "key-delete" : row.id ? "key-change" : "key-add";
	char mac[MAC_TEXT];
	const char *before = ch->was.id ? call_text(c, shape(c, t->db, &ch->was)) : NULL;
	enum err_code e = ch->gone ? key_delete(t->db, row.id, err)
			  : row.id ? key_save(t->db, &row, err)
				   : key_add(t->db, &row, err);

	if (e == ERR_OK)
		e = inventory_phone_changed(&in, &ch->phone.mac, err);
	return e ? e
		 : call_audit(c, t->db, action, "", mac_text(&ch->phone.mac, mac), before,
			   ch->gone ? NULL : call_text(c, shape(c, t->db, &row)), err);
}

static bool given(const json_t *v)
{
	return v && !json_is_null(v);
}

static enum err_code add_answer(struct call *c, void *arg, struct err *err)
{
	struct change *ch = arg;
	struct db *db;
	enum err_code e = call_db(c, &db, err);

	return e ? e : call_created(c, NULL, shape(c, db, &ch->row), err);
}

enum err_code keys_add(struct call *c, struct err *err)
{
	struct change ch = { .call = c, .row = { .value = "", .label = "", .pickup = "", .owner = KEY_OWNER_DESK } };
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	if (e || (e = call_phone(c, &ch.phone, err)))
		return e;
	if (!given(json_object_get(body, "place")) || !given(json_object_get(body, "type")))
		return err_set(err, ERR_INPUT, "\"place\" and \"type\" must be given");
	ch.row.phone_id = ch.phone.id;
	e = lay(c, body, &ch.row, err);
	return e ? e : call_write_answer(c, change_fn, add_answer, &ch, err);
}

enum err_code keys_set(struct call *c, struct err *err)
{
	struct change ch = { .call = c };
	struct db *db;
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	if (e || (e = find(c, &ch.phone, &ch.was, err)))
		return e;
	ch.row = ch.was;
	if ((e = lay(c, body, &ch.row, err)) || (e = call_write(c, change_fn, &ch, err)) || (e = call_db(c, &db, err)))
		return e;
	return call_changed(c, shape(c, db, &ch.row), err);
}

enum err_code keys_delete(struct call *c, struct err *err)
{
	struct change ch = { .call = c, .gone = true };
	enum err_code e = find(c, &ch.phone, &ch.was, err);

	ch.row = ch.was;
	if (e == ERR_OK)
		e = call_write(c, change_fn, &ch, err);
	return e ? e : call_deleted(c, err);
}
