/* One folder of messages as it lies on disk: the files of each number, and how numbers are given. */
#ifndef PROVISIONING_VOICEMAIL_GROUP_H
#define PROVISIONING_VOICEMAIL_GROUP_H

#include "provisioning/voicemail/names.h"
#include "provisioning/voicemail/sound.h"

/* All files of one number. */
struct group {
	unsigned number;
	const char **names;
	size_t n, cap;
	bool txt;     /* msgNNNN.txt is there */
	bool foreign; /* a folder has such a name: the number is taken, and nothing of it is a message */
};

/* By number; other names are passed over. */
enum err_code groups_scan(int dir, struct arena *a, struct group **out, size_t *n, struct err *err);
/* How many numbers are messages. */
size_t groups_count(const struct group *g, size_t n);
/* The sound in that format, NULL = the one that is rather given to people; NULL when there is none. */
const char *group_sound(const struct group *g, const char *ext, const struct sound_format **format);
const char *group_txt(const struct group *g); /* NULL when there is none */

/* The envelope last: as long as it is there the message has its id, and what was cut off can be done again. */
enum err_code group_delete(int dir, const struct group *g, struct err *err);
/* The sounds first, the envelope last: it is the envelope that counts as a message. */
enum err_code group_move(int from, const struct group *g, int to, unsigned number, struct arena *a, struct err *err);
/* From 0000 on without gaps, as resequence_mailbox(). Also brings together what a crash in the middle of one such step
 * left under two numbers. */
enum err_code groups_close_gaps(int dir, struct arena *a, struct err *err);
/* "msg0007" and rest. */
char *group_name(struct arena *a, unsigned number, const char *rest);

#endif
