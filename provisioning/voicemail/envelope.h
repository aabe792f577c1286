/* msgNNNN.txt: who called, when, how long. Pure.
 *
 * Asterisk writes it as an ini file with one section, [message]; older ones without the section. Callers choose what
 * stands in `callerid`, so every text comes out as UTF-8 without control characters, whatever went in. */
#ifndef PROVISIONING_VOICEMAIL_ENVELOPE_H
#define PROVISIONING_VOICEMAIL_ENVELOPE_H

#include <stdbool.h>
#include <stdint.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/err.h"
#include "phonecfg/base/slice.h"

enum { ENVELOPE_MAX = 64 * 1024 };

struct envelope {
	const char *origmailbox, *context, *exten, *rdnis, *callerchan, *callerid, *origdate, *category, *flag, *msg_id;
	const char *caller_name, *caller_number; /* both halves of callerid */
	int64_t origtime_s, duration_s;          /* 0 when absent or no number */
};

/* Never fails on what it reads: what is missing is "" or 0, the first of several counts, the rest is passed over.
 * ERR_NOMEM alone. Texts live in the arena. */
enum err_code envelope_parse(struct slice text, struct arena *a, struct envelope *out, struct err *err);
/* One value of a [greeting] or [message] file that we write ourselves; "" when it is not there. */
const char *envelope_value(struct slice text, const char *name, struct arena *a);
/* Is this an id that a URL and a log line can carry as it is: letters, digits, '-', '_' and '.', not at the start, at
 * most 64 of them? */
bool envelope_id_fits(const char *id);

#endif
