/* Answering rules of others that ring the person's outside number: listed for whoever reads the plan, never changed. */
#include <string.h>

#include "provisioning/reset/outside.h"
#include "provisioning/reset/person.h"
#include "provisioning/reset/plan_rows.h"
#include "provisioning/store/answerrule.h"
#include "provisioning/store/contact.h"

struct finder {
	struct db *db;
	const struct plan_rows *rows;
	struct arena *arena;
	const char **numbers; /* the person's, each once */
	size_t n, cap;
	struct plan *plan;
	size_t outside_cap;
};

static bool add(struct finder *f, const char *tail)
{
	const char **slot;
	size_t i;

	for (i = 0; tail && i < f->n; i++)
		if (strcmp(f->numbers[i], tail) == 0)
			return true;
	if (tail == NULL)
		return true;
	slot = arena_push(f->arena, (void **)&f->numbers, &f->n, &f->cap, sizeof(*slot));
	if (slot)
		*slot = tail;
	return slot != NULL;
}

static bool add_text(struct finder *f, const char *text)
{
	return add(f, outside_number(f->arena, text));
}

static bool add_forwards(struct finder *f)
{
	const struct user_row *u = &f->rows->user;

	return add_text(f, u->forward_always) && add_text(f, u->forward_busy) && add_text(f, u->forward_no_answer) &&
	       add_text(f, u->forward_offline);
}

/* Speed dials that carry the whole name as a label. */
static bool add_labelled(struct finder *f)
{
	const struct user_row *u = &f->rows->user;
	size_t i, k;
	bool good = true;

	for (i = 0; i < f->rows->ndesks; i++)
		for (k = 0; good && k < f->rows->desks[i].nkeys; k++) {
			const struct key_row *key = &f->rows->desks[i].keys[k];

			if (key->ref_user_id == 0 && label_names(key->label, u->first_name, u->last_name, true))
				good = add_text(f, key->value);
		}
	return good;
}

/* It may be another person of that name, and phone books list it. */
static void add_stays(struct finder *f, const struct contact_row *c)
{
	struct plan *plan = f->plan;
	size_t cap = plan->nstays;
	const char **s = arena_push(f->arena, (void **)&plan->stays, &plan->nstays, &cap, sizeof(*s));

	if (s)
		*s = arena_printf(f->arena,
			"the shared contact %s %s, which every phone book lists: if it is who leaves, delete it by hand",
			c->first_name, c->last_name);
}

static enum err_code add_stored(struct finder *f, struct err *err)
{
	const struct user_row *u = &f->rows->user;
	struct rule_number *own;
	struct contact_row *named = NULL;
	size_t i, n, nnamed = 0;
	enum err_code code = rule_list_numbers(f->db, u->id, f->arena, &own, &n, err);

	if (code == ERR_OK && *u->first_name && *u->last_name)
		code = contact_list_named(
			f->db, f->rows->domain.id, u->first_name, u->last_name, f->arena, &named, &nnamed, err);
	for (i = 0; code == ERR_OK && i < n; i++)
		add(f, own[i].number);
	for (i = 0; code == ERR_OK && i < nnamed; i++) {
		add_text(f, named[i].work);
		add_text(f, named[i].cell);
		add_text(f, named[i].home);
		add_stays(f, &named[i]);
	}
	return code;
}

static enum err_code find(struct finder *f, const char *number, struct err *err)
{
	struct rule_ringing *ring;
	size_t i, n;
	enum err_code code =
		rule_list_ringing(f->db, f->rows->domain.id, f->rows->user.id, number, f->arena, &ring, &n, err);

	for (i = 0; code == ERR_OK && i < n; i++) {
		struct plan_outside *o = arena_push(
			f->arena, (void **)&f->plan->outside, &f->plan->noutside, &f->outside_cap, sizeof(*o));

		if (o)
			*o = (struct plan_outside){ ring[i].ext, ring[i].timeframe, ring[i].number };
	}
	return code;
}

enum err_code plan_outside_load(
	struct db *db, const struct plan_rows *rows, struct arena *a, struct plan *plan, struct err *err)
{
	struct finder f = { .db = db, .rows = rows, .arena = a, .plan = plan };
	size_t i;
	enum err_code code = ERR_OK;

	if (plan_count(plan, STEP_CLEAR_PERSON) == 0)
		return ERR_OK;
	if (add_forwards(&f) && add_labelled(&f))
		code = add_stored(&f, err);
	for (i = 0; code == ERR_OK && i < f.n; i++)
		code = find(&f, f.numbers[i], err);
	if (code == ERR_OK && arena_failed(a))
		return err_set(err, ERR_NOMEM, "There is no memory for the plan; try again with fewer users.");
	return code;
}
