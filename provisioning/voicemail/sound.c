#include "provisioning/voicemail/sound.h"

#include <string.h>

/* Raw codings: bytes of one second (Asterisk's formats/format_*.c). */
static const struct sound_format formats[] = {
	{ "wav", "audio/wav", 0 },
	{ "wav16", "audio/wav", 0 },
	{ "WAV", "audio/wav", 0 },
	{ "wav49", "audio/wav", 0 },
	{ "mp3", "audio/mpeg", 0 },
	{ "ogg", "audio/ogg", 0 },
	{ "opus", "audio/ogg", 0 },
	{ "ulaw", "audio/basic", 8000 },
	{ "ul", "audio/basic", 8000 },
	{ "mu", "audio/basic", 8000 },
	{ "pcm", "audio/basic", 8000 },
	{ "alaw", "audio/x-alaw-basic", 8000 },
	{ "al", "audio/x-alaw-basic", 8000 },
	{ "gsm", "audio/x-gsm", 1650 },
	{ "sln", "audio/L16", 16000 },
	{ "raw", "audio/L16", 16000 },
	{ "sln16", "audio/L16", 32000 },
	{ "g722", "audio/G722", 8000 },
	{ "g729", "audio/G729", 1000 },
	{ "g726-32", "audio/G726-32", 4000 },
	{ "ilbc", "audio/iLBC", 1667 },
	{ "siren7", "audio/G7221", 4000 },
	{ "siren14", "audio/G7221", 6000 },
	{ "vox", "application/octet-stream", 4000 },
	{ "h263", "video/H263", 0 },
	{ "h264", "video/H264", 0 },
};
enum { FORMATS = sizeof(formats) / sizeof(formats[0]) };

const struct sound_format *sound_format(const char *ext)
{
	size_t i;

	for (i = 0; i < FORMATS; i++)
		if (strcmp(formats[i].ext, ext) == 0)
			return &formats[i];
	return NULL;
}

unsigned sound_rank(const struct sound_format *f)
{
	return (unsigned)(f - formats);
}

/* ---- RIFF (Multimedia Programming Interface and Data Specifications 1.0, "Waveform Audio File Format") ---- */

struct wave {
	unsigned tag, channels, rate, per_s, bits;
	uint64_t data; /* bytes of sound */
};

static unsigned le(const char *p, size_t n)
{
	unsigned v = 0;

	while (n > 0)
		v = v << 8 | (unsigned char)p[--n];
	return v;
}

/* Walks the chunks up to "data"; size: of the whole file, of which head may be the beginning alone. */
static bool read_wave(struct slice head, uint64_t size, struct wave *w)
{
	size_t at = 12;
	bool format = false;

	*w = (struct wave){ 0 };
	if (head.n < 12 || memcmp(head.p, "RIFF", 4) != 0 || memcmp(head.p + 8, "WAVE", 4) != 0)
		return false;
	while (at + 8 <= head.n) {
		const char *p = head.p + at;
		uint64_t n = le(p + 4, 4), left = size - at - 8;

		if (memcmp(p, "data", 4) == 0) {
			w->data = n < left ? n : left; /* a recorder that died left 0 or more than there is */
			return format;
		}
		if (memcmp(p, "fmt ", 4) == 0 && n >= 16 && at + 24 <= head.n) {
			w->tag = le(p + 8, 2);
			w->channels = le(p + 10, 2);
			w->rate = le(p + 12, 4);
			w->per_s = le(p + 16, 4);
			w->bits = le(p + 22, 2);
			format = true;
		}
		if (n > left)
			return false;
		at += 8 + (size_t)n + (size_t)(n & 1);
	}
	return false;
}

int64_t sound_length_ms(const struct sound_format *f, struct slice head, uint64_t size)
{
	struct wave w;

	if (f->per_s)
		return (int64_t)(size * 1000 / f->per_s);
	if (strcmp(f->type, "audio/wav") != 0 || !read_wave(head, size, &w) || w.per_s == 0)
		return 0;
	return (int64_t)(w.data * 1000 / w.per_s);
}

enum { TAG_PCM = 1, TAG_GSM = 0x31 };

enum err_code sound_sniff(struct slice bytes, const char **ext, struct err *err)
{
	struct wave w;

	*ext = NULL;
	if (!read_wave(bytes, bytes.n, &w))
		return err_set(
			err, ERR_INPUT, "This is no WAV file; send RIFF/WAVE with 8000 Hz, 16 bits and one channel.");
	if (w.channels == 1 && w.tag == TAG_PCM && w.bits == 16 && w.rate == 8000)
		*ext = "wav";
	else if (w.channels == 1 && w.tag == TAG_PCM && w.bits == 16 && w.rate == 16000)
		*ext = "wav16";
	else if (w.channels == 1 && w.tag == TAG_GSM && w.rate == 8000)
		*ext = "WAV";
	else
		return err_set(err, ERR_INPUT,
			"The PBX cannot play this WAV file (coding %u, %u Hz, %u bits, %u channels); send 8000 Hz, 16 bits, one "
			"channel.",
			w.tag, w.rate, w.bits, w.channels);
	if (w.data == 0)
		return err_set(err, ERR_INPUT, "This WAV file holds no sound; record it again.");
	return ERR_OK;
}
