/* Letters: what a mail says, as Mustache templates for subject, text and HTML. templates/mail/ has the ones that come
 * with the program; a reseller or a domain may have others (store/mail.h).
 *
 * Strict: a name that the data does not have is refused with part:line:column. Values go through the escaper of their
 * part's language, and nothing goes around it. */
#ifndef PROVISIONING_MAIL_LETTER_H
#define PROVISIONING_MAIL_LETTER_H

#include <stdbool.h>
#include <stdint.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/err.h"

enum letter_kind { LETTER_WELCOME, LETTER_PASSWORD_RESET, LETTER_COUNT };

const char *letter_word(enum letter_kind kind); /* "welcome", "password-reset" */
bool letter_read(const char *word, enum letter_kind *out);

enum { LETTER_SUBJECT_MAX = 200, LETTER_PART_MAX = 64 * 1024, LETTER_OUT_MAX = 256 * 1024 };

/* The three parts: as templates, or rendered. */
struct letter_text {
	const char *subject, *text, *html;
};

/* What a template may name, each without the quotes: "first_name", "last_name", "name", "user", "domain", "company",
 * "login", "link", "hours". */
struct letter_data {
	const char *first_name, *last_name, *name;
	const char *user, *domain;
	const char *company; /* the domain's description, or its name */
	const char *login, *link;
	int64_t hours; /* how long the link works */
};
/* Somebody who is not there, for checks and previews. */
extern const struct letter_data letter_sample;

struct letter;

/* ERR_INPUT with part:line:column. The source need not outlive the call. */
enum err_code letter_compile(
	enum letter_kind kind, const struct letter_text *source, struct letter **out, struct err *err);
void letter_free(struct letter *l); /* NULL is allowed */

/* Read-only on *l: several threads at once may. The subject is one line, tidied. All in the arena. */
enum err_code letter_render(const struct letter *l, const struct letter_data *data, struct arena *a,
	struct letter_text *out, struct err *err);

/* Would this source do? It must fit, compile, and its text and its HTML must show the link: without it nobody could set
 * a password. */
enum err_code letter_check(enum letter_kind kind, const struct letter_text *source, struct err *err);

/* The source that comes with the program: dir/<word>.subject, .txt, .html. */
enum err_code letter_load(
	const char *dir, enum letter_kind kind, struct arena *a, struct letter_text *out, struct err *err);

#endif
