/* /metrics: what the parts of the daemon count, and what the store says of records, alerts, jobs and waiting work. */
#ifndef PROVISIONING_METRICS_H
#define PROVISIONING_METRICS_H

#include <stdint.h>

#include "phonecfg/base/buf.h"
#include "phonecfg/base/err.h"

struct store;
struct outbox;
struct sipd;
struct phones;
struct pool;
struct edge;
struct edge_queue;
struct registrar;
struct http;

/* Any may be NULL: its families are left out. */
struct metrics_sources {
	struct store *store;
	struct outbox *outbox;
	struct sipd *sipd;
	uint64_t notify_per_second, notify_per_source; /* the bounds, as set */
	struct registrar *registrar;
	struct mail *mail;
	const struct edge_queue *handshakes; /* of the phones' listener */
	struct phones *phones;
	struct pool *pool;
	struct edge *phones_edge, *old_edge, *admin_edge; /* old_edge: NULL where there is none */
	struct http *phones_http, *admin_http;
};

struct metrics;

enum err_code metrics_open(struct metrics **out, struct err *err);
void metrics_close(struct metrics *m); /* NULL is allowed */
/* Appends all of it. Reads the store at most once a second, however often it is asked. Not on an edge thread. */
void metrics_write(struct metrics *m, const struct metrics_sources *from, struct buf *out);

#endif
