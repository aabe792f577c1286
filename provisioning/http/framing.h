/* Heads that two programs could read in two ways. libmicrohttpd is lenient; a proxy in front of it may be lenient in
 * another way, and then one's body is the other's next request. */
#ifndef PROVISIONING_HTTP_FRAMING_H
#define PROVISIONING_HTTP_FRAMING_H

#include "provisioning/http/http.h"

/* False: to be refused, and nothing behind it on this connection read (RFC 9112 §3.2, §5.1, §6.1, §6.3). */
bool framing_good(const struct request *rq);
/* A header's name and value as libmicrohttpd has them, where both may hold a NUL. */
bool framing_header(const char *name, size_t name_n, const char *value, size_t value_n);

#endif
