#include "provisioning/reset/record.h"

#include <stddef.h>
#include <string.h>

#define KIND(k) (1u << RECORD_##k)
#define ANY_KIND ((1u << RECORD_KIND_COUNT) - 1)

/* The order is the meaning: a decision of a person stands above all, then the proof, then how far the phone has come,
 * then what was done to it without its help, then what it was told. */
static const struct record_rule rules[] = {
	{ ANY_KIND, FACT_WRITTEN_OFF, 0, STATE_WRITTEN_OFF },
	{ KIND(UNASSIGNED), FACT_FETCHED | FACT_FLIPPED | FACT_UNBOUND | FACT_APPLIED, FACT_RESIDUE | FACT_NO_REGISTRAR,
		STATE_CONFIRMED },
	/* A kept line keeps its binding until the phone refreshes it, so unbound is not asked for. */
	{ KIND(REKEYED), FACT_FETCHED | FACT_FLIPPED | FACT_APPLIED, FACT_RESIDUE | FACT_NO_REGISTRAR,
		STATE_CONFIRMED },
	/* No secret changes with a label, so delivery is all that can be known. */
	{ KIND(RELABELLED), FACT_FETCHED, FACT_RESIDUE | FACT_NO_REGISTRAR, STATE_CONFIRMED },
	/* A softphone without an account has nothing to register with. */
	{ KIND(SOFTPHONE), FACT_FETCHED | FACT_FLIPPED | FACT_UNBOUND, FACT_RESIDUE | FACT_NO_REGISTRAR,
		STATE_CONFIRMED },
	{ ANY_KIND, FACT_FETCHED, 0, STATE_FETCHED },
	{ KIND(UNASSIGNED) | KIND(SOFTPHONE), FACT_FLIPPED | FACT_UNBOUND, FACT_REOPENED, STATE_CUT_OFF },
	{ KIND(REKEYED), FACT_FLIPPED, FACT_REOPENED, STATE_CUT_OFF },
	{ ANY_KIND, FACT_TOLD_FAILED, 0, STATE_UNREACHABLE },
	{ ANY_KIND, FACT_TOLD, 0, STATE_TOLD },
	{ ANY_KIND, 0, 0, STATE_OPEN },
};

static const char *const state_words[] = {
	[STATE_OPEN] = "open",
	[STATE_TOLD] = "told",
	[STATE_UNREACHABLE] = "unreachable",
	[STATE_FETCHED] = "fetched",
	[STATE_CUT_OFF] = "cut-off",
	[STATE_CONFIRMED] = "confirmed",
	[STATE_WRITTEN_OFF] = "written-off",
};

static const char *const kind_words[] = {
	[RECORD_UNASSIGNED] = "unassigned",
	[RECORD_REKEYED] = "rekeyed",
	[RECORD_RELABELLED] = "relabelled",
	[RECORD_SOFTPHONE] = "softphone",
};

/* In the order of the bits. */
static const char *const fact_words[FACT_BITS] = { "told", "told-failed", "fetched", "flipped", "unbound", "applied",
	"residue", "written-off", "reopened", "no-registrar", "contacts" };

const struct record_rule *record_rules(unsigned *n)
{
	*n = sizeof(rules) / sizeof(rules[0]);
	return rules;
}

enum record_state record_state(const struct facts *facts)
{
	const struct record_rule *r = rules;

	while (!((r->kinds & 1u << facts->kind) && (facts->has & r->need) == r->need && !(facts->has & r->lack)))
		r++;
	return r->state;
}

bool record_ended(enum record_state state)
{
	return state == STATE_CONFIRMED || state == STATE_WRITTEN_OFF;
}

const char *record_state_word(enum record_state state)
{
	return state < RECORD_STATE_COUNT ? state_words[state] : "unknown";
}

const char *record_kind_word(enum record_kind kind)
{
	return kind < RECORD_KIND_COUNT ? kind_words[kind] : "unknown";
}

const char *record_fact_word(enum record_fact fact)
{
	unsigned i;

	for (i = 0; i < FACT_BITS; i++)
		if (1u << i == (unsigned)fact)
			return fact_words[i];
	return "unknown";
}

static bool read_word(const char *const *words, unsigned n, const char *word, unsigned *out)
{
	for (*out = 0; *out < n; (*out)++)
		if (strcmp(words[*out], word) == 0)
			return true;
	return false;
}

bool record_state_read(const char *word, enum record_state *out)
{
	unsigned i;

	if (!read_word(state_words, RECORD_STATE_COUNT, word, &i))
		return false;
	*out = (enum record_state)i;
	return true;
}

bool record_kind_read(const char *word, enum record_kind *out)
{
	unsigned i;

	if (!read_word(kind_words, RECORD_KIND_COUNT, word, &i))
		return false;
	*out = (enum record_kind)i;
	return true;
}

bool record_fact_read(const char *word, enum record_fact *out)
{
	unsigned i;

	if (!read_word(fact_words, FACT_BITS, word, &i))
		return false;
	*out = (enum record_fact)(1u << i);
	return true;
}
