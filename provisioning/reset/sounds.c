#include "provisioning/reset/sounds.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "provisioning/alert/alert.h"
#include "provisioning/conf/fault.h"
#include "provisioning/conf/log.h"
#include "provisioning/reset/payload.h"
#include "provisioning/reset/reset.h"
#include "provisioning/store/job.h"
#include "provisioning/store/timeline.h"
#include "provisioning/store/user.h"
#include "provisioning/voicemail/away.h"
#include "provisioning/voicemail/box.h"

#define MOVE "voicemail"
#define DELETE "voicemail-delete"

enum { PAYLOAD_TEXT = 160, BUSY_TRIES = 3 };

static enum err_code no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "There is no memory for the voicemail of a user.");
}

/* ---- before the transaction ---- */

struct plan_sounds *sounds_look(const struct reset *rs, const char *domain, const char *user, struct arena *a)
{
	const struct voicemail *vm = rs->conf.voicemail;
	struct plan_sounds *s;
	struct box_counts c;
	struct mailbox box;
	struct err why = { 0 };

	if (vm == NULL || names_mailbox(vm->names, domain, user, &box, NULL))
		return NULL;
	s = arena_alloc(a, sizeof(*s));
	if (s == NULL)
		return NULL;
	if (box_count(vm, &box, &c, &why)) {
		s->why = arena_strdup(a, why.text);
		return s->why ? s : NULL;
	}
	s->fresh = (int64_t)(c.messages[FOLDER_NEW] + c.messages[FOLDER_URGENT]);
	s->saved = (int64_t)c.messages[FOLDER_SAVED];
	s->trash = (int64_t)c.messages[FOLDER_TRASH];
	s->others = (int64_t)box_count_messages(&c) - s->fresh - s->saved - s->trash;
	s->greetings = (int64_t)c.greetings;
	s->timeframes = (int64_t)c.timeframes;
	s->recorded_name = c.recorded_name;
	s->pin = c.pin;
	return s;
}

/* ---- in the transaction ---- */

/* One mailbox, one key: two removals of it never run at once. */
static const char *move_key(const struct mailbox *box, struct arena *a)
{
	return arena_printf(a, MOVE ":%s/%s", box->context, box->name);
}

static bool key_mailbox(const char *key, struct mailbox *out)
{
	const char *context = key + strlen(MOVE ":"), *slash = strchr(context, '/');

	*out = (struct mailbox){ .name = "" };
	if (strncmp(key, MOVE ":", strlen(MOVE ":")) != 0 || slash == NULL ||
		(size_t)(slash - context) > BOX_NAME_MAX || strlen(slash + 1) > BOX_NAME_MAX)
		return false;
	memcpy(out->context, context, (size_t)(slash - context));
	memcpy(out->name, slash + 1, strlen(slash + 1));
	return true;
}

enum err_code sounds_order(struct db *db, const struct plan *plan, const struct user_row *user, int64_t job,
	int64_t part, struct arena *a, struct err *err)
{
	const char *key = move_key(&plan->mailbox, a);
	char payload[PAYLOAD_TEXT];

	if (plan->take == 0)
		return ERR_OK;
	if (key == NULL)
		return no_memory(err);
	snprintf(payload, sizeof(payload),
		"{\"take\":%u,\"user\":%" PRId64 ",\"domain\":%" PRId64 ",\"job\":%" PRId64 ",\"part\":%" PRId64 "}",
		plan->take, user->id, user->domain_id, job, part);
	return outbox_put(db, MOVE, key, payload, 0, NULL, err);
}

enum err_code sounds_pending(const struct reset *rs, struct db *db, const char *domain, const char *user,
	struct arena *a, bool *out, struct err *err)
{
	struct mailbox box;
	const char *key;

	*out = false;
	if (rs->conf.voicemail == NULL || names_mailbox(rs->conf.voicemail->names, domain, user, &box, NULL))
		return ERR_OK;
	key = move_key(&box, a);
	return key ? outbox_there(db, MOVE, key, out, err) : no_memory(err);
}

enum err_code sounds_free(
	const struct reset *rs, struct db *db, const char *domain, const char *user, struct arena *a, struct err *err)
{
	bool pending;
	enum err_code code = sounds_pending(rs, db, domain, user, a, &pending, err);

	if (code || !pending)
		return code;
	return err_set(err, ERR_BUSY,
		"The voicemail of the last person at %s is still being moved away; try again in a moment. If this "
		"lasts, the reset of %s and the alerts say why.",
		user, user);
}

/* ---- what is noted ---- */

struct note {
	const struct outbox_job *job;
	const char *state; /* of job_users.voicemail; NULL: as it is */
	const char *error;
};

/* The user's part of the job: what has become of the files, and what is in the way. */
static enum err_code note_user(const struct note *n, struct db *db, struct arena *a, struct err *err)
{
	int64_t part = payload_number(n->job->payload, "part");
	struct job_user_row row;
	enum err_code code;

	if (part == 0)
		return ERR_OK;
	code = job_user_load(db, part, a, &row, err);
	if (code)
		return code == ERR_NOT_FOUND ? ERR_OK : code; /* the job is forgotten */
	if (strcmp(row.state, "cancelled") != 0)
		row.error = n->error;
	if (n->state)
		row.voicemail = n->state;
	return job_user_save(db, &row, err);
}

/* One alert per mailbox. */
static struct alert_about alert_of(const struct outbox_job *job)
{
	return (struct alert_about){ .domain_id = payload_number(job->payload, "domain"),
		.subject = strchr(job->key, ':') + 1 };
}

static enum err_code trouble_fn(struct txn *t, void *arg, struct err *err)
{
	const struct note *n = arg;
	const struct alert_about about = alert_of(n->job);
	struct arena a;
	enum err_code code;

	arena_init(&a, 0);
	code = note_user(n, t->db, &a, err);
	arena_release(&a);
	return code ? code : alert_raise(t->db, ALERT_VOICEMAIL, &about, n->error, NULL, err);
}

static enum err_code alert_over(const struct outbox_job *job, struct db *db, struct err *err)
{
	const struct alert_about about = alert_of(job);

	return alert_end(db, ALERT_VOICEMAIL, &about, "the files are where they should be", err);
}

/* Once, and for a PBX that is just at work only when it lasts. The row itself is tried for ever. */
static enum outbox_result trouble(struct reset *rs, const struct outbox_job *job, enum err_code code, struct err *err)
{
	struct note n = { job, NULL, err->text };

	if (job->attempt != (code == ERR_BUSY ? BUSY_TRIES : 1))
		return OUTBOX_RETRY;
	err_prefix(err, "The voicemail %s", strchr(job->key, ':') + 1);
	log_event(LOG_LEVEL_ERROR, "voicemail", "what", job->kind, "mailbox", job->key, "error", err->text, NULL);
	store_write(rs->store, trouble_fn, &n, NULL);
	return OUTBOX_RETRY;
}

/* ---- the move ---- */

/* A number that is used for one removal of this mailbox: a job holds a user once. */
static int64_t sweep_of(const struct outbox_job *job)
{
	int64_t id = payload_number(job->payload, "job");

	return id ? id : job->id;
}

static enum err_code configured(const struct reset *rs, struct err *err)
{
	if (rs->conf.voicemail)
		return ERR_OK;
	return err_set(err, ERR_CONFLICT,
		"It is still to be deleted, and [voicemail] root in rekeyd.conf does not say any more where it is.");
}

/* ---- moved, and on disk: one sync for many ---- */

struct synced {
	struct reset *rs;
	int64_t id; /* of the row */
};

static void end_moved(void *arg, enum err_code code, const struct err *err)
{
	struct synced *s = arg;

	fault_point("voicemail-before-settle");
	outbox_finish(s->rs->outbox, s->id, code ? OUTBOX_RETRY : OUTBOX_DONE, NULL, err);
	mem_free(s);
}

static enum outbox_result sync_and_end(struct reset *rs, const struct outbox_job *job, struct err *err)
{
	struct synced *s = rs->outbox ? mem_alloc(sizeof(*s)) : NULL;

	if (s) {
		*s = (struct synced){ rs, job->id };
		if (sync_later(rs->conf.voicemail, end_moved, s))
			return OUTBOX_PENDING;
		mem_free(s);
	}
	return sync_now(rs->conf.voicemail, err) ? OUTBOX_RETRY : OUTBOX_DONE;
}

enum outbox_result sounds_move_deliver(struct outbox_job *job, void *arg, struct err *err)
{
	struct reset *rs = arg;
	struct mailbox box;
	struct err why = { 0 };
	enum err_code code = configured(rs, &why);

	if (!key_mailbox(job->key, &box))
		return OUTBOX_DONE;
	if (code == ERR_OK)
		code = away_take(
			rs->conf.voicemail, sweep_of(job), &box, (unsigned)payload_number(job->payload, "take"), &why);
	if (code == ERR_OK)
		return sync_and_end(rs, job, err);
	*err = why;
	return trouble(rs, job, code, err);
}

/* The next person's turn: whichever job holds this user and has waited. */
static enum err_code go_on(struct db *db, int64_t user_id, struct arena *a, struct err *err)
{
	struct job_user_row row;
	char id[32];
	enum err_code code = job_user_parked(db, user_id, a, &row, err);

	if (code)
		return code == ERR_NOT_FOUND ? ERR_OK : code;
	row.state = "running";
	snprintf(id, sizeof(id), "%" PRId64, row.job_id);
	code = job_user_save(db, &row, err);
	return code ? code : outbox_put_once(db, "job", id, "{}", 0, NULL, err);
}

enum err_code sounds_move_settle(struct txn *t, const struct outbox_job *job, enum outbox_result result,
	const struct err *why, void *arg, struct err *err)
{
	struct note n = { job, "moved", "" };
	char key[OUTBOX_KEY_MAX], payload[PAYLOAD_TEXT];
	int64_t user = payload_number(job->payload, "user");
	struct mailbox box;
	struct arena a;
	enum err_code code;

	(void)result;
	(void)why;
	(void)arg;
	if (!key_mailbox(job->key, &box))
		return ERR_OK;
	snprintf(key, sizeof(key), DELETE ":%" PRId64 "/%s", sweep_of(job), box.name);
	snprintf(payload, sizeof(payload), "{\"user\":%" PRId64 ",\"domain\":%" PRId64 ",\"part\":%" PRId64 "}", user,
		payload_number(job->payload, "domain"), payload_number(job->payload, "part"));
	arena_init(&a, 0);
	code = outbox_put(t->db, DELETE, key, payload, 0, NULL, err);
	if (code == ERR_OK)
		code = note_user(&n, t->db, &a, err);
	if (code == ERR_OK)
		code = alert_over(job, t->db, err);
	if (code == ERR_OK)
		code = go_on(t->db, user, &a, err);
	arena_release(&a);
	return code;
}

/* ---- the deletion ---- */

static bool key_sweep(const char *key, int64_t *sweep, const char **mailbox)
{
	const char *slash = strchr(key, '/');

	if (sscanf(key, DELETE ":%" SCNd64, sweep) != 1 || slash == NULL)
		return false;
	*mailbox = slash + 1;
	return true;
}

enum outbox_result sounds_delete_deliver(struct outbox_job *job, void *arg, struct err *err)
{
	struct reset *rs = arg;
	const char *mailbox;
	int64_t sweep;
	struct err why = { 0 };
	enum err_code code = configured(rs, &why);

	if (!key_sweep(job->key, &sweep, &mailbox))
		return OUTBOX_DONE;
	if (code == ERR_OK)
		code = away_delete(rs->conf.voicemail, sweep, mailbox, NULL, &why);
	fault_point("voicemail-deleted");
	if (code == ERR_OK)
		return OUTBOX_DONE;
	*err = why;
	return trouble(rs, job, code, err);
}

enum err_code sounds_delete_settle(struct txn *t, const struct outbox_job *job, enum outbox_result result,
	const struct err *why, void *arg, struct err *err)
{
	struct note n = { job, "deleted", "" };
	struct arena a;
	enum err_code code;

	(void)result;
	(void)why;
	(void)arg;
	arena_init(&a, 0);
	code = note_user(&n, t->db, &a, err);
	if (code == ERR_OK)
		code = alert_over(job, t->db, err);
	arena_release(&a);
	return code;
}
