/* At the start: what a crash has left of moves and deletions, and of locks. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/map.h"
#include "provisioning/conf/log.h"
#include "provisioning/reset/reset.h"
#include "provisioning/reset/sounds.h"
#include "provisioning/voicemail/away.h"

enum err_code sounds_sweep(struct db *db, struct err *err)
{
	return outbox_put_once(db, "voicemail-sweep", "voicemail-sweep", "{}", 0, NULL, err);
}

/* What rows of the outbox still work on: by sweep and mailbox where the key has both, by mailbox alone before the move
 * is noted. */
static enum err_code working_on(struct db *db, struct arena *a, struct map *out, struct err *err)
{
	static const char *const kinds[] = { SOUNDS_MOVE, SOUNDS_DELETE };
	static char yes;
	struct outbox_row *rows;
	size_t i, k, n;
	enum err_code code;

	map_init(out, a);
	for (k = 0; k < 2; k++) {
		if ((code = outbox_list(db, kinds[k], (struct page){ 0, 0 }, a, &rows, &n, err)))
			return code;
		for (i = 0; i < n; i++) {
			const char *at = strchr(rows[i].key, k ? ':' : '/');

			if (at)
				map_put(out, at + 1, &yes);
		}
	}
	return arena_failed(a) ? err_set(err, ERR_NOMEM, "There is no memory to look for leftovers.") : ERR_OK;
}

/* The disk first, the rows afterwards: whatever is seen there had its row before it was moved. */
static enum err_code delete_leftovers(struct reset *rs, struct arena *a, unsigned *deleted, struct err *err)
{
	const struct voicemail *vm = rs->conf.voicemail;
	struct leftover *left;
	struct snap snap;
	struct map busy;
	size_t i, n;
	enum err_code code = away_list(vm, a, &left, &n, err);

	if (code || n == 0 || (code = store_snap(rs->store, &snap, err)))
		return code;
	code = working_on(snap.db, a, &busy, err);
	snap_end(&snap);
	for (i = 0; code == ERR_OK && i < n; i++) {
		const char *both = arena_printf(a, "%" PRId64 "/%s", left[i].sweep, left[i].mailbox);

		if (both == NULL || map_has(&busy, both) || map_has(&busy, left[i].mailbox))
			continue;
		code = away_delete(vm, left[i].sweep, left[i].mailbox, NULL, err);
		*deleted += code == ERR_OK;
	}
	return code;
}

enum outbox_result sounds_sweep_deliver(struct outbox_job *job, void *arg, struct err *err)
{
	struct reset *rs = arg;
	unsigned deleted = 0;
	char text[2][24];
	size_t locks = 0;
	struct arena a;
	enum err_code code;

	(void)job;
	if (rs->conf.voicemail == NULL)
		return OUTBOX_DONE;
	arena_init(&a, 0);
	code = away_unlock(rs->conf.voicemail, &locks, err);
	if (code == ERR_OK)
		code = delete_leftovers(rs, &a, &deleted, err);
	arena_release(&a);
	if (locks || deleted) {
		snprintf(text[0], sizeof(text[0]), "%zu", locks);
		snprintf(text[1], sizeof(text[1]), "%u", deleted);
		log_event(LOG_LEVEL_WARN, "voicemail-sweep", "locks", text[0], "mailboxes", text[1], NULL);
	}
	return code ? OUTBOX_RETRY : OUTBOX_DONE;
}
