/* The greetings of one mailbox: app_voicemail's four, and those with a time frame in the folder `timeframes` beside
 * them (NN-<time frame>.wav), which a dial plan may play.
 *
 * Numbers as the API has them: 1 unavail, 2 busy, 3 temp, 4 the recorded name, 10 to 99 with a time frame. A number is
 * part of the file's name, so it stays when others go. */
#ifndef PROVISIONING_VOICEMAIL_GREETING_H
#define PROVISIONING_VOICEMAIL_GREETING_H

#include <sys/stat.h>

#include "provisioning/voicemail/sound.h"
#include "provisioning/voicemail/voicemail.h"

enum {
	GREETING_BYTES_MAX = 4 * 1024 * 1024, /* two minutes of 16 kHz */
	SCRIPT_CHARS = 1000
};

struct greeting {
	unsigned index;
	const char *kind;       /* "unavail", "busy", "temp", "greet"; "timeframe" */
	const char *time_frame; /* NULL = always */
	const char *script;     /* what is said, as somebody wrote it down; "" = unknown */
	const char *sound;      /* file name */
	const struct sound_format *format;
	uint64_t size;
	int64_t modified_s, length_ms;
};

/* By number. A mailbox that is not there has none. */
enum err_code greeting_list(const struct voicemail *vm, const struct mailbox *box, struct arena *a,
	struct greeting **out, size_t *n, struct err *err);
enum err_code greeting_find(const struct voicemail *vm, const struct mailbox *box, unsigned index, struct arena *a,
	struct greeting *out, struct err *err);
enum err_code greeting_sound(const struct voicemail *vm, const struct mailbox *box, unsigned index, struct arena *a,
	int *fd, struct stat *st, const struct sound_format **format, struct err *err);

struct greeting_new {
	unsigned index;         /* 0: the next free one with a time frame */
	const char *time_frame; /* NULL: the one that this number has */
	const char *script;     /* NULL or "": none */
	struct slice sound;     /* sound_sniff() says what it is */
};
/* Replaces all formats of that number. ERR_INPUT: the sound, or a number that is none; ERR_CONFLICT: that time frame
 * has another number, or all are taken; ERR_LIMIT: too big. *index: the number that it has. */
enum err_code greeting_put(const struct voicemail *vm, const struct mailbox *box, const struct greeting_new *g,
	unsigned *index, struct err *err);
/* ERR_NOT_FOUND when there is none of that number. */
enum err_code greeting_delete(const struct voicemail *vm, const struct mailbox *box, unsigned index, struct err *err);

#endif
