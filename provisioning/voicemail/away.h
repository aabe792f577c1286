/* A person's voicemail goes: first moved out of the way in one step, then deleted.
 *
 * The way out is <root>/.rekey/<sweep>/<mailbox>, sweep being a number that is used for one removal and never again.
 * What stands there is nobody's any more, and the mailbox is free for the next person. Every call is safe to repeat:
 * after a crash at any point, the same call ends what was begun and takes nothing that came later. The one condition:
 * what was taken is not deleted before the taking is noted as done (away_delete() after away_take() has returned ERR_OK
 * for good).
 */
#ifndef PROVISIONING_VOICEMAIL_AWAY_H
#define PROVISIONING_VOICEMAIL_AWAY_H

#include "provisioning/voicemail/voicemail.h"

/* What of a mailbox. Messages and greetings together are the whole mailbox. */
enum {
	TAKE_MESSAGES = 1,  /* every folder, the one of recordings that are being made too */
	TAKE_GREETINGS = 2, /* all four, those with time frames, and what is being recorded */
	TAKE_PIN = 4        /* secret.conf */
};

/* Moves it, under the locks of the folders concerned. That is on disk after the next sync (sync.h), and must be before
 * it is noted as done. A mailbox that is not there is ERR_OK, and stays taken: one that is made later is not touched by
 * a repetition. ERR_BUSY, ERR_CONFLICT (a link in the place of the mailbox or of a folder; a mount), ERR_IO: nothing,
 * or a part, has been moved; repeat. */
enum err_code away_take(
	const struct voicemail *vm, int64_t sweep, const struct mailbox *box, unsigned what, struct err *err);

/* Deletes what was taken. *files (may be NULL): how many went now. ERR_OK when nothing is there. */
enum err_code away_delete(
	const struct voicemail *vm, int64_t sweep, const char *mailbox, unsigned long *files, struct err *err);

struct leftover {
	int64_t sweep;
	const char *mailbox;
};
/* What stands in the way out: by now somebody deletes it, or a database that was lost has forgotten it. */
enum err_code away_list(const struct voicemail *vm, struct arena *a, struct leftover **out, size_t *n, struct err *err);

/* Locks that a rekeyd left behind which is gone are taken away, in every mailbox; *n: how many. */
enum err_code away_unlock(const struct voicemail *vm, size_t *n, struct err *err);

#endif
