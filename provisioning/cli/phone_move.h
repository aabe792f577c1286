/* rekeyd phone MAC --user … --swap … --retire --delete --pair: what changes a phone; phone.c shows one. */
#ifndef PROVISIONING_CLI_PHONE_MOVE_H
#define PROVISIONING_CLI_PHONE_MOVE_H

#include "phonecfg/base/mac.h"
#include "provisioning/cli/work.h"

/* The options as they were typed. */
struct phone_options {
	struct mac mac;
	bool address, pair, unpair, new_login, retire, remove, leave_behind, cut_off, dry_run;
	const char *minutes, *user, *from_user, *site, *domain, *swap, *model, *old_phone;
};

/* Does one of them change the phone? */
bool phone_moves(const struct phone_options *o);
/* Whether they go together; false when misuse was printed. */
bool phone_options_check(const struct phone_options *o);

cli_work_fn phone_move_fn, phone_pair_fn, phone_login_fn; /* arg: struct phone_options */

#endif
