/* A small voicemail spool in a folder of its own, for the tests of provisioning/voicemail. */
#ifndef TESTS_UNIT_SPOOL_H
#define TESTS_UNIT_SPOOL_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "provisioning/voicemail/away.h"
#include "provisioning/voicemail/box.h"
#include "provisioning/voicemail/greeting.h"

struct spool {
	char top[64]; /* holds root and what must never be touched */
	char root[96];
	struct voicemail *vm;
	struct arena a;
	struct mailbox box; /* example.test/1001 */
};

int spool_open(void **state);
int spool_close(void **state);

/* Paths are below root, and printf formats. */
void spool_dir(struct spool *s, const char *path, ...) __attribute__((format(printf, 2, 3)));
void spool_file(struct spool *s, const char *bytes, const char *path, ...) __attribute__((format(printf, 3, 4)));
void spool_link(struct spool *s, const char *to, const char *path, ...) __attribute__((format(printf, 3, 4)));
/* A message as Asterisk writes it, with msg_id "<id>", and its sounds .wav and .gsm; id NULL: no msg_id. */
void spool_message(struct spool *s, const char *folder, unsigned number, const char *id);
/* Three messages in INBOX, one in Old, one in Urgent, two greetings and one with a time frame. */
void spool_fill(struct spool *s);

bool spool_has(struct spool *s, const char *path, ...) __attribute__((format(printf, 2, 3)));
/* The content, in the arena; NULL when it is not there. */
char *spool_read(struct spool *s, const char *path, ...) __attribute__((format(printf, 2, 3)));
/* Names in a folder; 0 when it is not there. */
size_t spool_count(struct spool *s, const char *path, ...) __attribute__((format(printf, 2, 3)));
/* Takes away the locks in the mailbox's folders. */
void spool_unlock(struct spool *s);
/* Deletes it with all that is in it. */
void spool_wipe(struct spool *s, const char *path, ...) __attribute__((format(printf, 2, 3)));
/* ids of a folder in order, with blanks between, in the arena. */
char *spool_ids(struct spool *s, enum folder f);
/* A WAV file of so many samples of silence. */
struct slice spool_wav(
	struct spool *s, unsigned tag, unsigned rate, unsigned bits, unsigned channels, unsigned samples);

#endif
