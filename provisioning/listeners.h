/* Where the daemon listens: phones, admins, phones that know only old TLS, and plain HTTP for those that must be told
 * which CA to trust. The last two only where the settings say so. */
#ifndef PROVISIONING_LISTENERS_H
#define PROVISIONING_LISTENERS_H

#include "phonecfg/base/err.h"
#include "provisioning/conf/settings.h"
#include "provisioning/edge/edge.h"

struct bootstrap;
struct plain;

enum listener { LISTEN_PHONES, LISTEN_ADMIN, LISTEN_OLD, LISTENERS };

/* All zero: nothing is open. */
struct listeners {
	struct edge *edges[LISTENERS]; /* NULL: not wanted */
	struct bootstrap *bootstrap;
	struct plain *plain;
};

/* What pointers lead to must outlive them. queue: of the phones' handshakes. On failure close all the same. */
struct listeners_conf {
	const struct settings *settings;
	const char *templates; /* folder */
	struct http *phones, *admin;
	struct edge_queue *queue;
};
enum err_code listeners_open(struct listeners *l, const struct listeners_conf *conf, struct err *err);
/* Lets requests in flight end. */
void listeners_close(struct listeners *l);
/* Certificates are read again; what became of it is logged. */
void listeners_reload(struct listeners *l);
/* Every few seconds: the same where the files have changed. */
void listeners_tick(struct listeners *l);

#endif
