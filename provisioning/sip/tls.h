/* Whom we trust behind a TLS connection. libre 1.1 accepts any certificate and sends no server name; both are mended
 * here, on its SSL context. */
#ifndef PROVISIONING_SIP_TLS_H
#define PROVISIONING_SIP_TLS_H

#include <stdbool.h>
#include <stddef.h>

#include "phonecfg/base/err.h"

struct tls; /* libre's */

/* Makes a client context that verifies the peer's chain against the file ca (NULL: the system's store), TLS 1.2 or
 * newer. The caller drops it with libre's mem_deref(). ERR_INPUT: the file holds no certificate. */
enum err_code sip_tls_new(const char *ca, struct tls **out, struct err *err);

/* For the next connection made on t: the certificate must be for host (a name or an address), and a name is sent as
 * SNI. Connections already made are not touched. False when memory ran out: then make no connection. */
bool sip_tls_expect(struct tls *t, const char *host);

/* Why a certificate was refused last in this thread, as one short text ("hostname mismatch"), or ""; said once. */
void sip_tls_why(char *out, size_t size);

#endif
