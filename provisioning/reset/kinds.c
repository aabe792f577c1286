#include "provisioning/reset/kinds.h"

#include <string.h>

#include "provisioning/conf/ways.h"
#include "provisioning/outbox/outbox.h"
#include "provisioning/registrar/registrar.h"
#include "provisioning/reset/after_drop.h"
#include "provisioning/reset/aliases.h"
#include "provisioning/reset/flip.h"
#include "provisioning/reset/job.h"
#include "provisioning/reset/overdue.h"
#include "provisioning/reset/pair.h"
#include "provisioning/reset/payload.h"
#include "provisioning/reset/post.h"
#include "provisioning/reset/proof.h"
#include "provisioning/reset/reset.h"
#include "provisioning/reset/serving.h"
#include "provisioning/reset/sounds.h"
#include "provisioning/reset/tell.h"
#include "provisioning/reset/watch.h"

#define DAY_MS (24 * 3600 * INT64_C(1000))

enum { MINUTE_MS = 60000, JOB_WAIT_MS = 500, TRANSFER_DAYS = 14 };

/* The key is an identity that the registrar was asked about. */
static enum outbox_result asked(const struct outbox_job *job, struct reset *rs, enum err_code code, struct err *err)
{
	const char *at = strrchr(job->key, '@');

	watch_registrar(rs, at ? at + 1 : job->key, err);
	return code ? OUTBOX_RETRY : OUTBOX_DONE;
}

static enum outbox_result flip_deliver(struct outbox_job *job, void *arg, struct err *err)
{
	return asked(job, arg, flip_identity(arg, job->key, err), err);
}

static enum outbox_result sweep_deliver(struct outbox_job *job, void *arg, struct err *err)
{
	return asked(job, arg, flip_sweep(arg, job->key, payload_number(job->payload, "flipped_ms"), err), err);
}

/* The payload is the contact. */
static enum outbox_result unbind_deliver(struct outbox_job *job, void *arg, struct err *err)
{
	struct reset *rs = arg;

	if (rs->registrar == NULL)
		return OUTBOX_DONE;
	return asked(job, rs, registrar_unbind(rs->registrar, job->key, job->payload, err), err);
}

static enum outbox_result residue_deliver(struct outbox_job *job, void *arg, struct err *err)
{
	struct mac mac;
	enum err_code code;

	if (!mac_parse(slice_str(job->key), &mac))
		return OUTBOX_DONE;
	code = serving_prepare(arg, &mac, err);
	return code == ERR_OK || code == ERR_NOT_FOUND ? OUTBOX_DONE : OUTBOX_RETRY;
}

static enum outbox_result job_deliver(struct outbox_job *job, void *arg, struct err *err)
{
	struct reset *rs = arg;
	enum err_code code = job_run(rs, job->key, err);

	if (code == ERR_BUSY) { /* it waits for another job */
		job->again_ms = rs->now_ms() + JOB_WAIT_MS;
		return OUTBOX_AGAIN;
	}
	return code == ERR_OK || code == ERR_NOT_FOUND ? OUTBOX_DONE : OUTBOX_RETRY;
}

static enum outbox_result alias_deliver(struct outbox_job *job, void *arg, struct err *err)
{
	return aliases_bring(arg, job->key, err) ? OUTBOX_RETRY : OUTBOX_DONE;
}

/* Attempts 0 = for ever: what was committed is brought to its end. */
static const struct outbox_kind table[] = {
	{ .name = "job", .deliver = job_deliver, .first_ms = 500, .cap_ms = MINUTE_MS },
	{ .name = "notify", .deliver = tell_deliver, .settle = tell_settle, .first_ms = 1000, .cap_ms = MINUTE_MS },
	{ .name = "flip", .deliver = flip_deliver, .first_ms = 500, .cap_ms = MINUTE_MS },
	{ .name = "sweep", .deliver = sweep_deliver, .first_ms = 500, .cap_ms = MINUTE_MS },
	{ .name = "unbind", .deliver = unbind_deliver, .first_ms = 500, .cap_ms = MINUTE_MS },
	{ .name = "alias", .deliver = alias_deliver, .first_ms = 500, .cap_ms = MINUTE_MS },
	{ .name = "after-drop", .deliver = after_drop_deliver, .first_ms = 500, .cap_ms = MINUTE_MS },
	{ .name = "second-access", .deliver = pair_again_deliver, .first_ms = 500, .cap_ms = MINUTE_MS },
	{ .name = "residue", .deliver = residue_deliver, .attempts_max = 10, .first_ms = 500, .cap_ms = MINUTE_MS },
	{ .name = "proof", .deliver = proof_deliver, .first_ms = 1000, .cap_ms = MINUTE_MS },
	{ .name = "mail", .deliver = post_deliver, .first_ms = 1000, .cap_ms = MINUTE_MS },
	{ .name = "silence",
		.deliver = silence_deliver,
		.settle = silence_settle,
		.first_ms = 1000,
		.cap_ms = MINUTE_MS },
	{ .name = SOUNDS_MOVE,
		.deliver = sounds_move_deliver,
		.settle = sounds_move_settle,
		.first_ms = 500,
		.cap_ms = MINUTE_MS },
	{ .name = SOUNDS_DELETE,
		.deliver = sounds_delete_deliver,
		.settle = sounds_delete_settle,
		.first_ms = 500,
		.cap_ms = MINUTE_MS },
	{ .name = "voicemail-sweep", .deliver = sounds_sweep_deliver, .first_ms = 1000, .cap_ms = MINUTE_MS },
	{ .name = "overdue", .deliver = overdue_deliver, .first_ms = 1000, .cap_ms = MINUTE_MS },
};

enum { KINDS = sizeof(table) / sizeof(table[0]) };

const struct outbox_kind *reset_kinds(struct reset *rs, struct outbox_kind *out, size_t *n)
{
	size_t i;

	memcpy(out, table, sizeof(table));
	for (i = 0; i < KINDS; i++)
		out[i].arg = rs;
	*n = KINDS;
	return out;
}

void reset_conf_default(struct reset_conf *conf)
{
	*conf = (struct reset_conf){ .grace_ms = 30000,
		.longest_ms = 10 * MINUTE_MS,
		.sweep_ms = 2000,
		.notify_deadline_ms = 40000,
		.retell_ms = 30000,
		.silence_ms = 60 * MINUTE_MS,
		.transfer_ms = TRANSFER_DAYS * DAY_MS,
		.pair_ms = 5 * MINUTE_MS,
		.ways = WAYS_ALL,
		.second_access_ms = MINUTE_MS,
		.unconfirmed_ms = 240 * MINUTE_MS,
		.quiet_from_min = 120,
		.quiet_to_min = 300,
		.idle_lines = true,
		.link_ms = 48 * 60 * (int64_t)MINUTE_MS,
		.mail_give_up_ms = 48 * 60 * (int64_t)MINUTE_MS };
	password_rule_default(&conf->rule);
}
