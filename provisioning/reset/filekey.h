/* Encrypted files as an option per phone: who has the key, and which file is plain.
 *
 * The key goes to the phone in a plain file over TLS, together with a new login. Nothing else holds that login, so the
 * first time that the phone uses it, it has taken that very file, and its files are encrypted from then on. */
#ifndef PROVISIONING_RESET_FILEKEY_H
#define PROVISIONING_RESET_FILEKEY_H

#include "phonecfg/model/model.h"
#include "provisioning/reset/inventory.h"

enum filekey_state {
	FILEKEY_NONE,    /* plain files */
	FILEKEY_WAITING, /* plain files that carry the key */
	FILEKEY_ARRIVED, /* encrypted files */
	FILEKEY_STATE_COUNT
};
const char *filekey_word(enum filekey_state state); /* "plain", "key-on-its-way", "encrypted" */
enum filekey_state filekey_state(const struct phone_row *row);

/* How the caller of one request has proved which phone it is. */
enum filekey_proof {
	FILEKEY_BY_LOGIN,       /* with a login of its own */
	FILEKEY_BY_NEW_LOGIN,   /* with the very one that is in the row now */
	FILEKEY_BY_CERTIFICATE, /* it never uses its login: a file that was delivered whole counts as taken */
	FILEKEY_BY_TOKEN        /* first access, after a factory reset too: it has no key */
};
/* Puts the keys into ph as that request's file needs them. True: the file is to be encrypted. */
bool filekey_put(const struct phone_row *row, enum filekey_proof proof, struct phone *ph);

/* What to know before such a phone is let in anew; NULL = nothing. */
const char *filekey_first_access(const struct phone_row *row, const struct catalog *catalog);

/* Inside a transaction, with the row as loaded in it. On: a new key and, where the phone may have its login, a new
 * login. ERR_INPUT: this vendor or model reads none; ERR_CONFLICT: another new login is still on its way. On again
 * changes nothing. Off: ERR_CONFLICT where the phone would refuse plain files from then on. The caller gives the phone
 * a new generation afterwards, and puts the same number into row->file_key_generation by filekey_since(). */
enum err_code filekey_on(struct inventory *in, struct phone_row *row, struct err *err);
enum err_code filekey_off(struct inventory *in, struct phone_row *row, struct err *err);
enum err_code filekey_since(struct inventory *in, const struct mac *mac, struct err *err);

#endif
