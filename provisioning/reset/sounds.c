#include "provisioning/reset/sounds.h"

#include <inttypes.h>
#include <stdio.h>

#include "provisioning/reset/payload.h"
#include "provisioning/reset/reset.h"
#include "provisioning/store/user.h"
#include "provisioning/voicemail/away.h"
#include "provisioning/voicemail/box.h"

enum { PAYLOAD_TEXT = 160 };

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
	return arena_printf(a, SOUNDS_MOVE ":%s/%s", box->context, box->name);
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
	return outbox_put(db, SOUNDS_MOVE, key, payload, OUTBOX_FIRST, NULL, err);
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
	return key ? outbox_there(db, SOUNDS_MOVE, key, out, err) : no_memory(err);
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
