/* What the calls about voicemail and greetings share. */
#ifndef PROVISIONING_API_VOICE_H
#define PROVISIONING_API_VOICE_H

#include <sys/stat.h>

#include "provisioning/api/local.h"
#include "provisioning/voicemail/sound.h"
#include "provisioning/voicemail/voicemail.h"

struct voice {
	const struct voicemail *vm;
	struct user_row user;
	struct mailbox box;
	const char *base; /* "/api/v1/domains/example.test/users/1001" */
};

/* The user of the path and the mailbox; the snapshot is ended. ERR_FORBIDDEN: somebody of a higher scope;
 * ERR_UNSUPPORTED: no voicemail on this server or for this domain; for a change also ERR_BUSY: what a reset takes away
 * is still there. */
enum err_code voice_open(struct call *c, bool change, struct voice *out, struct err *err);
/* Of another user of the same domain, who must be there. */
enum err_code voice_other(struct call *c, const char *ext, struct mailbox *out, struct err *err);
/* The folder of the path. */
enum err_code voice_folder(struct call *c, enum folder *out, struct err *err);
/* The audit entry of something that is done on disk; takes before and after over, NULL = nothing. */
enum err_code voice_audit(struct call *c, const struct voice *v, const char *action, const char *object, json_t *before,
	json_t *after, struct err *err);
/* Answers with an open sound file and takes it over. Somebody else's ears are noted in the audit log. */
enum err_code voice_play(struct call *c, const struct voice *v, const char *what, int fd, const struct stat *st,
	const struct sound_format *f, struct err *err);

/* Members that messages and greetings have in common; base and name make the address of the sound. */
json_t *voice_shape(struct call *c, const char *filename, size_t order, int64_t length_ms, uint64_t size,
	int64_t modified_s, const char *url);

#endif
