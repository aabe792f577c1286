/* The dry run of an order: one plan at a time, so that ten thousand users take the memory of one. */
#include "provisioning/reset/job_order.h"
#include "provisioning/reset/reset.h"
#include "provisioning/reset/sounds.h"

struct planning {
	struct reset *rs;
	struct db *db;
	const struct job_order *order;
	const struct job_parts *parts;
	job_plan_fn *fn;
	void *arg;
};

/* A fault of one person's part is that part's result; one of the order itself refuses the order. */
static bool of_the_part(const struct job_part *part, enum err_code code)
{
	return code == ERR_CONFLICT && !part->form.recycle;
}

static enum err_code plan_one(const struct planning *p, const struct job_part *part, struct arena *a, struct err *err)
{
	struct plan_request rq = job_request(
		p->rs, p->parts->kind, p->order->domain, part->user, &part->form, p->order->options, p->order->cut_off);
	struct err why = { 0 };
	struct plan *plan;
	enum err_code code;

	if (!p->parts->kind->plans)
		return err_set(err, ERR_INPUT, "\"%s\" has no dry run; it changes nothing but what its name says.",
			p->parts->kind->word);
	if (rq.reset)
		rq.sounds = sounds_look(p->rs, rq.domain, rq.user, a);
	code = plan_load(p->db, p->rs->catalog, &p->rs->conf, &rq, a, &plan, &why);
	if (code == ERR_OK)
		return p->fn(part->user, plan, NULL, p->arg, err);
	if (of_the_part(part, code))
		return p->fn(part->user, NULL, &why, p->arg, err);
	if (err)
		*err = why;
	return code;
}

enum err_code job_plan(
	struct reset *rs, struct db *db, const struct job_order *order, job_plan_fn *fn, void *arg, struct err *err)
{
	struct job_parts parts;
	struct planning p = { rs, db, order, &parts, fn, arg };
	struct arena whole, one;
	enum err_code code;
	size_t i;

	arena_init(&whole, 0);
	code = job_split(rs, order, &whole, &parts, err);
	for (i = 0; code == ERR_OK && i < parts.n; i++) {
		arena_init(&one, 0);
		code = plan_one(&p, &parts.v[i], &one, err);
		arena_release(&one);
	}
	arena_release(&whole);
	return code;
}
