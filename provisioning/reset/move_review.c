/* What a person reads before a move: each phone with its keys, what cannot be reached, and what to know. */
#include "provisioning/reset/move_maker.h"

#include <string.h>

#include "provisioning/reset/plan_maker.h"

#define AT_ONCE "It is told at once; without an answer it comes at its next poll, or when it is restarted."
#define NEVER_HERE                                                                                                     \
	"It has never been here: open its pairing window, or type its first-access address into it or hand it out."
#define NO_LINE "It holds no line, so it cannot be told: it comes at its next poll, or when it is restarted."

static void note(struct mover *m, const char *sentence)
{
	const char **s = arena_push(m->arena, (void **)&m->plan->notes, &m->plan->nnotes, &m->notes_cap, sizeof(*s));

	if (s)
		*s = sentence;
}

static struct plan_phone *add_phone(struct mover *m, const struct phone_row *phone)
{
	struct plan_phone *p =
		arena_push(m->arena, (void **)&m->plan->phones, &m->plan->nphones, &m->phones_cap, sizeof(*p));

	if (p) {
		p->mac = phone->mac;
		p->model = phone->model;
		p->told_at_once = true;
		p->arrival = AT_ONCE;
	}
	return p;
}

static void add_key(struct mover *m, struct plan_phone *p, size_t *cap, const struct key_row *key, enum key_fate fate)
{
	struct plan_key *k = arena_push(m->arena, (void **)&p->keys, &p->nkeys, cap, sizeof(*k));

	if (k)
		*k = (struct plan_key){ (int)key->module, (int)key->place, key_type_word(key->type), key->value,
			key->label, fate == FATE_GOES ? NULL : key->label, key_owner_word(key->owner), fate };
}

static bool leaves_behind(const struct mover *m)
{
	return m->rq->kind == MOVE_RETIRE || m->rq->kind == MOVE_DELETE;
}

static void review_desk(struct mover *m)
{
	const struct move_desk *d = &m->rows->desk;
	struct plan_phone *p = add_phone(m, &d->phone);
	size_t stay = m->people - m->gone + (m->slot != 0), i, cap = 0;

	if (p == NULL)
		return;
	p->vacant_before = m->people == 0;
	p->vacant_after = stay == 0;
	p->cannot_reach = plan_cannot_reach(d->profile);
	if (d->nlines == 0)
		p->arrival = NO_LINE;
	for (i = 0; i < d->nkeys; i++)
		add_key(m, p, &cap, &d->keys[i],
			move_key_goes(m, &d->keys[i]) ? FATE_GOES
			: p->vacant_after             ? FATE_ASLEEP
						      : FATE_STAYS);
	m->plan->state_after = leaves_behind(m)                      ? phone_state_words[PHONE_RETIRED]
			       : p->vacant_after                     ? phone_state_words[PHONE_VACANT]
			       : m->rows->nusers > 1 && m->gone == 0 ? phone_state_words[PHONE_SHARED]
								     : phone_state_words[PHONE_ASSIGNED];
}

static void review_target(struct mover *m)
{
	const struct move_rows *r = m->rows;
	struct plan_phone *p = add_phone(m, &r->target.phone);
	size_t i, k, cap = 0;

	if (p == NULL)
		return;
	p->vacant_before = true;
	p->vacant_after = move_count(m->plan, MOVE_STEP_ASSIGN_LINE) == 0;
	if (!r->target_known || r->target.phone.acked == 0)
		p->arrival = NEVER_HERE;
	else if (r->target.nlines == 0)
		p->arrival = NO_LINE;
	for (i = 0; i < m->plan->nsteps; i++)
		for (k = 0; m->plan->steps[i].kind == MOVE_STEP_MOVE_KEY && k < r->desk.nkeys; k++)
			if (r->desk.keys[k].id == m->plan->steps[i].at.row)
				add_key(m, p, &cap, &r->desk.keys[k], p->vacant_after ? FATE_ASLEEP : FATE_STAYS);
}

static void review_sharers(struct mover *m)
{
	size_t i, k;

	for (i = 0; i < m->rows->nsharers; i++) {
		for (k = 0; k < i && m->rows->sharers[k].phone.id != m->rows->sharers[i].phone.id; k++)
			;
		if (k == i)
			add_phone(m, &m->rows->sharers[i].phone);
	}
}

/* ---- what to know ---- */

static void note_open(struct mover *m)
{
	if (m->rows->open_records)
		note(m, arena_printf(m->arena, "Open handovers of this phone: %lld; the new file counts for them too.",
				(long long)m->rows->open_records));
	if (m->rows->scheduled_job)
		note(m, arena_printf(m->arena,
				"Job %lld is scheduled for one of its users and will find the phone as it then is.",
				(long long)m->rows->scheduled_job));
}

static void note_overrides(struct mover *m)
{
	const struct move_desk *d = &m->rows->desk;
	bool stay = m->rq->kind == MOVE_REHOME && m->rows->to_domain.id == m->rows->domain.id;
	size_t i;

	for (i = 0; stay && i < d->noverrides; i++)
		note(m, arena_printf(m->arena, "Stays: %s.",
				plan_override_stays(m->arena, &d->phone, &d->overrides[i],
					m->rows->nusers && m->gone ? &m->rows->users[0] : NULL)));
}

static void note_kind(struct mover *m)
{
	const struct move_rows *r = m->rows;
	char text[MAC_TEXT];

	if (r->to_domain.id != r->domain.id)
		note(m, arena_printf(m->arena,
				"Keys, overrides and notes of %s stay behind; what happened to the phone there is not shown in %s.",
				r->domain.name, r->to_domain.name));
	if (m->rq->kind == MOVE_RETIRE)
		note(m, "It is always given a blank file from now on, and its MAC is never given out again.");
	if (m->plan->gone_later)
		note(m, "It is given blank files until its handovers are confirmed or written off; then it is deleted.");
	if (m->rq->kind != MOVE_SWAP)
		return;
	note(m, arena_printf(m->arena, "%s is vacant until its drop is confirmed; then it %s.",
			mac_text(&r->desk.phone.mac, text),
			m->rq->then == NULL                  ? "stays vacant, for another desk"
			: strcmp(m->rq->then, "retire") == 0 ? "is retired"
							     : "is deleted"));
	if (secret_set(&r->desk.phone.file_key))
		note(m, "Its files were encrypted; those of the new phone are plain until that is switched on there.");
}

void move_review(struct mover *m)
{
	const struct phone_row *phone = &m->rows->desk.phone;
	bool forget = move_count(m->plan, MOVE_STEP_FORGET) != 0;

	m->plan->user_after = m->slot ? m->rows->user.ext : NULL;
	/* No line of it changes, but its file does. */
	if (!forget && m->people == 0 && m->slot == 0)
		move_add_record(m, RECORD_RELABELLED, phone, 0, NULL, NULL);
	review_desk(m);
	if (m->rq->kind == MOVE_SWAP)
		review_target(m);
	review_sharers(m);
	note_open(m);
	note_overrides(m);
	note_kind(m);
}
