/* Which one phone a client certificate names. Who vouches for it is another question (vouch.h). */
#ifndef PROVISIONING_EDGE_CERTNAME_H
#define PROVISIONING_EDGE_CERTNAME_H

#include <openssl/x509.h>
#include <stdbool.h>

#include "phonecfg/base/mac.h"

/* The MAC that stands in the subject (CN, serialNumber) or among the alternative names (DNS, URI, a text or a hardware
 * module name as otherName), in any spelling and with nothing around it. False: it names none, or two, or what a whole
 * model shares, or there is a NUL in a name. */
bool certname_mac(X509 *cert, struct mac *out);

#endif
