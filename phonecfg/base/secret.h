/* A password or key. Its own type, so that it cannot reach a log, an error or a format string by accident: it prints as
 * "***", is compared in constant time and is wiped when it goes. */
#ifndef PHONECFG_BASE_SECRET_H
#define PHONECFG_BASE_SECRET_H

#include <stdbool.h>
#include <stddef.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/slice.h"

struct secret {
	const char *bytes; /* NULL = none; NUL-terminated */
	size_t n;
};

/* A copy in the arena, which wipes it on release. */
struct secret secret_copy(struct arena *a, struct slice s);
bool secret_set(const struct secret *s); /* is there one? */
bool secret_eq(const struct secret *a, const struct secret *b);
/* The one way out: for an emitter, a hash or a cipher. Grep for it. */
struct slice secret_reveal(const struct secret *s);
/* "***", or "(none)". For logs. */
const char *secret_mask(const struct secret *s);

#endif
