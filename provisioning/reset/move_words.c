/* The words of moves, and how a plan reads on a terminal. */
#include "provisioning/reset/move.h"

#include <string.h>

static const char *const kind_words[MOVE_KIND_COUNT] = {
	[MOVE_REHOME] = "rehome",
	[MOVE_SWAP] = "swap",
	[MOVE_RETIRE] = "retire",
	[MOVE_DELETE] = "delete",
};

static const char *const step_words[MOVE_STEP_COUNT] = {
	[MOVE_STEP_UNASSIGN_LINE] = "unassign-line",
	[MOVE_STEP_STRIP_KEY] = "strip-key",
	[MOVE_STEP_STRIP_OVERRIDE] = "strip-override",
	[MOVE_STEP_DELETE_UPLOADS] = "delete-uploads",
	[MOVE_STEP_DROP_IDLE_LINE] = "drop-idle-line",
	[MOVE_STEP_ADD_PHONE] = "add-phone",
	[MOVE_STEP_PLACE] = "place",
	[MOVE_STEP_ASSIGN_LINE] = "assign-line",
	[MOVE_STEP_MOVE_KEY] = "move-key",
	[MOVE_STEP_MOVE_OVERRIDE] = "move-override",
	[MOVE_STEP_REKEY_LINE] = "rekey-line",
	[MOVE_STEP_NEW_LOGIN] = "new-login",
	[MOVE_STEP_RETIRE] = "retire",
	[MOVE_STEP_FORGET] = "forget",
};

const char *move_kind_word(enum move_kind kind)
{
	return kind < MOVE_KIND_COUNT ? kind_words[kind] : "unknown";
}

const char *move_step_word(enum move_step_kind kind)
{
	return kind < MOVE_STEP_COUNT ? step_words[kind] : "unknown";
}

size_t move_count(const struct move_plan *plan, enum move_step_kind kind)
{
	size_t i, n = 0;

	for (i = 0; i < plan->nsteps; i++)
		n += plan->steps[i].kind == kind;
	return n;
}

static void print_place(const char *what, const char *from, const char *to, struct buf *out)
{
	if (strcmp(from, to) != 0)
		buf_printf(out, "; %s %s -> %s", what, *from ? from : "(none)", *to ? to : "(none)");
}

void move_print(const struct move_plan *plan, struct buf *out)
{
	char mac[MAC_TEXT], other[MAC_TEXT];
	size_t i;

	buf_printf(out, "%s %s (%s)", kind_words[plan->kind], mac_text(&plan->mac, mac), plan->model);
	if (!mac_eq(&plan->mac, &plan->mac_after))
		buf_printf(out, " by %s (%s)", mac_text(&plan->mac_after, other), plan->model_after);
	buf_printf(out, ": %s -> %s", plan->state_before, plan->state_after);
	print_place("domain", plan->domain, plan->domain_after, out);
	print_place("site", plan->site, plan->site_after, out);
	buf_printf(out,
		"\n  in all: lines taken away %zu, given %zu, with a new secret %zu; keys deleted %zu, moved %zu; "
		"phones told %zu\n",
		move_count(plan, MOVE_STEP_UNASSIGN_LINE), move_count(plan, MOVE_STEP_ASSIGN_LINE),
		move_count(plan, MOVE_STEP_REKEY_LINE), move_count(plan, MOVE_STEP_STRIP_KEY),
		move_count(plan, MOVE_STEP_MOVE_KEY), plan->nphones);
	for (i = 0; i < plan->nmisfits; i++)
		buf_printf(out, "does not fit: %s: %s\n", plan->misfits[i].what, plan->misfits[i].why);
	for (i = 0; i < plan->nsteps; i++)
		plan_print_step(step_words[plan->steps[i].kind], &plan->steps[i].at, out);
	for (i = 0; i < plan->nphones; i++)
		plan_print_phone(&plan->phones[i], out);
	for (i = 0; i < plan->nnotes; i++)
		buf_printf(out, "note: %s\n", plan->notes[i]);
}
