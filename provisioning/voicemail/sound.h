/* Formats of sound files, as Asterisk names them, and what a file really is. Pure. */
#ifndef PROVISIONING_VOICEMAIL_SOUND_H
#define PROVISIONING_VOICEMAIL_SOUND_H

#include <stdbool.h>
#include <stdint.h>

#include "phonecfg/base/err.h"
#include "phonecfg/base/slice.h"

struct sound_format {
	const char *ext;  /* "wav", "WAV", "gsm", …: case matters */
	const char *type; /* media type */
	unsigned per_s;   /* bytes per second of a file without a header; 0 = its header tells, or nothing does */
};

/* The format of an extension without its dot; NULL: no sound. The first rows are what people can play anywhere. */
const struct sound_format *sound_format(const char *ext);
/* Of two formats the one that is rather given to people: the smaller number. */
unsigned sound_rank(const struct sound_format *f);

enum { SOUND_HEAD = 4096 }; /* so much of a file tells what it is */

/* Milliseconds; head: up to SOUND_HEAD bytes of its beginning; 0 when it cannot be told. */
int64_t sound_length_ms(const struct sound_format *f, struct slice head, uint64_t size);

/* What was sent as a greeting: RIFF/WAVE, one channel, in one of the codings that format_wav, format_wav_gsm and their
 * 16 kHz form read: then the extension that the file must have. ERR_INPUT says what is needed instead. */
enum err_code sound_sniff(struct slice bytes, const char **ext, struct err *err);

#endif
