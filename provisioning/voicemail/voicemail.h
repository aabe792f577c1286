/* Voicemail on disk, in the layout of Asterisk's app_voicemail: <root>/<context>/<mailbox>/INBOX|Old|Deleted|…
 *
 * The disk is the truth, and a PBX works on it at the same time. Nothing here goes by a path: every step is one name
 * below an open folder (tree.h), a folder of messages is changed only under app_voicemail's own lock (lock.h), and what
 * a caller names is compared with what is there. Calls touch the disk and may wait for a lock: on workers alone. */
#ifndef PROVISIONING_VOICEMAIL_VOICEMAIL_H
#define PROVISIONING_VOICEMAIL_VOICEMAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "phonecfg/base/err.h"
#include "provisioning/voicemail/lock.h"
#include "provisioning/voicemail/names.h"
#include "provisioning/voicemail/sync.h"

struct voicemail_conf {
	const char *root;      /* VM_SPOOL_DIR of app_voicemail; must be on one file system */
	const char *contexts;  /* "{domain}", or "example.com=default …": names_open() */
	const char *mailboxes; /* "{user}" */
	struct lock_conf lock;
	unsigned messages_max; /* maxmsg of voicemail.conf: most messages in one folder */
};

struct voicemail {
	char *root;
	struct names *names;
	struct lock_conf lock;
	unsigned messages_max;
	struct sync_group *syncs;
};

/* Does not look at the disk: a spool that is mounted later is no reason not to start. ERR_INPUT: the patterns. */
enum err_code voicemail_open(const struct voicemail_conf *conf, struct voicemail **out, struct err *err);
void voicemail_close(struct voicemail *vm); /* NULL is allowed */

/* An open mailbox. */
struct mailbox_dir {
	int root, context, box;
};

/* ERR_NOT_FOUND: there is no such mailbox, which app_voicemail makes at the first message; ERR_CONFLICT: a link or
 * something else stands in its place; ERR_IO. Nothing is left open on failure. */
enum err_code mailbox_open(
	const struct voicemail *vm, const struct mailbox *box, struct mailbox_dir *out, struct err *err);
/* The same, made when it is not there. */
enum err_code mailbox_make(
	const struct voicemail *vm, const struct mailbox *box, struct mailbox_dir *out, struct err *err);
void mailbox_close(struct mailbox_dir *d);

#endif
