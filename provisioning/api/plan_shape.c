/* The dry run as JSON: what would be done, and to which phones. */
#include "provisioning/api/record_parts.h"

static json_t *shape_key(const struct plan_key *k)
{
	return json_pack("{s:i, s:i, s:s, s:s?, s:s?, s:s?, s:s, s:s}", "module", k->module, "place", k->index, "type",
		k->type, "value", k->value, "label", k->label, "label-after", k->label_after, "owner", k->owner, "fate",
		key_fate_word(k->fate));
}

json_t *plan_phone_shape(const struct plan_phone *p)
{
	json_t *keys = json_array();
	char mac[MAC_TEXT];
	size_t i;

	for (i = 0; i < p->nkeys; i++)
		json_array_append_new(keys, shape_key(&p->keys[i]));
	return json_pack("{s:s, s:s, s:b, s:b, s:b, s:b, s:s?, s:s?, s:o}", "device-provisioning-mac-address",
		mac_text(&p->mac, mac), "device-models-model", p->model, "vacant-before", (int)p->vacant_before,
		"vacant-after", (int)p->vacant_after, "relabel-only", (int)p->relabel_only, "told-at-once",
		(int)p->told_at_once, "cannot-reach", p->cannot_reach, "arrival", p->arrival, "keys", keys);
}

static json_t *mac_or_null(const struct mac *m)
{
	static const struct mac none;
	char mac[MAC_TEXT];

	return mac_eq(m, &none) ? json_null() : json_string(mac_text(m, mac));
}

json_t *plan_step_shape(const char *word, const struct plan_step *s)
{
	return json_pack("{s:s, s:o, s:i, s:i, s:i, s:s?, s:s?, s:s?, s:s?, s:I}", "step", word,
		"device-provisioning-mac-address", mac_or_null(&s->mac), "device-provisioning-line", s->slot, "module",
		s->module, "place", s->index, "device", s->device, "user", s->user, "from", s->from, "to", s->to,
		"count", (json_int_t)(s->n ? s->n : 1));
}

/* null where there is no voicemail; "error" where it could not be read. */
static json_t *shape_sounds(const struct plan_sounds *s)
{
	if (s == NULL)
		return json_null();
	if (s->why)
		return json_pack("{s:s}", "error", s->why);
	return json_pack("{s:I, s:I, s:I, s:I, s:I, s:I, s:b}", "new", (json_int_t)s->fresh, "saved",
		(json_int_t)s->saved, "trash", (json_int_t)s->trash, "other-folders", (json_int_t)s->others,
		"greetings", (json_int_t)s->greetings, "time-frame-greetings", (json_int_t)s->timeframes,
		"recorded-name", (int)s->recorded_name);
}

json_t *plan_shape(const struct plan *p)
{
	json_t *steps = json_array(), *phones = json_array(), *stays = json_array();
	json_t *outside = json_array();
	json_t *counts = json_object();
	size_t i;

	for (i = 0; i < p->nsteps; i++)
		json_array_append_new(steps, plan_step_shape(step_word(p->steps[i].kind), &p->steps[i]));
	for (i = 0; i < p->nphones; i++)
		json_array_append_new(phones, plan_phone_shape(&p->phones[i]));
	for (i = 0; i < p->nstays; i++)
		json_array_append_new(stays, json_string(p->stays[i]));
	for (i = 0; i < p->noutside; i++)
		json_array_append_new(
			outside, json_pack("{s:s, s:s, s:s}", "user", p->outside[i].user, "time-frame",
					 p->outside[i].timeframe, "number-ends-with", p->outside[i].number));
	for (i = 0; i < STEP_KIND_COUNT; i++)
		json_object_set_new(counts, step_word((enum step_kind)i),
			json_integer((json_int_t)plan_count(p, (enum step_kind)i)));
	return json_pack("{s:s, s:s, s:s, s:s, s:b, s:b, s:b, s:b, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:I}",
		"domain", p->domain, "user", p->user, "name", p->name ? p->name : "", "user-scope", p->scope,
		"scope-above-basic", (int)p->scope_above_basic, "reset", (int)p->reset, "recycle", (int)p->recycled,
		"already-reset", (int)p->already_reset, "account-status-before", p->status_before,
		"account-status-after", p->status_after, "steps", steps, "counts", counts, "phones", phones, "stays",
		stays, "rules-of-others", outside, "voicemail", shape_sounds(p->sounds), "handovers",
		(json_int_t)p->nrecords);
}
