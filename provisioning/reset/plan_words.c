/* The words of plans: options, steps, and how a plan reads on a terminal. */
#include "provisioning/reset/plan.h"

#include <inttypes.h>
#include <string.h>

#include "provisioning/reset/payload.h"
#include "provisioning/reset/reset.h"

enum { SOUND_OPTIONS = 1u << OPTION_VOICEMAIL_MESSAGES | 1u << OPTION_VOICEMAIL_GREETINGS };

static const struct option_row options[OPTION_COUNT] = {
	[OPTION_VOICEMAIL_MESSAGES] = { "voicemail-messages", "Delete voicemail messages" },
	[OPTION_VOICEMAIL_GREETINGS] = { "voicemail-greetings", "Delete voicemail greetings" },
	[OPTION_ANSWERING_RULES] = { "answering-rules", "Delete answering rules" },
	[OPTION_CUSTOM_CONTACTS] = { "custom-contacts", "Delete custom contacts" },
	[OPTION_PHONE_NUMBERS] = { "phone-numbers", "Unassign phone numbers" },
	[OPTION_PHONE_LINES] = { "phone-lines", "Remove lines from phones" },
};

static const char *const step_words[STEP_KIND_COUNT] = {
	[STEP_CLEAR_PERSON] = "clear-person",
	[STEP_DELETE_UPLOADS] = "delete-uploads",
	[STEP_DELETE_RULES] = "delete-answering-rules",
	[STEP_DELETE_TIMEFRAMES] = "delete-time-frames",
	[STEP_DELETE_CONTACTS] = "delete-contacts",
	[STEP_DELETE_MESSAGES] = "delete-voicemail-messages",
	[STEP_DELETE_GREETINGS] = "delete-voicemail-greetings",
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
	[STEP_NEW_LOGIN] = "new-login",
	[STEP_RELABEL] = "relabel",
	[STEP_WELCOME] = "welcome",
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

bool reset_option_here(const struct reset_conf *conf, enum reset_option option)
{
	return conf->voicemail || !(SOUND_OPTIONS & 1u << option);
}

unsigned reset_options_all(const struct reset_conf *conf)
{
	unsigned i, all = 0;

	for (i = 0; i < OPTION_COUNT; i++)
		all |= reset_option_here(conf, (enum reset_option)i) ? 1u << i : 0;
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

enum err_code reset_options_check(const struct reset_conf *conf, unsigned asked, struct err *err)
{
	if ((asked & ~reset_options_all(conf)) == 0)
		return ERR_OK;
	return err_set(err, ERR_UNSUPPORTED,
		"Voicemail is not set up on this server ([voicemail] root in rekeyd.conf); leave voicemail-messages and "
		"voicemail-greetings out. Nothing was changed.");
}

enum err_code plan_request_check(const struct plan_request *rq, struct err *err)
{
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
		if (plan->steps[i].kind == kind)
			n += plan->steps[i].n ? (size_t)plan->steps[i].n : 1;
	return n;
}

static const struct {
	enum step_kind kind;
	const char *name; /* in a job's steps */
	const char *said; /* with what stands before it */
} counted[] = {
	{ STEP_UNASSIGN_LINE, "lines-removed", "lines taken away" },
	{ STEP_REKEY_LINE, "lines-rekeyed", ", with a new secret" },
	{ STEP_ASSIGN_LINE, "lines-given", ", given" },
	{ STEP_STRIP_KEY, "keys-removed", "; keys deleted" },
	{ STEP_RELABEL, "labels-renewed", ", labels renewed" },
	{ STEP_DELETE_DEVICE, "devices-removed", "; devices deleted" },
	{ STEP_BLANK_SOFTPHONE, "softphones-blanked", "; softphone addresses blanked" },
	{ STEP_FREE_NUMBER, "numbers-freed", "; phone numbers freed" },
	{ STEP_DELETE_RULES, "answering-rules-removed", "; answering rules deleted" },
	{ STEP_DELETE_TIMEFRAMES, "time-frames-removed", ", time frames" },
	{ STEP_DELETE_CONTACTS, "contacts-removed", ", contacts" },
	{ STEP_DELETE_MESSAGES, "voicemail-messages-removed", "; voicemail messages deleted" },
	{ STEP_DELETE_GREETINGS, "voicemail-greetings-removed", ", greetings" },
	{ STEP_WELCOME, "welcome", "; links to choose a password" },
	{ STEP_DELETE_USER, "users-removed", "; users deleted" },
	{ STEP_NEW_LOGIN, "phones-with-new-login", "; phones with a new login" },
};
enum { COUNTED = sizeof(counted) / sizeof(counted[0]) };

const char *plan_counts_said(const struct plan *plan, struct arena *a)
{
	const char *text = "";
	size_t i;

	for (i = 0; text && i < COUNTED; i++)
		text = arena_printf(a, "%s%s %zu", text, counted[i].said, plan_count(plan, counted[i].kind));
	return text ? arena_printf(a, "%s; phones told %zu", text, plan->nphones) : NULL;
}

const char *plan_counts_json(const struct plan *plan, const char *before, struct arena *a)
{
	const char *text = "{";
	size_t i;

	for (i = 0; text && i < COUNTED; i++)
		text = arena_printf(a, "%s\"%s\":%" PRId64 ",", text, counted[i].name,
			(int64_t)plan_count(plan, counted[i].kind) + payload_number(before, counted[i].name));
	if (text == NULL)
		return NULL;
	return arena_printf(
		a, "%s\"phones\":%" PRId64 "}", text, (int64_t)plan->nphones + payload_number(before, "phones"));
}

static void print_counts(const struct plan *plan, struct buf *out)
{
	struct arena a;
	const char *text;

	arena_init(&a, 0);
	text = plan_counts_said(plan, &a);
	buf_printf(out, "  in all: %s\n", text ? text : "(no memory)");
	arena_release(&a);
}

void plan_print_step(const char *word, const struct plan_step *s, struct buf *out)
{
	static const struct mac none;
	char text[MAC_TEXT];

	buf_printf(out, "  %-16s", word);
	if (!mac_eq(&s->mac, &none))
		buf_printf(out, " %s", mac_text(&s->mac, text));
	if (s->slot)
		buf_printf(out, " line %d", s->slot);
	if (s->index)
		buf_printf(out, " key %d.%d", s->module, s->index);
	if (s->n)
		buf_printf(out, " %" PRId64, s->n);
	if (s->device)
		buf_printf(out, " %s", s->device);
	if (s->from && *s->from)
		buf_printf(out, " \"%s\"", s->from);
	if (s->to && *s->to)
		buf_printf(out, " -> \"%s\"", s->to);
	buf_char(out, '\n');
}

void plan_print_phone(const struct plan_phone *p, struct buf *out)
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

static void print_sounds(const struct plan_sounds *s, struct buf *out)
{
	if (s->why)
		buf_printf(out, "voicemail: cannot be read now: %s\n", s->why);
	else
		buf_printf(out,
			"voicemail: messages new %" PRId64 ", saved %" PRId64 ", trash %" PRId64 ", others %" PRId64
			"; greetings %" PRId64 "%s, with a time frame %" PRId64 "\n",
			s->fresh, s->saved, s->trash, s->others, s->greetings,
			s->recorded_name ? " (the recorded name too)" : "", s->timeframes);
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
		print_counts(plan, out);
	for (i = 0; i < plan->nsteps; i++)
		plan_print_step(step_words[plan->steps[i].kind], &plan->steps[i], out);
	if (plan->sounds)
		print_sounds(plan->sounds, out);
	for (i = 0; i < plan->nphones; i++)
		plan_print_phone(&plan->phones[i], out);
	for (i = 0; i < plan->noutside; i++)
		buf_printf(out, "not changed: the answering rule \"%s\" of %s rings the outside number …%s\n",
			plan->outside[i].timeframe, plan->outside[i].user, plan->outside[i].number);
	for (i = 0; i < plan->nstays; i++)
		buf_printf(out, "stays: %s\n", plan->stays[i]);
	if (plan->removed)
		buf_str(out, "The user is deleted; the records of its lines stay. This cannot be undone.\n");
	else if (plan->reset && !plan->already_reset)
		buf_str(out, "A reset cannot be undone.\n");
}
