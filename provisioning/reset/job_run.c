/* Carrying a job out, user by user. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "provisioning/conf/fault.h"
#include "provisioning/conf/log.h"
#include "provisioning/reset/job.h"
#include "provisioning/reset/job_kinds.h"
#include "provisioning/reset/record.h"
#include "provisioning/reset/reset.h"
#include "provisioning/reset/sounds.h"
#include "provisioning/store/audit.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/job.h"
#include "provisioning/store/record.h"
#include "provisioning/store/user.h"

enum {
	BATCH = 400, /* turns that wait in the writer's queue: it commits a hundred at a time and is never idle */
	FORM_MAX = 2048
};

/* One user's savepoint. */
struct work {
	struct reset *rs;
	const struct job_kind *kind;
	const struct job_row *job;
	const char *domain;
	const struct job_user_row *user;
	const struct plan_sounds *sounds; /* as they were just before */
	const char *failed;               /* the sentence to note instead of doing it */
};

/* A fault of the order will not mend itself; one of the machine may. */
static bool lasting(enum err_code code)
{
	return code != ERR_IO && code != ERR_NOMEM && code != ERR_BUSY;
}

static enum err_code end_user(struct db *db, struct job_user_row *row, const char *state, const char *error,
	const char *steps, struct err *err)
{
	bool done = strcmp(state, "done") == 0;

	row->state = state;
	row->error = error;
	row->steps = steps;
	row->form_pending = row->form_pending && done;
	row->begun_ms = row->begun_ms ? row->begun_ms : db_now_ms(db);
	row->ended_ms = db_now_ms(db);
	return job_user_save(db, row, err);
}

/* Nobody is touched in the place of the one who was meant. */
static enum err_code still_the_same(
	const struct work *w, struct db *db, const struct job_user_row *row, struct err *err)
{
	int64_t person;
	enum err_code code = row->user_id ? user_person(db, row->user_id, &person, err) : ERR_NOT_FOUND;

	if (code == ERR_NOT_FOUND)
		return err_set(err, ERR_CONFLICT, "User %s was deleted before the job came to it.", row->ext);
	if (code == ERR_OK && w->kind->changes_person && person != row->person)
		return err_set(err, ERR_CONFLICT,
			"Another person has come to %s since the job was ordered; nothing was done to them.", row->ext);
	return code;
}

/* The rest stays in the row until sounds_move_settle() calls it up. */
static enum err_code park(struct db *db, struct job_user_row *row, const struct job_result *r, struct err *err)
{
	struct buf packed;
	enum err_code code;

	buf_init(&packed, FORM_MAX);
	code = form_pack(r->rest, &packed, err);
	row->state = "moving";
	row->steps = r->steps;
	row->form = buf_view(&packed);
	row->begun_ms = row->begun_ms ? row->begun_ms : db_now_ms(db);
	if (code == ERR_OK)
		code = job_user_save(db, row, err);
	buf_release(&packed);
	return code;
}

static enum err_code do_user(struct work *w, struct db *db, struct job_user_row *row, struct arena *a, struct err *err)
{
	const struct job_turn turn = { w->rs, w->job, w->domain, row, w->sounds };
	struct job_result r = { .steps = row->steps, .voicemail = row->voicemail };
	enum err_code code = still_the_same(w, db, row, err);

	if (code == ERR_OK)
		code = w->kind->turn(&turn, db, a, &r, err);
	/* A form of an earlier reset, which was never filled in, gives way to this one. */
	if (code == ERR_OK && row->form_pending)
		code = job_form_clear(db, row->user_id, err);
	if (code)
		return code;
	row->voicemail = r.voicemail;
	return r.rest ? park(db, row, &r, err) : end_user(db, row, "done", "", r.steps, err);
}

static enum err_code user_fn(struct txn *t, void *arg, struct err *err)
{
	struct work *w = arg;
	struct job_user_row row;
	struct arena a;
	enum err_code code;

	arena_init(&a, 0);
	code = job_user_load(t->db, w->user->id, &a, &row, err);
	if (code == ERR_OK && row.ended_ms)
		; /* cancelled, or done by a run that a crash cut off */
	else if (code == ERR_OK && w->failed)
		code = end_user(t->db, &row, "failed", w->failed, *row.steps ? row.steps : "{}", err);
	else if (code == ERR_OK)
		code = do_user(w, t->db, &row, &a, err);
	arena_release(&a);
	return code;
}

/* One try for all, then a note for each that will never work. The first other fault ends the run; it is taken up again.
 */
static enum err_code run_batch(struct work *works, struct write *writes, size_t n, struct err *err)
{
	enum err_code code = ERR_OK;
	struct err first;
	size_t i;

	for (i = 0; i < n; i++)
		writes[i] = (struct write){ .fn = user_fn, .arg = &works[i] };
	if (store_write_many(works[0].rs->store, writes, n) == ERR_OK) {
		fault_point("after-apply");
		return ERR_OK;
	}
	for (i = 0; i < n && code == ERR_OK; i++) {
		if (writes[i].code == ERR_OK)
			continue;
		first = writes[i].err;
		if (!lasting(writes[i].code))
			return err_set(err, writes[i].code, "%s", first.text);
		works[i].failed = first.text;
		log_event(LOG_LEVEL_WARN, "job-user-failed", "kind", works[i].kind->word, "user", works[i].user->ext,
			"why", first.text, NULL);
		code = store_write(works[i].rs->store, user_fn, &works[i], err);
	}
	return code;
}

struct run {
	struct reset *rs;
	int64_t id;
	const struct job_kind *kind;
	struct job_row job;
	struct domain_row domain;
	struct job_user_row *users;
	size_t nusers;
	struct arena arena;
};

static enum err_code load(struct run *r, struct err *err)
{
	struct snap snap;
	enum err_code code = store_snap(r->rs->store, &snap, err);

	if (code)
		return code;
	if ((code = job_row_brief(snap.db, r->id, &r->arena, &r->job, err)) == ERR_OK &&
		(code = domain_load(snap.db, r->job.domain_id, &r->arena, &r->domain, err)) == ERR_OK)
		code = job_user_next(snap.db, r->id, BATCH, &r->arena, &r->users, &r->nusers, err);
	snap_end(&snap);
	r->kind = code ? NULL : job_kind_find(r->job.kind);
	if (code == ERR_OK && r->kind == NULL)
		return err_set(err, ERR_UNSUPPORTED,
			"Job %" PRId64 " is of a kind that this version does not know: %s.", r->id, r->job.kind);
	return code;
}

static enum err_code begin_fn(struct txn *t, void *arg, struct err *err)
{
	struct run *r = arg;
	enum err_code code = job_user_take(t->db, r->id, err);

	return code ? code : job_row_state(t->db, r->id, job_state_word(JOB_RUNNING), false, err);
}

/* What is left of a job that can go no further: nobody, and it ends; those whose voicemail is being moved, and the last
 * one that is called up ends it; or users of others, and they are asked for again. */
static enum err_code end_fn(struct txn *t, void *arg, struct err *err)
{
	struct run *r = arg;
	int64_t left = 0, moving = 0;
	struct job_row now;
	struct arena a;
	enum err_code code;

	arena_init(&a, 0);
	code = job_row_load(t->db, r->id, &a, &now, err);
	if (code == ERR_OK)
		code = job_user_left(t->db, r->id, &left, err);
	if (code == ERR_OK)
		code = job_user_moving(t->db, r->id, &moving, err);
	if (code == ERR_OK && left > moving)
		code = job_user_take(t->db, r->id, err);
	else if (code == ERR_OK && left == 0 && now.ended_ms == 0)
		code = job_row_state(
			t->db, r->id, job_state_word(now.failed ? JOB_DONE_WITH_ERRORS : JOB_DONE), true, err);
	arena_release(&a);
	r->nusers = (size_t)(left - moving);
	return code;
}

static enum err_code run_users(struct run *r, struct err *err)
{
	struct work *works = arena_alloc(&r->arena, r->nusers * sizeof(*works));
	struct write *writes = arena_alloc(&r->arena, r->nusers * sizeof(*writes));
	size_t i;

	if (works == NULL || writes == NULL)
		return err_set(err, ERR_NOMEM, "There is no memory to go on with job %" PRId64 ".", r->id);
	for (i = 0; i < r->nusers; i++)
		works[i] = (struct work){ r->rs, r->kind, &r->job, r->domain.name, &r->users[i],
			r->kind->clears ? sounds_look(r->rs, r->domain.name, r->users[i].ext, &r->arena) : NULL, NULL };
	return run_batch(works, writes, r->nusers, err);
}

/* One batch. *asked counts the looks in a row that found nobody to do. */
static enum err_code run_some(struct run *r, unsigned *asked, bool *more, struct err *err)
{
	enum err_code code = load(r, err);

	*more = false;
	if (code || r->job.ended_ms)
		return code;
	*more = true;
	if (strcmp(r->job.state, job_state_word(JOB_RUNNING)) != 0)
		return store_write(r->rs->store, begin_fn, r, err);
	if (r->nusers) {
		*asked = 0;
		return run_users(r, err);
	}
	code = store_write(r->rs->store, end_fn, r, err);
	*more = r->nusers > 0;
	if (code == ERR_OK && *more && ++*asked > 1)
		return err_set(err, ERR_BUSY, "Users of job %" PRId64 " are held by other jobs; it goes on after them.",
			r->id);
	return code;
}

enum err_code job_run(struct reset *rs, const char *id, struct err *err)
{
	struct run r = { .rs = rs };
	bool more = true;
	unsigned asked = 0;
	enum err_code code = ERR_OK;

	if (!job_id_read(id, &r.id))
		return err_set(err, ERR_NOT_FOUND, "There is no job %s.", id);
	while (more && code == ERR_OK) {
		arena_init(&r.arena, 0);
		code = run_some(&r, &asked, &more, err);
		arena_release(&r.arena);
	}
	return code;
}

/* ---- write off ---- */

struct writing_off {
	struct reset *rs;
	const char *domain, *reason, *who, *from;
	int64_t record;
};

static enum err_code write_off(struct writing_off *w, struct db *db, struct arena *a, struct err *err)
{
	struct record_row r;
	struct audit_row audit = { .who = w->who,
		.from = w->from,
		.client = "reset",
		.action = "write-off",
		.domain = w->domain,
		.after = "written-off",
		.detail = w->reason };
	enum err_code code = record_load(db, w->record, a, &r, err);

	if (code)
		return code;
	if (strcmp(r.domain, w->domain) != 0)
		return err_set(err, ERR_NOT_FOUND, "There is no record %" PRId64 " in %s.", w->record, w->domain);
	if (!r.open)
		return err_set(err, ERR_CONFLICT, "Record %" PRId64 " has ended: it is %s.", w->record, r.state);
	audit.user = r.ext;
	audit.object = r.mac;
	audit.before = r.state;
	code = record_note(
		db, w->record, FACT_WRITTEN_OFF, w->rs->now_ms(), w->reason, w->rs->registrar != NULL, a, NULL, err);
	if (code == ERR_OK)
		code = record_closed_by(db, w->record, w->who, err);
	return code ? code : audit_add(db, &audit, err);
}

static enum err_code write_off_fn(struct txn *t, void *arg, struct err *err)
{
	struct arena a;
	enum err_code code;

	arena_init(&a, 0);
	code = write_off(arg, t->db, &a, err);
	arena_release(&a);
	return code;
}

enum err_code record_write_off(struct reset *rs, const char *domain, int64_t record, const char *reason,
	const char *who, const char *from, struct err *err)
{
	struct writing_off w = { rs, domain, reason, who, from, record };

	if (reason == NULL || *reason == '\0')
		return err_set(err, ERR_INPUT, "Say why record %" PRId64 " is written off.", record);
	return store_write(rs->store, write_off_fn, &w, err);
}
