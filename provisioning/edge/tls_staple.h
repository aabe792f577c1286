/* The word of a certificate's authority that it still stands (OCSP, RFC 6960), sent along with it (RFC 6066 §8). The
 * file is kept fresh by somebody else. */
#ifndef PROVISIONING_EDGE_TLS_STAPLE_H
#define PROVISIONING_EDGE_TLS_STAPLE_H

#include <openssl/ssl.h>
#include <stdbool.h>
#include <time.h>

#include "phonecfg/base/err.h"

struct staple {
	X509 *leaf;
	unsigned char *der; /* NULL = none */
	int n;
	time_t from, until; /* not sent outside */
};

/* Reads the response for the certificate that *ctx has just been given; the issuer is the next in its chain. An error
 * says why it will not be sent, and is no reason to do without the certificate. */
enum err_code staple_load(struct staple *s, SSL_CTX *ctx, const char *file, struct err *err);
/* The same word once more, if it is about the same certificate: false = it is not. */
void staple_copy(struct staple *s, const struct staple *former);
void staple_free(struct staple *s);
/* OpenSSL's answer, if this one is about the certificate that the handshake uses. */
int staple_give(const struct staple *s, size_t n, SSL *ssl);

#endif
