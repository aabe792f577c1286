/* Carries a move out, inside one savepoint: all of it or nothing, and nothing leaves the machine. */
#include "provisioning/reset/move_rows.h"

#include <inttypes.h>
#include <string.h>

#include "provisioning/conf/fault.h"
#include "provisioning/outbox/outbox.h"
#include "provisioning/reset/identity.h"
#include "provisioning/reset/inventory.h"
#include "provisioning/reset/new_login.h"
#include "provisioning/reset/outfit.h"
#include "provisioning/reset/plan_rows.h"
#include "provisioning/reset/touch.h"
#include "provisioning/store/audit.h"
#include "provisioning/store/token.h"
#include "provisioning/store/unclaimed.h"
#include "provisioning/store/upload.h"

struct carrier {
	struct reset *rs;
	struct db *db;
	const struct move_order *order;
	struct arena *arena;
	struct move_rows rows;
	struct move_plan *plan;
	struct touch touch;
	struct phone_row target; /* of a swap: as it is in the store by now */
	bool gone;               /* the phone's row is no more */
};

static const struct move_desk *desk_of(const struct carrier *c, const struct plan_step *s)
{
	return c->order->request.kind == MOVE_SWAP && mac_eq(&s->mac, &c->plan->mac_after) ? &c->rows.target
											   : &c->rows.desk;
}

static enum err_code record(struct carrier *c, enum record_kind kind, int64_t phone_id, const struct plan_step *s,
	int64_t device_id, int64_t user_id, bool keeps, struct err *err)
{
	struct touch_record rec = { kind, phone_id, s->slot, device_id, keeps, s->user, user_id };

	return touch_record(&c->touch, &rec, err);
}

static const struct line_row *line_in(const struct move_desk *d, int64_t slot)
{
	size_t i;

	for (i = 0; i < d->nlines; i++)
		if (d->lines[i].slot == slot)
			return &d->lines[i];
	return NULL;
}

static const struct user_row *user_of(const struct carrier *c, int64_t id)
{
	size_t i;

	for (i = 0; i < c->rows.nusers; i++)
		if (c->rows.users[i].id == id)
			return &c->rows.users[i];
	return NULL;
}

/* ---- the steps ---- */

static enum err_code unassign_line(struct carrier *c, const struct plan_step *s, struct err *err)
{
	const struct line_row *line = line_in(&c->rows.desk, s->slot);
	const struct user_row *user = line ? user_of(c, line->user_id) : NULL;
	enum err_code e;

	if (line == NULL)
		return err_set(err, ERR_BUG, "Line %d of the plan is not there any more.", s->slot);
	e = record(c, RECORD_UNASSIGNED, line->phone_id, s, line->device_id, line->user_id, false, err);
	if (e == ERR_OK && user)
		e = touch_leaver(&c->touch, line->phone_id, user, err);
	return e ? e : line_delete(c->db, s->row, err);
}

static enum err_code strip_key(struct carrier *c, const struct plan_step *s, struct err *err)
{
	return key_delete(c->db, s->row, err);
}

static enum err_code strip_override(struct carrier *c, const struct plan_step *s, struct err *err)
{
	const char *target = override_target(c->arena, desk_of(c, s)->phone.id);

	return override_delete(c->db, LAYER_PHONE, target, s->from, err);
}

static enum err_code delete_uploads(struct carrier *c, const struct plan_step *s, struct err *err)
{
	const struct move_desk *d = desk_of(c, s);
	struct upload_row *up;
	size_t n, i;
	enum err_code e = upload_list(c->db, d->phone.id, c->arena, &up, &n, err);

	for (i = 0; e == ERR_OK && i < n; i++)
		if (upload_is_personal(d->profile, up[i].kind))
			e = upload_delete(c->db, d->phone.id, up[i].kind, NULL, err);
	return e;
}

static enum err_code drop_idle_line(struct carrier *c, const struct plan_step *s, struct err *err)
{
	bool nobody_comes = c->order->request.cut_off || move_count(c->plan, MOVE_STEP_FORGET);
	int64_t wait_ms = nobody_comes ? 0 : c->rs->conf.longest_ms;

	return outfit_drop_idle(c->db, &desk_of(c, s)->phone, c->rs->now_ms() + wait_ms, c->arena, err);
}

/* It comes to the desk of the other one. Without lines: those follow. */
static enum err_code add_phone(struct carrier *c, const struct plan_step *s, struct err *err)
{
	struct inventory in = { c->rs, c->db, c->arena, c->order->who, c->order->from, "swap" };
	struct phone_row *t = &c->target;
	enum err_code e;

	(void)s;
	*t = c->rows.target.phone;
	t->domain_id = c->rows.domain.id;
	t->site_id = c->rows.site_after;
	t->notes = c->rows.desk.phone.notes;
	t->extra = c->rows.desk.phone.extra;
	t->transport = c->rows.desk.phone.transport;
	if ((e = inventory_phone_new(&in, t, err)) ||
		(e = touch_phone(&c->touch, t, "it takes over a desk", NULL, err)))
		return e;
	return c->rows.knocked ? unclaimed_delete(c->db, &t->mac, err) : ERR_OK;
}

static enum err_code place_target(struct carrier *c, struct err *err)
{
	struct phone_row *t = &c->target;
	enum err_code e;

	*t = c->rows.target.phone;
	if ((e = touch_phone(&c->touch, t, "it takes over a desk", NULL, err)))
		return e;
	t->site_id = c->rows.site_after;
	t->notes = c->rows.desk.phone.notes;
	t->extra = c->rows.desk.phone.extra;
	t->transport = c->rows.desk.phone.transport;
	t->after_drop = "";
	t->replaced_by = 0;
	return phone_save(c->db, t, err);
}

/* Whoever could let it in, or knew its passwords, in the old domain shall not in the new one. */
static enum err_code leave_domain(struct carrier *c, struct phone_row *now, struct err *err)
{
	enum err_code e;

	now->domain_id = c->rows.to_domain.id;
	now->domain_since_ms = c->rs->now_ms();
	now->notes = now->extra = "";
	if ((e = inventory_phone_passwords(now, c->arena, err)) || (e = phone_save(c->db, now, err)) ||
		(e = token_kill(c->db, now->id, err)))
		return e;
	return phone_pair(c->db, now->id, 0, err);
}

static enum err_code place(struct carrier *c, const struct plan_step *s, struct err *err)
{
	struct phone_row now = c->rows.desk.phone;

	(void)s;
	if (c->order->request.kind == MOVE_SWAP)
		return place_target(c, err);
	now.site_id = c->rows.site_after;
	if (c->rows.to_domain.id != c->rows.domain.id)
		return leave_domain(c, &now, err);
	return phone_save(c->db, &now, err);
}

static enum err_code assign_line(struct carrier *c, const struct plan_step *s, struct err *err)
{
	bool swapped = c->order->request.kind == MOVE_SWAP;
	const struct line_row *was = swapped ? line_in(&c->rows.desk, s->slot) : NULL;
	const struct phone_row *phone = swapped ? &c->target : &c->rows.desk.phone;
	struct line_row line = { .phone_id = phone->id,
		.slot = s->slot,
		.device_id = s->row,
		.shared = was && was->shared,
		.label = was ? was->label : "" };
	enum err_code e =
		record(c, RECORD_REKEYED, phone->id, s, s->row, was ? was->user_id : c->rows.user.id, false, err);

	if (e || (e = line_add(c->db, &line, err)))
		return e;
	/* A swap brings its keys along. */
	return swapped ? ERR_OK : outfit_add_line_key(c->db, c->rs->catalog, phone, s->slot, c->arena, err);
}

static enum err_code move_key(struct carrier *c, const struct plan_step *s, struct err *err)
{
	const struct move_desk *d = &c->rows.desk;
	size_t i;
	enum err_code e;

	for (i = 0; i < d->nkeys && d->keys[i].id != s->row; i++)
		;
	if (i == d->nkeys)
		return err_set(err, ERR_BUG, "Key %d.%d of the plan is not there any more.", s->module, s->index);
	e = key_delete(c->db, s->row, err);
	d->keys[i].phone_id = c->target.id;
	return e ? e : key_add(c->db, &d->keys[i], err);
}

static enum err_code move_override(struct carrier *c, const struct plan_step *s, struct err *err)
{
	const struct move_desk *d = &c->rows.desk;
	struct override_row to;
	size_t i;
	enum err_code e;

	for (i = 0; i < d->noverrides && d->overrides[i].id != s->row; i++)
		;
	if (i == d->noverrides)
		return err_set(err, ERR_BUG, "Override %s of the plan is not there any more.", s->from);
	to = d->overrides[i];
	to.target = override_target(c->arena, c->target.id);
	e = override_delete(c->db, LAYER_PHONE, d->overrides[i].target, s->from, err);
	return e ? e : override_put(c->db, &to, err);
}

/* Those of other phones follow from the device. */
static enum err_code rekey_line(struct carrier *c, const struct plan_step *s, struct err *err)
{
	const struct line_row *line = line_in(&c->rows.desk, s->slot);

	if (line == NULL || !mac_eq(&s->mac, &c->rows.desk.phone.mac))
		return ERR_OK;
	return record(c, RECORD_REKEYED, line->phone_id, s, line->device_id, line->user_id, true, err);
}

static enum err_code new_login(struct carrier *c, const struct plan_step *s, struct err *err)
{
	return new_login_give(c->db, s->row, move_kind_word(c->order->request.kind), c->arena, err);
}

static enum err_code retire(struct carrier *c, const struct plan_step *s, struct err *err)
{
	struct touch_phone *p;
	enum err_code e = touch_phone(&c->touch, &c->rows.desk.phone, "it is retired", &p, err);

	(void)s;
	if (e)
		return e;
	p->retired = true;
	e = phone_pair(c->db, p->row.id, 0, err);
	return e ? e : phone_set_state(c->db, p->row.id, PHONE_RETIRED, err);
}

static enum err_code forget(struct carrier *c, const struct plan_step *s, struct err *err)
{
	(void)s;
	c->gone = true;
	return phone_delete(c->db, c->rows.desk.phone.id, err);
}

typedef enum err_code carry_fn(struct carrier *c, const struct plan_step *s, struct err *err);

static carry_fn *const step_fns[MOVE_STEP_COUNT] = {
	[MOVE_STEP_UNASSIGN_LINE] = unassign_line,
	[MOVE_STEP_STRIP_KEY] = strip_key,
	[MOVE_STEP_STRIP_OVERRIDE] = strip_override,
	[MOVE_STEP_DELETE_UPLOADS] = delete_uploads,
	[MOVE_STEP_DROP_IDLE_LINE] = drop_idle_line,
	[MOVE_STEP_ADD_PHONE] = add_phone,
	[MOVE_STEP_PLACE] = place,
	[MOVE_STEP_ASSIGN_LINE] = assign_line,
	[MOVE_STEP_MOVE_KEY] = move_key,
	[MOVE_STEP_MOVE_OVERRIDE] = move_override,
	[MOVE_STEP_REKEY_LINE] = rekey_line,
	[MOVE_STEP_NEW_LOGIN] = new_login,
	[MOVE_STEP_RETIRE] = retire,
	[MOVE_STEP_FORGET] = forget,
};

/* ---- all ---- */

static bool agreed(const struct move_request *rq, const char *what)
{
	size_t i;

	for (i = 0; i < rq->nleave_behind; i++)
		if (strcmp(rq->leave_behind[i], what) == 0)
			return true;
	return false;
}

static enum err_code check_agreed(const struct carrier *c, struct err *err)
{
	size_t i, n = 0;
	const struct move_misfit *first = NULL;

	for (i = 0; i < c->plan->nmisfits; i++)
		if (!agreed(&c->order->request, c->plan->misfits[i].what)) {
			first = first ? first : &c->plan->misfits[i];
			n++;
		}
	if (first == NULL)
		return ERR_OK;
	return err_set(err, ERR_CONFLICT,
		"%zu things of the old phone do not fit on the new one, %s among them (%s). A dry run lists them; name "
		"them in leave-behind to go on without.",
		n, first->what, first->why);
}

/* Every line that was on the phone, and every one that it or the new phone gets. */
static enum err_code renew_lines(struct carrier *c, struct err *err)
{
	const struct move_desk *d = &c->rows.desk;
	enum err_code e = ERR_OK;
	size_t i;

	for (i = 0; e == ERR_OK && i < d->nlines; i++)
		if (d->lines[i].kind != DEVICE_IDLE)
			e = touch_device(&c->touch, d->lines[i].device_id, err);
	return e || c->plan->user_after == NULL ? e : touch_device(&c->touch, c->rows.device.id, err);
}

/* A file that changes though no line of it does. */
static enum err_code note_plain(struct carrier *c, struct err *err)
{
	struct touch_record rec = { .kind = RECORD_RELABELLED, .phone_id = c->rows.desk.phone.id };
	size_t i;

	for (i = 0; i < c->plan->nrecords; i++)
		if (c->plan->records[i].kind == RECORD_RELABELLED)
			return touch_record(&c->touch, &rec, err);
	return ERR_OK;
}

/* What becomes of the phone when its last record has ended. */
static enum err_code note_after_drop(struct carrier *c, struct err *err)
{
	const struct move_request *rq = &c->order->request;
	const char *then = rq->kind == MOVE_DELETE ? "delete" : rq->then;
	struct phone_row now;
	char mac[MAC_TEXT];
	enum err_code e;

	if (c->gone || (rq->kind != MOVE_SWAP && then == NULL))
		return ERR_OK;
	e = phone_by_id(c->db, c->rows.desk.phone.id, c->arena, &now, err);
	if (e)
		return e;
	now.after_drop = then ? then : "";
	now.replaced_by = rq->kind == MOVE_SWAP ? c->target.id : now.replaced_by;
	e = phone_save(c->db, &now, err);
	return e || then == NULL ? e
				 : outbox_put_once(c->db, "after-drop", mac_text(&now.mac, mac), "{}", 0, NULL, err);
}

static const char *place_text(
	const struct carrier *c, const struct mac *m, const char *domain, const char *site, const char *state)
{
	char mac[MAC_TEXT];

	return arena_printf(c->arena, "%s in %s, site \"%s\", %s", mac_text(m, mac), domain, site, state);
}

static enum err_code audit_in(
	struct carrier *c, const char *domain, const char *user, const char *before, const char *after, struct err *err)
{
	const struct move_plan *p = c->plan;
	bool swapped = !mac_eq(&p->mac, &p->mac_after);
	char mac[MAC_TEXT], other[MAC_TEXT];
	struct audit_row row = { .who = c->order->who,
		.from = c->order->from,
		.client = c->order->client,
		.action = arena_printf(c->arena, "phone-%s", move_kind_word(p->kind)),
		.domain = domain,
		.user = user ? user : "",
		.object = mac_text(&p->mac, mac),
		.before = before,
		.after = after,
		.detail = arena_printf(c->arena, "%zu lines taken away, %zu given, %zu re-keyed, %zu phones%s%s",
			move_count(p, MOVE_STEP_UNASSIGN_LINE), move_count(p, MOVE_STEP_ASSIGN_LINE),
			move_count(p, MOVE_STEP_REKEY_LINE), p->nphones, swapped ? ", replaced by " : "",
			swapped ? mac_text(&p->mac_after, other) : "") };

	return audit_add(c->db, &row, err);
}

/* Each of two domains finds its own side of it in its own log. */
static enum err_code audit(struct carrier *c, struct err *err)
{
	const struct move_plan *p = c->plan;
	const char *before = place_text(c, &p->mac, p->domain, p->site, p->state_before);
	const char *after = place_text(c, &p->mac_after, p->domain_after, p->site_after, p->state_after);
	enum err_code e;

	if (c->rows.to_domain.id == c->rows.domain.id)
		return audit_in(c, p->domain, p->user_after, before, after, err);
	e = audit_in(c, p->domain, NULL, before, p->domain_after, err);
	return e ? e : audit_in(c, p->domain_after, p->user_after, p->domain, after, err);
}

static enum err_code run_steps(struct carrier *c, struct err *err)
{
	enum err_code e = ERR_OK;
	size_t i;

	if (!move_count(c->plan, MOVE_STEP_FORGET))
		e = touch_phone(&c->touch, &c->rows.desk.phone, "it changes hands", NULL, err);
	for (i = 0; e == ERR_OK && i < c->plan->nsteps; i++)
		e = step_fns[c->plan->steps[i].kind](c, &c->plan->steps[i].at, err);
	return e;
}

/* The phone plane's index of who may pull. */
static enum err_code tell_plane(struct carrier *c, struct err *err)
{
	char mac[MAC_TEXT];
	enum err_code e = outbox_put_once(c->db, "logins", mac_text(&c->plan->mac, mac), "{}", 0, NULL, err);

	return e || c->order->request.kind != MOVE_SWAP
		       ? e
		       : outbox_put_once(c->db, "logins", mac_text(&c->plan->mac_after, mac), "{}", 0, NULL, err);
}

enum err_code move_apply(struct reset *rs, struct db *db, const struct move_order *order, struct arena *a,
	struct move_plan **out, struct err *err)
{
	struct carrier c = { .rs = rs, .db = db, .order = order, .arena = a };
	enum err_code e;

	c.touch = (struct touch){ .rs = rs,
		.db = db,
		.arena = a,
		.who = order->who,
		.why = move_kind_word(order->request.kind),
		.at_once = order->request.cut_off };
	if ((e = move_rows_load(rs, db, &order->request, a, &c.rows, err)) ||
		(e = move_make(&c.rows, &rs->conf, &order->request, a, &c.plan, err)) || (e = check_agreed(&c, err)) ||
		(e = run_steps(&c, err)) || (e = note_plain(&c, err)) || (e = renew_lines(&c, err)))
		return e;
	fault_point("move-half");
	if ((e = touch_carry_out(&c.touch, err)) || (e = note_after_drop(&c, err)) || (e = audit(&c, err)) ||
		(e = tell_plane(&c, err)))
		return e;
	if (out)
		*out = c.plan;
	return arena_failed(a) ? err_set(err, ERR_NOMEM, "There is no memory for this move; nothing was changed.")
			       : ERR_OK;
}
