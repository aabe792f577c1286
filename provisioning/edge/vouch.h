/* Client certificates: a bundle of CAs per maker, and which of them vouches for the certificate that a handshake
 * brings. */
#ifndef PROVISIONING_EDGE_VOUCH_H
#define PROVISIONING_EDGE_VOUCH_H

#include <openssl/ssl.h>
#include <stdbool.h>

/* ctx asks for a client certificate from now on, which may be left out. n: below EDGE_BUNDLES. file: CAs in PEM, a root
 * among them. False: OpenSSL's queue says why. */
bool vouch_add(SSL_CTX *ctx, unsigned n, const char *file);

/* After a handshake, a resumed one too. Bit n: the n-th bundle leads to this certificate's root, and chain, dates and
 * purpose (TLS client) are right. 0: there is no certificate, or nobody vouches for it. */
unsigned vouch_by(SSL *ssl);

#endif
