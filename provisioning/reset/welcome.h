/* Links by which people choose a password, and the mails that carry them.
 *
 * A link is made with the order and is the only one of its user that works; its secret stands sealed beside the mail
 * until the mail server has taken that over, so that a mail sent twice after a crash carries the same link. The mail
 * itself is written when it leaves (post.h). Without an address, or without a mail server, no mail goes: the link is
 * given to the administrator, once.
 *
 * Everything here works inside the caller's write transaction. */
#ifndef PROVISIONING_RESET_WELCOME_H
#define PROVISIONING_RESET_WELCOME_H

#include "phonecfg/base/secret.h"
#include "provisioning/mail/letter.h"
#include "provisioning/reset/reset.h"
#include "provisioning/store/mail.h"
#include "provisioning/store/user.h"

#define LINK_SET_PASSWORD "set-password"

struct welcome {
	struct reset *rs;
	struct db *db; /* of the transaction */
	struct arena *arena;
	enum letter_kind letter;
	const char *subject; /* instead of the letter's own; NULL or "" = that */
	bool by_link;        /* no mail, even where one could go */
	int64_t job;         /* the job that asks; 0 = none */
	const char *who;     /* login of the administrator */
};

/* What came of it. */
struct welcome_result {
	int64_t mail;       /* the row of mails */
	bool by_mail;       /* false: link, and expires_ms */
	struct secret link; /* none where it stays sealed for welcome_take() */
	int64_t expires_ms;
};

/* keep_link: a link that goes by no mail is sealed until an administrator takes it; false: it is given in *out.
 * ERR_CONFLICT for a user who is Setup Required, or whose scope has no login. */
enum err_code welcome_order(const struct welcome *w, const struct user_row *user, bool keep_link,
	struct welcome_result *out, struct err *err);

/* Sessions and password go at once, and so do the keys that stand for the user; status "pwd reset". Then as
 * welcome_order() with w->letter. user is saved and left as it is then. */
enum err_code password_force(
	const struct welcome *w, struct user_row *user, bool keep_link, struct welcome_result *out, struct err *err);

/* One link that waits for an administrator. */
struct waiting_link {
	struct user_row user;
	struct secret link;
	int64_t expires_ms;
};
/* Gives the links that wait, of one user (job 0) or of one job, and keeps them no longer. *n 0 = none waits. */
enum err_code welcome_take(struct db *db, int64_t domain_id, int64_t user_id, int64_t job, struct arena *a,
	struct waiting_link **out, size_t *n, struct err *err);

/* The person goes: links, mails and what was said about them. */
enum err_code welcome_forget(struct db *db, int64_t user_id, struct err *err);

/* May this user have a login at all? */
bool welcome_has_login(const struct user_row *user);
/* What the user types to log in. */
const char *welcome_login(struct arena *a, const struct user_row *user, const char *domain);

/* Which way out the mails of a domain take, and from whom. *can: there is one. */
struct way_out {
	int64_t lane;
	const char *from; /* "" = none */
	struct domain_mail_row own;
	bool can;
};
enum err_code way_out_of(const struct reset *rs, struct db *db, int64_t domain_id, struct arena *a, struct way_out *out,
	struct err *err);

/* What waits of a domain goes out by that lane from now on. */
enum err_code way_out_take(struct db *db, int64_t domain_id, int64_t lane, struct arena *a, struct err *err);

/* The outbox's key of a lane. */
const char *welcome_lane_key(struct arena *a, int64_t lane);

#endif
