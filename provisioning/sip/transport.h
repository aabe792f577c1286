/* Sending and receiving SIP messages over UDP, TCP and TLS, as a client: nothing listens for connections. Only in the
 * SIP thread.
 *
 * libre's own SIP transport opens a listening port for every TCP and TLS transport, does not tell when a connection
 * that carried a request is lost, and verifies nobody; so only its sockets, its TLS and its parser are used here. */
#ifndef PROVISIONING_SIP_TRANSPORT_H
#define PROVISIONING_SIP_TRANSPORT_H

#include <re/re.h>
#include <stdbool.h>

#include "phonecfg/base/err.h"

enum { TRANSPORT_HOST_MAX = 256, TRANSPORT_WHY_MAX = 160 };

struct transport;
struct conn;

struct target { /* where a request goes */
	enum sip_transp tp;
	struct sa dst;
	char host[TRANSPORT_HOST_MAX]; /* name that the certificate must carry */
};

/* Whoever waits for an answer on a connection; told once when it is lost, then no longer on it. */
struct conn_user {
	struct le le;
	struct conn *conn; /* NULL: none, or UDP */
	void (*lost)(struct conn_user *u, const char *why);
};

typedef void transport_message_fn(const struct sip_msg *msg, void *arg); /* answers only */

/* local: concrete; port 0 = any. ca: NULL = the system's. */
enum err_code transport_open(const struct sa *local, const char *ca, transport_message_fn *fn, void *arg,
	struct transport **out, struct err *err);
void transport_close(struct transport *t);

/* Is this target of a kind and address family that we can reach? */
bool transport_can(const struct transport *t, const struct target *to);
/* Gets or opens the connection (UDP: nothing to open) and enters the user on it; *via is what stands in Via. False:
 * why says what failed. */
bool transport_join(
	struct transport *t, const struct target *to, struct conn_user *u, struct sa *via, char why[TRANSPORT_WHY_MAX]);
/* Sends now, or as soon as the connection stands. The message is not changed. */
bool transport_send(struct transport *t, const struct target *to, struct conn_user *u, struct mbuf *mb,
	char why[TRANSPORT_WHY_MAX]);
void transport_leave(struct conn_user *u);

#endif
