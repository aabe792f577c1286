/* The neutral words: settings that every vendor's phone has under another name. One table says what each may be.
 *
 * An admin sets a word like any override, at any layer, and all vendors follow; PHONE.json has them under "settings".
 * What a vendor makes of a word is in its template and its table of values, nowhere else. No secret is a word. */
#ifndef PHONECFG_MODEL_WORDS_H
#define PHONECFG_MODEL_WORDS_H

#include <stdbool.h>
#include <stddef.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/err.h"
#include "phonecfg/model/model.h"

enum word_kind {
	WORD_BOOL,     /* "true" or "false"; also 1, 0, yes, no, on, off */
	WORD_NUMBER,   /* min..max */
	WORD_CHOICE,   /* one of choices */
	WORD_CODECS,   /* several of choices, best first, blanks or commas between: "g722 pcma" */
	WORD_WINDOW,   /* "22:00-06:00" */
	WORD_HOST,     /* host name or address */
	WORD_URL,      /* http:// or https://, and what choices adds */
	WORD_USER,     /* number or user part of an address */
	WORD_ZONE,     /* IANA name; whether there is such a zone is vendor_check's to say */
	WORD_LANGUAGE, /* "de", "pt-br" */
	WORD_COUNTRY,  /* ISO 3166-1, two letters */
	WORD_KIND_COUNT
};

/* ACCOUNTS: of every account of the phone that is in use. */
enum word_scope { WORD_OF_PHONE, WORD_OF_ACCOUNTS };

struct word {
	const char *name;
	enum word_scope scope;
	enum word_kind kind;
	long long min, max;  /* WORD_NUMBER */
	const char *unit;    /* or NULL */
	const char *choices; /* "off|optional|required"; URL: further schemes; or NULL */
	const char *def;     /* what stands when nobody sets it, in words */
	const char
		*samples; /* "a|b": values that differ, to find out what a word changes; NULL: follows from the kind */
	const char *help; /* one sentence */
	size_t offset;    /* of the member in struct phone or struct account */
};

size_t word_count(void);
const struct word *word_at(size_t i); /* in the order of the alphabet; NULL beyond the last */
const struct word *word_find(const char *name);
/* What it may be, in words: "a number from 60 to 604800 s". */
void word_type(const struct word *w, char *out, size_t size);
/* The i-th of some good values that all differ, into out; false when there are no more. */
bool word_sample(const struct word *w, size_t i, char *out, size_t size);

/* Is that a value of this word? Empty always is: it sets the default again. ERR_INPUT names word and reason. */
enum err_code word_check(const struct word *w, const char *value, struct err *err);
/* The same, and ph has it (accounts in use too). Text is copied into the arena. */
enum err_code word_set(const struct word *w, const char *value, struct arena *a, struct phone *ph, struct err *err);

/* A word that an override set, and where. */
struct word_source {
	const struct word *word;
	enum override_layer layer;
	const char *value;
};

/* *out: the phone after its overrides that are words, lower layers first, a later layer wins over an earlier one and
 * any over the phone's own value. What is left in out->overrides are vendors' parameters, one per name, ordered by name
 * (bytes). in is not touched; out shares its parts where nothing changes. Overrides that are no good (override_check)
 * are left out: they must not keep a phone from its file.
 * sources (may be NULL): the words that stand, in the order of the table. ERR_NOMEM only. */
enum err_code phone_apply_words(const struct phone *in, struct arena *a, struct phone *out,
	struct word_source **sources, size_t *nsources, struct err *err);

#endif
