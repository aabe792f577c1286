/* The daemon: owns every long-lived part. Start and stop are one table in daemon.c, walked forwards and backwards. */
#ifndef PROVISIONING_DAEMON_H
#define PROVISIONING_DAEMON_H

#include <stdint.h>

#include "phonecfg/base/err.h"
#include "provisioning/conf/settings.h"

struct daemon;

/* Everything runs when it returns ERR_OK; on failure nothing does. *settings must outlive the daemon. */
enum err_code daemon_start(const struct settings *settings, struct daemon **out, struct err *err);
/* Lets requests in flight end, then stops every part. NULL is allowed. */
void daemon_stop(struct daemon *d);
/* Certificates are read again, without dropping a connection. */
void daemon_reload(struct daemon *d);
/* Every few seconds: the same when the files have changed, and what else has its time. */
void daemon_tick(struct daemon *d);

uint16_t daemon_phones_port(const struct daemon *d);
uint16_t daemon_admin_port(const struct daemon *d);

#endif
