/* The record of one handover on one phone, and the state that its facts add up to.
 *
 * A record says that a line was taken away, got a new secret, or that a phone got a new label, and collects facts as
 * they become known, in any order. The state is never stored by hand: it is a pure function of the facts, and README.md
 * in this folder prints the whole table (a test reads it there and walks every combination). */
#ifndef PROVISIONING_RESET_RECORD_H
#define PROVISIONING_RESET_RECORD_H

#include <stdbool.h>
#include <stdint.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/err.h"

struct db;
struct record_row;

enum record_kind {
	RECORD_UNASSIGNED, /* a line was taken off a phone: the device unassignment */
	RECORD_REKEYED,    /* a line that is on the phone got a new secret */
	RECORD_RELABELLED, /* another person's phone that showed the name */
	RECORD_SOFTPHONE,  /* a softphone address was turned into blanks; its line is unassigned with it */
	RECORD_KIND_COUNT
};

/* What is known. Bits, so that a test can walk all of them. */
enum record_fact {
	FACT_TOLD = 1 << 0,         /* a final answer to the NOTIFY came from that contact */
	FACT_TOLD_FAILED = 1 << 1,  /* the last NOTIFY got no 2xx: refused, timed out, or nobody was there to tell */
	FACT_FETCHED = 1 << 2,      /* every file that counts was delivered, of this generation or a later one */
	FACT_FLIPPED = 1 << 3,      /* the registrar's ha1 was read back as the new one */
	FACT_UNBOUND = 1 << 4,      /* no binding of the old identity is older than the flip */
	FACT_APPLIED = 1 << 5,      /* the phone registered with a secret that stood only in the new file */
	FACT_RESIDUE = 1 << 6,      /* the simulated phone still holds something of the person after the new files */
	FACT_WRITTEN_OFF = 1 << 7,  /* a person decided, with a reason */
	FACT_REOPENED = 1 << 8,     /* the old identity was seen again after the record had ended */
	FACT_NO_REGISTRAR = 1 << 9, /* there is no registrar to ask: flipped, unbound and applied stay unknown */
	FACT_CONTACTS = 1 << 10     /* the phone book was delivered that makes it drop what was typed in on it */
};
enum { FACT_BITS = 11 };

enum record_state {
	STATE_OPEN,
	STATE_TOLD,
	STATE_UNREACHABLE, /* told and failed */
	STATE_FETCHED,
	STATE_CUT_OFF, /* the old line is dead although the phone may still show it */
	STATE_CONFIRMED,
	STATE_WRITTEN_OFF,
	RECORD_STATE_COUNT
};

struct facts {
	enum record_kind kind;
	unsigned has; /* FACT_ bits */
};

/* One row of the table: the first row whose conditions hold gives the state. */
struct record_rule {
	unsigned kinds; /* bit n = record kind n */
	unsigned need;  /* all of these */
	unsigned lack;  /* none of these */
	enum record_state state;
};

/* The rules in order; *n gets their number. */
const struct record_rule *record_rules(unsigned *n);
enum record_state record_state(const struct facts *facts);

/* Nothing is waited for any more: confirmed or written off. */
bool record_ended(enum record_state state);

/* Why nothing better than "fetched" is to be had of a server without a registrar. */
#define RECORD_NO_REGISTRAR                                                                                              \
	"this server has no registrar to ask ([registrar] kind = none): that the phone fetched its file is all that it " \
	"can see, not whether the old secret is refused, the old registration gone or the new one in use"
/* What is not proved yet, as sentences with a semicolon between; "" when nothing is waited for. NULL: no memory. */
const char *record_missing(const struct facts *facts, struct arena *a);

/* What the store knows of a record. registrar: is there one? */
struct facts record_facts(const struct record_row *row, bool registrar);

/* Sets a fact (once; see record_fact_set) or takes it back, then derives the state and writes it when it changed.
 * *changed (may be NULL): did the fact change? */
enum err_code record_note(struct db *db, int64_t id, enum record_fact fact, int64_t at_ms, const char *evidence,
	bool registrar, struct arena *a, bool *changed, struct err *err);
enum err_code record_take_back(
	struct db *db, int64_t id, unsigned facts, bool registrar, struct arena *a, struct err *err);

/* The words of the API, the store and the table: "unassigned", "cut-off", "told-failed". The readers return false for a
 * word that is none. */
const char *record_state_word(enum record_state state);
const char *record_kind_word(enum record_kind kind);
const char *record_fact_word(enum record_fact fact);
bool record_state_read(const char *word, enum record_state *out);
bool record_kind_read(const char *word, enum record_kind *out);
bool record_fact_read(const char *word, enum record_fact *out);

#endif
