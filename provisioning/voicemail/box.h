/* The messages of one mailbox: listed, opened, deleted, moved, given to another one.
 *
 * A message is named by its id and never by its number, because numbers shift: folders stay without gaps, as
 * app_voicemail's resequence_mailbox() leaves them. Its id is msg_id of its envelope, or, where that is missing, no fit
 * name or not its alone, one made of its file. Changes are made under the folder's lock and wait for it. */
#ifndef PROVISIONING_VOICEMAIL_BOX_H
#define PROVISIONING_VOICEMAIL_BOX_H

#include <sys/stat.h>

#include "provisioning/voicemail/envelope.h"
#include "provisioning/voicemail/sound.h"
#include "provisioning/voicemail/voicemail.h"

enum { COPY_MAX_MB = 64 }; /* of one sound file that is given to another mailbox */

struct message {
	const char *id;
	enum folder folder; /* where it really lies: also FOLDER_URGENT in a list of FOLDER_NEW */
	unsigned number;
	struct envelope envelope;
	const struct sound_format *format; /* of the file that is rather given to people; NULL: no sound is there */
	const char *sound;                 /* its name */
	uint64_t size;
	int64_t modified_s, length_ms;
};

/* FOLDER_NEW holds Urgent too, which comes first. By number. What start and limit leave out is counted, not read.
 * A folder or mailbox that is not there is empty. */
enum err_code box_list(const struct voicemail *vm, const struct mailbox *box, enum folder folder, size_t start,
	size_t limit, struct arena *a, struct message **out, size_t *n, size_t *total, struct err *err);
/* ERR_NOT_FOUND when there is no such id. id may carry an extension, as file names do. */
enum err_code box_find(const struct voicemail *vm, const struct mailbox *box, enum folder folder, const char *id,
	struct arena *a, struct message *out, struct err *err);
/* Its sound, for reading: in that format, NULL = the one that people can play. ERR_NOT_FOUND: no such message or
 * format.
 */
enum err_code box_sound(const struct voicemail *vm, const struct mailbox *box, enum folder folder, const char *id,
	const char *ext, struct arena *a, int *fd, struct stat *st, const struct sound_format **format,
	struct err *err);

enum err_code box_delete(
	const struct voicemail *vm, const struct mailbox *box, enum folder folder, const char *id, struct err *err);
/* Into another folder of the same mailbox, as its last message. ERR_CONFLICT when that one is full. */
enum err_code box_move(const struct voicemail *vm, const struct mailbox *box, enum folder folder, const char *id,
	enum folder to, struct err *err);
/* A copy as a new message of another mailbox, with an id of its own. ERR_CONFLICT when that one is full. */
enum err_code box_forward(const struct voicemail *vm, const struct mailbox *box, enum folder folder, const char *id,
	const struct mailbox *to, struct err *err);

struct box_counts {
	size_t messages[FOLDER_COUNT];
	size_t others;      /* in folders that app_voicemail does not know */
	size_t greetings;   /* standing ones */
	size_t timeframes;  /* those with a time frame */
	bool recorded_name; /* counted in greetings too */
	bool pin;           /* app_voicemail keeps the PIN in this mailbox */
};

/* What is there now, without a lock. Zeros when there is no such mailbox. */
enum err_code box_count(const struct voicemail *vm, const struct mailbox *box, struct box_counts *out, struct err *err);
size_t box_count_messages(const struct box_counts *c);

#endif
