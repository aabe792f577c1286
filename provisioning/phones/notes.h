/* Notes that are worth a row but not worth waiting for: that a phone pulled, that its own password or its token was
 * used, that an unknown MAC knocked. They go in one transaction, twice a second, of each phone the last pull; that a
 * password was used at once, or as soon as the writer is done with the last batch. Bounded: when too many wait, new
 * ones are dropped and counted. Any thread; never waits. */
#ifndef PROVISIONING_PHONES_NOTES_H
#define PROVISIONING_PHONES_NOTES_H

#include "provisioning/phones/identify.h"
#include "provisioning/phones/logins.h"

struct store;
struct notes;

enum { NOTES_MAX = 4096, NOTES_PAUSE_MS = 500, LOOKS_MAX = 16 /* at one tick */ };

/* The index is to learn what the store has of that phone. */
typedef void notes_look_fn(void *ctx, const struct mac *mac);

/* look(ctx, mac) is called on a thread of the notes' own. ix: for telling known from unknown, and one password of a
 * phone from another; it must live longer. */
struct notes *notes_new(struct store *st, struct logins *ix, unsigned unclaimed_max, notes_look_fn *look, void *ctx);
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
/* A good one was shown from there, with that MAC or (NULL) none. */
void notes_token_used(struct notes *n, const struct mac *named, int64_t token_id, const char *from);
/* Of anybody who proved nothing: by way of knocks.h, for any MAC alike. Written is who is not known, and not the same
 * MAC again within a minute. token: of the first-access address that was asked, or NULL; one that has opened something
 * before is noted as used. */
void notes_knock(struct notes *n, const struct claim *claim, const char *token, const char *ua, const char *from);
/* A login or certificate of that MAC was refused: another process may have written what the index does not know. By the
 * same way; of a crowd LOOKS_MAX are looked at. */
void notes_login_refused(struct notes *n, const struct mac *mac);

#endif
