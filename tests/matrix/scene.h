/* A desk before and after something happens to the person at it: models of phones, made by the rules of the issue and
 * of nothing that the server itself uses. Everything lives in the caller's arena. */
#ifndef TESTS_MATRIX_SCENE_H
#define TESTS_MATRIX_SCENE_H

#include "phonecfg/model/model.h"
#include "phonecfg/profile/profile.h"

/* Every name, label and secret of the person who leaves has MARK in it, every number that is his own begins with
 * OWN_NUMBER, and every host of the domain that is left has OLD_DOMAIN in it: what is left of him is found by search.
 */
#define MARK "mkqz"
#define OWN_NUMBER "9940177"
#define OLD_DOMAIN "mkqd"
#define LEAVER "41001"

enum situation { FULL, ONE_LINE, SHARED, MODULES_FULL, LOCAL_CHANGES, SITUATIONS };
enum operation { RESET_LINES, RESET_KEEP, RECYCLE, MOVE, OPERATIONS };
enum whose { DESKS, LEAVERS, LEAVERS_MORE, OTHERS };

struct scene {
	const struct profile *pf;
	enum situation situation;
	struct phone ph;
	enum whose *account_of; /* beside ph.accounts */
	enum whose *key_of;     /* beside ph.keys; DESKS where the key is the desk's */
	bool *names_him;        /* beside ph.keys: a key that shows the person who leaves */
};

const char *situation_word(enum situation s);
const char *operation_word(enum operation o);

/* Can this model be in that situation at all? why: half a sentence when it cannot. */
bool scene_possible(const struct profile *pf, enum situation s, const char **why);
/* few: not more accounts than the oldest firmware of the model can be given. */
void scene_make(
	const struct profile *pf, const char *firmware, enum situation s, bool few, struct arena *a, struct scene *out);
/* idle: a phone that is vacant then holds an idle line. */
void scene_next(const struct scene *before, enum operation op, bool idle, struct arena *a, struct scene *out);
/* The same with the next generation, and nothing else new. */
void scene_again(const struct scene *before, struct scene *out);

#endif
