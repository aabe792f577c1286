/* A configuration file as a list of parameters, whichever vendor's language it is in: for checking and comparing.
 *
 * Made for files of others too: arbitrary bytes give findings, never a crash, and time that grows with the file. */
#ifndef PHONECFG_VENDOR_PARAMS_H
#define PHONECFG_VENDOR_PARAMS_H

#include <stdbool.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/err.h"
#include "phonecfg/base/slice.h"
#include "phonecfg/profile/profile.h"

enum params_form {
	FORM_CONFIG,   /* Yealink's name = value, Polycom's attributes */
	FORM_BOOT,     /* Yealink: names other files */
	FORM_MASTER,   /* Polycom: names other files; no parameters */
	FORM_CONTACTS, /* directories and phone books; no parameters */
	FORM_NUMBERS,  /* Grandstream version 1: "P271" */
	FORM_NAMES,    /* Grandstream version 2: items */
	FORM_APP,      /* a softphone's */
	FORM_COUNT
};

struct param {
	const char *name, *value;
	unsigned line;  /* from 1 */
	bool overwrite; /* Linphone's attribute */
};

struct params {
	enum vendor_id vendor; /* read from the first line or the root element; NONE when it is no phone's */
	enum params_form form;
	struct param *v;
	size_t n, cap;
};

/* SYNTAX: a phone throws the whole file away, or this line of it. */
enum finding_level { FINDING_WARNING, FINDING_ERROR, FINDING_SYNTAX };

struct finding {
	unsigned line;
	enum finding_level level;
	const char *text; /* a sentence without a place */
};

enum { FINDINGS_MAX = 2000 };
struct findings {
	struct arena *a;
	struct finding *v; /* the first FINDINGS_MAX */
	size_t n, cap;
	size_t errors, warnings; /* all */
};
void findings_init(struct findings *f, struct arena *a);
void findings_add(struct findings *f, enum finding_level level, unsigned line, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
void findings_sort(struct findings *f); /* by line; of one line in the order of being found */

/* In the order of the file, repeated names too. Yealink: name = value lines; Polycom: every attribute; Grandstream:
 * items and P-values (named "P271"); Linphone: "section/entry"; Acrobits "account/title"; Zoiper "account_1/username"
 * (the first account). What the file says without any parameter list: its syntax, its first line, its shape. ERR_NOMEM
 * only. */
enum err_code params_scan(
	struct slice text, struct arena *a, struct params *out, struct findings *found, struct err *err);
/* The same; ERR_INPUT that begins with "name:line: " when there is a syntax error. */
enum err_code params_read(struct slice text, const char *name, struct arena *a, struct params *out, struct err *err);

#endif
