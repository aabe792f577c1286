/* One error vocabulary for both programs.
 *
 * A function that can fail returns an enum err_code (0 = success) and takes a caller-owned struct err as its last
 * argument: untouched on success, a full sentence on failure that says what is wrong and what to do. NULL is allowed
 * where the caller wants the code alone. Errors are logged once, where they are handled. */
#ifndef PHONECFG_BASE_ERR_H
#define PHONECFG_BASE_ERR_H

enum err_code {
	ERR_OK = 0,
	ERR_INPUT,        /* what was given is wrong; the sentence says how to mend it */
	ERR_NOT_FOUND,    /* no such thing */
	ERR_CONFLICT,     /* in the way of something that is there already */
	ERR_UNAUTHORIZED, /* the caller has not proved who it is */
	ERR_FORBIDDEN,    /* the caller is known and may not */
	ERR_LIMIT,        /* a named limit was passed */
	ERR_UNSUPPORTED,  /* a thing that this version does not do */
	ERR_BUSY,         /* soft: the same call may succeed later */
	ERR_IO,           /* file system, network or peer */
	ERR_NOMEM,        /* an allocation failed */
	ERR_BUG,          /* a state that must not be */
	ERR_COUNT
};

enum { ERR_TEXT_MAX = 768 };

struct err {
	enum err_code code;
	char text[ERR_TEXT_MAX];
};

/* Fills *e (when not NULL) and returns code, so that `return err_set(...)` reads well. Text longer than ERR_TEXT_MAX is
 * cut. */
enum err_code err_set(struct err *e, enum err_code code, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

/* Puts "prefix: " before the sentence that *e holds and returns its code. */
enum err_code err_prefix(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The stable lower-case word of a code ("input", "not-found", …); used in problem types and logs. */
const char *err_word(enum err_code code);

#endif
