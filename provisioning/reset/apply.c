#include "provisioning/reset/applier.h"

#include <string.h>

#include "provisioning/outbox/outbox.h"
#include "provisioning/reset/aliases.h"
#include "provisioning/reset/identity.h"
#include "provisioning/reset/new_login.h"
#include "provisioning/reset/outfit.h"
#include "provisioning/reset/person.h"
#include "provisioning/reset/welcome.h"
#include "provisioning/store/answerrule.h"
#include "provisioning/store/apikey.h"
#include "provisioning/store/audit.h"
#include "provisioning/store/contact.h"
#include "provisioning/store/job.h"
#include "provisioning/store/number.h"
#include "provisioning/store/session.h"
#include "provisioning/store/softphone.h"
#include "provisioning/store/timeframe.h"
#include "provisioning/store/upload.h"

static enum err_code no_memory(const struct applier *ap, struct err *err)
{
	return err_set(err, ERR_NOMEM, "There is no memory to reset %s; nothing was changed.", ap->order->request.user);
}

/* The entry of a device, made when it is not there yet; NULL when memory ran out. */
static struct apply_device *apply_device_of(struct applier *ap, const struct device_row *row)
{
	struct apply_device *d;
	size_t i;

	for (i = 0; i < ap->ndevices; i++)
		if (ap->devices[i].row.id == row->id)
			return &ap->devices[i];
	d = arena_push(ap->arena, (void **)&ap->devices, &ap->ndevices, &ap->devices_cap, sizeof(*d));
	if (d) {
		d->row = *row;
		d->revision_before = row->revision;
	}
	return d;
}

const struct plan_desk *apply_desk_of(const struct applier *ap, const struct mac *mac)
{
	size_t i;

	for (i = 0; i < ap->rows.ndesks; i++)
		if (mac_eq(&ap->rows.desks[i].phone.mac, mac))
			return &ap->rows.desks[i];
	return NULL;
}

static const struct line_row *line_of(const struct applier *ap, const struct plan_step *s)
{
	const struct plan_desk *desk = apply_desk_of(ap, &s->mac);
	size_t i;

	for (i = 0; desk && i < desk->nlines; i++)
		if (desk->lines[i].id == s->row)
			return &desk->lines[i];
	return NULL;
}

static const struct key_row *key_of(const struct applier *ap, const struct plan_step *s)
{
	const struct plan_desk *desk = apply_desk_of(ap, &s->mac);
	size_t i;

	for (i = 0; desk && i < desk->nkeys; i++)
		if (desk->keys[i].id == s->row)
			return &desk->keys[i];
	return NULL;
}

static enum err_code list_device(struct applier *ap, int64_t id, struct apply_device **out, struct err *err)
{
	struct device_row row;
	enum err_code code = ERR_OK;
	size_t i;

	for (i = 0; i < ap->rows.ndevices && ap->rows.devices[i].row.id != id; i++)
		;
	if (i < ap->rows.ndevices) /* the user's own were read for the plan, in this transaction */
		row = ap->rows.devices[i].row;
	else
		code = device_by_id(ap->db, id, ap->arena, &row, err);
	if (code)
		return code;
	*out = apply_device_of(ap, &row);
	return *out ? ERR_OK : no_memory(ap, err);
}

static const struct plan_device *primary_of(const struct applier *ap)
{
	size_t i;

	for (i = 0; i < ap->rows.ndevices; i++)
		if (ap->rows.devices[i].primary)
			return &ap->rows.devices[i];
	return NULL;
}

/* ---- the steps ---- */

/* Whoever had the person's secret loses it, wherever the primary device stands. */
static enum err_code rekey_primary(struct applier *ap, struct err *err)
{
	struct apply_device *d;

	return list_device(ap, primary_of(ap)->row.id, &d, err);
}

static enum err_code clear_person(struct applier *ap, const struct plan_step *s, struct err *err)
{
	struct user_row *u = &ap->rows.user;
	enum err_code code;

	(void)s;
	u->first_name = u->last_name = u->email = u->login = u->password_hash = u->caller_id_name = "";
	u->forward_always = u->forward_busy = u->forward_no_answer = u->forward_offline = "";
	u->voicemail_email = "no";
	u->voicemail_email_cc = u->extra_person = "";
	u->voicemail_pin = (struct secret){ 0 };
	u->dnd = false;
	u->status = USER_RESET;
	if ((code = user_save(ap->db, u, err)) || (code = session_delete_user(ap->db, u->id, err)) ||
		(code = welcome_forget(ap->db, u->id, err)) || (code = apikey_revoke_user(ap->db, u->id, err)) ||
		(code = job_form_clear(ap->db, u->id, err)))
		return code;
	return rekey_primary(ap, err);
}

static enum err_code delete_uploads(struct applier *ap, const struct plan_step *s, struct err *err)
{
	struct upload_row *up;
	size_t i, k, n;
	enum err_code code;

	(void)s;
	for (i = 0; i < ap->rows.ndesks; i++) {
		const struct plan_desk *d = &ap->rows.desks[i];

		if (d->why != DESK_OWN)
			continue;
		code = upload_list(ap->db, d->phone.id, ap->arena, &up, &n, err);
		for (k = 0; code == ERR_OK && k < n; k++)
			if (upload_is_personal(d->profile, up[k].kind))
				code = upload_delete(ap->db, d->phone.id, up[k].kind, NULL, err);
		if (code)
			return code;
	}
	return ERR_OK;
}

/* Rows of the user's own, by one statement. */
typedef enum err_code delete_user_fn(struct db *db, int64_t user_id, int64_t *n, struct err *err);

static delete_user_fn *const deleters[STEP_KIND_COUNT] = {
	[STEP_DELETE_RULES] = rule_delete_user,
	[STEP_DELETE_TIMEFRAMES] = timeframe_delete_user,
	[STEP_DELETE_CONTACTS] = contact_delete_user,
};

static enum err_code delete_rows(struct applier *ap, const struct plan_step *s, struct err *err)
{
	int64_t n = 0;
	enum err_code code = deleters[s->kind](ap->db, ap->rows.user.id, &n, err);

	if (code || n == s->n)
		return code;
	return err_set(err, ERR_BUG, "%s found %lld rows where the plan has %lld.", step_word(s->kind), (long long)n,
		(long long)s->n);
}

/* The files go after the commit (apply_outbox): a transaction never waits for a disk that is not its own. */
static enum err_code order_sounds(struct applier *ap, const struct plan_step *s, struct err *err)
{
	(void)ap;
	(void)s;
	(void)err;
	return ERR_OK;
}

static enum err_code blank_softphone(struct applier *ap, const struct plan_step *s, struct err *err)
{
	struct softphone_row soft;
	struct apply_device *d;
	int64_t generation;
	enum err_code code;

	if ((code = softphone_load(ap->db, s->row, ap->arena, &soft, err)) ||
		(code = list_device(ap, soft.device_id, &d, err)))
		return code;
	d->soft = true;
	return softphone_blank(ap->db, s->row, &generation, err);
}

static enum err_code unassign_line(struct applier *ap, const struct plan_step *s, struct err *err)
{
	const struct line_row *line = line_of(ap, s);
	struct apply_device *d;
	enum err_code code;

	if (line == NULL)
		return err_set(err, ERR_BUG, "Line %d of the plan is not there any more.", s->slot);
	code = list_device(ap, line->device_id, &d, err);
	if (code)
		return code;
	d->desk = true;
	return line_delete(ap->db, s->row, err);
}

static enum err_code strip_key(struct applier *ap, const struct plan_step *s, struct err *err)
{
	return key_delete(ap->db, s->row, err);
}

static enum err_code delete_device(struct applier *ap, const struct plan_step *s, struct err *err)
{
	struct apply_device *d;
	enum err_code code = list_device(ap, s->row, &d, err);

	if (code)
		return code;
	d->goes = true;
	if ((code = identity_drop(ap->db, &d->row, ap->arena, err)))
		return code;
	return device_delete(ap->db, s->row, err);
}

/* All of them in one statement, at the first of the steps. */
static enum err_code free_number(struct applier *ap, const struct plan_step *s, struct err *err)
{
	if (s != ap->plan->steps && s[-1].kind == STEP_FREE_NUMBER)
		return ERR_OK;
	return number_free_user(ap->db, ap->rows.user.id, false, NULL, err);
}

static enum err_code unname_number(struct applier *ap, const struct plan_step *s, struct err *err)
{
	struct number_row row;
	enum err_code code = number_load(ap->db, s->from, ap->arena, &row, err);

	row.description = row.source_name = "";
	return code ? code : number_save(ap->db, &row, err);
}

static enum err_code name_person(struct applier *ap, const struct plan_step *s, struct err *err)
{
	const struct recycle_form *form = ap->order->request.recycle;
	struct user_row *u = &ap->rows.user;
	enum err_code code;

	u->first_name = form->first_name;
	u->last_name = form->last_name;
	u->email = form->email ? form->email : "";
	u->caller_id_name = s->to;
	u->status = USER_NEW;
	if ((code = user_save(ap->db, u, err)) || (code = user_next_person(ap->db, u->id, err)) ||
		(code = job_form_clear(ap->db, u->id, err)))
		return code;
	return rekey_primary(ap, err);
}

/* It goes like a line that is taken away, but no person stands behind it: no record. */
static enum err_code drop_idle_line(struct applier *ap, const struct plan_step *s, struct err *err)
{
	const struct plan_desk *desk = apply_desk_of(ap, &s->mac);
	int64_t wait_ms = ap->order->request.cut_off ? 0 : ap->rs->conf.longest_ms;

	return outfit_drop_idle(ap->db, &desk->phone, ap->rs->now_ms() + wait_ms, ap->arena, err);
}

static enum err_code assign_line(struct applier *ap, const struct plan_step *s, struct err *err)
{
	const struct plan_desk *desk = apply_desk_of(ap, &s->mac);
	struct line_row line = { .phone_id = s->row, .slot = s->slot };
	struct apply_device *d;
	enum err_code code = list_device(ap, primary_of(ap)->row.id, &d, err);

	if (code)
		return code;
	d->desk = true;
	line.device_id = d->row.id;
	if ((code = line_add(ap->db, &line, err)))
		return code;
	return outfit_add_line_key(ap->db, ap->rs->catalog, &desk->phone, s->slot, ap->arena, err);
}

static enum err_code idle_line(struct applier *ap, const struct plan_step *s, struct err *err)
{
	return outfit_add_idle(ap->db, &apply_desk_of(ap, &s->mac)->phone, ap->arena, err);
}

static enum err_code rekey_line(struct applier *ap, const struct plan_step *s, struct err *err)
{
	const struct line_row *line = line_of(ap, s);
	struct line_row plain;
	struct apply_device *d;
	enum err_code code;

	if (line == NULL)
		return err_set(err, ERR_BUG, "Line %d of the plan is not there any more.", s->slot);
	code = list_device(ap, line->device_id, &d, err);
	if (code)
		return code;
	d->desk = true;
	if (line->user_id != ap->rows.user.id || *line->label == '\0')
		return ERR_OK;
	plain = *line; /* a label that was typed for the person */
	plain.label = "";
	return line_save(ap->db, &plain, err);
}

static enum err_code new_login(struct applier *ap, const struct plan_step *s, struct err *err)
{
	return new_login_give(
		ap->db, s->row, arena_printf(ap->arena, "%s of %s", ap->order->why, ap->plan->user), ap->arena, err);
}

static enum err_code relabel(struct applier *ap, const struct plan_step *s, struct err *err)
{
	const struct key_row *key = key_of(ap, s);
	struct key_row plain;

	if (key == NULL)
		return err_set(err, ERR_BUG, "Key %d.%d of the plan is not there any more.", s->module, s->index);
	if (!key->own_label && *key->label == '\0')
		return ERR_OK; /* made from the name each time */
	plain = *key;
	plain.own_label = false;
	plain.label = "";
	return key_save(ap->db, &plain, err);
}

static enum err_code welcome(struct applier *ap, const struct plan_step *s, struct err *err)
{
	const struct welcome w = { .rs = ap->rs,
		.db = ap->db,
		.arena = ap->arena,
		.letter = LETTER_WELCOME,
		.job = ap->order->job,
		.who = ap->order->who };
	struct welcome_result result;

	(void)s;
	return welcome_order(&w, &ap->rows.user, true, &result, err);
}

/* With the numbers that lead to the user's mailbox: they go nowhere without it. */
static enum err_code delete_user(struct applier *ap, const struct plan_step *s, struct err *err)
{
	const struct user_row *u = &ap->rows.user;
	enum err_code code = number_free_user(ap->db, s->row, true, NULL, err);

	if (code == ERR_OK)
		code = aliases_changed(ap->db, u->ext, ap->rows.domain.name, OUTBOX_FIRST, ap->arena, err);
	return code ? code : user_delete(ap->db, s->row, err);
}

typedef enum err_code step_fn(struct applier *ap, const struct plan_step *s, struct err *err);

static step_fn *const step_fns[STEP_KIND_COUNT] = {
	[STEP_CLEAR_PERSON] = clear_person,
	[STEP_DELETE_UPLOADS] = delete_uploads,
	[STEP_DELETE_RULES] = delete_rows,
	[STEP_DELETE_TIMEFRAMES] = delete_rows,
	[STEP_DELETE_CONTACTS] = delete_rows,
	[STEP_DELETE_MESSAGES] = order_sounds,
	[STEP_DELETE_GREETINGS] = order_sounds,
	[STEP_BLANK_SOFTPHONE] = blank_softphone,
	[STEP_UNASSIGN_LINE] = unassign_line,
	[STEP_STRIP_KEY] = strip_key,
	[STEP_DELETE_DEVICE] = delete_device,
	[STEP_FREE_NUMBER] = free_number,
	[STEP_UNNAME_NUMBER] = unname_number,
	[STEP_NAME_PERSON] = name_person,
	[STEP_DROP_IDLE_LINE] = drop_idle_line,
	[STEP_ASSIGN_LINE] = assign_line,
	[STEP_IDLE_LINE] = idle_line,
	[STEP_REKEY_LINE] = rekey_line,
	[STEP_NEW_LOGIN] = new_login,
	[STEP_RELABEL] = relabel,
	[STEP_WELCOME] = welcome,
	[STEP_DELETE_USER] = delete_user,
};

/* ---- all ---- */

/* The one place that may keep the old name (store/audit.h). */
static enum err_code audit(struct applier *ap, struct err *err)
{
	const struct plan *p = ap->plan;
	struct audit_row row = {
		.who = ap->order->who,
		.who_domain = strchr(ap->order->who, '@') ? strchr(ap->order->who, '@') + 1 : "",
		.from = ap->order->from,
		.client = "reset",
		.action = ap->order->why,
		.domain = p->domain,
		.user = p->user,
		.before = arena_printf(ap->arena, "name \"%s\", status %s", p->name, p->status_before),
		.after = arena_printf(ap->arena, "name \"%s\", status %s",
			p->recycled ? person_name(ap->arena, ap->order->request.recycle->first_name,
					      ap->order->request.recycle->last_name)
			: p->reset  ? ""
				    : p->name,
			p->status_after),
		.detail = plan_counts_said(p, ap->arena),
	};

	return audit_add(ap->db, &row, err);
}

static enum err_code run_steps(struct applier *ap, struct err *err)
{
	enum err_code code = ERR_OK;
	size_t i;

	for (i = 0; code == ERR_OK && i < ap->plan->nsteps; i++)
		code = step_fns[ap->plan->steps[i].kind](ap, &ap->plan->steps[i], err);
	return code;
}

enum err_code apply_user(struct reset *rs, struct db *db, const struct apply_order *order, struct arena *a,
	struct plan **out, struct err *err)
{
	struct applier ap = { .rs = rs, .db = db, .order = order, .arena = a };
	enum err_code code;

	if ((code = plan_request_check(&order->request, err)) ||
		(code = plan_rows_load(db, rs->catalog, &order->request, a, &ap.rows, err)) ||
		(code = plan_make(&ap.rows, &rs->conf, &order->request, a, &ap.plan, err)))
		return code;
	ap.before = ap.rows.user;
	if (out)
		*out = ap.plan;
	if (ap.plan->nsteps == 0)
		return ERR_OK; /* reset already: nothing is recorded twice */
	if ((code = run_steps(&ap, err)) || (code = apply_secrets(&ap, err)) || (code = apply_generations(&ap, err)) ||
		(code = apply_records(&ap, err)) || (code = apply_outbox(&ap, err)) || (code = audit(&ap, err)))
		return code;
	return arena_failed(a) ? no_memory(&ap, err) : ERR_OK;
}
