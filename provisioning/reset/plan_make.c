#include "provisioning/reset/plan_maker.h"

#include <stddef.h>
#include <string.h>

#include "provisioning/reset/new_login.h"
#include "provisioning/reset/person.h"
#include "provisioning/reset/welcome.h"
#include "provisioning/voicemail/away.h"

static struct plan_step *add_step(struct maker *m, enum step_kind kind, const struct plan_desk *desk)
{
	struct plan_step *s =
		arena_push(m->arena, (void **)&m->plan->steps, &m->plan->nsteps, &m->steps_cap, sizeof(*s));

	if (s == NULL)
		s = &m->spare;
	*s = (struct plan_step){ .kind = kind };
	if (desk)
		s->mac = desk->phone.mac;
	return s;
}

static struct plan_record *add_record(struct maker *m, enum record_kind kind, const struct plan_desk *desk,
	int64_t slot, const char *device, const char *user)
{
	struct plan_record *r =
		arena_push(m->arena, (void **)&m->plan->records, &m->plan->nrecords, &m->records_cap, sizeof(*r));

	if (r == NULL)
		return &m->spare_record;
	r->kind = kind;
	if (desk)
		r->mac = desk->phone.mac;
	r->slot = (int)slot;
	r->device = device;
	r->user = user;
	return r;
}

/* ---- what there is ---- */

static bool any_text(const char *const *texts, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (texts[i] && texts[i][0])
			return true;
	return false;
}

static bool person_there(const struct plan_rows *rows)
{
	const struct user_row *u = &rows->user;
	const char *const texts[] = { u->first_name, u->last_name, u->email, u->password_hash, u->caller_id_name,
		u->forward_always, u->forward_busy, u->forward_no_answer, u->forward_offline, u->voicemail_email_cc,
		u->extra_person };
	size_t i;

	if (u->status != USER_RESET || any_text(texts, sizeof(texts) / sizeof(texts[0])) ||
		secret_set(&u->voicemail_pin) || u->dnd || rows->uploads)
		return true;
	for (i = 0; i < rows->ndevices; i++)
		if (!rows->devices[i].primary || rows->devices[i].nsoft)
			return true;
	return false;
}

static const struct plan_device *device_of(const struct plan_rows *rows, int64_t id)
{
	size_t i;

	for (i = 0; i < rows->ndevices; i++)
		if (rows->devices[i].row.id == id)
			return &rows->devices[i];
	return NULL;
}

static bool lines_go(const struct plan_request *rq)
{
	return rq->remove || (rq->reset && (rq->options & 1u << OPTION_PHONE_LINES));
}

static bool line_goes(const struct maker *m, const struct line_row *line)
{
	const struct plan_device *d = device_of(m->rows, line->device_id);

	return d && m->rq->reset && (!d->primary || lines_go(m->rq));
}

static bool line_is_users(const struct maker *m, const struct line_row *line)
{
	return device_of(m->rows, line->device_id) != NULL;
}

/* ---- one phone ---- */

static int free_slot(const struct maker *m, const struct plan_desk *desk)
{
	size_t i;
	int slot;

	for (slot = 1;; slot++) {
		for (i = 0; i < desk->nlines; i++)
			if (desk->lines[i].slot == slot && desk->lines[i].kind != DEVICE_IDLE &&
				!line_goes(m, &desk->lines[i]))
				break;
		if (i == desk->nlines)
			return slot;
	}
}

static enum err_code fate_of(const struct maker *m, const struct plan_desk *desk, struct fate *f, struct err *err)
{
	bool loses = false, own = false, has_primary = false;
	size_t i, stay = 0, people = 0;

	*f = (struct fate){ .desk = desk };
	for (i = 0; i < desk->nlines; i++) {
		const struct line_row *line = &desk->lines[i];

		if (line->kind == DEVICE_IDLE) {
			f->had_idle = true;
			continue;
		}
		people++;
		own |= line_is_users(m, line);
		if (line_goes(m, line)) {
			loses = true;
			continue;
		}
		stay++;
		has_primary |= line->device_id == m->primary->row.id;
	}
	f->vacant_before = people == 0;
	if (m->rows->target == desk && !has_primary) {
		f->slot = free_slot(m, desk);
		if (desk->profile && (unsigned)f->slot > desk->profile->accounts)
			return err_set(err, ERR_CONFLICT,
				"Phone %s has no free line: all %u are taken. Take one off first, or choose another phone.",
				m->rq->recycle->phone, desk->profile->accounts);
	}
	f->vacant_after = stay == 0 && f->slot == 0;
	f->changes_hands = loses || (f->slot && f->vacant_before) || (own && m->person_changes);
	f->touched = f->changes_hands || f->slot;
	return ERR_OK;
}

static void unassign_lines(struct maker *m, const struct fate *f)
{
	size_t i;

	for (i = 0; i < f->desk->nlines; i++) {
		const struct line_row *line = &f->desk->lines[i];
		struct plan_step *s;

		if (line->kind == DEVICE_IDLE || !line_goes(m, line))
			continue;
		s = add_step(m, STEP_UNASSIGN_LINE, f->desk);
		s->slot = (int)line->slot;
		s->device = line->device;
		s->user = m->plan->user;
		s->row = line->id;
		add_record(m, RECORD_UNASSIGNED, f->desk, line->slot, line->device, m->plan->user);
	}
}

static bool slot_goes(const struct maker *m, const struct plan_desk *desk, int64_t slot)
{
	size_t i;

	for (i = 0; i < desk->nlines; i++)
		if (desk->lines[i].slot == slot)
			return desk->lines[i].kind != DEVICE_IDLE && line_goes(m, &desk->lines[i]);
	return false;
}

bool plan_key_goes(const struct maker *m, const struct plan_desk *desk, const struct key_row *key)
{
	bool of_line = key->owner == KEY_OWNER_LINE || key->type == KEY_LINE || key->type == KEY_SHARED_LINE;

	if (of_line)
		return slot_goes(m, desk, key->slot ? key->slot : 1);
	if (m->rq->remove && key->ref_user_id == m->rows->user.id)
		return true; /* it would lead to nobody */
	return key->owner == KEY_OWNER_PERSON && m->rq->reset && m->person_goes && key->user_id == m->rows->user.id;
}

bool plan_label_change(const struct maker *m, const struct key_row *key, const char **from, const char **to)
{
	const struct user_row *u = &m->rows->user;
	bool shows = key->ref_user_id == u->id;

	if (!m->person_changes || (key->ref_user_id && !shows))
		return false;
	if (key->own_label || !shows) {
		if (!label_names(key->label, u->first_name, u->last_name, !shows))
			return false;
		*from = key->label;
		*to = shows ? m->name_after : key->value;
		return true;
	}
	*from = *m->plan->name ? m->plan->name : u->ext;
	*to = m->name_after;
	return strcmp(*from, *to) != 0;
}

/* True when the file changes by it: a vacant phone renders no key. */
static bool strip_keys(struct maker *m, const struct fate *f)
{
	const struct plan_desk *desk = f->desk;
	bool any = false;
	size_t i;

	for (i = 0; i < desk->nkeys; i++) {
		const struct key_row *key = &desk->keys[i];
		struct plan_step *s;

		if (!plan_key_goes(m, desk, key))
			continue;
		s = add_step(m, STEP_STRIP_KEY, desk);
		s->module = (int)key->module;
		s->index = (int)key->place;
		s->from = *key->label ? key->label : *key->value ? key->value : key_type_word(key->type);
		s->row = key->id;
		any = true;
	}
	return any && !f->vacant_after;
}

/* True when the file changes by it. A vacant phone renders no key, so there only the row is mended. */
static bool relabel_keys(struct maker *m, const struct fate *f)
{
	const char *from, *to;
	bool any = false;
	size_t i;

	for (i = 0; i < f->desk->nkeys; i++) {
		const struct key_row *key = &f->desk->keys[i];
		struct plan_step *s;

		if (plan_key_goes(m, f->desk, key) || !plan_label_change(m, key, &from, &to))
			continue;
		s = add_step(m, STEP_RELABEL, f->desk);
		s->module = (int)key->module;
		s->index = (int)key->place;
		s->from = from;
		s->to = to;
		s->row = key->id;
		any = true;
	}
	return any && !f->vacant_after;
}

static void rekey_line(struct maker *m, const struct plan_desk *desk, const struct line_row *line)
{
	struct plan_step *s = add_step(m, STEP_REKEY_LINE, desk);
	const char *ext = line->ext && *line->ext ? line->ext : NULL;

	s->slot = (int)line->slot;
	s->device = line->device;
	s->user = ext;
	s->row = line->id;
	if (line_is_users(m, line)) {
		s->from = *line->label ? line->label : *m->plan->name ? m->plan->name : m->plan->user;
		s->to = m->name_after;
	}
	add_record(m, RECORD_REKEYED, desk, line->slot, line->device, ext);
}

static void rekey_lines(struct maker *m, const struct fate *f)
{
	size_t i;

	for (i = 0; i < f->desk->nlines; i++)
		if (f->desk->lines[i].kind != DEVICE_IDLE && !line_goes(m, &f->desk->lines[i]))
			rekey_line(m, f->desk, &f->desk->lines[i]);
}

static void assign_line(struct maker *m, const struct fate *f)
{
	struct plan_step *s = add_step(m, STEP_ASSIGN_LINE, f->desk);

	s->slot = f->slot;
	s->device = m->primary->row.name;
	s->user = m->plan->user;
	s->to = m->name_after;
	s->row = f->desk->phone.id;
	add_record(m, RECORD_REKEYED, f->desk, f->slot, s->device, s->user);
}

static void new_login(struct maker *m, const struct fate *f)
{
	if (f->changes_hands && new_login_due(&f->desk->phone, f->desk->profile))
		add_step(m, STEP_NEW_LOGIN, f->desk)->row = f->desk->phone.id;
}

static void keep_reachable(struct maker *m, const struct fate *f)
{
	if (f->vacant_after && !f->had_idle && m->conf->idle_lines)
		add_step(m, STEP_IDLE_LINE, f->desk)->row = f->desk->phone.id;
	if (!f->vacant_after && f->had_idle)
		add_step(m, STEP_DROP_IDLE_LINE, f->desk)->row = f->desk->phone.id;
}

/* ---- devices ---- */

static void devices(struct maker *m)
{
	size_t i, k;

	for (i = 0; i < m->rows->ndevices; i++)
		for (k = 0; k < m->rows->devices[i].nsoft; k++) {
			const struct plan_device *d = &m->rows->devices[i];
			struct plan_step *s = add_step(m, STEP_BLANK_SOFTPHONE, NULL);

			s->device = d->row.name;
			s->user = m->plan->user;
			s->row = d->soft[k].id;
			add_record(m, RECORD_SOFTPHONE, NULL, 0, d->row.name, m->plan->user)->row = s->row;
		}
}

static void delete_devices(struct maker *m)
{
	size_t i;

	for (i = 0; i < m->rows->ndevices; i++)
		if (!m->rows->devices[i].primary || m->rq->remove) {
			struct plan_step *s = add_step(m, STEP_DELETE_DEVICE, NULL);

			s->device = m->rows->devices[i].row.name;
			s->user = m->plan->user;
			s->row = m->rows->devices[i].row.id;
		}
}

/* A device that gets a new secret on a touched phone, and stands on this one too, takes it there as well. */
static bool rekeyed_elsewhere(const struct maker *m, const struct fate *fates, size_t n, const struct line_row *line)
{
	size_t i, k;

	for (i = 0; i < n; i++) {
		if (!fates[i].touched)
			continue;
		for (k = 0; k < fates[i].desk->nlines; k++)
			if (fates[i].desk->lines[k].device_id == line->device_id &&
				!line_goes(m, &fates[i].desk->lines[k]))
				return true;
	}
	return false;
}

static bool share(struct maker *m, const struct fate *fates, size_t n, const struct fate *f)
{
	bool any = false;
	size_t i;

	for (i = 0; i < f->desk->nlines; i++)
		if (f->desk->lines[i].kind != DEVICE_IDLE && rekeyed_elsewhere(m, fates, n, &f->desk->lines[i])) {
			rekey_line(m, f->desk, &f->desk->lines[i]);
			any = true;
		}
	return any;
}

static void add_number_step(struct maker *m, enum step_kind kind, const struct number_row *n)
{
	struct plan_step *s = add_step(m, kind, NULL);

	s->from = n->number;
	s->to = kind == STEP_FREE_NUMBER ? NUMBER_AVAILABLE : NULL;
	s->user = m->plan->user;
	s->row = n->id;
}

/* To whoever comes; a scope without a login gets none. */
static void welcome(struct maker *m)
{
	const struct recycle_form *form = m->rq->recycle;

	if (form && m->rq->send_welcome_email && welcome_has_login(&m->rows->user))
		add_step(m, STEP_WELCOME, NULL)->to = form->email ? form->email : "";
}

static bool above_basic(const char *scope)
{
	static const char *const low[] = { "", "Basic User", "Simple User", "No Portal", "NDP" };
	size_t i;

	for (i = 0; i < sizeof(low) / sizeof(low[0]); i++)
		if (strcmp(scope, low[i]) == 0)
			return false;
	return true;
}

/* ---- phone numbers ---- */

static void numbers(struct maker *m)
{
	const struct user_row *u = &m->rows->user;
	bool freed = m->rq->options & 1u << OPTION_PHONE_NUMBERS;
	size_t i;

	for (i = 0; freed && i < m->rows->nnumbers; i++)
		if (m->rows->numbers[i].straight)
			add_number_step(m, STEP_FREE_NUMBER, &m->rows->numbers[i]);
	for (i = 0; m->person_goes && i < m->rows->nnumbers; i++) {
		const struct number_row *n = &m->rows->numbers[i];

		if (label_names(n->description, u->first_name, u->last_name, false) ||
			label_names(n->source_name, u->first_name, u->last_name, false))
			add_number_step(m, STEP_UNNAME_NUMBER, n);
	}
}

/* ---- what an option clears ---- */

static const struct {
	enum reset_option option;
	enum step_kind step;
	size_t at; /* of the count in struct belongings */
} belongings[] = {
	{ OPTION_ANSWERING_RULES, STEP_DELETE_RULES, offsetof(struct belongings, rules) },
	{ OPTION_ANSWERING_RULES, STEP_DELETE_TIMEFRAMES, offsetof(struct belongings, timeframes) },
	{ OPTION_CUSTOM_CONTACTS, STEP_DELETE_CONTACTS, offsetof(struct belongings, contacts) },
};

/* Also for a user who is reset already: an option that was not ticked then still finds what it clears. */
static void clear_belongings(struct maker *m)
{
	size_t i;

	for (i = 0; i < sizeof(belongings) / sizeof(belongings[0]); i++) {
		int64_t n = *(const int64_t *)((const char *)&m->rows->has + belongings[i].at);

		if (m->rq->reset && (m->rq->options & 1u << belongings[i].option) && n)
			add_step(m, belongings[i].step, NULL)->n = n;
	}
}

/* ---- sound files ---- */

static const struct {
	enum reset_option option;
	enum step_kind step;
	unsigned take;
} sound_steps[] = {
	{ OPTION_VOICEMAIL_MESSAGES, STEP_DELETE_MESSAGES, TAKE_MESSAGES },
	{ OPTION_VOICEMAIL_GREETINGS, STEP_DELETE_GREETINGS, TAKE_GREETINGS },
};
enum { SOUND_STEPS = sizeof(sound_steps) / sizeof(sound_steps[0]) };

/* How many there are; -1: nobody knows. */
static int64_t sounds_seen(const struct maker *m, enum step_kind kind)
{
	const struct plan_sounds *s = m->rq->sounds;

	if (s == NULL || s->why)
		return -1;
	return kind == STEP_DELETE_MESSAGES ? s->fresh + s->saved + s->trash + s->others : s->greetings + s->timeframes;
}

/* What comes in between the look and the commit goes too, so with a person an option takes whatever is there. */
static void take_sounds(struct maker *m)
{
	const struct plan_sounds *s = m->rq->sounds;
	size_t i;

	for (i = 0; i < SOUND_STEPS; i++) {
		int64_t n = sounds_seen(m, sound_steps[i].step);

		if (!(m->rq->options & 1u << sound_steps[i].option) || (n == 0 && !m->person_goes))
			continue;
		m->plan->take |= sound_steps[i].take;
		if (n)
			add_step(m, sound_steps[i].step, NULL)->n = n > 0 ? n : 0;
	}
	/* The PIN is always cleared, also the one that app_voicemail keeps. */
	if (m->person_goes && (s == NULL || s->why || s->pin))
		m->plan->take |= TAKE_PIN;
}

static enum err_code sounds(struct maker *m, struct err *err)
{
	const struct voicemail *vm = m->conf->voicemail;
	bool asked = false;
	struct err why = { 0 };
	enum err_code code;
	size_t i;

	for (i = 0; i < SOUND_STEPS; i++)
		asked |= (m->rq->options & 1u << sound_steps[i].option) != 0;
	if (!m->rq->reset || (vm == NULL && !asked))
		return ERR_OK;
	code = vm ? names_mailbox(vm->names, m->plan->domain, m->plan->user, &m->plan->mailbox, &why)
		  : reset_options_check(m->conf, m->rq->options, &why);
	if (code && asked && !m->rq->remove) /* where a user has no mailbox, he is deleted without */
		return err_set(err, code, "%s", why.text);
	if (code) {
		m->plan->mailbox = (struct mailbox){ .name = "" };
		return ERR_OK;
	}
	m->plan->sounds = m->rq->sounds;
	take_sounds(m);
	return ERR_OK;
}

/* ---- all ---- */

static enum err_code make_phones(struct maker *m, struct err *err)
{
	size_t n = m->rows->ndesks, i;
	struct fate *fates = arena_alloc(m->arena, (n + 1) * sizeof(*fates));
	enum err_code code;

	if (fates == NULL)
		return ERR_OK; /* asked once at the end */
	for (i = 0; i < n; i++)
		if ((code = fate_of(m, &m->rows->desks[i], &fates[i], err)))
			return code;
	for (i = 0; i < n; i++)
		unassign_lines(m, &fates[i]);
	for (i = 0; i < n; i++)
		fates[i].stripped = strip_keys(m, &fates[i]);
	if (m->rq->reset && m->person_goes)
		delete_devices(m);
	if (m->rq->recycle)
		add_step(m, STEP_NAME_PERSON, NULL)->to = m->name_after;
	for (i = 0; i < n; i++) {
		struct fate *f = &fates[i];

		f->changed = f->touched;
		if (f->touched)
			keep_reachable(m, f);
		if (f->slot)
			assign_line(m, f);
		if (f->touched)
			rekey_lines(m, f);
		else
			f->changed = share(m, fates, n, f);
		new_login(m, f);
	}
	for (i = 0; i < n; i++) {
		struct fate *f = &fates[i];
		bool relabelled = relabel_keys(m, f) || f->stripped;

		if (relabelled && !f->changed)
			add_record(m, RECORD_RELABELLED, f->desk, 0, NULL, m->plan->user);
		if (relabelled || f->changed)
			plan_review_phone(m, f, !f->changed);
	}
	return ERR_OK;
}

static enum err_code find_primary(struct maker *m, struct err *err)
{
	size_t i;

	for (i = 0; i < m->rows->ndevices; i++)
		if (m->rows->devices[i].primary)
			m->primary = &m->rows->devices[i];
	if (m->primary)
		return ERR_OK;
	return err_set(err, ERR_CONFLICT, "%s has no primary device %s; add that device first.", m->rows->user.ext,
		m->rows->user.ext);
}

static enum err_code fill_header(struct maker *m, struct err *err)
{
	const struct user_row *u = &m->rows->user;
	const struct recycle_form *form = m->rq->recycle;
	struct plan *p = m->plan;

	p->domain = m->rows->domain.name;
	p->user = u->ext;
	p->name = person_name(m->arena, u->first_name, u->last_name);
	p->scope = u->scope;
	p->scope_above_basic = above_basic(u->scope);
	p->reset = m->rq->reset;
	p->recycled = form != NULL;
	p->status_before = user_status_words[u->status];
	p->removed = m->rq->remove;
	p->status_after = p->removed ? "deleted"
				     : user_status_words[form           ? USER_NEW
							 : m->rq->reset ? USER_RESET
									: u->status];
	if (form && !m->rq->reset && u->status != USER_RESET)
		return err_set(err, ERR_CONFLICT,
			"%s is not reset (its status is \"%s\"); reset it first, or ask for both at once.", u->ext,
			p->status_before);
	m->person_goes = m->rq->reset && (m->rq->remove || person_there(m->rows));
	m->person_changes = m->person_goes || form;
	m->name_after = form ? person_name(m->arena, form->first_name, form->last_name) : u->ext;
	return ERR_OK;
}

enum err_code plan_make(const struct plan_rows *rows, const struct reset_conf *conf, const struct plan_request *rq,
	struct arena *a, struct plan **out, struct err *err)
{
	struct maker m = { .rows = rows, .conf = conf, .rq = rq, .arena = a };
	enum err_code code = plan_request_check(rq, err);

	if (code)
		return code;
	m.plan = arena_alloc(a, sizeof(*m.plan));
	if (m.plan == NULL)
		return err_set(err, ERR_NOMEM, "There is no memory for the plan; try again with fewer users.");
	if ((code = fill_header(&m, err)) || (code = find_primary(&m, err)))
		return code;
	if (m.person_goes) {
		add_step(&m, STEP_CLEAR_PERSON, NULL)->from = m.plan->name;
		if (rows->uploads)
			add_step(&m, STEP_DELETE_UPLOADS, NULL);
		devices(&m);
	}
	if (rq->reset)
		numbers(&m);
	clear_belongings(&m);
	if ((code = sounds(&m, err)) || (code = make_phones(&m, err)))
		return code;
	welcome(&m);
	if (rq->remove)
		add_step(&m, STEP_DELETE_USER, NULL)->row = rows->user.id;
	m.plan->already_reset = rq->reset && !rq->recycle && m.plan->nsteps == 0;
	plan_review_stays(&m);
	if (arena_failed(a))
		return err_set(err, ERR_NOMEM, "There is no memory for the plan; try again with fewer users.");
	*out = m.plan;
	return ERR_OK;
}
