/* What a portal password and a voicemail PIN must be like. Pure. */
#ifndef PROVISIONING_RESET_PASSWORD_RULE_H
#define PROVISIONING_RESET_PASSWORD_RULE_H

#include <stdbool.h>
#include <stdint.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/slice.h"

enum pin_wish { PIN_NEVER, PIN_OPTIONAL, PIN_REQUIRED };

struct password_rule {
	int64_t length; /* letters at least */
	bool capital, digit;
	enum pin_wish pin;
	int64_t pin_length;   /* digits at least */
	const char *pin_weak; /* further PINs that are not taken, with blanks between them; NULL = none */
};

enum { PASSWORD_LETTERS_MAX = 128, PIN_DIGITS_MAX = 12 };

/* Length 8 with a capital and a digit; PIN optional, 4 digits. */
void password_rule_default(struct password_rule *rule);

/* Whose password it is to be: its parts of three letters or more must not stand in it. */
struct password_about {
	const char *ext, *first_name, *last_name, *login;
};

enum password_fault {
	PASSWORD_SHORT,
	PASSWORD_LONG,
	PASSWORD_NO_CAPITAL,
	PASSWORD_NO_DIGIT,
	PASSWORD_HAS_EXT,
	PASSWORD_HAS_NAME,
	PASSWORD_HAS_LOGIN,
	PASSWORD_ODD, /* a control character, or no UTF-8 */
	PIN_MISSING,
	PIN_NOT_DIGITS,
	PIN_SHORT,
	PIN_LONG,
	PIN_SAME,     /* 7777 */
	PIN_SEQUENCE, /* 2345, 5432; 9 and 0 are neighbours */
	PIN_PAIRS,    /* 1212 */
	PIN_IS_EXT,
	PIN_WEAK,
	PASSWORD_FAULTS
};

/* Bit n = enum password_fault n; 0 = good. */
unsigned password_faults(const struct password_rule *rule, const struct password_about *about, struct slice password);
/* An empty pin: none was given. */
unsigned pin_faults(const struct password_rule *rule, const struct password_about *about, struct slice pin);

/* What to do about it, one sentence; in the arena, NULL when memory ran out. */
const char *password_fault_sentence(const struct password_rule *rule, enum password_fault fault, struct arena *a);
/* All of them, one after another. */
const char *password_faults_text(const struct password_rule *rule, unsigned faults, struct arena *a);
/* The rule itself, for whoever has to choose: "At least 8 letters, …". */
const char *password_rule_sentence(const struct password_rule *rule, struct arena *a);
const char *pin_rule_sentence(const struct password_rule *rule, struct arena *a);

#endif
