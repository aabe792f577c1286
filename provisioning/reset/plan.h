/* What a reset or a recycle of one user would do, before anything is done: the dry run.
 *
 * plan_load() reads the rows, plan_make() is pure: the same rows and the same request give the same plan. apply.h makes
 * the plan again inside its transaction and carries that one out, so a plan that was shown is never acted on when
 * stale. */
#ifndef PROVISIONING_RESET_PLAN_H
#define PROVISIONING_RESET_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/buf.h"
#include "phonecfg/base/err.h"
#include "phonecfg/base/mac.h"
#include "provisioning/reset/record.h"
#include "provisioning/voicemail/names.h"

struct db;
struct reset_conf;
struct catalog;

/* The options of a reset, each off until ticked; RESET.md's table. */
enum reset_option {
	OPTION_VOICEMAIL_MESSAGES,
	OPTION_VOICEMAIL_GREETINGS,
	OPTION_ANSWERING_RULES,
	OPTION_CUSTOM_CONTACTS,
	OPTION_PHONE_NUMBERS,
	OPTION_PHONE_LINES,
	OPTION_COUNT
};

struct option_row {
	const char *name;  /* "phone-lines": API field and, after "--", command-line flag */
	const char *label; /* "Remove lines from phones" */
};
/* The row of an option. */
const struct option_row *reset_option_row(enum reset_option option);
/* Is it done on this server? Voicemail is where it is set up. */
bool reset_option_here(const struct reset_conf *conf, enum reset_option option);
/* All that are done here, as bits: what Select All ticks, and what a delete clears. */
unsigned reset_options_all(const struct reset_conf *conf);
/* False for a name that is no option. */
bool reset_option_read(const char *name, enum reset_option *out);

/* The next person, as the recycle form has it. Texts belong to the caller; "" or NULL = not given. */
struct recycle_form {
	const char *first_name, *last_name; /* both required */
	const char *email;
	const char *phone; /* MAC of the phone that takes the line; NULL: the phones that have it now, or none */
	bool welcome;      /* the welcome mail goes to this person */
	bool later;        /* in an order alone: the form waits, with what it has, until a person fills it in */
};

/* A user's voicemail as a worker found it on the disk: a transaction does not look there. */
struct plan_sounds {
	const char *why;                     /* it could not be read: the sentence; NULL = it was */
	int64_t fresh, saved, trash, others; /* messages; urgent ones are new, every further folder is another */
	int64_t greetings, timeframes;       /* the recorded name is one of greetings */
	bool recorded_name;
	bool pin; /* app_voicemail keeps a PIN there */
};

struct plan_request {
	const char *domain;
	const char *user;
	bool reset;                         /* clear the person */
	bool remove;                        /* and the user with it: needs reset, and clears by every option */
	unsigned options;                   /* bit n = enum reset_option n; only with reset */
	const struct recycle_form *recycle; /* NULL: none */
	bool cut_off;                       /* do not wait for phones: the old secret dies at the commit */
	bool send_welcome_email;            /* to the next person; without an address a link for the administrator */
	const struct plan_sounds *sounds;   /* NULL: nobody has looked */
};

/* ERR_UNSUPPORTED, with a sentence, for an option that is not done on this server. */
enum err_code reset_options_check(const struct reset_conf *conf, unsigned options, struct err *err);
/* ERR_INPUT for a recycle without names, and for what does not go together. */
enum err_code plan_request_check(const struct plan_request *rq, struct err *err);

/* What one step does. Executed in this order. */
enum step_kind {
	STEP_CLEAR_PERSON, /* names, email, PIN, caller-id name, forwards, do-not-disturb, password, sessions, links */
	STEP_DELETE_UPLOADS, /* what phones uploaded for the person */
	/* n rows of the user's own, where an option says so */
	STEP_DELETE_RULES,
	STEP_DELETE_TIMEFRAMES,
	STEP_DELETE_CONTACTS,
	/* n sound files, after the commit; n 0 = nobody knows how many */
	STEP_DELETE_MESSAGES,
	STEP_DELETE_GREETINGS,
	STEP_BLANK_SOFTPHONE, /* device: its address serves blanks from now on */
	STEP_FREE_NUMBER,     /* from: a number that leads straight to the user becomes available */
	STEP_UNNAME_NUMBER,   /* from: a number whose description shows the person */
	STEP_UNASSIGN_LINE,   /* mac, slot, device */
	STEP_STRIP_KEY,       /* mac, module, index: a key of the line or of the person */
	STEP_DELETE_DEVICE,   /* device: every one but the primary */
	STEP_NAME_PERSON,     /* recycle: the next person's name and email */
	STEP_DROP_IDLE_LINE,  /* mac: the phone is not vacant any more */
	STEP_ASSIGN_LINE,     /* mac, slot, device */
	STEP_IDLE_LINE,       /* mac: the vacant phone gets a line of its own */
	STEP_REKEY_LINE,      /* mac, slot, device: a line that stays on a touched phone */
	STEP_NEW_LOGIN,       /* mac: the phone's own login, which whoever leaves may know */
	STEP_RELABEL,         /* mac, module, index: a key on another phone that shows the name */
	STEP_WELCOME,         /* the welcome mail, to: its address; "" = a link for the administrator */
	STEP_DELETE_USER,     /* the row itself; its records stay */
	STEP_KIND_COUNT
};

const char *step_word(enum step_kind kind); /* "unassign-line" */

struct plan_step {
	enum step_kind kind;
	struct mac mac;        /* zero where no phone is meant */
	int slot;              /* account slot, from 1; 0 = none */
	int module, index;     /* key; index 0 = none */
	const char *device;    /* "1001b"; NULL = none */
	const char *user;      /* whose the line or key is; NULL = nobody's */
	const char *from, *to; /* labels before and after; NULL = none */
	int64_t row;           /* id of the line, key, device or phone row that it changes; 0 = none */
	int64_t n;             /* how many it deletes; 0 where it is one thing */
};

enum key_fate {
	FATE_STAYS,
	FATE_ASLEEP, /* kept, not rendered while the phone is vacant; back at recycle to the byte */
	FATE_GOES,
	FATE_RELABELLED
};

const char *key_fate_word(enum key_fate fate);

struct plan_key {
	int module, index;
	const char *type, *value, *label; /* as they are now */
	const char *label_after;          /* NULL when the key goes */
	const char *owner;                /* "line", "desk" or "person" */
	enum key_fate fate;
};

/* One phone that gets a new file. */
struct plan_phone {
	struct mac mac;
	const char *model; /* profile id */
	bool vacant_before, vacant_after;
	bool relabel_only; /* another person's phone that only shows the name */
	bool told_at_once; /* else in the site's quiet window */
	struct plan_key *keys;
	size_t nkeys;
	const char *cannot_reach; /* plan_cannot_reach() */
	const char *arrival;      /* how and when the phone will come for its file: one sentence */
};

/* One record that will be written. */
struct plan_record {
	enum record_kind kind;
	struct mac mac; /* zero for a softphone */
	int slot;
	const char *device;
	const char *user;
	int64_t row; /* id of the softphone's address; 0 = none */
};

/* A rule of somebody else that rings the person's outside number: listed, not changed. */
struct plan_outside {
	const char *user, *timeframe, *number; /* "*" = the default rule; the number's last digits */
};

struct plan {
	const char *domain, *user;
	const char *name; /* who leaves, "First Last"; "" when the name is blank */
	const char *scope;
	bool scope_above_basic; /* the review names it and offers to lower it */
	bool reset, recycled, removed;
	bool already_reset;                       /* nothing is left to clear: no step, no record */
	const char *status_before, *status_after; /* account-status */
	struct plan_step *steps;
	size_t nsteps;
	struct plan_phone *phones;
	size_t nphones;
	struct plan_record *records;
	size_t nrecords;
	struct plan_outside *outside; /* only after plan_load() */
	size_t noutside;
	const struct plan_sounds *sounds; /* as the request has it; NULL without voicemail */
	struct mailbox mailbox;           /* of the user; empty names without voicemail */
	unsigned take;                    /* what leaves the mailbox: TAKE_… of voicemail/away.h */
	const char *const *stays;         /* one sentence each: what is not touched */
	size_t nstays;
};

/* Reads and plans. All in the arena. ERR_NOT_FOUND: no such domain, user or phone; ERR_CONFLICT: a phone in the recycle
 * form belongs to others or has no free line; ERR_INPUT, ERR_UNSUPPORTED as plan_request_check. */
enum err_code plan_load(struct db *db, const struct catalog *catalog, const struct reset_conf *conf,
	const struct plan_request *rq, struct arena *a, struct plan **out, struct err *err);

/* How many things all steps of one kind touch. */
size_t plan_count(const struct plan *plan, enum step_kind kind);

/* The counts of what is done, in words and as the JSON that a job keeps of a user; before: that of a part that was done
 * earlier, "" for none. In the arena; NULL when memory ran out. */
const char *plan_counts_said(const struct plan *plan, struct arena *a);
const char *plan_counts_json(const struct plan *plan, const char *before, struct arena *a);

/* One step, one phone, and the whole plan as a person reads it on a terminal. */
void plan_print_step(const char *word, const struct plan_step *s, struct buf *out);
void plan_print_phone(const struct plan_phone *p, struct buf *out);
void plan_print(const struct plan *plan, struct buf *out);

struct profile;
/* What a phone of this model keeps to itself, so that only somebody at the phone clears it; NULL = nothing. */
const char *plan_cannot_reach(const struct profile *pf);

#endif
