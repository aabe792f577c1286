/* A certificate that the operator has already: read and checked before anything is made with it. */
#ifndef PROVISIONING_CLI_OWN_CERT_H
#define PROVISIONING_CLI_OWN_CERT_H

#include <stdbool.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/err.h"
#include "provisioning/cli/certs.h"

struct own_cert {
	const char *chain, *key; /* absolute */
	enum cert_kind kind;
	const char *note; /* what is worth knowing before it is used, a sentence; NULL = nothing */
};

/* Readable, in PEM, RSA of 2048 bits or more or ECDSA, valid now, and the key fits; else the error says which of it is
 * not so and what to do. url: what clients will be told; where the certificate does not name its host, the note says.
 */
enum err_code own_cert_read(
	const char *chain, const char *key, const char *url, struct arena *a, struct own_cert *out, struct err *err);

#endif
