/* Which letter a domain's people get, and what stands in it. */
#ifndef PROVISIONING_RESET_LETTERS_H
#define PROVISIONING_RESET_LETTERS_H

#include "provisioning/mail/letter.h"
#include "provisioning/reset/reset.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/user.h"

/* The address that a link's secret makes. */
const char *letters_url(const struct reset *rs, struct arena *a, struct slice secret);

/* The letter of the domain, of its reseller, or ours, rendered; a letter of theirs that cannot be rendered any more is
 * passed over for ours. */
enum err_code letters_write(const struct reset *rs, struct db *db, const struct domain_row *domain,
	const struct user_row *user, enum letter_kind kind, struct slice secret, struct arena *a,
	struct letter_text *out, struct err *err);

#endif
