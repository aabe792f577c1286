/* The index user -> phone: what a pull is checked against without asking the store.
 *
 * The user is the MAC in 12 lower-case digits. Passwords are not kept, only what Digest and Basic are compared with:
 * H(user:realm:password), for the present and the previous password. Any thread. */
#ifndef PROVISIONING_PHONES_LOGINS_H
#define PROVISIONING_PHONES_LOGINS_H

#include <stdbool.h>
#include <stdint.h>

#include "phonecfg/base/err.h"
#include "phonecfg/base/mac.h"
#include "phonecfg/base/secret.h"
#include "provisioning/http/digest.h"

enum { LOGIN_PRESENT, LOGIN_PREVIOUS, LOGIN_PASSWORDS };

struct profile;

struct login_hash {
	bool set;
	unsigned char md5[16], sha256[32];
};

struct login {
	struct mac mac;
	int64_t phone_id;
	struct login_hash hash[LOGIN_PASSWORDS];
	bool seen;      /* the present password has been used */
	bool given;     /* files were given by a first-access address since a password was used last */
	unsigned asked; /* bit n: file kind n was asked for since start */
	int64_t domain_id;
	unsigned ways; /* of first access that are good for it, bits of conf/ways.h */
	/* the pairing window */
	const struct profile *profile; /* NULL: a model that is not known, which no window fits */
	int64_t pair_until_ms;
	bool paired; /* it has given its file, and that login was not used yet */
	bool again;  /* and somebody came for it once more */
};

struct logins;

/* realm is copied. NULL when memory ran out. */
struct logins *logins_new(const char *realm);
void logins_free(struct logins *ix);

/* Makes the entry of one phone from its passwords (an unset one is none). */
void login_make(const struct logins *ix, const struct mac *mac, int64_t phone_id, const struct secret *present,
	const struct secret *previous, bool seen, struct login *out);

/* Which password that is, for comparing: the sha256 of its hash. */
enum { LOGIN_MARK = 32 };
/* Is that mark of this password? The index may be behind the store. */
bool login_is(const struct logins *ix, const struct mac *mac, const struct secret *password,
	const unsigned char mark[LOGIN_MARK]);

/* Adds or replaces; what was asked for is kept, and that this very login was used: the store learns that later. */
enum err_code logins_put(struct logins *ix, const struct login *login, struct err *err);
void logins_remove(struct logins *ix, const struct mac *mac);
/* Does the index hold this as the present password of that phone? */
bool logins_hold(struct logins *ix, const struct mac *mac, const struct secret *present);
/* A copy of the entry; false when there is none (*out is then zero). */
bool logins_get(struct logins *ix, const struct mac *mac, struct login *out);
void logins_mark_given(struct logins *ix, const struct mac *mac);
/* That login, unless there is a newer one by now, was used: it ends its pairing, and the one before it. True for the
 * call that was the first, also since files were given by an address. */
bool logins_mark_seen(struct logins *ix, const struct mac *mac, const unsigned char mark[LOGIN_MARK]);
/* Marks; true for the call that was the first. */
bool logins_mark_asked(struct logins *ix, const struct mac *mac, unsigned bit);
/* Of all phones of a domain. */
void logins_set_ways(struct logins *ix, int64_t domain_id, unsigned ways);
bool logins_mark_again(struct logins *ix, const struct mac *mac);
uint64_t logins_count(struct logins *ix);

/* ---- what a caller may be checked with ---- */

/* The result of a check; which says the password when it is DIGEST_OK. */
struct login_check {
	enum digest_result result;
	unsigned which; /* LOGIN_PRESENT or LOGIN_PREVIOUS */
	bool tried;     /* a password was compared: not so when the answer is to no challenge of ours */
	bool named;     /* the header names a user that is a MAC: login.mac */
	struct login login;
};

/* header: the value of Authorization, or NULL. path_mac: the MAC that the path names, or NULL when it names none; then
 * the user says it. Both passwords are always tried, so that the time says nothing. */
void logins_check_digest(struct logins *ix, const struct digest *d, const char *header, const char *method,
	struct slice target, const struct mac *path_mac, int64_t now_ms, struct login_check *out);
void logins_check_basic(struct logins *ix, struct slice user, struct slice password, const struct mac *path_mac,
	struct login_check *out);

#endif
