/* Phone numbers come, lead somewhere, and go. Every function works inside the caller's write transaction; where calls
 * ring changes after its commit. */
#ifndef PROVISIONING_RESET_NUMBERS_H
#define PROVISIONING_RESET_NUMBERS_H

#include "provisioning/reset/inventory.h"
#include "provisioning/store/number.h"

/* What stands at the end of a dial-rule-application. */
enum number_end {
	NUMBER_FREE,     /* nobody */
	NUMBER_USER,     /* the devices of a user */
	NUMBER_DEVICE,   /* one device */
	NUMBER_MAILBOX,  /* a user's voicemail */
	NUMBER_ELSEWHERE /* a queue, a connection: what Rekey does not know */
};

struct number_application {
	const char *word; /* as NetSapiens spells it */
	enum number_end end;
};

/* NULL for a word that is none. All of them: until the word is NULL. */
const struct number_application *number_application(const char *word);
extern const struct number_application number_applications[];

enum { NUMBER_DIGITS_MIN = 7, NUMBER_DIGITS_MAX = 15 /* ITU-T E.164 §6 */ };

/* "+15551230001" or "15551230001" -> its digits, in the arena. ERR_INPUT says what a number is. */
enum err_code number_read(const char *text, struct arena *a, const char **out, struct err *err);

/* row: number (as number_read gave it), domain_id, application and what was given with it. Where it leads is found out
 * here: ERR_INPUT when there is no such user or device, ERR_CONFLICT when the number is taken or is an extension. */
enum err_code numbers_add(struct inventory *in, const struct domain_row *dom, struct number_row *row, struct err *err);
/* Saves *row over what stands there. NUMBER_AVAILABLE leads to nobody, whatever destination the row still has. */
enum err_code numbers_save(struct inventory *in, const struct domain_row *dom, struct number_row *row, struct err *err);
enum err_code numbers_delete(struct inventory *in, const struct number_row *row, struct err *err);

#endif
