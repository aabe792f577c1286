/* Where a key stands: beside the screen of the phone or of an expansion module, and on which page. Pure. */
#ifndef PHONECFG_PROFILE_PLACE_H
#define PHONECFG_PROFILE_PLACE_H

#include <stdbool.h>

#include "phonecfg/profile/profile.h"

enum key_side { SIDE_LEFT, SIDE_RIGHT, SIDE_COLUMN, SIDE_COUNT };
const char *key_side_word(enum key_side side); /* "left", "right", "" */

struct key_place {
	unsigned block; /* of pf->blocks, from 0; 0 on a module */
	unsigned page;  /* from 1, within the block or the module */
	enum key_side side;
	unsigned row;   /* from 1, down that side */
	bool known;     /* a profile's <layout> says so; else a column of PLACE_COLUMN keys a page is assumed */
	bool confirmed; /* and that layout has a source */
};

enum { PLACE_COLUMN = 12 };

/* False when the model has no such key (index from 1; module 0 is the phone itself). */
bool profile_place(const struct profile *pf, unsigned module, unsigned index, struct key_place *out);

/* One block of keys (or the modules, each of them) as a shape. */
struct key_shape {
	unsigned left, right, column; /* keys on a page on each side; column: of an unknown layout */
	unsigned pages;               /* those that the block's keys fill */
	bool page_key;                /* the last physical key of each page turns the page */
};
/* module 0: the block of that number; else block is not looked at. False when there is none. */
bool profile_shape(const struct profile *pf, unsigned module, unsigned block, struct key_shape *out);

#endif
