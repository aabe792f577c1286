/* What was moved is on disk: one sync for all who wait at that moment.
 *
 * A sync takes as long as the disk needs, whether one mailbox was moved or hundreds. The first who wants one does it,
 * for everybody who has come meanwhile as well. */
#ifndef PROVISIONING_VOICEMAIL_SYNC_H
#define PROVISIONING_VOICEMAIL_SYNC_H

#include <stdbool.h>

#include "phonecfg/base/err.h"

struct sync_group;
struct voicemail;

struct sync_group *sync_group_new(void);    /* NULL when memory ran out */
void sync_group_free(struct sync_group *g); /* NULL is allowed */

/* code and err say whether the sync succeeded. Any thread that is in sync_later(). */
typedef void synced_fn(void *arg, enum err_code code, const struct err *err);
/* fn(arg, …) once what this thread has changed in the spool until now is on disk: by this thread before this returns,
 * or by another one that is at it. False when memory ran out: fn is not called then. */
bool sync_later(const struct voicemail *vm, synced_fn *fn, void *arg);
/* Now, by this thread. */
enum err_code sync_now(const struct voicemail *vm, struct err *err);

#endif
