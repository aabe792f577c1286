/* The data of a template: a tree of objects, lists and plain values that lives in one arena.
 *
 * A phone's tree has thousands of values and is built for every file, so what costs is kept small: a member's name is
 * not copied, and small whole numbers, truths and nulls are values that all trees share (read-only). Texts are copied.
 * Builders return NULL when the arena ran out; every function takes NULL where a value is wanted and then does nothing,
 * so that a whole tree is built freely and arena_failed() is asked once at the end. */
#ifndef PHONECFG_TEMPLATE_TVAL_H
#define PHONECFG_TEMPLATE_TVAL_H

#include <stdbool.h>
#include <stddef.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/secret.h"
#include "phonecfg/base/slice.h"

enum tval_kind { TVAL_NULL, TVAL_BOOL, TVAL_INT, TVAL_NUMBER, TVAL_TEXT, TVAL_LIST, TVAL_OBJECT };

struct tval_member {
	const char *key;
	struct tval *value;
};

struct tval {
	enum tval_kind kind;
	bool secret; /* a text that must be written exactly or not at all, see escape.h */
	/* Nothing in it changes as long as it lives, and trees share it: see template/program.h. */
	bool fixed;
	union {
		bool truth;
		long long integer;
		double number;
		struct slice text;
		struct {
			struct arena *arena;
			struct tval_member *entries; /* in order of insertion */
			size_t count, cap;
		} object;
		struct {
			struct arena *arena;
			struct tval **items;
			size_t count, cap;
		} list;
	} as;
};

struct tval *tval_null(struct arena *a);
struct tval *tval_bool(struct arena *a, bool v);
struct tval *tval_int(struct arena *a, long long v);
struct tval *tval_number(struct arena *a, double v);
struct tval *tval_text(struct arena *a, struct slice v);
/* The revealed bytes of a secret; the caller's arena wipes them on release. No secret gives an empty text. */
struct tval *tval_secret(struct arena *a, const struct secret *v);
struct tval *tval_list(struct arena *a);
struct tval *tval_object(struct arena *a);

/* Adds a member to an object. The name must live as long as the tree (a literal does). Of two of one name the later one
 * is found. */
void tval_put(struct tval *object, const char *name, struct tval *v);
void tval_put_bool(struct tval *object, const char *name, bool v);
void tval_put_int(struct tval *object, const char *name, long long v);
void tval_put_str(struct tval *object, const char *name, const char *v);
/* Adds to the end of a list. */
void tval_push(struct tval *list, struct tval *v);

/* The member, or NULL (also when it is not an object). Quickest when name is the very pointer that was put. */
struct tval *tval_get(const struct tval *object, const char *name);
/* Mustache's idea of true: not null, false, zero, the empty text or the empty list; an object always is. NULL is not.
 */
bool tval_truthy(const struct tval *v);

#endif
