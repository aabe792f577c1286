/* Users: extensions in a domain, and the person who holds one for now. */
#ifndef PROVISIONING_STORE_USER_H
#define PROVISIONING_STORE_USER_H

#include "phonecfg/base/secret.h"
#include "provisioning/store/store.h"

/* Words as NetSapiens spells them (account-status). */
enum user_status {
	USER_STANDARD,  /* "standard": Active */
	USER_RESET,     /* "reset": Setup Required */
	USER_NEW,       /* "new": Password Required */
	USER_PWD_RESET, /* "pwd reset" */
	USER_STATUS_COUNT
};
extern const char *const user_status_words[USER_STATUS_COUNT];

struct user_row {
	int64_t id, domain_id, site_id;
	const char *ext; /* unique in the domain, never changes */
	/* ---- the person ---- */
	const char *first_name, *last_name, *email;
	const char *login;         /* login-username; "" = ext@domain */
	const char *password_hash; /* scrypt_hash(); "" = none set */
	struct secret voicemail_pin;
	const char *caller_id_name;
	bool dnd;
	const char *forward_always, *forward_busy, *forward_no_answer, *forward_offline;
	const char *voicemail_email; /* email-send-alert-new-voicemail-behavior: "no", "yes", "attnew", … */
	const char *voicemail_email_cc;
	/* ---- the desk ---- */
	const char *scope; /* "Basic User", "Office Manager", … */
	enum user_status status;
	const char *department;
	const char *timezone, *language; /* "" = the domain's */
	bool voicemail_enabled;
	const char *caller_id_number, *emergency_number, *emergency_address;
	const char *dial_plan, *dial_policy;
	bool directory_visible;
	const char *extra, *extra_person; /* fields that only API clients know, JSON: of the desk, of the person */
	int64_t created_ms, modified_ms;
	int64_t person; /* out only: how many persons have followed the first one here */
};

enum err_code user_load(
	struct db *db, int64_t domain_id, const char *ext, struct arena *a, struct user_row *out, struct err *err);
enum err_code user_by_id(struct db *db, int64_t id, struct arena *a, struct user_row *out, struct err *err);
/* By what was typed at the login: the user's own login name, or ext@domain. Any case. */
enum err_code user_by_login(struct db *db, const char *login, struct arena *a, struct user_row *out, struct err *err);

enum user_sort { SORT_EXT, SORT_NAME, SORT_STATUS, SORT_DEPARTMENT, SORT_SITE, SORT_SCOPE, USER_SORT_COUNT };
extern const char *const user_sort_words[USER_SORT_COUNT];

struct user_filter {
	int64_t domain_id; /* 0 = every domain */
	int64_t site_id;   /* 0 = every site */
	bool by_status;
	enum user_status status;
	/* Of one domain alone. NULL or "" = everybody; part of first and last name in either order, extension, email
	 * address or department; A to Z in either case. */
	const char *search;
	enum user_sort sort;
	bool down;
};
/* By domain, then extension (bytes); those of one domain as sort says, then by extension. */
enum err_code user_list(struct db *db, const struct user_filter *f, struct page page, struct arena *a,
	struct user_row **out, size_t *n, struct err *err);
enum err_code user_count(struct db *db, const struct user_filter *f, int64_t *out, struct err *err);

/* Those who show themselves in the directory and have a name, by last and first name; the first max of them. */
enum err_code user_directory(struct db *db, int64_t domain_id, int64_t max, struct arena *a, struct user_row **out,
	size_t *n, struct err *err);

/* ERR_CONFLICT when the extension or the login is taken. */
enum err_code user_add(struct db *db, struct user_row *row, struct err *err);
enum err_code user_save(struct db *db, struct user_row *row, struct err *err);
/* users.person alone: how many persons have followed the first one here. */
enum err_code user_person(struct db *db, int64_t id, int64_t *out, struct err *err);
/* Id and person alone; the rest of *out is zero. */
enum err_code user_brief(struct db *db, int64_t domain_id, const char *ext, struct user_row *out, struct err *err);
/* Another person sits here from now on. */
enum err_code user_next_person(struct db *db, int64_t id, struct err *err);
/* With devices, sessions and links. Records, audit and jobs stay. */
enum err_code user_delete(struct db *db, int64_t id, struct err *err);

#endif
