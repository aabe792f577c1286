/* One user's turn in a job, by the job's kind. Each works inside the user's own savepoint. */
#include "provisioning/reset/apply.h"
#include "provisioning/reset/job_kinds.h"
#include "provisioning/reset/reset.h"
#include "provisioning/reset/sounds.h"
#include "provisioning/reset/welcome.h"
#include "provisioning/store/audit.h"

static enum err_code no_memory(const struct job_turn *t, struct err *err)
{
	return err_set(err, ERR_NOMEM, "There is no memory to note what was done for %s.", t->user->ext);
}

/* ---- a plan carried out ---- */

/* Does the next person come only when the last one's voicemail is out of the way? The whole order is planned, so that
 * what cannot be done is known before a part of it is. */
static enum err_code must_wait(const struct job_turn *t, struct db *db, const struct plan_request *rq, struct arena *a,
	bool *out, struct err *err)
{
	struct plan *plan;
	enum err_code code;

	*out = false;
	if (rq->recycle == NULL || t->rs->conf.voicemail == NULL)
		return ERR_OK;
	code = sounds_pending(t->rs, db, t->domain, t->user->ext, a, out, err);
	if (code || *out)
		return code;
	code = plan_load(db, t->rs->catalog, &t->rs->conf, rq, a, &plan, err);
	*out = code == ERR_OK && plan->take != 0;
	return code;
}

static enum err_code apply(const struct job_turn *t, struct db *db, const struct plan_request *rq, struct arena *a,
	struct job_result *out, struct err *err)
{
	const struct apply_order order = { .request = *rq,
		.job = t->job->id,
		.part = t->user->id,
		.who = t->job->who,
		.from = t->job->from,
		.why = t->job->kind };
	struct plan *plan;
	enum err_code code = apply_user(t->rs, db, &order, a, &plan, err);

	if (code)
		return code;
	out->steps = plan_counts_json(plan, t->user->steps, a);
	if (plan->take)
		out->voicemail = "waiting";
	return out->steps ? ERR_OK : no_memory(t, err);
}

enum err_code job_turn_plan(
	const struct job_turn *t, struct db *db, struct arena *a, struct job_result *out, struct err *err)
{
	struct plan_request rq;
	struct job_form form;
	bool wait;
	enum err_code code = form_unpack(t->user->form, a, &form, err);

	if (code)
		return code;
	rq = job_request(t->rs, job_kind_find(t->job->kind), t->domain, t->user->ext, &form,
		job_options_mask(t->job->options), job_options_cut_off(t->job->options));
	rq.sounds = t->sounds;
	code = must_wait(t, db, &rq, a, &wait, err);
	if (code)
		return code;
	if (wait) {
		out->rest = arena_alloc(a, sizeof(*out->rest));
		if (out->rest == NULL)
			return no_memory(t, err);
		*out->rest = (struct job_form){ .recycle = true, .next = form.next };
		rq.recycle = NULL;
		rq.send_welcome_email = false;
	}
	return wait && !form.reset ? ERR_OK : apply(t, db, &rq, a, out, err);
}

/* ---- links and mails ---- */

static enum err_code note(const struct job_turn *t, struct db *db, const struct welcome_result *r, struct err *err)
{
	struct audit_row row = { .who = t->job->who,
		.from = t->job->from,
		.client = "reset",
		.action = t->job->kind,
		.domain = t->domain,
		.user = t->user->ext,
		.detail = r->by_mail ? "by mail" : "by link" };

	return audit_add(db, &row, err);
}

static enum err_code give_link(const struct job_turn *t, struct db *db, enum letter_kind letter, bool force,
	struct arena *a, struct job_result *out, struct err *err)
{
	const struct welcome w = {
		.rs = t->rs, .db = db, .arena = a, .letter = letter, .job = t->job->id, .who = t->job->who
	};
	struct welcome_result result;
	struct user_row user;
	enum err_code code = user_by_id(db, t->user->user_id, a, &user, err);

	if (code == ERR_OK)
		code = force ? password_force(&w, &user, true, &result, err)
			     : welcome_order(&w, &user, true, &result, err);
	out->steps = "{\"welcome\":1}";
	return code ? code : note(t, db, &result, err);
}

enum err_code job_turn_welcome(
	const struct job_turn *t, struct db *db, struct arena *a, struct job_result *out, struct err *err)
{
	return give_link(t, db, LETTER_WELCOME, false, a, out, err);
}

enum err_code job_turn_force(
	const struct job_turn *t, struct db *db, struct arena *a, struct job_result *out, struct err *err)
{
	return give_link(t, db, LETTER_PASSWORD_RESET, true, a, out, err);
}
