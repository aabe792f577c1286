/* What things are called on the disk, and which of it a word from outside may mean. Pure.
 *
 * Folder and file names are app_voicemail's (mailbox_folders, make_file() and the greetings of its
 * apps/app_voicemail.c); the folder `timeframes` beside them is ours. */
#ifndef PROVISIONING_VOICEMAIL_NAMES_H
#define PROVISIONING_VOICEMAIL_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/err.h"
#include "phonecfg/base/slice.h"

enum {
	BOX_NAME_MAX = 79, /* AST_MAX_CONTEXT and AST_MAX_EXTENSION are 80 with the NUL */
	CONTEXTS_MAX = 256,
	MESSAGES_LIMIT = 9999 /* four digits; maxmsg of app_voicemail goes no further */
};

/* ---- which mailbox ---- */

struct mailbox {
	char context[BOX_NAME_MAX + 1], name[BOX_NAME_MAX + 1];
};

struct names;

/* contexts: words, each `domain=context` for one domain, or one pattern with {domain} for all others. mailboxes: a
 * pattern with {user}. ERR_INPUT says what is wrong: two domains must never share a mailbox. */
enum err_code names_open(const char *contexts, const char *mailboxes, struct names **out, struct err *err);
void names_close(struct names *n); /* NULL is allowed */
/* ERR_UNSUPPORTED: this domain has no context; ERR_INPUT: the name would be none that a folder can have, or another
 * domain's. */
enum err_code names_mailbox(
	const struct names *n, const char *domain, const char *user, struct mailbox *out, struct err *err);

/* ---- folders ---- */

enum folder {
	FOLDER_NEW,
	FOLDER_SAVED,
	FOLDER_TRASH,
	FOLDER_URGENT, /* new as well: counted and listed with it */
	FOLDER_WORK,
	FOLDER_FAMILY,
	FOLDER_FRIENDS,
	FOLDER_CUST1,
	FOLDER_CUST2,
	FOLDER_CUST3,
	FOLDER_CUST4,
	FOLDER_CUST5,
	FOLDER_COUNT
};

const char *folder_word(enum folder f); /* "new", "saved", "trash", "urgent", … */
const char *folder_dir(enum folder f);  /* "INBOX", "Old", "Deleted", "Urgent", … */
/* The word, or NetSapiens' "save". */
bool folder_read(const char *word, enum folder *out);
/* Is this the name of one of them on disk? */
bool folder_is_dir(const char *name, enum folder *out);

/* ---- files ---- */

/* msgNNNN and what follows it: ".txt", ".wav", "-bak.txt", "intro.gsm", …; false for any other name. */
bool message_name(const char *name, unsigned *number, const char **rest);

enum greeting_kind { GREETING_UNAVAIL, GREETING_BUSY, GREETING_TEMP, GREETING_NAME, GREETING_KINDS };

const char *greeting_file(enum greeting_kind k); /* "unavail", "busy", "temp", "greet" */
/* A greeting's file, also one that is being recorded or was kept aside: the name alone, or followed by '.' or '-'. rest
 * is what follows. */
bool greeting_name(const char *name, enum greeting_kind *k, const char **rest);

#define TIMEFRAMES_DIR "timeframes"
#define SECRET_FILE "secret.conf" /* the PIN, where passwordlocation = spooldir */
enum { TIMEFRAME_FIRST = 10, TIMEFRAME_LAST = 99, TIMEFRAME_CHARS = 60 };

/* "NN-<time frame>", each byte but letters, digits and '_' as %XX: no time frame can name anything else. NULL when
 * memory ran out or the name would be too long. */
char *timeframe_stem(struct arena *a, unsigned index, const char *time_frame);
/* Splits such a name, with its extension; false when it is none. */
bool timeframe_name(struct arena *a, const char *name, unsigned *index, char **time_frame, const char **rest);

#endif
