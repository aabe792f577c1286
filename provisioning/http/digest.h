/* HTTP Digest, RFC 7616, with MD5 and SHA-256; stateless.
 *
 * nonce = base64url(time in ms, 8 bytes | 12 random bytes | HMAC-SHA256(key, listener | time | random)). Any thread,
 * and later any node, that has the key accepts it, for every path of that listener, for DIGEST_NONCE_MS. Method and URI
 * are the request's own; the user must be the one that the caller expects for the path. No replay table: the plane is
 * TLS only, and what is served is the same for the same phone. */
#ifndef PROVISIONING_HTTP_DIGEST_H
#define PROVISIONING_HTTP_DIGEST_H

#include <stdbool.h>
#include <stdint.h>

#include "phonecfg/base/buf.h"
#include "phonecfg/base/err.h"
#include "phonecfg/base/slice.h"

enum { DIGEST_NONCE_MS = 5 * 60 * 1000, DIGEST_KEY = 32, DIGEST_HEADER_MAX = 512 };

enum digest_alg { DIGEST_MD5, DIGEST_SHA256 };

/* What a listener's challenges are made of. */
struct digest {
	const char *realm;
	const char *listener;
	unsigned char key[DIGEST_KEY];
};

/* The Authorization header, taken apart. Slices point into the header, quotes removed, escapes resolved in place. */
struct digest_answer {
	struct slice user, realm, nonce, uri, response, cnonce, nc, opaque;
	enum digest_alg alg;
	bool qop; /* qop=auth */
};

enum digest_result {
	DIGEST_OK,
	DIGEST_NONE,  /* no Authorization, or another scheme: send the challenge, look nothing up */
	DIGEST_STALE, /* the nonce was ours and is too old: challenge with stale=true */
	DIGEST_BAD,   /* wrong user, password, uri, nonce or syntax: one and the same challenge */
};

/* Fills the 16 bytes of H(user:realm:password) for MD5, 32 for SHA-256; false when there is no such user (a dummy is
 * then used, so that both ways cost the same). */
typedef bool digest_ha1_fn(void *arg, struct slice user, enum digest_alg alg, unsigned char ha1[32]);

/* H(user:realm:password): 16 or 32 bytes. */
void digest_ha1(
	enum digest_alg alg, struct slice user, struct slice realm, struct slice password, unsigned char ha1[32]);

/* One value of WWW-Authenticate, NUL-terminated. Send SHA-256 first, then MD5 (RFC 7616 §3.7). */
enum err_code digest_challenge(const struct digest *d, enum digest_alg alg, bool stale, int64_t now_ms,
	char out[DIGEST_HEADER_MAX], struct err *err);

/* Pure; header is what stands in Authorization. False when it is not well-formed Digest. Room in scratch for the
 * header. */
bool digest_parse(struct slice header, char *scratch, size_t scratch_size, struct digest_answer *out);

/* What must stand in response="…", in lower-case hexadecimal: 32 or 64 characters and a NUL (RFC 7616 §3.4.1; RFC 2069
 * where a->qop is false). */
enum { DIGEST_RESPONSE_TEXT = 65 };
bool digest_response(
	const struct digest_answer *a, const unsigned char *ha1, const char *method, char out[DIGEST_RESPONSE_TEXT]);

/* method and target are the request's own ("GET", "/cfg/x?y"). header may be NULL. now_ms: wall clock. For a user with
 * n passwords, from 1 on: ha1 is asked once for each with its arg, whichever of them fits. *which = the first that
 * does, where the result is DIGEST_OK. */
enum digest_result digest_check(const struct digest *d, const char *header, const char *method, struct slice target,
	int64_t now_ms, digest_ha1_fn *ha1, void *const *args, unsigned n, unsigned *which);

#endif
