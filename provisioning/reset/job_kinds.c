#include "provisioning/reset/job_kinds.h"

#include <string.h>

#include "provisioning/reset/apply.h"
#include "provisioning/reset/payload.h"

/* What a job tells of one user: the counts of his steps. */
static const struct {
	const char *name;
	enum step_kind kind;
} counted[] = {
	{ "lines-removed", STEP_UNASSIGN_LINE },
	{ "lines-rekeyed", STEP_REKEY_LINE },
	{ "keys-removed", STEP_STRIP_KEY },
	{ "labels-renewed", STEP_RELABEL },
	{ "softphones-blanked", STEP_BLANK_SOFTPHONE },
	{ "devices-removed", STEP_DELETE_DEVICE },
	{ "numbers-freed", STEP_FREE_NUMBER },
	{ "users-removed", STEP_DELETE_USER },
};

static const char *steps_text(const struct plan *plan, struct arena *a)
{
	const char *text = "{";
	size_t i;

	for (i = 0; text && i < sizeof(counted) / sizeof(counted[0]); i++)
		text = arena_printf(a, "%s\"%s\":%zu,", text, counted[i].name, plan_count(plan, counted[i].kind));
	return text ? arena_printf(a, "%s\"phones\":%zu}", text, plan->nphones) : NULL;
}

static enum err_code carry_out_plan(
	const struct job_turn *t, struct db *db, struct arena *a, const char **steps, struct err *err)
{
	const struct job_kind *kind = job_kind_find(t->job->kind);
	struct apply_order order = { .job = t->job->id, .who = t->job->who, .from = t->job->from, .why = t->job->kind };
	struct job_form form;
	struct plan *plan;
	enum err_code code = form_unpack(t->user->form, a, &form, err);

	if (code)
		return code;
	order.request = job_request(kind, t->domain, t->user->ext, &form, job_options_mask(t->job->options),
		job_options_cut_off(t->job->options), job_options_welcome(t->job->options));
	code = apply_user(t->rs, db, &order, a, &plan, err);
	if (code)
		return code;
	*steps = steps_text(plan, a);
	return *steps ? ERR_OK
		      : err_set(err, ERR_NOMEM, "There is no memory to note what was done for %s.", t->user->ext);
}

static const struct job_kind kinds[] = {
	{ .word = "reset", .changes_person = true, .plans = true, .turn = carry_out_plan },
	{ .word = "recycle", .changes_person = true, .plans = true, .turn = carry_out_plan },
	{ .word = "delete",
		.bulk = true,
		.changes_person = true,
		.plans = true,
		.removes = true,
		.turn = carry_out_plan },
	{ .word = "send-welcome-email", .bulk = true },
	{ .word = "force-password-reset", .bulk = true },
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

const struct job_kind *job_kind_at(size_t i)
{
	return i < KINDS ? &kinds[i] : NULL;
}

const struct job_kind *job_kind_find(const char *word)
{
	size_t i;

	for (i = 0; i < KINDS; i++)
		if (strcmp(kinds[i].word, word) == 0)
			return &kinds[i];
	return NULL;
}

struct plan_request job_request(const struct job_kind *kind, const char *domain, const char *user,
	const struct job_form *form, unsigned options, bool cut_off, bool welcome)
{
	struct plan_request rq = { .domain = domain,
		.user = user,
		.reset = form->reset,
		.remove = kind->removes,
		.options = kind->removes ? reset_options_all()
			   : form->reset ? options
					 : 0,
		.recycle = form->recycle ? &form->next : NULL,
		.cut_off = cut_off,
		.send_welcome_email = welcome && form->recycle };

	return rq;
}

/* ---- switches ---- */

const char *job_options_text(struct arena *a, unsigned options, bool cut_off, bool welcome)
{
	return arena_printf(a, "{\"mask\":%u,\"cut-off\":%d,\"welcome\":%d}", options, cut_off, welcome);
}

unsigned job_options_mask(const char *text)
{
	return (unsigned)payload_number(text, "mask");
}

bool job_options_cut_off(const char *text)
{
	return payload_number(text, "cut-off") != 0;
}

bool job_options_welcome(const char *text)
{
	return payload_number(text, "welcome") != 0;
}
