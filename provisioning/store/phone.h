/* Phones: hardware with a MAC, what it shall hold, and what it was seen to hold. */
#ifndef PROVISIONING_STORE_PHONE_H
#define PROVISIONING_STORE_PHONE_H

#include "phonecfg/base/mac.h"
#include "phonecfg/base/secret.h"
#include "provisioning/store/store.h"

enum phone_state { PHONE_ASSIGNED, PHONE_SHARED, PHONE_VACANT, PHONE_UNCLAIMED, PHONE_RETIRED, PHONE_STATE_COUNT };
extern const char *const phone_state_words[PHONE_STATE_COUNT];

struct phone_row {
	int64_t id;
	struct mac mac;    /* unique everywhere */
	int64_t domain_id; /* 0 while unclaimed */
	int64_t site_id;
	const char *brand, *model; /* profile: "yealink", "yealink-t46u" */
	enum phone_state state;
	const char *notes;
	const char *transport; /* "" = the domain's */
	/* The provisioning name is the MAC. The previous password is good until the new one was seen. */
	struct secret prov_password, prov_password_previous;
	int64_t prov_password_seen_ms;               /* first use of prov_password; kills first-access tokens */
	struct secret admin_password, user_password; /* of the phone's own web page */
	int64_t pair_until_ms;                       /* pairing window; 0 = closed */
	int64_t generation;                          /* this row's own; see wanted */
	int64_t acked, acked_ms;                     /* largest generation known to be on the phone, and since when */
	const char *user_agent, *firmware;           /* as last seen */
	const char *address;                         /* peer of the last pull */
	int64_t last_pull_ms;
	const char *contact, *contact_state; /* of its registration: "registered", "expired", "unknown" */
	int64_t contact_ms;
	const char *extra;   /* fields that only API clients know, JSON */
	int64_t replaced_by; /* swap: the phone that took over, else 0 */
	int64_t created_ms, modified_ms;
	struct secret file_key;      /* of its encrypted files; none = plain */
	int64_t file_key_generation; /* the first one whose file carries it */
	int64_t file_key_seen_ms;    /* since then the phone is known to have it; 0 = not yet */
	const char *after_drop;      /* when its last record has ended: "retire", "delete"; "" = it stays as it is */
	int64_t domain_since_ms;     /* it came from another domain then; 0 = it did not */
	int64_t paired_ms;           /* the window gave its first file then; 0 = no, or its login was used since */
	const char *paired_from;     /* to this address */
	int64_t contacts_since;      /* contacts made on it are removed from this generation on; 0 = they stay */
	/* out only */
	const char *domain, *site;
	int64_t ways_off; /* its domain's */
	int64_t given;    /* of phone_list_logins: 1 = files were given by an address that is good still */
	int64_t wanted;   /* largest of its own generation, its site's, domain's, brand's, model's and the build's */
	int64_t site_generation, domain_generation, brand_generation, model_generation, build_generation;
};

enum err_code phone_load(struct db *db, const struct mac *mac, struct arena *a, struct phone_row *out, struct err *err);
enum err_code phone_by_id(struct db *db, int64_t id, struct arena *a, struct phone_row *out, struct err *err);

struct phone_filter {
	int64_t domain_id, site_id; /* 0 = all */
	const char *model;          /* NULL or "" = all */
	bool by_state;
	enum phone_state state;
	bool behind; /* only those whose own generation is above the acknowledged one */
};
/* What a person looks for beside that. */
enum phone_sort {
	PHONE_BY_MAC,
	PHONE_BY_MODEL,
	PHONE_BY_SITE,
	PHONE_BY_STATE,
	PHONE_BY_FIRMWARE,
	PHONE_BY_PULL,
	PHONE_SORTS
};
struct phone_search {
	const char *
		text; /* part of the MAC, model, site, notes, a line's device or the name of whom it serves; "" = any */
	bool open;    /* only those with a handover that is open */
	enum phone_sort sort;
	bool down;
};
enum err_code phone_find(struct db *db, const struct phone_filter *f, const struct phone_search *by, struct page page,
	struct arena *a, struct phone_row **out, size_t *n, struct err *err);
enum err_code phone_find_count(struct db *db, const struct phone_filter *f, const struct phone_search *by,
	struct arena *a, int64_t *out, struct err *err);
/* By MAC. */
enum err_code phone_list(struct db *db, const struct phone_filter *f, struct page page, struct arena *a,
	struct phone_row **out, size_t *n, struct err *err);
enum err_code phone_count(struct db *db, const struct phone_filter *f, int64_t *out, struct err *err);
/* Those with a line of one of the user's devices. */
enum err_code phone_list_user(
	struct db *db, int64_t user_id, struct arena *a, struct phone_row **out, size_t *n, struct err *err);

/* For the index user name -> HA1 of the phone plane: name and passwords of all that may pull; ids, MACs, secrets and
 * states only. By id, the next ones after that one, at most limit. */
enum err_code phone_list_logins(struct db *db, int64_t after, int64_t limit, struct arena *a, struct phone_row **out,
	size_t *n, struct err *err);

enum err_code phone_add(struct db *db, struct phone_row *row, struct err *err);
/* The whole row but for what phone_seen, phone_ack, phone_bump, phone_contact, phone_rekey and phone_password_seen
 * write. */
enum err_code phone_save(struct db *db, struct phone_row *row, struct err *err);
enum err_code phone_set_state(struct db *db, int64_t id, enum phone_state state, struct err *err);
/* Opens the pairing window until then, or closes it (0). What an earlier window gave is forgotten. */
enum err_code phone_pair(struct db *db, int64_t id, int64_t until_ms, struct err *err);
/* The window gives its one first file, at now, to this address. *first: it was open and had not yet. */
enum err_code phone_pair_used(struct db *db, int64_t id, const char *from, bool *first, struct err *err);
/* That file never arrived: the window is as it was before that time. */
enum err_code phone_pair_lost(struct db *db, int64_t id, int64_t paired_ms, struct err *err);
enum err_code phone_contacts_since(struct db *db, int64_t id, int64_t generation, struct err *err);
/* With lines, keys, tokens, uploads, snapshots, idle line. */
enum err_code phone_delete(struct db *db, int64_t id, struct err *err);
/* The retired phones of a domain that is to go, nothing of which is open, stay as nobody's: blank, and never given out.
 */
enum err_code phone_outlive(struct db *db, int64_t domain_id, struct err *err);

/* A new own generation for one phone; the number. A second call in the same unit of change gives the same generation
 * only if the caller keeps it: call once per phone however many reasons there are. */
enum err_code phone_bump(struct db *db, int64_t id, int64_t *generation, struct err *err);
/* Raises the acknowledged generation (never lowers it). *changed (may be NULL): did it rise? */
enum err_code phone_ack(struct db *db, int64_t id, int64_t generation, bool *changed, struct err *err);
enum err_code phone_seen(
	struct db *db, int64_t id, const char *user_agent, const char *firmware, const char *address, struct err *err);
enum err_code phone_contact(struct db *db, int64_t id, const char *contact, const char *state, struct err *err);
/* A new provisioning password; the old one becomes the previous. *row must hold its secrets (db_leave_sealed()). The
 * phone's file must become a new one in the same transaction. */
enum err_code phone_rekey(struct db *db, struct phone_row *row, struct arena *a, struct err *err);
/* Writes row's file_key (none: its files are plain again) and file_key_generation; nobody has seen the phone with it.
 */
enum err_code phone_set_file_key(struct db *db, struct phone_row *row, struct err *err);
/* The present password was used: forgets the previous one, kills the phone's tokens, and a file key that was given with
 * it has arrived. True once only. */
enum err_code phone_password_seen(struct db *db, int64_t id, bool *first, struct err *err);
/* The same of a phone that has it and comes without: what it comes by stays good. */
enum err_code phone_password_held(struct db *db, int64_t id, bool *first, struct err *err);

/* ---- the files of a phone: which it ever asked for or sent, and what was last delivered ---- */

struct phone_file_row {
	int64_t phone_id;
	const char *kind; /* the vendor table's word for the file */
	int64_t first_ms, last_ms;
	int64_t delivered, delivered_ms; /* generation, and when */
	const char *hash;                /* hex SHA-256 of what was delivered */
	const char *etag;
	bool sent; /* the phone has put it */
};

enum err_code phone_file_list(
	struct db *db, int64_t phone_id, struct arena *a, struct phone_file_row **out, size_t *n, struct err *err);
/* Asked for, or put (sent). */
enum err_code phone_file_note(struct db *db, int64_t phone_id, const char *kind, bool sent, struct err *err);
/* What was delivered has been delivered once more. Of another file, or one that has gone: nothing. */
enum err_code phone_file_again(
	struct db *db, int64_t phone_id, const char *kind, int64_t generation, const char *hash, struct err *err);
/* Delivered whole. An older generation than noted is ignored. */
enum err_code phone_file_delivered(struct db *db, int64_t phone_id, const char *kind, int64_t generation,
	const char *hash, const char *etag, struct err *err);

#endif
