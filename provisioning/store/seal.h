/* Secrets at rest: AES-256-GCM under a key file, and scrypt for passwords that people type.
 *
 * A sealed value is: 1 byte version, 4 bytes key id, 12 bytes nonce (random), 16 bytes tag, ciphertext. Its additional
 * data are table, column and row key, so that a value copied into another row or column does not open. */
#ifndef PROVISIONING_STORE_SEAL_H
#define PROVISIONING_STORE_SEAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/err.h"
#include "phonecfg/base/secret.h"
#include "phonecfg/base/slice.h"

struct sealer; /* the keys of one key file */

/* Makes a new key file, mode 0600, with one random key. ERR_CONFLICT when the file exists: a key is never overwritten.
 */
enum err_code keyfile_create(const char *path, struct err *err);
/* ERR_INPUT when the file is readable by group or others, or malformed; ERR_IO when it cannot be read. */
enum err_code keyfile_load(const char *path, struct sealer **out, struct err *err);
void sealer_free(struct sealer *s);

enum { SEAL_OVERHEAD = 33 };

/* Where a value stands. row is any bytes that name the row for ever. */
struct seal_place {
	const char *table, *column;
	struct slice row;
};

/* The result lives in the arena. seal_open: ERR_CONFLICT when the key is not in the file, ERR_INPUT when the value was
 * changed or moved. */
enum err_code seal_put(const struct sealer *s, const struct seal_place *at, struct slice plain, struct arena *a,
	struct slice *out, struct err *err);
enum err_code seal_open(const struct sealer *s, const struct seal_place *at, struct slice sealed, struct arena *a,
	struct slice *out, struct err *err);

/* ---- random ---- */

/* n random bytes from the system. */
enum err_code random_bytes(void *out, size_t n, struct err *err);
/* A password of n characters out of 62 letters and digits without bias, for SIP and provisioning. 16 is usual. */
enum err_code random_password(struct arena *a, size_t n, struct secret *out, struct err *err);
/* 32 random bytes as 43 characters of base64url: session cookies, API keys, address tokens. */
enum err_code random_token(struct arena *a, struct secret *out, struct err *err);
/* SHA-256, as the tables keep tokens: they are random, so a plain hash is enough. */
enum { TOKEN_HASH = 32 };
void token_hash(struct slice token, uint8_t out[TOKEN_HASH]);

/* ---- passwords that people type ---- */

/* Cost: log2 N, r, p. The default needs 32 MB and about a third of a second; never on an edge thread. */
struct scrypt_cost {
	unsigned log_n, r, p;
};
extern const struct scrypt_cost scrypt_default;

/* "$scrypt$ln=15,r=8,p=3$<salt>$<hash>", both base64url. cost NULL = the default. */
enum err_code scrypt_hash(const struct secret *password, const struct scrypt_cost *cost, struct arena *a,
	const char **out, struct err *err);
/* ERR_OK, ERR_UNAUTHORIZED when it is another password, ERR_INPUT when stored is no such string. stored "" or NULL
 * (unknown user, no password set) takes the time of the default and is always ERR_UNAUTHORIZED. */
enum err_code scrypt_verify(const struct secret *password, const char *stored, struct err *err);
/* Was it made with another cost than the default? Then hash anew at the next login. */
bool scrypt_outdated(const char *stored);

#endif
