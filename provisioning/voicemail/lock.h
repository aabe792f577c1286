/* app_voicemail's lock on one folder of messages (ast_lock_path() in Asterisk's main/app.c, by asterisk.conf's
 * lockmode):
 *
 *   lockfile  a file `.lock-<random>` is linked to `.lock`; whoever makes the link has the lock. A holder that died
 * leaves it behind, and Asterisk itself then loses every message for that folder: so an old one is taken away. flock
 * flock() on the file `lock`, which goes at the unlock; the kernel frees it when a holder dies. */
#ifndef PROVISIONING_VOICEMAIL_LOCK_H
#define PROVISIONING_VOICEMAIL_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "phonecfg/base/err.h"

struct lock_conf {
	bool flock;
	unsigned wait_ms; /* Asterisk waits 5 s */
	unsigned stale_s; /* a lockfile so old is nobody's: the work under it takes milliseconds */
};

struct folder_lock {
	int dir; /* a descriptor of its own */
	int fd;  /* flock: the locked file; -1 otherwise */
};

/* ERR_BUSY: held by another all the time. The other errors are tree.h's. */
enum err_code folder_lock(int dir, const struct lock_conf *conf, struct folder_lock *out, struct err *err);
/* Also in a folder that was moved meanwhile. Safe on one that was not taken (zeros and -1). */
void folder_unlock(struct folder_lock *l);
/* Takes away what a process of ours that is gone left locked. */
enum err_code folder_unlock_dead(int dir, bool *was, struct err *err);

#endif
