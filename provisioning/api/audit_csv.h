/* The audit log as a file. */
#ifndef PROVISIONING_API_AUDIT_CSV_H
#define PROVISIONING_API_AUDIT_CSV_H

#include "provisioning/api/local.h"
#include "provisioning/store/audit.h"

/* The address of a peer, without its port. */
const char *audit_host(struct arena *a, const char *peer);
/* Those of a filter, newest first, as a list of any length. The filter's texts live in the request's arena. */
enum err_code audit_export(struct call *c, const struct audit_filter *f, struct err *err);

#endif
