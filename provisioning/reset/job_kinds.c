#include "provisioning/reset/job_kinds.h"

#include <string.h>

#include "provisioning/reset/payload.h"
#include "provisioning/reset/reset.h"

static const struct job_kind kinds[] = {
	{ .word = "reset", .changes_person = true, .plans = true, .clears = true, .turn = job_turn_plan },
	{ .word = "recycle", .changes_person = true, .plans = true, .turn = job_turn_plan },
	{ .word = "delete",
		.bulk = true,
		.changes_person = true,
		.plans = true,
		.clears = true,
		.removes = true,
		.turn = job_turn_plan },
	{ .word = "send-welcome-email", .bulk = true, .turn = job_turn_welcome },
	{ .word = "force-password-reset", .bulk = true, .turn = job_turn_force },
};
enum { KINDS = sizeof(kinds) / sizeof(kinds[0]) };

const struct job_kind *job_kind_find(const char *word)
{
	size_t i;

	for (i = 0; i < KINDS; i++)
		if (strcmp(kinds[i].word, word) == 0)
			return &kinds[i];
	return NULL;
}

struct plan_request job_request(const struct reset *rs, const struct job_kind *kind, const char *domain,
	const char *user, const struct job_form *form, unsigned options, bool cut_off)
{
	return (struct plan_request){ .domain = domain,
		.user = user,
		.reset = form->reset,
		.remove = kind->removes,
		.options = kind->removes ? reset_options_all(&rs->conf)
			   : form->reset ? options
					 : 0,
		.recycle = form->recycle ? &form->next : NULL,
		.send_welcome_email = form->recycle && form->next.welcome,
		.cut_off = cut_off };
}

/* ---- switches ---- */

const char *job_options_text(struct arena *a, unsigned options, bool cut_off)
{
	return arena_printf(a, "{\"mask\":%u,\"cut-off\":%d}", options, cut_off);
}

unsigned job_options_mask(const char *text)
{
	return (unsigned)payload_number(text, "mask");
}

bool job_options_cut_off(const char *text)
{
	return payload_number(text, "cut-off") != 0;
}
