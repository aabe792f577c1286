/* What a phone DOES with the files that it pulls: in which order it asks for them, which one stops the search, and what
 * each leaves behind on the state that it had, by its vendor's rules. Pure: the network is a callback.
 *
 * A handset keeps what the hardware keeps: values from files, local changes of the person at the desk, flash values
 * that survive every file, and the hash of what it downloaded last. Every rule names its source beside it (rules_*.c);
 * where the sources leave a rule open it is a switch in struct handset_rules, and residue.h looks at both readings. */
#ifndef PHONECFG_HANDSET_HANDSET_H
#define PHONECFG_HANDSET_HANDSET_H

#include <stdbool.h>
#include <stddef.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/buf.h"
#include "phonecfg/base/err.h"
#include "phonecfg/base/mac.h"
#include "phonecfg/base/secret.h"
#include "phonecfg/base/slice.h"

struct profile;
struct handset;

enum handset_kind {
	HANDSET_YEALINK,
	HANDSET_POLYCOM,
	HANDSET_GRANDSTREAM,
	HANDSET_LINPHONE,
	HANDSET_ACROBITS,
	HANDSET_ZOIPER,
	HANDSET_KINDS
};

/* What a handset must know of its model. Texts are copied by handset_new. */
struct handset_model {
	enum handset_kind kind;
	const char *id;     /* the profile's name, e.g. "yealink-t46u" */
	const char *common; /* Yealink "y000000000108.cfg"; Grandstream "cfggxp2170.xml"; else NULL */
	const char *part;   /* Polycom part number "3111-48840-001"; else NULL */
	char token[24];     /* Yealink boot-file filter "T46U"; Polycom [PHONE_MODEL] "VVX450"; Grandstream "gxp2170" */
	unsigned accounts;  /* slots 1..accounts */
	unsigned keys;      /* own line keys 1..keys (Yealink, Polycom; Grandstream VPK) */
	bool numbers_only;  /* Grandstream: reads version 1 of the files alone */
	bool ata;           /* Grandstream: an ATA, whose own programs were run */
	unsigned modules, module_keys; /* expansion modules that it takes, and keys on each */
	bool lines_first;              /* Polycom: runs 3.x only, whose keys stand in the order of lines and lists */
	unsigned fixed_keys;           /* Grandstream: VPK 1..fixed_keys can be edited, never deleted */
	char firmware[40];             /* what it runs, "" = not known */
	bool old_names;                /* Yealink: reads names without static. and no boot file (before V81) */
	bool either; /* its firmware is not known and may be of either generation: Yealink of before V81 or
		      * of after (yealink_old_firmware), Grandstream by numbers alone or not
		      * (gs_numbers_only) */
};

/* The handset's view of a profile: pointers into it. False for a vendor that pulls nothing that we know. */
bool handset_model_of(const struct profile *profile, struct handset_model *out);
/* Says what the phone runs, as it named it itself; NULL or "" = not known, as handset_model_of leaves it. */
void handset_model_runs(struct handset_model *m, const struct profile *profile, const char *firmware);

/* Rules that the sources leave open. All false is the reading that the better source supports. */
struct handset_rules {
	bool protect_late; /* a file that ends protection of local changes does so only from the next pull on */
	bool yealink_local_dormant;  /* protect = 0 leaves the record of local changes in flash; protect = 1 revives it
				      */
	bool yealink_old_firmware;   /* a model that may run either generation runs the one before V81 */
	bool yealink_both_spellings; /* a name of the other generation counts where its own is not set */
	bool yealink_other_list;     /* contacts are read from vp_contact, before V81 from contactData */
	bool yealink_long_refused;   /* a value over the table's length is not taken */
	bool polycom_omission_keeps; /* an attribute that is left out keeps its old value */
	bool polycom_missing_drops;  /* a listed file that cannot be had is forgotten (else: its cached copy stands) */
	bool polycom_override_404;   /* a 404 to an override file clears it (else: the flash copy stands) */
	bool polycom_web_wins;       /* web changes beat changes made on the phone */
	bool polycom_lines_first;    /* keys are not assigned one by one, as on 3.x */
	bool gs_numbers_only;        /* a model that may read either reads numbers alone */
	bool gs_mandatory_free;      /* phones let a mandatory value be emptied (the ATA firmware refuses) */
	bool gs_ascii_only;          /* phones refuse letters above 126 in account values, as the ATA firmware does */
	bool gs_truncates_always;    /* leaving out the dynamic keys altogether removes them too */
	bool gs_check_sync_reboots;  /* a plain check-sync restarts the phone */
	bool gs_last_wins;           /* phones take the last of a repeated element (the ATA firmware takes the first) */
	bool gs_trims;               /* phones cut blanks at the ends of a value (the ATA firmware keeps them) */
	bool gs_binary_last;         /* the binary file is asked for after the others */
	bool gs_plain_taken;         /* phones with a file password still take plain files */
	bool linphone_prunes_auth;   /* versions since 2024-11: every auth_info is dropped before a file is applied */

	/* Acrobits and Zoiper: a node that a reply leaves out, or empties, keeps its value (else: the reply is all) */
	bool acrobits_omission_keeps, acrobits_empty_keeps, zoiper_omission_keeps, zoiper_empty_keeps;
	bool zoiper_others_stay; /* accounts that the reply does not name stay (else: they go) */
};

struct handset_rule_name {
	const char *name;
	size_t offset;          /* of the bool in struct handset_rules */
	enum handset_kind kind; /* HANDSET_KINDS = more than one */
	bool from_birth;        /* says what the phone is, not what it does: holds from its first file on */
};
/* The table of the switches above, ended by a NULL name. */
const struct handset_rule_name *handset_rule_names(void);

/* A phone as it leaves the factory. NULL when memory ran out or the model cannot be. */
struct handset *handset_new(const struct handset_model *model, const struct mac *mac, struct err *err);
struct handset *handset_clone(const struct handset *hs, struct err *err);
/* A clone to try something on: it shares the text of *hs, which must outlive it and stay as it is, and keeps what it
 * overwrote until it is freed. Many times as quick as a clone. */
struct handset *handset_fork(const struct handset *hs, struct err *err);
void handset_free(struct handset *hs); /* wipes; NULL is fine */

const struct handset_model *handset_model(const struct handset *hs);
const struct mac *handset_mac(const struct handset *hs);
struct handset_rules *handset_rules(struct handset *hs); /* to be changed by the caller */

/* ---- pulling ---- */

/* One request of the phone. method is "GET"; file a bare name ("001565abcdef.cfg"; directories that a master file names
 * stand before it) or an absolute URL when a file said so. Puts the body into *body and returns the HTTP status, 0 when
 * there was no answer. */
typedef int handset_fetch_fn(void *arg, const char *method, const char *file, struct buf *body);

enum handset_step_kind {
	HANDSET_APPLIED,   /* taken */
	HANDSET_UNCHANGED, /* identical to the last download: not looked at */
	HANDSET_REFUSED,   /* answered, but nothing of it was taken; why says so */
	HANDSET_ABSENT     /* not answered with 200 */
};
struct handset_step {
	const char *file;
	int status; /* HTTP; 0 = no answer, or handed in by handset_apply */
	enum handset_step_kind what;
	const char *why; /* for REFUSED; else "" */
};

/* Starts up or resyncs: the phone asks for its files in its own order and applies what it gets. The phone's view of a
 * failed download is never an error here; ERR_NOMEM and ERR_LIMIT are. */
enum err_code handset_pull(struct handset *hs, handset_fetch_fn *fetch, void *arg, struct err *err);

/* The same without a network: files in the order given, begin and end around them. The role of a file is read from its
 * name and root element. A file that the phone would refuse changes nothing and is no error (see handset_steps). */
enum err_code handset_begin(struct handset *hs, struct err *err);
enum err_code handset_apply(struct handset *hs, const char *file, struct slice body, struct err *err);
enum err_code handset_end(struct handset *hs, struct err *err);

/* What the last pull (or begin..end) did, in order; valid until the next one. */
const struct handset_step *handset_steps(const struct handset *hs, size_t *n);

/* ---- a person at the desk ---- */

/* Changes a value on the phone's own menu (or, for Polycom with web = true, on its web page). */
enum err_code handset_set_local(struct handset *hs, const char *name, const char *value, bool web, struct err *err);

/* Files the phone would send now (method "PUT"): override files, contacts, call list. Stops when put returns 0. */
typedef int handset_put_fn(void *arg, const char *method, const char *file, struct slice body);
enum err_code handset_uploads(const struct handset *hs, handset_put_fn *put, void *arg, struct err *err);

/* Power off and on changes nothing stored. A factory reset clears all. */
enum err_code handset_factory_reset(struct handset *hs, struct err *err);

/* ---- looking ---- */

/* The value in effect: local, file, flash or the model's default; "" when there is none. Valid until the next change.
 */
const char *handset_value(const struct handset *hs, const char *name);

/* Where a stored value lives. */
enum handset_layer {
	HANDSET_FILE,  /* from the pulled files */
	HANDSET_LOCAL, /* changed on the phone */
	HANDSET_WEB,   /* changed on the phone's web page (Polycom) */
	HANDSET_FLASH, /* Polycom device.*: survives omission */
	HANDSET_DATA,  /* contacts and call lists */
	HANDSET_SEEN,  /* name = file, value = hash of its last bytes */
	HANDSET_LAYERS
};
const char *handset_layer_name(enum handset_layer layer); /* "file", "local", "web", "flash", "data", "seen" */
bool handset_layer_parse(const char *s, enum handset_layer *out);

struct handset_entry {
	enum handset_layer layer;
	const char *name, *value;
	const char *source; /* the file that wrote it, or "" */
	bool written;       /* by the last pull */
};
/* Every stored value, also those that another layer hides, in a stable order: *v points into *a. */
enum err_code handset_entries(
	const struct handset *hs, struct arena *a, struct handset_entry **v, size_t *n, struct err *err);
/* Puts one stored value back (reading a saved state); source may be NULL. */
enum err_code handset_restore(struct handset *hs, enum handset_layer layer, const char *name, const char *value,
	const char *source, struct err *err);

enum handset_transport { HANDSET_UDP, HANDSET_TCP, HANDSET_TLS, HANDSET_NAPTR };

/* A line that this phone would register now. Pointers are valid until the next change of the handset. */
struct handset_line {
	unsigned slot; /* 1.. */
	const char *label, *display_name;
	const char *user;      /* of the address of record */
	const char *domain;    /* of the address of record; the server's host when none is set */
	const char *auth_user; /* never empty: falls back to user */
	struct secret secret;
	bool secret_is_ha1;            /* Linphone: a stored ha1 beats the password */
	struct secret password_beside; /* then: the password that is stored too, used for nothing */
	const char *server;            /* host or address */
	unsigned port;                 /* 0 = the transport's default */
	enum handset_transport transport;
	const char *proxy; /* outbound proxy, "" = none */
	unsigned proxy_port;
	unsigned expires_s;
};
enum err_code handset_lines(
	const struct handset *hs, struct arena *a, struct handset_line **v, size_t *n, struct err *err);

/* A key that this phone shows now (unused ones are left out). */
struct handset_key {
	unsigned module, index; /* 0 = the phone itself; index from 1 */
	const char *kind;       /* "line", "blf", "speed-dial", "other" */
	const char *label;      /* what the screen shows */
	const char *value;
	unsigned slot;         /* account, 0 = none */
	const char *parameter; /* the parameter that holds the label */
};
enum err_code handset_keys(
	const struct handset *hs, struct arena *a, struct handset_key **v, size_t *n, struct err *err);

/* The name and password with which the phone answers a challenge of the provisioning server next time, from its own
 * configuration. "" and no secret when it holds none. */
struct handset_credentials {
	const char *url, *user;
	struct secret password;
};
void handset_credentials(const struct handset *hs, struct handset_credentials *out);

/* ---- NOTIFY ---- */

enum handset_action { HANDSET_IGNORE, HANDSET_RESYNC, HANDSET_REBOOT };
struct handset_reaction {
	int status;        /* what it answers once it is satisfied: 200, 481, 489 */
	bool challenges;   /* first answers 401 and wants a line's own credentials */
	const char *realm; /* of that challenge, or "" */
	enum handset_action action;
	bool only_if_changed; /* Polycom: restarts only when a listed file differs */
};
/* event: the Event header's value, parameters included ("check-sync;reboot=false"). */
void handset_notify(const struct handset *hs, struct slice event, struct handset_reaction *out);

#endif
