/* One combination: a model, a firmware, a situation, what happens to the person. */
#ifndef TESTS_MATRIX_RUN_H
#define TESTS_MATRIX_RUN_H

#include <stdio.h>

#include "phonecfg/handset/residue.h"
#include "tests/matrix/desk.h"
#include "tests/matrix/scene.h"

struct combo {
	const struct world *w;
	const struct profile *pf;
	const char *firmware, *syntax;
	enum situation situation;
	enum operation operation;
	bool all;    /* every open rule in every combination, not one by turns */
	bool births; /* walk it again as each other phone that it may be */
	FILE *feed;  /* the steps for the other emulator, one JSON line; NULL = none wanted */
};

struct tally {
	unsigned turn;            /* which open rule is next */
	unsigned pulls, readings; /* plain pulls, and pulls with an open rule turned */
	unsigned births;          /* combinations walked again by a phone that is the other thing that it may be */
};

/* NULL when all is as it must be, else what is not, in the arena. */
const char *combo_run(const struct combo *c, struct tally *t, struct arena *a);

#endif
