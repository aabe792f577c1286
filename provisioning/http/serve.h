/* libmicrohttpd's callbacks for one plane; the edge hands them to MHD_start_daemon. */
#ifndef PROVISIONING_HTTP_SERVE_H
#define PROVISIONING_HTTP_SERVE_H

#include <microhttpd.h>

#include "provisioning/http/link.h"

/* The connection's socket_context must be its struct http_link. cls of all three: struct http *. */
void *serve_target(void *cls, const char *target, struct MHD_Connection *c);
enum MHD_Result serve_access(void *cls, struct MHD_Connection *c, const char *url, const char *method,
	const char *version, const char *upload, size_t *upload_n, void **con_cls);
void serve_completed(void *cls, struct MHD_Connection *c, void **con_cls, enum MHD_RequestTerminationCode how);
/* The connection is gone, and libmicrohttpd may have said nothing of its request. */
void serve_closed(struct http_link *link);

#endif
