/* What a person reads before saying yes: each phone with its keys, what cannot be reached, and what stays. */
#include "provisioning/reset/outfit.h"
#include "provisioning/reset/person.h"
#include "provisioning/reset/plan_maker.h"

/* What the server cannot clear, because the phone keeps it to itself (vendor guides: a resync leaves the local call
 * list and the contacts that were typed in on the phone). */
const char *plan_cannot_reach(const struct profile *pf)
{
	switch (pf ? pf->vendor : VENDOR_NONE) {
	case VENDOR_YEALINK:
		return "the local call list and local contacts; \"Reset userdata & local config\" on the phone clears them";
	case VENDOR_GRANDSTREAM:
		return "the local call list and local phone book; only a factory reset clears them";
	case VENDOR_POLYCOM:
		return "calls that the phone has not written to the server yet; a restart clears them";
	default:
		return NULL;
	}
}

static const char *arrival(const struct fate *f, bool at_once)
{
	if (f->vacant_before && !f->had_idle)
		return "It holds no line, so it cannot be told: it comes at its next poll, or when it is restarted.";
	if (!at_once)
		return "It is told in the site's quiet window, because it may restart; earlier at its next poll.";
	return "It is told at once; without an answer it comes at its next poll, or when it is restarted.";
}

static void review_keys(struct maker *m, const struct fate *f, struct plan_phone *p)
{
	const char *from, *to;
	size_t i, cap = 0;

	for (i = 0; i < f->desk->nkeys; i++) {
		const struct key_row *key = &f->desk->keys[i];
		struct plan_key *k = arena_push(m->arena, (void **)&p->keys, &p->nkeys, &cap, sizeof(*k));

		if (k == NULL)
			return;
		*k = (struct plan_key){ (int)key->module, (int)key->place, key_type_word(key->type), key->value,
			key->label, key->label, key_owner_word(key->owner), FATE_STAYS };
		if (plan_key_goes(m, f->desk, key)) {
			k->fate = FATE_GOES;
			k->label_after = NULL;
		} else if (plan_label_change(m, key, &from, &to)) {
			k->fate = FATE_RELABELLED;
			k->label = from;
			k->label_after = to;
		} else if (f->vacant_after)
			k->fate = FATE_ASLEEP;
	}
}

void plan_review_phone(struct maker *m, const struct fate *f, bool relabel_only)
{
	struct plan_phone *p =
		arena_push(m->arena, (void **)&m->plan->phones, &m->plan->nphones, &m->phones_cap, sizeof(*p));

	if (p == NULL)
		return;
	p->mac = f->desk->phone.mac;
	p->model = f->desk->phone.model;
	p->vacant_before = f->vacant_before;
	p->vacant_after = f->vacant_after;
	p->relabel_only = relabel_only;
	p->told_at_once = !relabel_only || !outfit_restarts(f->desk->profile);
	p->cannot_reach = relabel_only ? NULL : plan_cannot_reach(f->desk->profile);
	p->arrival = arrival(f, p->told_at_once);
	review_keys(m, f, p);
}

static void add_stays(struct maker *m, const char *sentence)
{
	const char **s = arena_push(m->arena, (void **)&m->plan->stays, &m->plan->nstays, &m->stays_cap, sizeof(*s));

	if (s)
		*s = sentence;
}

static void numbers_stay(struct maker *m)
{
	bool freed = m->rq->options & 1u << OPTION_PHONE_NUMBERS;
	size_t i;

	for (i = 0; i < m->rows->nnumbers; i++) {
		const struct number_row *n = &m->rows->numbers[i];

		if (!freed || !n->straight)
			add_stays(m,
				arena_printf(m->arena, "the phone number %s, which leads to %s of %s (%s)", n->number,
					n->straight ? "the phones" : "the mailbox", m->rows->user.ext, n->application));
	}
}

const char *plan_override_stays(
	struct arena *a, const struct phone_row *phone, const struct override_row *ov, const struct user_row *by)
{
	char mac[MAC_TEXT];
	bool names = by && (label_names(ov->value, by->first_name, by->last_name, false) ||
				   label_names(ov->value, by->ext, "", false));

	return arena_printf(a, "the override %s, set by hand on phone %s%s", ov->name, mac_text(&phone->mac, mac),
		names ? ": it names who leaves, so take it away by hand" : "");
}

static void stays_by_hand(struct maker *m)
{
	size_t i, k;

	for (i = 0; i < m->rows->ndesks; i++)
		for (k = 0; k < m->rows->desks[i].noverrides; k++)
			add_stays(m, plan_override_stays(m->arena, &m->rows->desks[i].phone,
					     &m->rows->desks[i].overrides[k], &m->rows->user));
}

/* What an option that is not ticked leaves to the next person. */
static void stays_behind(struct maker *m, enum reset_option option, int64_t n, const char *what)
{
	if (m->rq->reset && n && !(m->rq->options & 1u << option))
		add_stays(m, arena_printf(m->arena, "%lld %s, because %s is not asked for", (long long)n, what,
				     reset_option_row(option)->name));
}

void plan_review_stays(struct maker *m)
{
	const struct plan_sounds *s = m->plan->sounds;
	const struct user_row *u = &m->rows->user;

	if (m->rq->remove) {
		add_stays(m, "the records of its lines, and the audit log");
		add_stays(m, "other people's keys, but for those that lead to this user");
		return;
	}
	add_stays(m, arena_printf(m->arena, "the extension %s and its primary device, with a new secret", u->ext));
	add_stays(m, arena_printf(m->arena, "the scope %s, dial permissions, department and site", u->scope));
	add_stays(m, arena_printf(m->arena, "the emergency number %s",
			     *u->emergency_number ? u->emergency_number : "(none)"));
	add_stays(m, "the desk's own keys");
	numbers_stay(m);
	stays_by_hand(m);
	stays_behind(m, OPTION_ANSWERING_RULES, m->rows->has.rules, "answering rules");
	stays_behind(m, OPTION_ANSWERING_RULES, m->rows->has.timeframes, "time frames of the person's own");
	stays_behind(m, OPTION_CUSTOM_CONTACTS, m->rows->has.contacts, "contacts of the person's own");
	if (s) {
		stays_behind(
			m, OPTION_VOICEMAIL_MESSAGES, s->fresh + s->saved + s->trash + s->others, "voicemail messages");
		stays_behind(m, OPTION_VOICEMAIL_GREETINGS, s->greetings + s->timeframes, "voicemail greetings");
	}
}
