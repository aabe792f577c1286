/* A socket that listens. */
#ifndef PROVISIONING_EDGE_LISTEN_H
#define PROVISIONING_EDGE_LISTEN_H

#include <stdint.h>

#include "phonecfg/base/err.h"

/* address in digits; NULL or "::" is every address of both families, or of IPv4 where IPv6 is off. port 0 = any; *bound
 * tells which. Non-blocking; what is accepted has no delay and bounded buffers. who: whose it is, for the sentence. */
enum err_code listen_open(
	const char *address, uint16_t port, int backlog, const char *who, int *fd, uint16_t *bound, struct err *err);

#endif
