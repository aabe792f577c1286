#include "provisioning/reset/touch.h"

#include "phonecfg/vendor/guard.h"
#include "provisioning/outbox/outbox.h"
#include "provisioning/reset/desk.h"
#include "provisioning/reset/identity.h"
#include "provisioning/reset/leaver.h"
#include "provisioning/reset/new_login.h"
#include "provisioning/reset/outfit.h"
#include "provisioning/store/record.h"
#include "provisioning/store/timeline.h"

static enum err_code no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "There is no memory for this change; nothing was changed.");
}

/* ---- what is touched ---- */

static struct touch_phone *phone_of(struct touch *t, int64_t phone_id)
{
	size_t i;

	for (i = 0; i < t->nphones; i++)
		if (t->phones[i].row.id == phone_id)
			return &t->phones[i];
	return NULL;
}

static struct touch_device *device_of(struct touch *t, int64_t device_id)
{
	size_t i;

	for (i = 0; i < t->ndevices; i++)
		if (t->devices[i].row.id == device_id)
			return &t->devices[i];
	return NULL;
}

static enum err_code add_phone(
	struct touch *t, const struct phone_row *before, const char *detail, struct touch_phone **out, struct err *err)
{
	struct touch_phone *p = phone_of(t, before->id);

	*out = p;
	if (p)
		return ERR_OK;
	p = arena_push(t->arena, (void **)&t->phones, &t->nphones, &t->phones_cap, sizeof(*p));
	if (p == NULL)
		return no_memory(err);
	p->row = *before;
	p->detail = detail;
	p->quiet = p->label_only = true;
	p->retired = before->state == PHONE_RETIRED;
	*out = p;
	return ERR_OK;
}

enum err_code touch_phone(
	struct touch *t, const struct phone_row *before, const char *detail, struct touch_phone **out, struct err *err)
{
	struct touch_phone *p;
	enum err_code e = add_phone(t, before, detail, &p, err);

	if (e)
		return e;
	if (p->label_only)
		p->detail = detail;
	p->quiet = p->label_only = false;
	if (out)
		*out = p;
	return ERR_OK;
}

enum err_code touch_label(struct touch *t, const struct phone_row *before, const char *detail, struct err *err)
{
	struct touch_phone *p;

	return add_phone(t, before, detail, &p, err);
}

enum err_code touch_leaver(struct touch *t, int64_t phone_id, const struct user_row *user, struct err *err)
{
	struct touch_phone *p = phone_of(t, phone_id);
	const struct user_row **slot;
	size_t i;

	if (p == NULL)
		return err_set(err, ERR_BUG, "A person leaves a phone that is not touched.");
	for (i = 0; i < p->nleavers; i++)
		if (p->leavers[i]->id == user->id)
			return ERR_OK;
	slot = arena_push(t->arena, (void **)(uintptr_t)&p->leavers, &p->nleavers, &p->leavers_cap, sizeof(*slot));
	if (slot == NULL)
		return no_memory(err);
	*slot = user;
	return ERR_OK;
}

static bool has_record(const struct touch *t, int64_t phone_id, int64_t slot, int64_t device_id)
{
	size_t i;

	for (i = 0; i < t->nrecords; i++)
		if (t->records[i].phone_id == phone_id && t->records[i].slot == slot &&
			t->records[i].device_id == device_id)
			return true;
	return false;
}

enum err_code touch_record(struct touch *t, const struct touch_record *record, struct err *err)
{
	struct touch_record *r;

	if (has_record(t, record->phone_id, record->slot, record->device_id))
		return ERR_OK;
	r = arena_push(t->arena, (void **)&t->records, &t->nrecords, &t->records_cap, sizeof(*r));
	if (r == NULL)
		return no_memory(err);
	*r = *record;
	return ERR_OK;
}

static enum err_code carries(struct touch *t, const struct line_row *line, struct err *err)
{
	struct touch_record rec = { .kind = RECORD_REKEYED,
		.phone_id = line->phone_id,
		.slot = line->slot,
		.device_id = line->device_id,
		.keeps_line = true,
		.ext = line->ext,
		.user_id = line->user_id };
	struct phone_row phone;
	enum err_code e = phone_by_id(t->db, line->phone_id, t->arena, &phone, err);

	if (e == ERR_OK)
		e = touch_phone(t, &phone, "a line has a new secret", NULL, err);
	return e ? e : touch_record(t, &rec, err);
}

static enum err_code add_device(struct touch *t, int64_t device_id, bool goes, struct err *err)
{
	struct touch_device *d = arena_push(t->arena, (void **)&t->devices, &t->ndevices, &t->devices_cap, sizeof(*d));
	enum err_code e;

	if (d == NULL)
		return no_memory(err);
	d->goes = goes;
	e = device_by_id(t->db, device_id, t->arena, &d->row, err);
	d->revision_before = d->row.revision;
	return e;
}

enum err_code touch_device(struct touch *t, int64_t device_id, struct err *err)
{
	struct line_row *lines;
	size_t n, i;
	enum err_code e;

	if (device_of(t, device_id))
		return ERR_OK;
	e = add_device(t, device_id, false, err);
	if (e == ERR_OK)
		e = line_list_device(t->db, device_id, t->arena, &lines, &n, err);
	for (i = 0; e == ERR_OK && i < n; i++)
		e = carries(t, &lines[i], err);
	return e;
}

enum err_code touch_goodbye(struct touch *t, int64_t device_id, struct err *err)
{
	return device_of(t, device_id) ? ERR_OK : add_device(t, device_id, true, err);
}

/* ---- carried out ---- */

static enum err_code renew_secrets(struct touch *t, struct err *err)
{
	int64_t due_ms = t->rs->now_ms() + (t->at_once ? 0 : t->rs->conf.longest_ms);
	enum err_code e = ERR_OK;
	size_t i;

	for (i = 0; e == ERR_OK && i < t->ndevices; i++) {
		struct touch_device *d = &t->devices[i];

		e = d->goes ? identity_drop(t->db, &d->row, t->arena, err)
			    : identity_rekey(t->db, &d->row, t->arena, err);
		if (e == ERR_OK)
			e = identity_flip_by(t->db, identity_name(&d->row, t->arena), due_ms, err);
	}
	return e;
}

enum err_code touch_check_file(struct reset *rs, struct db *db, const struct mac *mac, struct arena *a, struct err *err)
{
	struct phone ph;
	const struct profile *pf;
	enum err_code e = desk_load(db, rs->desk, mac, a, &ph, err);

	if (e)
		return e;
	pf = catalog_find(rs->catalog, ph.model);
	if (pf)
		e = phone_check(&ph, pf, err);
	if (e)
		return e;
	return pf ? vendor_check_core(pf, &ph, err)
		  : err_set(err, ERR_INPUT, "%s is no model that this version knows; phonecfg models lists them",
			    ph.model);
}

/* Vacant, one person's or several persons', and with an idle line when it is the first. */
static enum err_code settle_state(struct touch *t, const struct phone_row *phone, struct err *err)
{
	struct device_row idle;
	struct phone_row now;
	enum phone_state state;
	enum err_code e = outfit_set_state(t->db, phone->id, &state, err);

	if (e || state != PHONE_VACANT || !t->rs->conf.idle_lines ||
		device_idle_of(t->db, phone->id, t->arena, &idle, NULL) == ERR_OK)
		return e;
	e = phone_by_id(t->db, phone->id, t->arena, &now, err); /* the domain that it is in by now */
	return e ? e : outfit_add_idle(t->db, &now, t->arena, err);
}

static enum err_code tell(struct touch *t, const struct touch_phone *p, struct err *err)
{
	struct timeline_row note = { .phone_id = p->row.id,
		.mac = p->row.mac,
		.event = t->why,
		.detail = p->detail,
		.generation = p->generation };
	char mac[MAC_TEXT];
	int64_t due_ms = 0;
	enum err_code e = ERR_OK;

	if (p->quiet)
		e = outfit_quiet_due(t->rs, t->db, &p->row, t->arena, &due_ms, err);
	mac_text(&p->row.mac, mac);
	if (e || (e = timeline_add(t->db, &note, err)) ||
		(e = outbox_put_once(t->db, "residue", mac, "{}", 0, NULL, err)))
		return e;
	return outbox_put_once(t->db, "notify", mac, "{}", due_ms, NULL, err);
}

static enum err_code renew_login(struct touch *t, const struct touch_phone *p, struct err *err)
{
	const struct profile *pf = t->rs->catalog ? catalog_find(t->rs->catalog, p->row.model) : NULL;

	if (!p->changes_hands || !new_login_due(&p->row, pf))
		return ERR_OK;
	return new_login_give(t->db, p->row.id, p->detail, t->arena, err);
}

static enum err_code renew_phone(struct touch *t, struct touch_phone *p, struct err *err)
{
	enum err_code e = ERR_OK;
	size_t i;

	if (!p->label_only && !p->retired)
		e = settle_state(t, &p->row, err);
	if (e || (e = touch_check_file(t->rs, t->db, &p->row.mac, t->arena, err)) ||
		(e = phone_bump(t->db, p->row.id, &p->generation, err)))
		return e;
	e = renew_login(t, p, err);
	if (e == ERR_OK && p->nleavers)
		e = phone_contacts_since(t->db, p->row.id, p->generation, err);
	for (i = 0; e == ERR_OK && i < p->nleavers; i++)
		e = leaver_put(t->db, p->row.id, p->generation, p->leavers[i], t->arena, err);
	return e ? e : tell(t, p, err);
}

static enum err_code write_record(struct touch *t, const struct touch_record *r, struct err *err)
{
	const struct touch_phone *p = phone_of(t, r->phone_id);
	const struct touch_device *d = r->device_id ? device_of(t, r->device_id) : NULL;
	char mac[MAC_TEXT];
	struct record_row row = { .kind = record_kind_word(r->kind),
		.user_id = r->user_id,
		.phone_id = r->phone_id,
		.slot = r->slot,
		.ext = r->ext ? r->ext : "",
		.who = t->who,
		.why = t->why,
		.keeps_line = r->keeps_line,
		.state = record_state_word(STATE_OPEN),
		.open = true };

	if (p == NULL || (r->device_id && d == NULL))
		return err_set(err, ERR_BUG, "A record names a phone or a line that does not change.");
	row.mac = mac_text(&p->row.mac, mac);
	row.generation_before = p->row.wanted;
	row.generation_after = p->generation;
	row.device = d ? d->row.name : "";
	row.device_id = d && !d->goes ? d->row.id : 0;
	row.revision_before = d ? d->revision_before : 0;
	row.revision_after = d && !d->goes ? d->row.revision : 0;
	/* A line is its domain's, also where the phone moves to another one. */
	row.domain_id = d ? d->row.domain_id : p->row.domain_id;
	row.domain = d ? d->row.domain : p->row.domain;
	return record_add(t->db, &row, err);
}

enum err_code touch_carry_out(struct touch *t, struct err *err)
{
	enum err_code e = renew_secrets(t, err);
	size_t i;

	for (i = 0; e == ERR_OK && i < t->nphones; i++)
		e = renew_phone(t, &t->phones[i], err);
	for (i = 0; e == ERR_OK && i < t->nrecords; i++)
		e = write_record(t, &t->records[i], err);
	return e == ERR_OK && arena_failed(t->arena) ? no_memory(err) : e;
}
