/* Notes that are worth a row but not worth waiting for: that a phone pulled, that its own password or its token was
 * used, that an unknown MAC knocked. They go in one transaction: pulls and knocks twice a second, of each phone the
 * last pull; the others at once, or as soon as the writer is done with the last batch. Bounded: when too many wait, new
 * ones are dropped and counted. Any thread; never waits. */
#ifndef PROVISIONING_PHONES_NOTES_H
#define PROVISIONING_PHONES_NOTES_H

#include "provisioning/phones/identify.h"
#include "provisioning/phones/logins.h"

struct store;
struct notes;

enum {
	NOTES_MAX = 4096,
	NOTES_PAUSE_MS = 500,
	KNOCKS_MAX = 2048 /* in that time; further ones are lost, and come again */
};

/* ix: for telling known from unknown, and one password of a phone from another; it must live longer. */
struct notes *notes_new(struct store *st, struct logins *ix, unsigned unclaimed_max);
/* Waits until what was noted is written. */
void notes_free(struct notes *n);

void notes_pull(struct notes *n, const struct mac *mac, int64_t phone_id, const struct claim *claim, const char *ua,
	const char *from);
/* The same file of the same generation as before was delivered once more. name and hash: as the store has them; name
 * must live on. */
void notes_again(struct notes *n, int64_t phone_id, const char *name, uint64_t generation, const char *hash);
/* Of the password with that mark; if the phone has been given another one meanwhile, nothing is noted. */
void notes_password_seen(
	struct notes *n, const struct mac *mac, int64_t phone_id, const unsigned char mark[LOGIN_MARK]);
/* Shown from there, while it was good or later. */
void notes_token_used(struct notes *n, const struct mac *mac, int64_t token_id, const char *from);
/* Of anybody who proved nothing. It costs the same whether the MAC is known or not, and which are known is looked up at
 * the next tick, when the answer is long gone. The same MAC again within a minute is not written. */
void notes_knock(struct notes *n, const struct mac *mac, const struct claim *claim, const char *ua, const char *from);

#endif
