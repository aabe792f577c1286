/* What the registrar saw: every REGISTER that it accepted or refused, as one datagram on loopback.
 *
 * Kamailio writes the datagram and forgets it, so a stopped rekeyd never holds up a phone; events sent meanwhile are
 * lost, and registrar_bindings() tells what stands now. A datagram without the key, or malformed, is dropped and
 * counted. */
#ifndef PROVISIONING_REGISTRAR_EVENTS_H
#define PROVISIONING_REGISTRAR_EVENTS_H

#include <stdbool.h>
#include <stdint.h>

#include "phonecfg/base/err.h"
#include "phonecfg/base/secret.h"
#include "phonecfg/base/slice.h"

enum registration_kind {
	REGISTRATION_ACCEPTED, /* new binding or refresh */
	REGISTRATION_REMOVED,  /* the phone un-registered (Expires: 0) */
	REGISTRATION_REFUSED,  /* credentials were given and were wrong, or the identity is unknown */
};

enum { REGISTRATION_TEXT_MAX = 512 };

struct registration_event {
	enum registration_kind kind;
	char user[REGISTRATION_TEXT_MAX], domain[REGISTRATION_TEXT_MAX]; /* of the To header: who wants to be reached */
	char contact[REGISTRATION_TEXT_MAX];                             /* "" when there is none, or "*" */
	char user_agent[REGISTRATION_TEXT_MAX];                          /* "" when there is none */
	char call_id[REGISTRATION_TEXT_MAX];
	char source[64]; /* address that the packet came from */
	uint16_t port;
	char transport[8]; /* "udp", "tcp", "tls" */
	int64_t revision;  /* struct credential.revision of the row whose ha1 matched; 0 when refused */
	int64_t expires_s; /* asked for; -1 when not said */
	int64_t time;      /* Unix time at the registrar */
	char reason[32];   /* refused: "password", "unknown", "mismatch" (user is not the one of To) */
};

/* Runs in the listener's own thread. */
typedef void registration_fn(const struct registration_event *e, void *arg);

struct registrar_events;

/* Binds address:port (port 0: any) for UDP and starts a thread. key: at least 16 letters or digits. */
enum err_code registrar_events_open(const char *address, uint16_t port, struct secret key, registration_fn *fn,
	void *arg, struct registrar_events **out, struct err *err);
uint16_t registrar_events_port(const struct registrar_events *e);
uint64_t registrar_events_dropped(const struct registrar_events *e);
void registrar_events_close(struct registrar_events *e); /* NULL is allowed */

/* One datagram -> one event. Pure. False: malformed, or not with this key (compared in constant time). */
bool registration_parse(struct slice datagram, const struct secret *key, struct registration_event *out);

#endif
