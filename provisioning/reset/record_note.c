/* Facts of a record in the store, and the derived state beside them. */
#include "provisioning/reset/record.h"

#include <string.h>

#include "provisioning/alert/alert.h"
#include "provisioning/reset/after_drop.h"
#include "provisioning/reset/leaver.h"
#include "provisioning/store/record.h"

struct facts record_facts(const struct record_row *row, bool registrar)
{
	struct facts facts = { .has = registrar ? 0 : FACT_NO_REGISTRAR };
	enum record_fact fact;
	size_t i;

	if (!record_kind_read(row->kind, &facts.kind))
		facts.kind = RECORD_UNASSIGNED;
	for (i = 0; i < row->nfacts; i++)
		if (record_fact_read(row->facts[i].fact, &fact))
			facts.has |= fact;
	return facts;
}

/* Nothing is looked for on this phone any more, and what was decided for it comes due. */
static enum err_code last_ended(struct db *db, int64_t domain_id, int64_t phone_id, struct arena *a, struct err *err)
{
	struct record_filter filter = { .phone_id = phone_id, .open_only = true };
	const struct alert_about about = { .domain_id = domain_id, .phone_id = phone_id };
	int64_t open = 0;
	enum err_code code = phone_id ? record_count(db, &filter, &open, err) : ERR_OK;

	if (code || phone_id == 0 || open)
		return code;
	code = leaver_wipe(db, phone_id, INT64_MAX, a, err);
	if (code == ERR_OK)
		code = alert_end(db, ALERT_RESIDUE, &about, "no handover of this phone is open any more", err);
	return code ? code : after_drop_look(db, phone_id, a, err);
}

static enum err_code refresh(struct db *db, int64_t id, bool registrar, struct arena *a, struct err *err)
{
	struct record_row row;
	struct facts facts;
	enum record_state state;
	enum err_code code = record_load(db, id, a, &row, err);

	if (code)
		return code;
	facts = record_facts(&row, registrar);
	state = record_state(&facts);
	if (strcmp(row.state, record_state_word(state)) == 0)
		return ERR_OK;
	code = record_set_state(db, id, record_state_word(state), !record_ended(state), err);
	if (code || !record_ended(state))
		return code;
	code = alert_end_record(db, id, arena_printf(a, "the handover is %s", record_state_word(state)), err);
	return code ? code : last_ended(db, row.domain_id, row.phone_id, a, err);
}

enum err_code record_note(struct db *db, int64_t id, enum record_fact fact, int64_t at_ms, const char *evidence,
	bool registrar, struct arena *a, bool *changed, struct err *err)
{
	bool set = false;
	enum err_code code = record_fact_set(db, id, record_fact_word(fact), at_ms, evidence, &set, err);

	if (changed)
		*changed = set;
	if (code || !set)
		return code;
	return refresh(db, id, registrar, a, err);
}

enum err_code record_take_back(
	struct db *db, int64_t id, unsigned facts, bool registrar, struct arena *a, struct err *err)
{
	enum err_code code;
	unsigned i;

	for (i = 0; i < FACT_BITS; i++)
		if (facts & 1u << i) {
			code = record_fact_clear(db, id, record_fact_word((enum record_fact)(1u << i)), err);
			if (code)
				return code;
		}
	return refresh(db, id, registrar, a, err);
}
