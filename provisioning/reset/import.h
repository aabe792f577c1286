/* CSV of users, devices, phones and phone numbers: a report per row, and all rows or none.
 *
 * The first line names the columns, in any order, as the API names its fields:
 *   users:   user,name-first-name,name-last-name,email-address,user-scope,department,site,voicemail-login-pin,
 *            caller-id-number,caller-id-number-emergency
 *   devices: user,device,kind
 *   phones:  mac,model,site,line,device,label,notes   (one row per line; a phone without a device is vacant)
 *   numbers: phonenumber,dial-rule-application,dial-rule-translation-destination-user,dial-rule-description,enabled
 * Which of them it is follows from the columns. RFC 4180 quoting; LF or CRLF. */
#ifndef PROVISIONING_RESET_IMPORT_H
#define PROVISIONING_RESET_IMPORT_H

#include <stdbool.h>
#include <stddef.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/err.h"
#include "phonecfg/base/slice.h"

struct reset;

struct import_row {
	unsigned line;      /* in the file, from 1; the header is line 1 */
	const char *key;    /* "1001", "1001b", the MAC or the number */
	const char *result; /* "created", "changed", "same" or "error" */
	const char *error;  /* the sentence; NULL when there is none */
};

struct import_report {
	const char *what; /* "users", "devices", "phones" or "phone numbers" */
	struct import_row *rows;
	size_t nrows, nerrors;
	bool written; /* false: a dry run, or an error in at least one row */
};

/* add_numbers: may a number be taken in that the domain does not have? ERR_INPUT when the header is none of these, and
 * when rows are wrong: then the sentence names the first one, and *out holds them all. Everything in the arena. */
enum err_code import_csv(struct reset *rs, const char *domain, struct slice text, bool dry_run, bool add_numbers,
	const char *who, const char *from, struct arena *a, struct import_report *out, struct err *err);

#endif
