/* After the steps: secrets, generations, records, and the work that follows the commit. */
#include "provisioning/reset/applier.h"

#include <string.h>

#include "provisioning/outbox/outbox.h"
#include "provisioning/reset/aliases.h"
#include "provisioning/reset/identity.h"
#include "provisioning/reset/leaver.h"
#include "provisioning/reset/outfit.h"
#include "provisioning/reset/sounds.h"
#include "provisioning/store/record.h"
#include "provisioning/store/softphone.h"
#include "provisioning/store/timeline.h"

enum err_code apply_secrets(struct applier *ap, struct err *err)
{
	enum err_code code;
	size_t i;

	for (i = 0; i < ap->ndevices; i++) {
		struct apply_device *d = &ap->devices[i];

		if (d->goes)
			continue;
		code = identity_rekey(ap->db, &d->row, ap->arena, err);
		if (code)
			return code;
		d->revision_after = d->row.revision;
	}
	return ERR_OK;
}

enum err_code apply_generations(struct applier *ap, struct err *err)
{
	enum phone_state state;
	enum err_code code;
	size_t i;

	for (i = 0; i < ap->plan->nphones; i++) {
		const struct plan_desk *desk = apply_desk_of(ap, &ap->plan->phones[i].mac);
		struct apply_phone *p =
			arena_push(ap->arena, (void **)&ap->phones, &ap->nphones, &ap->phones_cap, sizeof(*p));

		if (p == NULL || desk == NULL)
			return err_set(err, ERR_NOMEM, "There is no memory for the phones of %s.", ap->plan->user);
		p->plan = &ap->plan->phones[i];
		p->id = desk->phone.id;
		p->generation_before = desk->phone.wanted;
		code = outfit_set_state(ap->db, p->id, &state, err);
		if (code == ERR_OK)
			code = phone_bump(ap->db, p->id, &p->generation_after, err);
		if (code == ERR_OK && plan_count(ap->plan, STEP_CLEAR_PERSON))
			code = leaver_put(ap->db, p->id, p->generation_after, &ap->before, ap->arena, err);
		if (code == ERR_OK && plan_count(ap->plan, STEP_CLEAR_PERSON) && !p->plan->relabel_only)
			code = phone_contacts_since(ap->db, p->id, p->generation_after, err);
		if (code)
			return code;
	}
	return ERR_OK;
}

/* ---- records ---- */

static const struct apply_phone *phone_of(const struct applier *ap, const struct mac *mac)
{
	size_t i;

	for (i = 0; i < ap->nphones; i++)
		if (mac_eq(&ap->phones[i].plan->mac, mac))
			return &ap->phones[i];
	return NULL;
}

static const struct apply_device *device_named(const struct applier *ap, const char *name)
{
	size_t i;

	for (i = 0; name && i < ap->ndevices; i++)
		if (strcmp(ap->devices[i].row.name, name) == 0)
			return &ap->devices[i];
	return NULL;
}

/* The line stood on this phone before, and never left it. */
static bool keeps_line(const struct applier *ap, const struct plan_record *r)
{
	const struct plan_desk *desk = apply_desk_of(ap, &r->mac);
	size_t i;

	if (r->kind != RECORD_REKEYED || desk == NULL)
		return false;
	for (i = 0; i < ap->plan->nrecords; i++)
		if (ap->plan->records[i].kind == RECORD_UNASSIGNED && ap->plan->records[i].slot == r->slot &&
			mac_eq(&ap->plan->records[i].mac, &r->mac))
			return false;
	for (i = 0; i < desk->nlines; i++)
		if (desk->lines[i].slot == r->slot && strcmp(desk->lines[i].device, r->device) == 0)
			return true;
	return false;
}

static enum err_code fill_place(
	struct applier *ap, const struct plan_record *r, struct record_row *row, struct err *err)
{
	const struct apply_phone *p = r->kind == RECORD_SOFTPHONE ? NULL : phone_of(ap, &r->mac);
	struct softphone_row soft;
	char mac[MAC_TEXT];
	enum err_code code;

	row->mac = "";
	if (p) {
		row->mac = arena_strdup(ap->arena, mac_text(&r->mac, mac));
		row->phone_id = p->id;
		row->generation_before = p->generation_before;
		row->generation_after = p->generation_after;
		return ERR_OK;
	}
	if (r->kind != RECORD_SOFTPHONE)
		return err_set(err, ERR_BUG, "A record names a phone that does not change.");
	code = softphone_load(ap->db, r->row, ap->arena, &soft, err);
	row->softphone_id = r->row;
	row->generation_after = soft.generation;
	return code;
}

/* Whose the line is, also where it is not the person who leaves. */
static int64_t user_id_of(const struct applier *ap, const struct apply_device *d)
{
	return d ? d->row.user_id : ap->rows.user.id;
}

enum err_code apply_records(struct applier *ap, struct err *err)
{
	enum err_code code;
	size_t i;

	for (i = 0; i < ap->plan->nrecords; i++) {
		const struct plan_record *r = &ap->plan->records[i];
		const struct apply_device *d = device_named(ap, r->device);
		struct record_row row = { .job_id = ap->order->job,
			.kind = record_kind_word(r->kind),
			.domain_id = ap->rows.domain.id,
			.user_id = user_id_of(ap, d),
			.slot = r->slot,
			.device = r->device ? r->device : "",
			.ext = r->user ? r->user : "",
			.domain = ap->rows.domain.name,
			.who = ap->order->who,
			.why = ap->order->why,
			.keeps_line = keeps_line(ap, r),
			.state = record_state_word(STATE_OPEN),
			.open = true };

		if (d) {
			row.device_id = d->goes ? 0 : d->row.id;
			row.revision_before = d->revision_before;
			row.revision_after = d->revision_after;
		}
		if ((code = fill_place(ap, r, &row, err)) || (code = record_add(ap->db, &row, err)))
			return code;
	}
	return ERR_OK;
}

/* ---- work that follows the commit ---- */

static enum err_code follow_phone(struct applier *ap, const struct apply_phone *p, struct err *err)
{
	const struct plan_desk *desk = apply_desk_of(ap, &p->plan->mac);
	struct timeline_row note = { .phone_id = p->id,
		.mac = p->plan->mac,
		.event = ap->order->why,
		.generation = p->generation_after,
		.job_id = ap->order->job };
	char mac[MAC_TEXT];
	int64_t due = 0;
	enum err_code code;

	note.detail = arena_printf(ap->arena, "%s of %s: %s", ap->order->why, ap->plan->user,
		p->plan->relabel_only   ? "a key showed the name"
		: p->plan->vacant_after ? "the phone is vacant now"
					: "its lines have new secrets");
	if (!p->plan->told_at_once && (code = outfit_quiet_due(ap->rs, ap->db, &desk->phone, ap->arena, &due, err)))
		return code;
	mac_text(&p->plan->mac, mac);
	if ((code = timeline_add(ap->db, &note, err)) ||
		(code = outbox_put_once(ap->db, "residue", mac, "{}", 0, NULL, err)))
		return code;
	return outbox_put_once(ap->db, "notify", mac, "{}", due, NULL, err);
}

/* A line that stands on a phone waits for that phone, but never for ever. Where nobody can be told, or the order says
 * so, the old secret dies at the commit. */
static enum err_code follow_device(struct applier *ap, const struct apply_device *d, int64_t now_ms, struct err *err)
{
	bool at_once = ap->order->request.cut_off || !d->desk;

	return identity_flip_by(ap->db, identity_name(&d->row, ap->arena),
		at_once ? OUTBOX_FIRST : now_ms + ap->rs->conf.longest_ms, err);
}

static enum err_code follow_calls(struct applier *ap, struct err *err)
{
	if (plan_count(ap->plan, STEP_FREE_NUMBER) == 0 && plan_count(ap->plan, STEP_DELETE_DEVICE) == 0)
		return ERR_OK;
	return aliases_changed(ap->db, ap->plan->user, ap->plan->domain, ap->order->request.cut_off ? OUTBOX_FIRST : 0,
		ap->arena, err);
}

enum err_code apply_outbox(struct applier *ap, struct err *err)
{
	int64_t now_ms = ap->rs->now_ms();
	enum err_code code;
	size_t i;

	if ((code = follow_calls(ap, err)))
		return code;
	for (i = 0; i < ap->ndevices; i++)
		if ((code = follow_device(ap, &ap->devices[i], now_ms, err)))
			return code;
	for (i = 0; i < ap->nphones; i++)
		if ((code = follow_phone(ap, &ap->phones[i], err)))
			return code;
	return sounds_order(ap->db, ap->plan, &ap->rows.user, ap->order->job, ap->order->part, ap->arena, err);
}
