/* What of the person who left is still on a phone. By field and by whole words: see RESIDUE_*. */
#ifndef PHONECFG_HANDSET_RESIDUE_H
#define PHONECFG_HANDSET_RESIDUE_H

#include "phonecfg/handset/handset.h"

enum residue_word_kind {
	RESIDUE_NAME,      /* first, last or display name: anywhere */
	RESIDUE_EMAIL,     /* anywhere */
	RESIDUE_SECRET,    /* anywhere, whole value; never printed */
	RESIDUE_NUMBER,    /* a personal number (direct number, mobile): anywhere */
	RESIDUE_EXTENSION, /* extension or SIP user: only in the slots and keys taken away */
	RESIDUE_ANY        /* anywhere, even inside another word (the tool, tests) */
};
/* "Anywhere": but for settings that the last files wrote and that carry no person, where the word means something else.
 */
struct residue_word {
	enum residue_word_kind kind;
	const char *text;
};
struct residue_place {
	bool key;               /* else: an account */
	unsigned module, index; /* account slot, or key */
};

struct residue_query {
	const struct residue_word *words;
	size_t nwords;
	const char *const
		*kept; /* values that the new model itself holds: no residue where a value equals one of them */
	size_t nkept;
	const struct residue_place *taken; /* slots and keys taken away */
	size_t ntaken;
};

enum residue_why {
	RESIDUE_UNTOUCHED, /* a field that carries a person still holds what it held, and no new file wrote it */
	RESIDUE_WORD,      /* a word of the old person */
	RESIDUE_PLACE      /* the old extension in a slot or key that was taken away */
};
struct residue {
	enum handset_layer layer;
	const char *parameter;
	enum residue_why why;
	enum residue_word_kind word; /* for WORD and PLACE */
	const char *text;            /* the word; "***" for a secret; "" for UNTOUCHED */
	const char *rule;            /* NULL: by every reading; else the handset_rules switch under which it stays */
};
struct residue_list {
	struct residue *v;
	size_t n, cap;
};

/* Does this field carry a person (names, users, secrets, numbers, keys, phonebook logins, addresses that phones call)?
 */
bool residue_carries_person(enum handset_kind kind, const char *parameter);

/* before may be NULL (then UNTOUCHED is not looked for). All text in *a. */
enum err_code residue_find(const struct handset *before, const struct handset *after, const struct residue_query *query,
	struct arena *a, struct residue_list *out, struct err *err);

/* Lets a copy of before take the new files (pull is called once per reading, and must serve the same bytes) and looks,
 * for the plain reading and with each open rule of this vendor turned the other way. *before stays as it is. Rules that
 * say what the phone is (from_birth) are the caller's: they belong to *before, and to the files that it took. */
typedef enum err_code residue_pull_fn(struct handset *hs, void *arg, struct err *err);
enum err_code residue_check(const struct handset *before, residue_pull_fn *pull, void *arg,
	const struct residue_query *query, struct arena *a, struct residue_list *out, struct err *err);

/* "account.1.label still holds the name of the person who left (local)". Returns out. */
const char *residue_sentence(const struct residue *r, char *out, size_t size);

#endif
