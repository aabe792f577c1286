#include "provisioning/reset/walk.h"

#include <string.h>

#include "provisioning/reset/inventory_parts.h"
#include "provisioning/reset/outside.h"
#include "provisioning/reset/person.h"
#include "provisioning/store/key.h"

struct walk {
	struct inventory *in;
	struct touch *touch;
	const char *ext; /* whose name it is; "" = nobody's of ours */
	int64_t user_id;
};

/* A phone whose file shows another label by it, with its one record. A vacant phone renders no key. */
static enum err_code shows(struct walk *w, const struct phone_row *phone, struct err *err)
{
	struct touch_record rec = {
		.kind = RECORD_RELABELLED, .phone_id = phone->id, .ext = w->ext, .user_id = w->user_id
	};
	enum err_code e;

	if (phone->state == PHONE_VACANT || phone->state == PHONE_RETIRED)
		return ERR_OK;
	e = touch_label(w->touch, phone, "a key shows another name", err);
	return e ? e : touch_record(w->touch, &rec, err);
}

static enum err_code shows_key(struct walk *w, const struct key_row *key, struct err *err)
{
	struct phone_row phone;
	enum err_code e = phone_by_id(w->in->db, key->phone_id, w->in->arena, &phone, err);

	return e ? e : shows(w, &phone, err);
}

static enum err_code save_label(struct walk *w, const struct key_row *key, const char *label, bool own, struct err *err)
{
	struct key_row changed = *key;
	enum err_code e;

	changed.label = label;
	changed.own_label = own;
	e = key_save(w->in->db, &changed, err);
	return e ? e : shows_key(w, key, err);
}

/* ---- a user's name ---- */

struct rename {
	struct walk w;
	const struct user_row *before, *after;
	const char *first, *last; /* what of the old name is not in the new one; "" = it stays */
};

static enum err_code own_line(struct rename *r, const struct phone_row *phone, struct err *err)
{
	struct touch_record rec = {
		.kind = RECORD_RELABELLED, .phone_id = phone->id, .ext = r->w.ext, .user_id = r->w.user_id
	};
	struct line_row *lines, plain;
	size_t n, i;
	enum err_code e = line_list(r->w.in->db, phone->id, r->w.in->arena, &lines, &n, err);

	for (i = 0; e == ERR_OK && i < n; i++) {
		if (lines[i].user_id != r->w.user_id || !label_names(lines[i].label, r->first, r->last, false))
			continue;
		plain = lines[i]; /* a label that was typed for the old name */
		plain.label = "";
		e = line_save(r->w.in->db, &plain, err);
	}
	if (e == ERR_OK)
		e = touch_phone(r->w.touch, phone, "a line shows another name", NULL, err);
	return e ? e : touch_record(r->w.touch, &rec, err);
}

static enum err_code own_lines(struct rename *r, struct err *err)
{
	struct phone_row *phones;
	size_t n, i;
	enum err_code e = phone_list_user(r->w.in->db, r->w.user_id, r->w.in->arena, &phones, &n, err);

	for (i = 0; e == ERR_OK && i < n; i++)
		e = own_line(r, &phones[i], err);
	return e;
}

/* Keys that point at the user: their label is made from the name, or was typed; then it stays, unless it holds what is
 * no part of the name any more. */
static enum err_code pointing(struct rename *r, struct err *err)
{
	struct key_row *keys;
	size_t n, i;
	enum err_code e = key_list_showing(r->w.in->db, r->w.user_id, r->w.in->arena, &keys, &n, err);

	for (i = 0; e == ERR_OK && i < n; i++) {
		if (!keys[i].own_label)
			e = shows_key(&r->w, &keys[i], err);
		else if (label_names(keys[i].label, r->first, r->last, false))
			e = save_label(&r->w, &keys[i], "", false, err);
	}
	return e;
}

/* What such a label says afterwards. Without a new name it shows the number. */
static const char *other_label(const struct rename *r, const char *label)
{
	struct arena *a = r->w.in->arena;

	if (*r->after->first_name == '\0' && *r->after->last_name == '\0')
		return "";
	if (*r->first)
		label = label_replaced(a, label, r->first, r->after->first_name);
	return *r->last ? label_replaced(a, label, r->last, r->after->last_name) : label;
}

/* Speed dials to outside numbers of the same person: "Anna Berg mobile". Both names must stand there. */
static enum err_code outside(struct rename *r, struct err *err)
{
	const struct user_row *u = r->before;
	struct key_row *keys;
	size_t n, i;
	enum err_code e;

	if (*u->first_name == '\0' || *u->last_name == '\0')
		return ERR_OK;
	e = key_list_labelled(r->w.in->db, u->domain_id, u->last_name, r->w.in->arena, &keys, &n, err);
	for (i = 0; e == ERR_OK && i < n; i++)
		if (label_names(keys[i].label, u->first_name, u->last_name, true))
			e = save_label(&r->w, &keys[i], other_label(r, keys[i].label), keys[i].own_label, err);
	return e;
}

static struct rename rename_of(
	struct inventory *in, struct touch *t, const struct user_row *before, const struct user_row *after)
{
	return (struct rename){ .w = { in, t, after->ext ? after->ext : "", after->id },
		.before = before,
		.after = after,
		.first = strcmp(before->first_name, after->first_name) ? before->first_name : "",
		.last = strcmp(before->last_name, after->last_name) ? before->last_name : "" };
}

static bool same_name(const struct rename *r)
{
	return strcmp(r->before->first_name, r->after->first_name) == 0 &&
	       strcmp(r->before->last_name, r->after->last_name) == 0;
}

enum err_code walk_renamed(
	struct inventory *in, const struct user_row *before, const struct user_row *after, struct err *err)
{
	struct touch t = inventory_touch(in);
	struct rename r = rename_of(in, &t, before, after);
	enum err_code e;

	if (same_name(&r))
		return ERR_OK;
	if ((e = own_lines(&r, err)) || (e = pointing(&r, err)) || (e = outside(&r, err)))
		return e;
	return touch_carry_out(&t, err);
}

/* ---- others ---- */

/* Without the extension behind an 'x', which no key dials in one. */
static const char *main_number(struct arena *a, const char *text)
{
	const char *number = arena_strndup(a, text, strcspn(text, "xX"));

	return number ? outside_number(a, number) : NULL;
}

static bool dials(const struct contact_row *c, const char *value, struct arena *a)
{
	const char *const numbers[] = { c->work, c->cell, c->home, c->fax };
	const char *wanted = main_number(a, value), *has;
	size_t i;

	for (i = 0; wanted && i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if ((has = main_number(a, numbers[i])) != NULL && strcmp(has, wanted) == 0)
			return true;
	return false;
}

enum err_code walk_contact_changed(
	struct inventory *in, const struct contact_row *before, const struct contact_row *after, struct err *err)
{
	struct touch t = inventory_touch(in);
	struct user_row was = { .first_name = before->first_name, .last_name = before->last_name };
	struct user_row is = { .first_name = after ? after->first_name : "",
		.last_name = after ? after->last_name : "" };
	struct rename r = rename_of(in, &t, &was, &is);
	struct key_row *keys;
	size_t n, i;
	enum err_code e;

	if (*was.first_name == '\0' || *was.last_name == '\0' || same_name(&r))
		return ERR_OK;
	e = key_list_labelled(in->db, before->domain_id, was.last_name, in->arena, &keys, &n, err);
	for (i = 0; e == ERR_OK && i < n; i++)
		if (label_names(keys[i].label, was.first_name, was.last_name, true) &&
			dials(before, keys[i].value, in->arena))
			e = save_label(&r.w, &keys[i], other_label(&r, keys[i].label), keys[i].own_label, err);
	return e ? e : touch_carry_out(&t, err);
}

enum err_code walk_device_gone(
	struct inventory *in, struct touch *t, int64_t domain_id, const char *device, struct err *err)
{
	struct walk w = { in, t, "", 0 };
	struct key_row *keys;
	size_t n, i;
	enum err_code e = key_list_value(in->db, domain_id, device, in->arena, &keys, &n, err);

	for (i = 0; e == ERR_OK && i < n; i++) {
		keys[i].ref_user_id = 0; /* what it showed is not there any more */
		e = save_label(&w, &keys[i], keys[i].own_label ? keys[i].label : "", keys[i].own_label, err);
	}
	return e;
}
