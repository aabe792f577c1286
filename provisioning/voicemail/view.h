/* A folder of messages in memory, each with its id. For box.c and box_change.c. */
#ifndef PROVISIONING_VOICEMAIL_VIEW_H
#define PROVISIONING_VOICEMAIL_VIEW_H

#include "provisioning/voicemail/box.h"
#include "provisioning/voicemail/group.h"

/* A folder as people see it is one folder on disk, or two: Urgent and INBOX. */
enum { VIEW_DIRS = 2 };

struct view_message {
	struct message shown;
	const struct group *group;
	unsigned dir; /* index into view.dirs */
};

struct view {
	struct mailbox_dir box;
	enum folder folders[VIEW_DIRS];
	int dirs[VIEW_DIRS]; /* -1: not there */
	struct folder_lock locks[VIEW_DIRS];
	unsigned ndirs;
	struct view_message *v;
	size_t n;
};

/* Opens, locks and reads. must_lock: a folder that cannot be locked is an error; without it a folder that may not be
 * written is read as it stands. ERR_BUSY when the PBX holds a lock all the time. On failure nothing is left open. */
enum err_code view_open(const struct voicemail *vm, const struct mailbox *box, enum folder folder, bool must_lock,
	struct arena *a, struct view *out, struct err *err);
void view_close(struct view *v);
/* The message of that id, with or without an extension behind it; ERR_NOT_FOUND. */
enum err_code view_find(struct view *v, const char *id, struct view_message **out, struct err *err);
/* Fills in size, times and length of its sound. */
enum err_code view_measure(struct view *v, struct view_message *m, struct err *err);

#endif
