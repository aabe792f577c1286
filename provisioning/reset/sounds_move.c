/* After the commit: a person's voicemail is moved away, and deleted. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/mem.h"
#include "provisioning/alert/alert.h"
#include "provisioning/conf/fault.h"
#include "provisioning/conf/log.h"
#include "provisioning/reset/payload.h"
#include "provisioning/reset/reset.h"
#include "provisioning/reset/sounds.h"
#include "provisioning/store/job.h"
#include "provisioning/voicemail/away.h"

enum { PAYLOAD_TEXT = 160, BUSY_TRIES = 3 };

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

static bool key_mailbox(const char *key, struct mailbox *out)
{
	const char *context = key + strlen(SOUNDS_MOVE ":"), *slash = strchr(context, '/');

	*out = (struct mailbox){ .name = "" };
	if (strncmp(key, SOUNDS_MOVE ":", strlen(SOUNDS_MOVE ":")) != 0 || slash == NULL ||
		(size_t)(slash - context) > BOX_NAME_MAX || strlen(slash + 1) > BOX_NAME_MAX)
		return false;
	memcpy(out->context, context, (size_t)(slash - context));
	memcpy(out->name, slash + 1, strlen(slash + 1));
	return true;
}

/* A number that is used for one removal of this mailbox: a job holds a user once. Without a job the row's own, far from
 * those of jobs. */
static int64_t sweep_of(const struct outbox_job *job)
{
	int64_t id = payload_number(job->payload, "job");

	return id ? id : (INT64_C(1) << 40) + job->id;
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
	struct arena arena;
	struct outbox_job job; /* a copy that outlives the delivery */
};

static struct synced *synced_new(struct reset *rs, const struct outbox_job *job)
{
	struct synced *s = mem_alloc(sizeof(*s));

	if (s == NULL)
		return NULL;
	arena_init(&s->arena, 0);
	s->rs = rs;
	s->job = (struct outbox_job){ .id = job->id,
		.kind = arena_strdup(&s->arena, job->kind),
		.key = arena_strdup(&s->arena, job->key),
		.payload = arena_strdup(&s->arena, job->payload),
		.attempt = job->attempt };
	return s;
}

static void synced_free(struct synced *s)
{
	if (s)
		arena_release(&s->arena);
	mem_free(s);
}

static void end_moved(void *arg, enum err_code code, const struct err *err)
{
	struct synced *s = arg;
	struct err why = *err;
	enum outbox_result result = code ? trouble(s->rs, &s->job, code, &why) : OUTBOX_DONE;

	fault_point("voicemail-before-settle");
	outbox_finish(s->rs->outbox, s->job.id, result, NULL, &why);
	synced_free(s);
}

static enum outbox_result sync_and_end(struct reset *rs, const struct outbox_job *job, struct err *err)
{
	struct synced *s = rs->outbox ? synced_new(rs, job) : NULL;
	enum err_code code;

	if (s && !arena_failed(&s->arena) && sync_later(rs->conf.voicemail, end_moved, s))
		return OUTBOX_PENDING;
	synced_free(s);
	code = sync_now(rs->conf.voicemail, err);
	return code ? trouble(rs, job, code, err) : OUTBOX_DONE;
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
	snprintf(key, sizeof(key), SOUNDS_DELETE ":%" PRId64 "/%s", sweep_of(job), box.name);
	snprintf(payload, sizeof(payload), "{\"user\":%" PRId64 ",\"domain\":%" PRId64 ",\"part\":%" PRId64 "}", user,
		payload_number(job->payload, "domain"), payload_number(job->payload, "part"));
	arena_init(&a, 0);
	code = outbox_put(t->db, SOUNDS_DELETE, key, payload, OUTBOX_FIRST, NULL, err);
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

	if (sscanf(key, SOUNDS_DELETE ":%" SCNd64, sweep) != 1 || slash == NULL)
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
