/* A certificate authority of the installation's own, and the server certificates that it signs: enough to start with,
 * and for the demo. An operator's own certificate takes their place by the settings. */
#ifndef PROVISIONING_CLI_CERTS_H
#define PROVISIONING_CLI_CERTS_H

#include "phonecfg/base/err.h"

enum cert_kind { CERT_RSA, CERT_ECDSA };

struct cert_ca;

/* Reads <dir>/ca.crt and <dir>/ca.key, or makes them (RSA 3072, ten years; the key mode 0600). */
enum err_code cert_ca_open(const char *dir, struct cert_ca **out, struct err *err);
void cert_ca_close(struct cert_ca *ca);

/* Writes <dir>/<stem>.crt (leaf, then CA) and <dir>/<stem>.key (0600) for names: a comma list of DNS names and IP
 * addresses; the first is the CN. Two years. Existing files are left alone. */
enum err_code cert_issue(
	struct cert_ca *ca, enum cert_kind kind, const char *dir, const char *stem, const char *names, struct err *err);

#endif
