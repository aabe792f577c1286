/* Rows and a request -> what would be done. Pure. */
#include "provisioning/reset/move_maker.h"

#include <string.h>

#include "provisioning/reset/new_login.h"
#include "provisioning/reset/person.h"

static enum err_code no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "There is no memory to plan this move; nothing was changed.");
}

static struct plan_step *add_step(struct mover *m, enum move_step_kind kind, const struct phone_row *phone)
{
	struct move_step *s =
		arena_push(m->arena, (void **)&m->plan->steps, &m->plan->nsteps, &m->steps_cap, sizeof(*s));

	if (s == NULL)
		s = &m->spare;
	*s = (struct move_step){ .kind = kind, .at = { .mac = phone->mac } };
	return &s->at;
}

void move_add_record(struct mover *m, enum record_kind kind, const struct phone_row *phone, int64_t slot,
	const char *device, const char *user)
{
	struct plan_record *r =
		arena_push(m->arena, (void **)&m->plan->records, &m->plan->nrecords, &m->records_cap, sizeof(*r));

	if (r)
		*r = (struct plan_record){ kind, phone->mac, (int)slot, device, user, 0 };
}

static bool away(const struct mover *m)
{
	return m->rows->to_domain.id != m->rows->domain.id;
}

static bool for_good(const struct move_request *rq)
{
	return rq->kind == MOVE_RETIRE || rq->kind == MOVE_DELETE;
}

/* ---- which lines go ---- */

bool move_line_goes(const struct move_rows *rows, const struct move_request *rq, const struct line_row *line)
{
	if (line->kind == DEVICE_IDLE)
		return false;
	if (rq->kind != MOVE_REHOME || rows->to_domain.id != rows->domain.id)
		return true;
	if (rq->to_user == NULL || (rows->has_user && line->device_id == rows->device.id))
		return false;
	return rq->from_user == NULL || (line->ext && strcmp(line->ext, rq->from_user) == 0);
}

static bool slot_goes(const struct mover *m, int64_t slot)
{
	const struct move_desk *d = &m->rows->desk;
	size_t i;

	for (i = 0; i < d->nlines; i++)
		if (d->lines[i].slot == slot)
			return move_line_goes(m->rows, m->rq, &d->lines[i]);
	return false;
}

static bool user_leaves(const struct mover *m, int64_t user_id)
{
	const struct move_desk *d = &m->rows->desk;
	bool goes = false;
	size_t i;

	for (i = 0; i < d->nlines; i++)
		if (d->lines[i].user_id == user_id) {
			if (!move_line_goes(m->rows, m->rq, &d->lines[i]))
				return false;
			goes = true;
		}
	return goes;
}

bool move_key_goes(const struct mover *m, const struct key_row *key)
{
	bool of_line = key->owner == KEY_OWNER_LINE || key->type == KEY_LINE || key->type == KEY_SHARED_LINE;

	if (m->rq->kind != MOVE_REHOME || away(m))
		return true;
	if (of_line)
		return slot_goes(m, key->slot ? key->slot : 1);
	return key->owner == KEY_OWNER_PERSON && user_leaves(m, key->user_id);
}

/* What the lines add up to. */
static void count_lines(struct mover *m)
{
	const struct move_desk *d = &m->rows->desk;
	size_t i;

	for (i = 0; i < d->nlines; i++) {
		m->had_idle |= d->lines[i].kind == DEVICE_IDLE;
		if (d->lines[i].kind == DEVICE_IDLE)
			continue;
		m->people++;
		if (move_line_goes(m->rows, m->rq, &d->lines[i]))
			m->gone++;
		else
			m->stands |= m->rows->has_user && d->lines[i].device_id == m->rows->device.id;
	}
}

/* The lowest slot that is free when those that go are gone. */
static int free_slot(const struct mover *m)
{
	const struct move_desk *d = &m->rows->desk;
	size_t i;
	int slot;

	for (slot = 1;; slot++) {
		for (i = 0; i < d->nlines; i++)
			if (d->lines[i].slot == slot && d->lines[i].kind != DEVICE_IDLE &&
				!move_line_goes(m->rows, m->rq, &d->lines[i]))
				break;
		if (i == d->nlines)
			return slot;
	}
}

/* ---- what cannot be asked ---- */

static enum err_code check_from(const struct mover *m, struct err *err)
{
	const char *from = m->rq->from_user;
	size_t i;

	if (from == NULL)
		return ERR_OK;
	for (i = 0; i < m->rows->nusers; i++)
		if (strcmp(m->rows->users[i].ext, from) == 0)
			return ERR_OK;
	return err_set(err, ERR_CONFLICT, "%.60s has no line on this phone.", from);
}

static enum err_code check_one_person(const struct mover *m, struct err *err)
{
	const struct move_rows *r = m->rows;

	/* Whoever says to whom it goes must say whose line it was, where several people share the phone. */
	if (away(m) || m->rq->from_user || !r->has_user || r->nusers - m->stands < 2)
		return ERR_OK;
	return err_set(err, ERR_CONFLICT,
		"%s and %s have lines on this phone; say in from-user whose line is to go to %s.", r->users[0].ext,
		r->users[1].ext, r->user.ext);
}

static enum err_code check_change(const struct mover *m, struct err *err)
{
	const struct move_rows *r = m->rows;

	if (m->rq->to_user == NULL && m->rq->to_site == NULL && m->rq->to_domain == NULL)
		return err_set(err, ERR_INPUT, "Say where the phone goes: user, site or domain.");
	if (away(m) || m->rq->offered || m->gone || m->slot || r->site_after != r->desk.phone.site_id)
		return ERR_OK;
	return err_set(err, ERR_CONFLICT, "The phone is there already; nothing was changed.");
}

static enum err_code check_rehome(struct mover *m, struct err *err)
{
	enum err_code e;

	if (m->rq->kind != MOVE_REHOME)
		return ERR_OK;
	if (m->rows->has_user && !m->stands)
		m->slot = free_slot(m);
	if ((e = check_from(m, err)) || (e = check_one_person(m, err)))
		return e;
	return check_change(m, err);
}

/* ---- the phone itself ---- */

static void unassign_lines(struct mover *m)
{
	const struct move_desk *d = &m->rows->desk;
	size_t i;

	for (i = 0; i < d->nlines; i++) {
		const struct line_row *line = &d->lines[i];
		struct plan_step *s;

		if (!move_line_goes(m->rows, m->rq, line))
			continue;
		s = add_step(m, MOVE_STEP_UNASSIGN_LINE, &d->phone);
		s->slot = (int)line->slot;
		s->device = line->device;
		s->user = line->ext;
		s->row = line->id;
		move_add_record(m, RECORD_UNASSIGNED, &d->phone, line->slot, line->device, line->ext);
	}
}

static void key_step(
	struct mover *m, enum move_step_kind kind, const struct phone_row *phone, const struct key_row *key)
{
	struct plan_step *s = add_step(m, kind, phone);

	s->module = (int)key->module;
	s->index = (int)key->place;
	s->from = *key->label ? key->label : *key->value ? key->value : key_type_word(key->type);
	s->row = key->id;
}

static void override_step(
	struct mover *m, enum move_step_kind kind, const struct phone_row *phone, const struct override_row *ov)
{
	struct plan_step *s = add_step(m, kind, phone);

	s->from = ov->name;
	s->row = ov->id;
}

static void strip_all(struct mover *m, const struct move_desk *d)
{
	size_t i;

	for (i = 0; i < d->nkeys; i++)
		key_step(m, MOVE_STEP_STRIP_KEY, &d->phone, &d->keys[i]);
	for (i = 0; i < d->noverrides; i++)
		override_step(m, MOVE_STEP_STRIP_OVERRIDE, &d->phone, &d->overrides[i]);
	if (d->uploads)
		add_step(m, MOVE_STEP_DELETE_UPLOADS, &d->phone);
}

/* A swap takes what fits along; whatever else goes for good takes nothing. */
static void strip(struct mover *m)
{
	const struct move_desk *d = &m->rows->desk;
	size_t i;

	if (m->rq->kind == MOVE_SWAP)
		return;
	if (for_good(m->rq) || away(m)) {
		strip_all(m, d);
		return;
	}
	for (i = 0; i < d->nkeys; i++)
		if (move_key_goes(m, &d->keys[i]))
			key_step(m, MOVE_STEP_STRIP_KEY, &d->phone, &d->keys[i]);
	if (m->gone && d->uploads)
		add_step(m, MOVE_STEP_DELETE_UPLOADS, &d->phone);
}

static void assign_line(struct mover *m, const struct phone_row *phone, int64_t slot, const struct line_row *line)
{
	struct plan_step *s = add_step(m, MOVE_STEP_ASSIGN_LINE, phone);

	s->slot = (int)slot;
	s->device = line ? line->device : m->rows->device.name;
	s->user = line ? line->ext : m->rows->user.ext;
	s->to = line && *line->label ? line->label
		: line               ? person_name(m->arena, line->first_name, line->last_name)
				     : person_name(m->arena, m->rows->user.first_name, m->rows->user.last_name);
	s->row = line ? line->device_id : m->rows->device.id;
	move_add_record(m, RECORD_REKEYED, phone, slot, s->device, s->user);
}

static void rekey_line(struct mover *m, const struct phone_row *phone, const struct line_row *line)
{
	struct plan_step *s = add_step(m, MOVE_STEP_REKEY_LINE, phone);

	s->slot = (int)line->slot;
	s->device = line->device;
	s->user = line->ext;
	s->row = line->device_id;
	move_add_record(m, RECORD_REKEYED, phone, line->slot, line->device, line->ext);
}

static void rekey_lines(struct mover *m)
{
	const struct move_desk *d = &m->rows->desk;
	size_t i;

	for (i = 0; i < d->nlines; i++)
		if (d->lines[i].kind != DEVICE_IDLE && !move_line_goes(m->rows, m->rq, &d->lines[i]))
			rekey_line(m, &d->phone, &d->lines[i]);
	for (i = 0; i < m->rows->nsharers; i++)
		rekey_line(m, &m->rows->sharers[i].phone, &m->rows->sharers[i].line);
}

/* Whoever could let it in, or knew its login, in the old domain shall not in the new one. */
static bool login_goes(const struct mover *m)
{
	const struct move_desk *d = &m->rows->desk;

	if (away(m))
		return !secret_set(&d->phone.prov_password_previous);
	return (m->gone || (m->slot && m->people == 0)) && new_login_due(&d->phone, d->profile);
}

static void new_logins(struct mover *m)
{
	const struct move_desk *d = &m->rows->desk, *t = &m->rows->target;

	if (login_goes(m))
		add_step(m, MOVE_STEP_NEW_LOGIN, &d->phone)->row = d->phone.id;
	if (m->rq->kind == MOVE_SWAP && m->rows->target_known && m->people && new_login_due(&t->phone, t->profile))
		add_step(m, MOVE_STEP_NEW_LOGIN, &t->phone)->row = t->phone.id;
}

/* ---- swap ---- */

static void misfit(struct mover *m, const char *what, const char *why)
{
	struct move_misfit *f =
		arena_push(m->arena, (void **)&m->plan->misfits, &m->plan->nmisfits, &m->misfits_cap, sizeof(*f));

	if (f)
		*f = (struct move_misfit){ what, why };
}

static void swap_lines(struct mover *m)
{
	const struct move_desk *d = &m->rows->desk;
	size_t i;

	for (i = 0; i < d->nlines; i++) {
		const struct line_row *line = &d->lines[i];
		const char *why = move_fit_line(m->rows->target.profile, line->slot, m->arena);

		if (line->kind == DEVICE_IDLE)
			continue;
		if (why)
			misfit(m, arena_printf(m->arena, "line %d", (int)line->slot), why);
		else
			assign_line(m, &m->rows->target.phone, line->slot, line);
	}
}

/* The line that a key works on did not fit. */
static bool without_line(const struct mover *m, const struct key_row *key)
{
	return key->slot && move_fit_line(m->rows->target.profile, key->slot, m->arena) != NULL;
}

static void swap_keys(struct mover *m)
{
	const struct move_desk *d = &m->rows->desk;
	size_t i;

	for (i = 0; i < d->nkeys; i++) {
		const struct key_row *key = &d->keys[i];
		const char *why = without_line(m, key) ? "its line does not fit"
						       : move_fit_key(m->rows->target.profile, key, m->arena);

		if (why)
			misfit(m, arena_printf(m->arena, "key %d.%d", (int)key->module, (int)key->place), why);
		key_step(m, why ? MOVE_STEP_STRIP_KEY : MOVE_STEP_MOVE_KEY, &d->phone, key);
	}
}

static void swap_overrides(struct mover *m)
{
	const struct move_desk *d = &m->rows->desk;
	size_t i;

	for (i = 0; i < d->noverrides; i++) {
		const struct override_row *ov = &d->overrides[i];
		const char *why = move_fit_override(d->profile, m->rows->target.profile, ov, m->arena);

		if (why)
			misfit(m, arena_printf(m->arena, "override %s", ov->name), why);
		override_step(m, why ? MOVE_STEP_STRIP_OVERRIDE : MOVE_STEP_MOVE_OVERRIDE, &d->phone, ov);
	}
}

static bool target_idle(const struct mover *m)
{
	return m->rows->target.nlines != 0; /* it carries nobody's line, so it is its own */
}

static void swap(struct mover *m)
{
	const struct move_desk *d = &m->rows->desk, *t = &m->rows->target;

	if (m->rows->target_known)
		strip_all(m, t);
	if (target_idle(m) && m->people)
		add_step(m, MOVE_STEP_DROP_IDLE_LINE, &t->phone);
	add_step(m, m->rows->target_known ? MOVE_STEP_PLACE : MOVE_STEP_ADD_PHONE, &t->phone)->to =
		m->rows->site_name_after;
	swap_lines(m);
	swap_keys(m);
	swap_overrides(m);
	if (d->uploads)
		add_step(m, MOVE_STEP_DELETE_UPLOADS, &d->phone);
}

/* ---- all ---- */

static void place(struct mover *m)
{
	const struct move_desk *d = &m->rows->desk;
	struct plan_step *s;

	if (m->rq->kind != MOVE_REHOME || (!away(m) && m->rows->site_after == d->phone.site_id))
		return;
	s = add_step(m, MOVE_STEP_PLACE, &d->phone);
	s->from = away(m) ? m->rows->domain.name : d->phone.site;
	s->to = away(m) ? m->rows->to_domain.name : m->rows->site_name_after;
}

static void end_of_phone(struct mover *m)
{
	const struct move_desk *d = &m->rows->desk;
	bool now = m->people == 0 && m->rows->open_records == 0;

	if (m->rq->kind == MOVE_DELETE && now)
		add_step(m, MOVE_STEP_FORGET, &d->phone);
	else if (for_good(m->rq))
		add_step(m, MOVE_STEP_RETIRE, &d->phone);
	m->plan->gone_later = m->rq->kind == MOVE_DELETE && !now;
}

static void drop_idle(struct mover *m)
{
	if (m->had_idle && (m->slot || away(m) || for_good(m->rq)))
		add_step(m, MOVE_STEP_DROP_IDLE_LINE, &m->rows->desk.phone);
}

static enum err_code fill_header(struct mover *m, struct err *err)
{
	const struct move_rows *r = m->rows;
	struct move_plan *p = m->plan;

	p->kind = m->rq->kind;
	p->domain = r->domain.name;
	p->domain_after = r->to_domain.name;
	p->mac = p->mac_after = r->desk.phone.mac;
	p->model = p->model_after = r->desk.phone.model;
	p->site = r->desk.phone.site;
	p->site_after = r->site_name_after;
	p->state_before = phone_state_words[r->desk.phone.state];
	if (p->kind == MOVE_SWAP) {
		p->mac_after = r->target.phone.mac;
		p->model_after = r->target.phone.model;
	}
	if (m->rq->then && (p->kind != MOVE_SWAP || (strcmp(m->rq->then, "retire") && strcmp(m->rq->then, "delete"))))
		return err_set(err, ERR_INPUT, "What becomes of the old phone of a swap is retire or delete.");
	return ERR_OK;
}

enum err_code move_make(const struct move_rows *rows, const struct reset_conf *conf, const struct move_request *rq,
	struct arena *a, struct move_plan **out, struct err *err)
{
	struct mover m = { .rows = rows, .conf = conf, .rq = rq, .arena = a };
	enum err_code e;

	m.plan = arena_alloc(a, sizeof(*m.plan));
	if (m.plan == NULL)
		return no_memory(err);
	count_lines(&m);
	if ((e = fill_header(&m, err)) || (e = check_rehome(&m, err)))
		return e;
	unassign_lines(&m);
	strip(&m);
	drop_idle(&m);
	place(&m);
	if (rq->kind == MOVE_SWAP)
		swap(&m);
	if (m.slot)
		assign_line(&m, &rows->desk.phone, m.slot, NULL);
	rekey_lines(&m);
	new_logins(&m);
	end_of_phone(&m);
	move_review(&m);
	if (arena_failed(a))
		return no_memory(err);
	*out = m.plan;
	return ERR_OK;
}
