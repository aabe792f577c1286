/* Sessions and the token against forged requests: shared by the hook and the login calls. */
#ifndef PROVISIONING_API_AUTH_H
#define PROVISIONING_API_AUTH_H

#include "provisioning/api/local.h"

#define SESSION_COOKIE "rekey"
enum { CSRF_TEXT = 33 };

/* What a page must send as X-CSRF-Token: made from the cookie, which scripts cannot read, and given by the login. */
const char *csrf_of(const char *cookie, char out[CSRF_TEXT]);

/* False when this user may not log in at all. */
bool principal_of_user(struct db *db, const struct user_row *u, struct arena *a, struct principal *out);

/* Who has this login and password. ERR_UNAUTHORIZED with one sentence for every reason, and one time: an unknown login
 * is checked against a dummy. ERR_BUSY when too many are in hand. */
enum err_code login_check(struct call *c, const char *login, const char *password, struct user_row *u,
	struct principal *p, struct err *err);

/* Is the domain of that name, or "~", within reach? Equally false for one that there is not. */
bool principal_reaches(struct db *db, const struct principal *p, const char *name, struct arena *a);

#endif
