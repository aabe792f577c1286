/* Mails to people, the letters that a reseller or a domain has instead of ours, and whom a domain's mails come from. */
#ifndef PROVISIONING_STORE_MAIL_H
#define PROVISIONING_STORE_MAIL_H

#include "phonecfg/base/secret.h"
#include "provisioning/store/store.h"

enum mail_state {
	MAIL_WAITING,   /* to be sent, for the first time or again */
	MAIL_SENT,      /* the server took it over */
	MAIL_FAILED,    /* refused for good, or given up */
	MAIL_CANCELLED, /* nobody needs it any more; error says why */
	MAIL_REPLACED,  /* by a newer one */
	MAIL_LINK,      /* no mail: its link waits for an administrator */
	MAIL_SHOWN,     /* who has seen it */
	MAIL_STATE_COUNT
};
extern const char *const mail_state_words[MAIL_STATE_COUNT];

/* Whom it goes to and what it says is not kept: it is made from the user's row when it leaves. */
struct mail_row {
	int64_t id, domain_id, user_id;
	int64_t job_id; /* 0 = none */
	int64_t lane;   /* 0 = by the server's own mail server, else by that of this domain */
	const char *letter;
	const char *subject; /* instead of the letter's own; "" = that */
	enum mail_state state;
	int64_t link_id;
	struct secret link; /* the link's secret; none once it is sent or shown */
	const char *who;    /* login of the administrator */
	int64_t attempts, due_ms;
	int64_t code; /* the server's last reply; 0 = none */
	const char *error;
	int64_t created_ms, ended_ms;
	const char *ext; /* out only */
};

/* Fills id and created_ms. What waited for this user before is replaced; the newest 20 of a user stay. */
enum err_code mail_add(struct db *db, struct mail_row *row, struct err *err);
enum err_code mail_load(struct db *db, int64_t id, struct arena *a, struct mail_row *out, struct err *err);
/* state, link, attempts, due_ms, code, error, ended_ms. Whoever watches its job is told. */
enum err_code mail_save(struct db *db, const struct mail_row *row, struct err *err);
/* The one of the lane that is due first, now or later. ERR_NOT_FOUND when none waits. */
enum err_code mail_next(struct db *db, int64_t lane, struct arena *a, struct mail_row *out, struct err *err);

/* Newest first; of one job in its order. The first of job_id, user_id, domain_id that is not 0 says whose. */
struct mail_filter {
	int64_t job_id, user_id, domain_id;
	bool by_state;
	enum mail_state state;
};
enum err_code mail_list(struct db *db, const struct mail_filter *f, struct page page, struct arena *a,
	struct mail_row **out, size_t *n, struct err *err);
enum err_code mail_count_waiting(struct db *db, int64_t *out, struct err *err);
enum err_code mail_count_failed(struct db *db, int64_t domain_id, int64_t *out, struct err *err);

/* What waits for this user ends in that state. */
enum err_code mail_end_user(struct db *db, int64_t user_id, enum mail_state state, const char *error, struct err *err);
/* No row of this user's stays: an error may hold an address. */
enum err_code mail_forget(struct db *db, int64_t user_id, struct err *err);

/* The same error for all that wait in a lane. */
enum err_code mail_lane_error(struct db *db, int64_t lane, const char *error, struct err *err);
/* The domains that have mails waiting in a lane. */
enum err_code mail_lane_domains(
	struct db *db, int64_t lane, struct arena *a, int64_t **out, size_t *n, struct err *err);
/* What waits of this domain goes out by another lane. */
enum err_code mail_lane_move(struct db *db, int64_t domain_id, int64_t lane, struct err *err);

/* A letter of a domain's (domain_id) or of a reseller's (domain_id 0). */
struct letter_row {
	int64_t id, domain_id;
	const char *reseller; /* "" for a domain's */
	const char *name;
	const char *subject, *body_text, *body_html;
	const char *who;
	int64_t modified_ms;
};
/* ERR_NOT_FOUND when it has none of that name. */
enum err_code letter_row_load(struct db *db, int64_t domain_id, const char *reseller, const char *name, struct arena *a,
	struct letter_row *out, struct err *err);
/* The domain's, else its reseller's; ERR_NOT_FOUND: neither has one. */
enum err_code letter_row_find(struct db *db, int64_t domain_id, const char *reseller, const char *name, struct arena *a,
	struct letter_row *out, struct err *err);
enum err_code letter_row_put(struct db *db, struct letter_row *row, struct err *err);
enum err_code letter_row_delete(
	struct db *db, int64_t domain_id, const char *reseller, const char *name, struct err *err);

struct domain_mail_row {
	int64_t domain_id;
	const char *from_address; /* "" = the server's */
	const char *host;         /* "" = the server's own way out */
	int64_t port;             /* 0 = 587; 465 is TLS from the first byte */
	const char *login;
	struct secret password;
};
/* An empty row for a domain that has none. */
enum err_code domain_mail_load(
	struct db *db, int64_t domain_id, struct arena *a, struct domain_mail_row *out, struct err *err);
enum err_code domain_mail_put(struct db *db, const struct domain_mail_row *row, struct err *err);

#endif
