/* What is known of a vendor's parameters: the rows of firmware-profiles/<vendor>/parameters.txt, whose README.md has
 * the format. Read once; after that only read: threads may share a book. */
#ifndef PHONECFG_VENDOR_BOOK_H
#define PHONECFG_VENDOR_BOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/err.h"
#include "phonecfg/base/slice.h"
#include "phonecfg/profile/profile.h"

enum param_type {
	PARAM_ANY,    /* not known */
	PARAM_BOOL,   /* 0 or 1; Polycom's also false and true */
	PARAM_INT,    /* min..max, decimal */
	PARAM_TEXT,   /* min..max characters */
	PARAM_BYTES,  /* min..max bytes of UTF-8 */
	PARAM_WORD,   /* one of words */
	PARAM_URL,    /* scheme://…, min..max bytes */
	PARAM_STRING, /* text; no source gives a limit */
	PARAM_TYPE_COUNT
};

enum param_flag {
	PARAM_MANDATORY = 1 << 0, /* a phone refuses an empty one and keeps what it had */
	PARAM_EMPTY = 1 << 1,     /* may be empty although its type has no empty value */
	PARAM_ASCII = 1 << 2,     /* characters 32..126 */
	PARAM_PRINT = 1 << 3,     /* characters 33..126 */
	PARAM_ALNUM = 1 << 4,
	PARAM_DIGITS = 1 << 5,
	PARAM_LINES = 1 << 6,   /* line breaks and tabs are part of the value (certificates) */
	PARAM_REBOOT = 1 << 7,  /* a change restarts the phone */
	PARAM_SECRET = 1 << 8,  /* shown as *** */
	PARAM_REPEATS = 1 << 9, /* may stand more than once in one file */
	PARAM_BOOT = 1 << 10,   /* is read from a boot file only */
};

enum { PARAM_RANGES_MAX = 4, PARAM_WHY_MAX = 200, PARAM_NAME_MAX = 256 };

struct param_range {
	unsigned first, last;
};

struct param_row {
	const char *name; /* pattern: "reg.{}.server.{}.address"; numbers of Grandstream's version 1: "P271" */
	enum vendor_id vendor;
	struct param_range ranges[PARAM_RANGES_MAX]; /* of the numbers {}, in order */
	unsigned nranges;                            /* 0 = any numbers */
	enum param_type type;
	long long min, max;
	const char *const *words; /* PARAM_WORD */
	size_t nwords;
	unsigned flags;
	const char *unit;             /* "s", "min", …; NULL = none or not known */
	const char *alias;            /* the other name of the same setting, as P-values have one; or NULL */
	const char *needs;            /* is taken only where this one is 1 (same numbers in both names); or NULL */
	const struct param_row *same; /* the row of alias, whose type holds where this one has none; or NULL */
	const char *fallback;         /* default; "" = empty, NULL = not known */
	const char *since;            /* first firmware that reads it; NULL = not known */
	const char *meaning;          /* one sentence; NULL = not known */
	unsigned line;                /* in parameters.txt */
};

struct param_book;

/* A row that is not well formed, a name that stands twice, a default that its own row refuses: ERR_INPUT that begins
 * with "file:line: ". */
enum err_code param_book_open(
	const char *profiles_dir, enum vendor_id vendor, struct param_book **out, struct err *err);
/* Is there such a file? */
bool param_book_exists(const char *profiles_dir, enum vendor_id vendor);
/* The same from text; file is for the errors. */
enum err_code param_book_read(
	struct slice text, const char *file, enum vendor_id vendor, struct param_book **out, struct err *err);
void param_book_free(struct param_book *b); /* NULL is allowed */
enum vendor_id param_book_vendor(const struct param_book *b);
/* The rows, ordered by name. */
size_t param_book_count(const struct param_book *b);
const struct param_row *param_book_at(const struct param_book *b, size_t i);

/* By a name ("reg.3.address") or a pattern ("reg.{}.address"); NULL when there is none. Allocates nothing. */
const struct param_row *param_book_row(const struct param_book *b, const char *name);
/* Is that number one of Grandstream's version 1 whose meaning is not written down? */
bool param_book_number(const struct param_book *b, const char *name);
/* The pattern that a name was most likely meant to be, or NULL when none is near. */
const char *param_book_nearest(const struct param_book *b, const char *name);

/* "reg.3.address" -> "reg.{}.address": each part that is a number; "proxy_3/realm" -> "proxy_{}/realm". False when it
 * does not fit. */
bool param_pattern(const char *name, char out[PARAM_NAME_MAX]);

/* Would a phone take this value? NULL when it would; else why not, a half sentence in why ("may have at most 32
 * characters"). Pure: no allocation, no locale. A vendor's own clear (%NULL%) fits every row. */
const char *param_row_judge(const struct param_row *row, struct slice value, char why[PARAM_WHY_MAX]);
/* Is each number of the name inside its range? As above. */
const char *param_row_numbers(const struct param_row *row, const char *name, char why[PARAM_WHY_MAX]);
/* Type and limits in words: "a number from 1 to 65535 (s)". */
void param_row_type(const struct param_row *row, char *out, size_t size);

/* Is its value one that is never shown: its row (may be NULL) says so, or its name sounds like a
 * password's. */
bool param_secret(const struct param_row *row, const char *name);

enum param_verdict {
	PARAM_FINE,
	PARAM_UNKNOWN, /* no such name */
	PARAM_NUMBER,  /* a number in the name is out of range */
	PARAM_VALUE    /* the value does not fit */
};
/* All of the above for one name and value; row may be NULL. why: a half sentence for all but FINE, else "". */
enum param_verdict param_judge(const struct param_book *b, const char *name, struct slice value,
	const struct param_row **row, char why[PARAM_WHY_MAX]);

#endif
