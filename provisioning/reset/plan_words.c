/* The words of plans: options, steps, and how a plan reads on a terminal. */
#include "provisioning/reset/plan.h"

#include <string.h>

static const struct option_row options[OPTION_COUNT] = {
	[OPTION_VOICEMAIL_MESSAGES] = { "voicemail-messages", "Delete voicemail messages", false },
	[OPTION_VOICEMAIL_GREETINGS] = { "voicemail-greetings", "Delete voicemail greetings", false },
	[OPTION_ANSWERING_RULES] = { "answering-rules", "Delete answering rules", false },
	[OPTION_CUSTOM_CONTACTS] = { "custom-contacts", "Delete custom contacts", false },
	[OPTION_PHONE_NUMBERS] = { "phone-numbers", "Unassign phone numbers", true },
	[OPTION_PHONE_LINES] = { "phone-lines", "Remove lines from phones", true },
};

static const char *const step_words[STEP_KIND_COUNT] = {
	[STEP_CLEAR_PERSON] = "clear-person",
	[STEP_DELETE_UPLOADS] = "delete-uploads",
	[STEP_BLANK_SOFTPHONE] = "blank-softphone",
	[STEP_UNASSIGN_LINE] = "unassign-line",
	[STEP_STRIP_KEY] = "strip-key",
	[STEP_DELETE_DEVICE] = "delete-device",
	[STEP_FREE_NUMBER] = "free-number",
	[STEP_UNNAME_NUMBER] = "unname-number",
	[STEP_NAME_PERSON] = "name-person",
	[STEP_DROP_IDLE_LINE] = "drop-idle-line",
	[STEP_ASSIGN_LINE] = "assign-line",
	[STEP_IDLE_LINE] = "idle-line",
	[STEP_REKEY_LINE] = "rekey-line",
	[STEP_RELABEL] = "relabel",
	[STEP_DELETE_USER] = "delete-user",
};

static const char *const fate_words[] = {
	[FATE_STAYS] = "stays",
	[FATE_ASLEEP] = "asleep until the phone has a line again",
	[FATE_GOES] = "goes",
	[FATE_RELABELLED] = "label renewed",
};

const struct option_row *reset_option_row(enum reset_option option)
{
	return &options[option];
}

bool reset_option_read(const char *name, enum reset_option *out)
{
	unsigned i;

	for (i = 0; i < OPTION_COUNT; i++)
		if (strcmp(options[i].name, name) == 0) {
			*out = (enum reset_option)i;
			return true;
		}
	return false;
}

unsigned reset_options_all(void)
{
	unsigned i, all = 0;

	for (i = 0; i < OPTION_COUNT; i++)
		all |= options[i].supported ? 1u << i : 0;
	return all;
}

const char *step_word(enum step_kind kind)
{
	return kind < STEP_KIND_COUNT ? step_words[kind] : "unknown";
}

const char *key_fate_word(enum key_fate fate)
{
	return fate <= FATE_RELABELLED ? fate_words[fate] : "unknown";
}

static bool blank(const char *s)
{
	return s == NULL || *s == '\0';
}

enum err_code plan_request_check(const struct plan_request *rq, struct err *err)
{
	unsigned i;

	for (i = 0; i < OPTION_COUNT; i++)
		if ((rq->options & 1u << i) && !options[i].supported)
			return err_set(err, ERR_UNSUPPORTED,
				"This version does not do \"%s\" (%s) yet; leave that option out. Nothing was changed.",
				options[i].name, options[i].label);
	if (rq->send_welcome_email)
		return err_set(err, ERR_UNSUPPORTED,
			"This version does not send the welcome mail yet; leave send-welcome-email out. Nothing was "
			"changed.");
	if (rq->remove && (!rq->reset || rq->recycle))
		return err_set(err, ERR_INPUT, "%s cannot be deleted and recycled in one order; choose one of the two.",
			rq->user);
	if (rq->options && !rq->reset)
		return err_set(err, ERR_INPUT, "The clearing options belong to a reset; a recycle alone takes none.");
	if (rq->recycle && (blank(rq->recycle->first_name) || blank(rq->recycle->last_name)))
		return err_set(err, ERR_INPUT,
			"The recycle of %s needs name-first-name and name-last-name of the next person.", rq->user);
	return ERR_OK;
}

size_t plan_count(const struct plan *plan, enum step_kind kind)
{
	size_t i, n = 0;

	for (i = 0; i < plan->nsteps; i++)
		n += plan->steps[i].kind == kind;
	return n;
}

static void print_step(const struct plan_step *s, struct buf *out)
{
	static const struct mac none;
	char text[MAC_TEXT];

	buf_printf(out, "  %-16s", step_words[s->kind]);
	if (!mac_eq(&s->mac, &none))
		buf_printf(out, " %s", mac_text(&s->mac, text));
	if (s->slot)
		buf_printf(out, " line %d", s->slot);
	if (s->index)
		buf_printf(out, " key %d.%d", s->module, s->index);
	if (s->device)
		buf_printf(out, " %s", s->device);
	if (s->from && *s->from)
		buf_printf(out, " \"%s\"", s->from);
	if (s->to && *s->to)
		buf_printf(out, " -> \"%s\"", s->to);
	buf_char(out, '\n');
}

static void print_phone(const struct plan_phone *p, struct buf *out)
{
	char text[MAC_TEXT];
	size_t i;

	buf_printf(out, "phone %s (%s): %s\n", mac_text(&p->mac, text), p->model,
		p->vacant_after   ? "vacant afterwards"
		: p->relabel_only ? "another person's, only a label changes"
				  : "keeps or takes a line");
	for (i = 0; i < p->nkeys; i++) {
		const struct plan_key *k = &p->keys[i];

		buf_printf(out, "  key %d.%d %s", k->module, k->index, k->type);
		if (*k->label || *k->value)
			buf_printf(out, " \"%s\"", *k->label ? k->label : k->value);
		buf_printf(out, " of the %s: %s", k->owner, fate_words[k->fate]);
		if (k->fate == FATE_RELABELLED)
			buf_printf(out, " to \"%s\"", k->label_after ? k->label_after : "");
		buf_char(out, '\n');
	}
	buf_printf(out, "  %s\n", p->arrival);
	if (p->cannot_reach)
		buf_printf(out, "  cannot be reached: %s\n", p->cannot_reach);
}

void plan_print(const struct plan *plan, struct buf *out)
{
	size_t i;

	buf_printf(out, "%s@%s%s%s: %s -> %s\n", plan->user, plan->domain, *plan->name ? ", " : "", plan->name,
		plan->status_before, plan->status_after);
	if (plan->already_reset)
		buf_str(out, "  is reset already; nothing is left to clear\n");
	if (plan->scope_above_basic)
		buf_printf(out,
			"  keeps the scope \"%s\", which is above Basic User: lower it if the next person does not need it\n",
			plan->scope);
	if (plan->nsteps)
		buf_printf(out,
			"  in all: lines taken away %zu, with a new secret %zu, given %zu; keys deleted %zu, labels renewed "
			"%zu; devices deleted %zu; softphone addresses blanked %zu; phone numbers freed %zu; phones told "
			"%zu\n",
			plan_count(plan, STEP_UNASSIGN_LINE), plan_count(plan, STEP_REKEY_LINE),
			plan_count(plan, STEP_ASSIGN_LINE), plan_count(plan, STEP_STRIP_KEY),
			plan_count(plan, STEP_RELABEL), plan_count(plan, STEP_DELETE_DEVICE),
			plan_count(plan, STEP_BLANK_SOFTPHONE), plan_count(plan, STEP_FREE_NUMBER), plan->nphones);
	for (i = 0; i < plan->nsteps; i++)
		print_step(&plan->steps[i], out);
	for (i = 0; i < plan->nphones; i++)
		print_phone(&plan->phones[i], out);
	for (i = 0; i < plan->nstays; i++)
		buf_printf(out, "stays: %s\n", plan->stays[i]);
	if (plan->removed)
		buf_str(out, "The user is deleted; the records of its lines stay. This cannot be undone.\n");
	else if (plan->reset && !plan->already_reset)
		buf_str(out, "A reset cannot be undone.\n");
}
