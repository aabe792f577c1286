/* A listener without TLS for a handful of constant pages: GET and HEAD, one answer to a connection, no bodies, one
 * thread. For what may be read by anybody. */
#ifndef PROVISIONING_EDGE_PLAIN_H
#define PROVISIONING_EDGE_PLAIN_H

#include <stdint.h>

#include "phonecfg/base/err.h"
#include "phonecfg/base/slice.h"

enum {
	PLAIN_CONNECTIONS = 128,
	PLAIN_PER_ADDRESS = 32, /* a site behind one NAT */
	PLAIN_IDLE_S = 10,      /* without a byte */
	PLAIN_WHOLE_MS = 10000, /* then it goes for whoever comes next, however busy it is */
	PLAIN_HEAD = 4096,      /* bytes of a request, all told */
};

struct plain;

struct plain_page {
	unsigned status;
	const char *type;
	struct slice body;
};

/* path: as sent, without the query. Constant bytes that outlive the listener; from its own thread. */
typedef struct plain_page plain_page_fn(void *arg, const char *path);

/* Listens, and answers from now on. port 0 = any. Errors name the address. */
enum err_code plain_open(
	const char *address, uint16_t port, plain_page_fn *page, void *arg, struct plain **out, struct err *err);
void plain_close(struct plain *p); /* NULL is allowed */

#endif
