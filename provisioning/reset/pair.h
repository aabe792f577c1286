/* First access without an address typed in: for a few minutes, whoever names this MAC and looks like this model gets
 * the phone's first file, once. What else it is given, and to whom not, is the phone plane's (phones/pairing.c). */
#ifndef PROVISIONING_RESET_PAIR_H
#define PROVISIONING_RESET_PAIR_H

#include "provisioning/outbox/outbox.h"
#include "provisioning/reset/reset.h"
#include "provisioning/store/phone.h"

/* May this phone be let in anew by that way (a bit of conf/ways.h)? ERR_CONFLICT: it is retired, or that way is off in
 * its domain or on this server; the sentence says which setting. */
enum err_code pair_allowed(const struct reset *rs, const struct phone_row *row, unsigned way, struct err *err);
/* The ways that are good for a phone of a domain in which these are off. */
unsigned pair_ways(const struct reset *rs, int64_t ways_off);

/* In a transaction. Opens the window for so long (0 = as the settings say), also one that is open or used up. */
enum err_code pair_open(struct reset *rs, struct db *db, const struct mac *mac, int64_t for_ms, struct arena *a,
	int64_t *until_ms, struct err *err);
enum err_code pair_close(struct db *db, const struct mac *mac, struct arena *a, struct err *err);

/* The window gives its one first file now, to this address; the phone's login is a new one from here on, so that its
 * first use shows who got it. ERR_NOT_FOUND: the window is closed or used up. Waits for the commit: not on an edge
 * thread. */
enum err_code pair_take(struct reset *rs, const struct mac *mac, const char *from, int64_t *taken_ms, struct err *err);
/* That file never arrived whole: the window is open again, if it has not ended. Waits. */
enum err_code pair_lost(struct reset *rs, const struct mac *mac, int64_t taken_ms, struct err *err);

/* In a transaction: somebody came for the first file again. If the phone has not used its login after a while, there
 * are two of them. */
enum err_code pair_again(
	struct reset *rs, struct db *db, const struct mac *mac, const char *from, struct arena *a, struct err *err);
/* The outbox's "second-access": that while is over. */
enum outbox_result pair_again_deliver(struct outbox_job *job, void *arg, struct err *err);

#endif
