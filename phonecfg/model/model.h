/* The facts about one phone, before any vendor's language: accounts, keys, settings and overrides.
 *
 * Plain values; every string lives in the caller's arena (or is static) and NULL means "not set". Nothing here knows a
 * parameter's name. A phone is VACANT when no account has the use LINE; the files made from it blank everything. */
#ifndef PHONECFG_MODEL_MODEL_H
#define PHONECFG_MODEL_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/err.h"
#include "phonecfg/base/mac.h"
#include "phonecfg/base/secret.h"

struct profile;

enum transport { TRANSPORT_UDP, TRANSPORT_TCP, TRANSPORT_TLS, TRANSPORT_COUNT };

/* NONE: blanked. LINE: a person's or a desk's line. IDLE: registers so that a vacant phone stays reachable; carries no
 * person, and is shown with a neutral label. */
enum account_use { ACCOUNT_NONE, ACCOUNT_LINE, ACCOUNT_IDLE, ACCOUNT_USE_COUNT };

struct account {
	unsigned slot; /* from 1 */
	enum account_use use;
	const char *label;        /* what the key shows; NULL = user */
	const char *display_name; /* caller name; NULL = none */
	const char *user;         /* user part of the address of record */
	const char *auth_user;    /* NULL = user */
	struct secret password;
	const char *domain; /* SIP domain; NULL = the phone's domain */
	const char *realm;  /* of the digest, where a file holds a hash of the password; NULL = domain */
	const char *server; /* registrar's host or address; NULL = domain */
	unsigned port;      /* 0 = the transport's own (or DNS) */
	enum transport transport;
	const char *proxy;     /* outbound proxy host; NULL = none */
	unsigned proxy_port;   /* 0 = the transport's own */
	unsigned expires_s;    /* 0 = 3600 */
	const char *voicemail; /* number that the messages key dials; NULL = none */
	bool shared;           /* a shared appearance */
};

/* PAGE: a paging number that is dialled. PARK: a park slot that is watched and dialled. */
enum key_type {
	KEY_NONE,
	KEY_LINE,
	KEY_SHARED_LINE,
	KEY_BLF,
	KEY_SPEED_DIAL,
	KEY_PARK,
	KEY_INTERCOM,
	KEY_VOICEMAIL,
	KEY_PAGE,
	KEY_TYPE_COUNT
};

/* Who a key belongs to decides what a reset does with it: goes with the line, stays with the desk, deleted. */
enum key_owner { KEY_OWNER_LINE, KEY_OWNER_DESK, KEY_OWNER_PERSON, KEY_OWNER_COUNT };

struct key {
	unsigned module; /* 0 = the phone itself, 1.. = expansion module */
	unsigned index;  /* from 1, over all key blocks of the module */
	enum key_type type;
	unsigned slot;      /* the account it uses, from 1; 0 = account 1 */
	const char *value;  /* number or address; NULL for line keys */
	const char *label;  /* NULL = the account's label, or the value */
	const char *pickup; /* pickup code of a BLF key; NULL = none */
	enum key_owner owner;
};

/* A vendor's own parameter, or a neutral word (words.h), set by an admin at some layer; the later layer wins. */
enum override_layer { LAYER_BRAND, LAYER_MODEL, LAYER_DOMAIN, LAYER_SITE, LAYER_PHONE, LAYER_COUNT };

struct override {
	enum override_layer layer;
	const char *name;
	const char *value;
};

/* How the phone reaches this server: written into the phone, so that later pulls prove who asks. */
struct prov {
	const char *url;  /* https://host:port/cfg/ with the slash at the end; NULL = leave what the phone has */
	const char *user; /* NULL = the MAC's 12 digits */
	struct secret password;
	/* Write address and login even where the vendor's phone restarts for it (Polycom). True for the first file
	 * after a token and after a change of the password; false on an ordinary change. Other vendors always write
	 * them. */
	bool write_login;
};

/* How sound and DTMF travel, what the phone shows and where it looks for things: the neutral words of README.md, the
 * same for every vendor. A member that is not set (0, NULL) leaves the default that README.md names. */
enum codec { CODEC_PCMU, CODEC_PCMA, CODEC_G722, CODEC_G729, CODEC_OPUS, CODEC_ILBC, CODEC_G726_32, CODEC_COUNT };
enum dtmf { DTMF_RFC4733, DTMF_INFO, DTMF_INBAND, DTMF_COUNT };
enum srtp { SRTP_OFF, SRTP_OPTIONAL, SRTP_REQUIRED, SRTP_COUNT };
enum tls_version { TLS_DEFAULT, TLS_1_0, TLS_1_1, TLS_1_2, TLS_1_3, TLS_VERSION_COUNT };

struct phone_settings {
	enum codec codecs[CODEC_COUNT]; /* wanted ones, best first; the others are off */
	size_t ncodecs;                 /* 0 = G722, PCMA, PCMU */
	enum dtmf dtmf;
	enum srtp srtp;
	unsigned keepalive_s;        /* NAT keep-alive; 0 = 30 */
	const char *tone;            /* country of the call-progress tones, ISO 3166-1 ("DE"); NULL = the phone's own */
	const char *phonebook_url;   /* shared directory; NULL = none */
	const char *firmware_url;    /* NULL = leave the phone's firmware alone */
	enum tls_version tls_min;    /* TLS_DEFAULT = TLS_1_2 where the phone can */
	bool tls_any_server;         /* do not check the server's certificate (first access in a closed network only) */
	bool poll_windowed;          /* poll once a day between the two, instead of every poll_minutes */
	unsigned poll_from, poll_to; /* minutes after local midnight, 0..1439 */
	bool keep_contacts;          /* contacts made on the phone are not sent to the server */
	bool keep_logs;              /* nor are its logs */
	bool directory;              /* the people of the domain as a phone book that this server keeps */
};

/* An entry of the phone book. */
struct listed_person {
	const char *first, *last; /* one of them may be NULL */
	const char *number;
};

struct phone {
	struct mac mac;
	const char *model;   /* profile id, for example "yealink-t46u" */
	uint64_t generation; /* stands in every per-phone file, so that bytes differ per generation */
	const char *domain;
	const char *timezone; /* IANA name; NULL = UTC */
	const char *ntp;      /* NULL = pool.ntp.org */
	const char *language; /* "en", "de", …; NULL = "en" */
	struct prov prov;
	struct secret admin_password; /* of the phone's menus and web page */
	struct secret user_password;
	unsigned poll_minutes; /* 0 = 1440 */
	const char *ca_url;    /* where the phone finds the CA certificate to trust; NULL = built-in list */
	struct phone_settings set;
	const char *firmware; /* what it last said it runs ("96.87.0.15"); NULL = unknown: written for all it may run */
	struct secret file_key;      /* its files are encrypted with this (vendor/crypt.h says how); not set = plain */
	struct secret file_key_next; /* the key that its file gives it, for the files to come; not set = file_key */
	struct secret filler; /* key from which meaningless values are derived for fields that may not be empty */
	struct account *accounts;
	size_t naccounts;
	struct key *keys;
	size_t nkeys;
	const struct key_places *places; /* of phone_place_keys; NULL = keys are looked for one by one */
	struct override *overrides;
	size_t noverrides;
	const struct listed_person *people; /* of its domain, for the phone book alone */
	size_t npeople;
	/* Nobody has left it whose contacts may still be on it: what was typed in on the phone may stay. */
	bool settled;
};

/* Longest values in characters; a vendor may allow less (vendor_check). */
enum {
	MODEL_NAME_MAX = 60,
	MODEL_USER_MAX = 64,
	MODEL_SECRET_MAX = 64,
	MODEL_HOST_MAX = 253,
	MODEL_URL_MAX = 255,
	MODEL_VALUE_MAX = 128,
	MODEL_PARAMETER_MAX = 128,
	MODEL_OVERRIDE_MAX = 511
};

bool phone_vacant(const struct phone *ph);
/* The entry of that slot or key, or NULL. */
const struct account *phone_account(const struct phone *ph, unsigned slot);
const struct key *phone_key(const struct phone *ph, unsigned module, unsigned index);
/* Makes phone_key quick for as long as the keys stay as they are and the arena lives. Without memory it stays slow. */
void phone_place_keys(struct phone *ph, struct arena *a);

/* Is this phone well formed for that profile? Control characters, lengths, slots and keys beyond the model's maximum,
 * two entries for one slot, a used account without user or secret: ERR_INPUT with a sentence that names the field.
 * Vendor rules come on top (vendor_check in vendor.h, which calls this first). Names and labels are looked at too. */
enum err_code phone_check(const struct phone *ph, const struct profile *pf, struct err *err);
/* The same without names, labels and overrides: what no file can be made without. A bad name must not keep a phone from
 * its file (it would keep the old person's), so a file shows the number instead. */
enum err_code phone_check_core(const struct phone *ph, const struct profile *pf, struct err *err);

/* Can this override be kept: such a name, no line break or control character, not too long; a neutral word's value by
 * its word (words.h). A vendor's own row comes on top (vendor/layers.h). ERR_INPUT. */
enum err_code override_check(const struct override *ov, struct err *err);

/* One override per name, that of the highest layer, ordered by name (bytes). *out is in the arena. */
enum err_code override_merge(
	const struct override *in, size_t n, struct arena *a, struct override **out, size_t *nout, struct err *err);

/* Stable lower-case words ("speed-dial"), for files, JSON and the store. parse: false when the word is unknown. */
const char *transport_word(enum transport t);
bool transport_parse(const char *s, enum transport *out);
const char *account_use_word(enum account_use u);
bool account_use_parse(const char *s, enum account_use *out);
const char *key_type_word(enum key_type t);
bool key_type_parse(const char *s, enum key_type *out);
const char *key_owner_word(enum key_owner o);
bool key_owner_parse(const char *s, enum key_owner *out);
const char *override_layer_word(enum override_layer l);
bool override_layer_parse(const char *s, enum override_layer *out);

#endif
