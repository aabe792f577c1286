/* The configuration that Kamailio runs with in the demo and in the tests: a short file of values that includes
 * templates/kamailio/kamailio.cfg. Written 0600, because it carries keys. */
#ifndef PROVISIONING_REGISTRAR_KAMAILIO_CONF_H
#define PROVISIONING_REGISTRAR_KAMAILIO_CONF_H

#include <stdbool.h>
#include <stdint.h>

#include "phonecfg/base/err.h"
#include "phonecfg/base/secret.h"

struct kamailio_run {
	const char *cfg;                /* path of templates/kamailio/kamailio.cfg */
	const char *dir;                /* run directory that exists: gets values.cfg, location file, control socket */
	const char *address;            /* "127.0.0.1" */
	const char *address2;           /* a second address for SIP, such as the near end of a veth [NULL: none] */
	uint16_t port, tls_port;        /* SIP: UDP and TCP on port; 0 = no TLS */
	uint16_t rpc_port;              /* JSON-RPC over HTTP, only on address, only from address, only with rpc_key */
	const char *tls_cert, *tls_key; /* PEM files */
	const char *db_path;            /* struct registrar_conf.db_path */
	const char *events_address;     /* where registrar_events listens */
	uint16_t events_port;
	struct secret events_key, rpc_key;
	const char *notify_user;  /* only this digest user may send NOTIFY … */
	const char *notify_realm; /* … in this realm (row notify_user@notify_realm in the subscriber table) */
	const char *notify_from;  /* … or this address without a digest [NULL: none] */
	const char *trunk_from;   /* calls from this address need no digest: those from outside [NULL: none] */
	const char *realm;        /* one realm for all domains [NULL: the domain itself is the realm] */
	unsigned timer_ms;        /* final-response timer of a relayed request [5000] */
	bool verbose;
};

/* Writes dir/kamailio.cfg. Start it by:
 *   kamailio -f DIR/kamailio.cfg -DD -E -m 256 -M 8 -P DIR/kamailio.pid -Y DIR
 * (256 MB shared: a relayed NOTIFY is kept for 5 s at 16 KB, and with less than 5 MB left TLS refuses connections)
 * as a child of yours; SIGTERM to the pid ends it with its workers. Values that would break out of the file's quotes
 * are ERR_INPUT. */
enum err_code kamailio_conf_write(const struct kamailio_run *run, struct err *err);

#endif
