/* A byte buffer that is born with its maximum.
 *
 * Additions that would pass the maximum, or find no memory, leave the buffer failed: it keeps what it had and ignores
 * what follows, so that a writer adds freely and asks buf_check() once. The bytes are always NUL-terminated. */
#ifndef PHONECFG_BASE_BUF_H
#define PHONECFG_BASE_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "phonecfg/base/err.h"
#include "phonecfg/base/slice.h"

struct buf {
	char *data; /* "" until the first addition */
	size_t len, cap, max;
	enum err_code failed; /* ERR_OK, ERR_LIMIT or ERR_NOMEM */
};

void buf_init(struct buf *b, size_t max);
void buf_release(struct buf *b); /* wipes and frees; as after buf_init */
void buf_reset(struct buf *b);   /* empty again, memory and maximum kept */

/* Makes room for n more bytes now, so that adding them allocates nothing; a failure shows as one of an addition. */
void buf_reserve(struct buf *b, size_t n);
void buf_add(struct buf *b, const char *p, size_t n);
void buf_str(struct buf *b, const char *s);
void buf_slice(struct buf *b, struct slice s);
void buf_char(struct buf *b, char c);
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

struct slice buf_view(const struct buf *b);
/* ERR_OK, or the failure with a sentence that names what (for example "the file of 001565abcdef"). */
enum err_code buf_check(const struct buf *b, const char *what, struct err *err);

#endif
