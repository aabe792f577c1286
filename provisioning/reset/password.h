/* A person sets a password: by a link, or a new one for the old one. */
#ifndef PROVISIONING_RESET_PASSWORD_H
#define PROVISIONING_RESET_PASSWORD_H

#include "phonecfg/base/secret.h"
#include "provisioning/reset/reset.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/user.h"

/* Whom a link is for. */
struct link_holder {
	int64_t link_id;
	struct user_row user;
	struct domain_row domain;
	const char *login;
	bool asks_pin; /* this user has voicemail, and the rule wants a PIN or bears one */
};
/* Looks, and uses nothing up. ERR_NOT_FOUND for a link that is unknown, used or expired: one sentence for all. */
enum err_code link_look(struct reset *rs, struct db *db, struct slice secret, struct arena *a, struct link_holder *out,
	struct err *err);

struct password_choice {
	struct secret password;
	struct secret pin; /* none given: the one that there is stays */
	const char *from;  /* address of the person, for the audit log */
};

/* What is wrong with a choice for this user (password_rule.h); 0 = nothing. */
unsigned password_check(const struct reset *rs, const struct user_row *user, const char *login,
	const struct password_choice *choice, bool asks_pin);

/* Uses the link up and sets the password, which must have been checked: of two at once one wins and the other one gets
 * ERR_NOT_FOUND. The user is Active then; every session ends, no mail is sent any more. Takes as
 * long as scrypt wants: not on an edge thread. */
enum err_code password_by_link(
	struct reset *rs, struct slice secret, const struct password_choice *choice, struct arena *a, struct err *err);

/* The same for somebody who is logged in; old has been verified. Every session but keep_session ends. */
enum err_code password_change(struct reset *rs, int64_t user_id, int64_t keep_session, const char *old_hash,
	const struct password_choice *choice, struct arena *a, struct err *err);

#endif
