/* What a record still lacks, in words: so that nobody takes half a proof for a whole one. */
#include "provisioning/reset/record.h"

#include <stddef.h>

#define KIND(k) (1u << RECORD_##k)

static const struct {
	unsigned kinds, lacks; /* said of these kinds while none of these facts is there … */
	unsigned has;          /* … and all of these are */
	const char *sentence;
} rows[] = {
	{ KIND(UNASSIGNED) | KIND(REKEYED) | KIND(RELABELLED), FACT_FETCHED, 0,
		"the phone has not fetched its new file" },
	{ KIND(SOFTPHONE), FACT_FETCHED, 0, "the softphone has not fetched its blanks" },
	{ ~0u, 0, FACT_NO_REGISTRAR, RECORD_NO_REGISTRAR },
	{ KIND(UNASSIGNED) | KIND(REKEYED) | KIND(SOFTPHONE), FACT_FLIPPED | FACT_NO_REGISTRAR, 0,
		"the registrar still accepts the old secret" },
	{ KIND(UNASSIGNED) | KIND(SOFTPHONE), FACT_UNBOUND | FACT_NO_REGISTRAR, 0,
		"the registrar has not been seen without the old registration" },
	{ KIND(UNASSIGNED) | KIND(REKEYED), FACT_APPLIED | FACT_NO_REGISTRAR, 0,
		"no registration shows yet that the phone uses its new file" },
	{ ~0u, 0, FACT_RESIDUE, "a phone with these files would still hold something of the person" },
};

const char *record_missing(const struct facts *facts, struct arena *a)
{
	const char *out = "";
	size_t i;

	if (record_ended(record_state(facts)))
		return "";
	for (i = 0; out && i < sizeof(rows) / sizeof(rows[0]); i++)
		if ((rows[i].kinds & 1u << facts->kind) && !(facts->has & rows[i].lacks) &&
			(facts->has & rows[i].has) == rows[i].has)
			out = arena_printf(a, "%s%s%s", out, *out ? "; " : "", rows[i].sentence);
	return out;
}
