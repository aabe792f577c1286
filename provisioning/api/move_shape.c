/* The plan of a move as JSON. */
#include "provisioning/api/record_parts.h"

static json_t *shape_misfits(const struct move_plan *p)
{
	json_t *out = json_array();
	size_t i;

	for (i = 0; i < p->nmisfits; i++)
		json_array_append_new(
			out, json_pack("{s:s, s:s}", "what", p->misfits[i].what, "why", p->misfits[i].why));
	return out;
}

static json_t *shape_steps(const struct move_plan *p)
{
	json_t *out = json_array();
	size_t i;

	for (i = 0; i < p->nsteps; i++)
		json_array_append_new(out, plan_step_shape(move_step_word(p->steps[i].kind), &p->steps[i].at));
	return out;
}

static json_t *shape_notes(const struct move_plan *p)
{
	json_t *out = json_array();
	size_t i;

	for (i = 0; i < p->nnotes; i++)
		json_array_append_new(out, json_string(p->notes[i]));
	return out;
}

static json_t *shape_counts(const struct move_plan *p)
{
	json_t *out = json_object();
	unsigned i;

	for (i = 0; i < MOVE_STEP_COUNT; i++)
		json_object_set_new(out, move_step_word((enum move_step_kind)i),
			json_integer((json_int_t)move_count(p, (enum move_step_kind)i)));
	return out;
}

json_t *move_shape(const struct move_plan *p)
{
	json_t *phones = json_array(), *v;
	char mac[MAC_TEXT], other[MAC_TEXT];
	size_t i;

	for (i = 0; i < p->nphones; i++)
		json_array_append_new(phones, plan_phone_shape(&p->phones[i]));
	v = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "move", move_kind_word(p->kind),
		"device-provisioning-mac-address", mac_text(&p->mac, mac), "mac-after", mac_text(&p->mac_after, other),
		"domain-before", p->domain, "domain-after", p->domain_after, "site-before", p->site, "site-after",
		p->site_after, "state-before", p->state_before, "state-after", p->state_after);
	if (v == NULL)
		return NULL;
	json_object_set_new(v, "device-models-model", json_string(p->model));
	json_object_set_new(v, "device-models-model-after", json_string(p->model_after));
	json_object_set_new(v, "user-after", p->user_after ? json_string(p->user_after) : json_null());
	json_object_set_new(v, "deleted-when-proved", json_boolean(p->gone_later));
	json_object_set_new(v, "does-not-fit", shape_misfits(p));
	json_object_set_new(v, "steps", shape_steps(p));
	json_object_set_new(v, "counts", shape_counts(p));
	json_object_set_new(v, "phones", phones);
	json_object_set_new(v, "notes", shape_notes(p));
	json_object_set_new(v, "handovers", json_integer((json_int_t)p->nrecords));
	return v;
}
