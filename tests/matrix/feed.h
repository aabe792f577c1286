/* The steps of a combination as JSON, for the emulator in Python: one object, one line. */
#ifndef TESTS_MATRIX_FEED_H
#define TESTS_MATRIX_FEED_H

#include <stdio.h>

#include "tests/matrix/desk.h"
#include "tests/matrix/scene.h"

/* birth: the rule of what the phone is that is turned, or NULL. */
void feed_begin(FILE *f, const char *name, const struct scene *s, const char *birth);
void feed_stored(FILE *f, enum handset_layer layer, const char *name, const char *value);
void feed_local(FILE *f, const char *name, const char *value, bool web);
/* A pull of these files. After it the phone registers lines exactly so, none of the words is in any value, and every
 * value is as the first emulator has it. words ends with NULL. */
void feed_pull(FILE *f, const struct files *files, const struct handset *after, const char *const *words,
	const struct scene *scene, struct arena *a);
void feed_fork(FILE *f, bool back); /* keep this state; go back to the kept one */
void feed_end(FILE *f);

#endif
