/* msgNNNN.txt, which callers write in part, and the names of files that lie beside it. */
#include <stdint.h>
#include <string.h>

#include "phonecfg/base/text.h"
#include "provisioning/voicemail/envelope.h"
#include "provisioning/voicemail/names.h"
#include "provisioning/voicemail/sound.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Whatever came in, an answer in JSON and a log line can carry what comes out. */
static void check(const char *text)
{
	if (text == NULL || !text_is_utf8(slice_str(text)) || text_has_control(slice_str(text)))
		__builtin_trap();
}

static void names(struct arena *a, const char *name)
{
	enum greeting_kind k;
	const char *rest;
	unsigned n;
	char *frame, *stem;

	if (message_name(name, &n, &rest) && (n > MESSAGES_LIMIT || rest != name + 7))
		__builtin_trap();
	greeting_name(name, &k, &rest);
	if (!timeframe_name(a, name, &n, &frame, &rest))
		return;
	/* What can be read can be written, and names no other folder. */
	stem = timeframe_stem(a, n, frame);
	if (stem && strchr(stem, '/'))
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = { (const char *)data, size };
	const char *ext;
	struct envelope e;
	struct arena a;
	struct err err;

	arena_init(&a, 8 << 20);
	if (envelope_parse(text, &a, &e, &err) == ERR_OK) {
		const char *const out[] = { e.origmailbox, e.context, e.exten, e.rdnis, e.callerchan, e.callerid,
			e.origdate, e.category, e.flag, e.msg_id, e.caller_name, e.caller_number };
		size_t i;

		for (i = 0; i < sizeof(out) / sizeof(out[0]); i++)
			check(out[i]);
		if (e.origtime_s < 0 || e.duration_s < 0)
			__builtin_trap();
	}
	check(envelope_value(text, "script", &a));
	names(&a, arena_slice(&a, text));
	(void)sound_sniff(text, &ext, &err);
	(void)sound_length_ms(sound_format("wav"), text, size);
	arena_release(&a);
	return 0;
}
