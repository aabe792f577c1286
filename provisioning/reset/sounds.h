/* What becomes of a person's voicemail: looked at before, ordered in the transaction, moved and deleted after it.
 *
 * Two rows of the outbox follow each other. `voicemail` moves what goes out of the way, in one step (voicemail/away.h);
 * when that is noted, `voicemail-delete` deletes it. Until then nobody new comes to the mailbox: a recycle waits. */
#ifndef PROVISIONING_RESET_SOUNDS_H
#define PROVISIONING_RESET_SOUNDS_H

#include "provisioning/outbox/outbox.h"
#include "provisioning/reset/plan.h"

/* Keys: "voicemail:<context>/<mailbox>", one per mailbox, so that two removals of it never run at once; and
 * "voicemail-delete:<sweep>/<mailbox>". */
#define SOUNDS_MOVE "voicemail"
#define SOUNDS_DELETE "voicemail-delete"

struct reset;
struct user_row;

/* What is there now. Touches the disk: on workers alone. NULL when there is no voicemail for this user, or no memory.
 */
struct plan_sounds *sounds_look(const struct reset *rs, const char *domain, const char *user, struct arena *a);

/* In the transaction of a reset: orders what the plan takes. job and part (the row of job_users): 0 = none. */
enum err_code sounds_order(struct db *db, const struct plan *plan, const struct user_row *user, int64_t job,
	int64_t part, struct arena *a, struct err *err);
/* Is something of this user's mailbox still to be moved away? False without voicemail. */
enum err_code sounds_pending(const struct reset *rs, struct db *db, const char *domain, const char *user,
	struct arena *a, bool *out, struct err *err);
/* The same as an error, ERR_BUSY, for whoever would put something new there. */
enum err_code sounds_free(
	const struct reset *rs, struct db *db, const char *domain, const char *user, struct arena *a, struct err *err);

/* In a transaction, at the start of the daemon: what a crash has left is looked for. */
enum err_code sounds_sweep(struct db *db, struct err *err);

outbox_deliver_fn sounds_move_deliver, sounds_delete_deliver, sounds_sweep_deliver;
outbox_settle_fn sounds_move_settle, sounds_delete_settle;

#endif
