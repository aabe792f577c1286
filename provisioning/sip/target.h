/* Where a request for a URI goes (RFC 3263): an address as it stands, else NAPTR, SRV and A or AAAA by libre's DNS
 * client, remembered for a short while. Only in the SIP thread. */
#ifndef PROVISIONING_SIP_TARGET_H
#define PROVISIONING_SIP_TARGET_H

#include "provisioning/sip/transport.h"

enum { TARGETS_MAX = 8 };

struct targets {
	struct target v[TARGETS_MAX]; /* in the order in which to try them */
	size_t n;
};

struct resolver;
struct lookup;

/* why: "" on success. May be called inside target_find(). */
typedef void lookup_fn(const struct targets *found, const char *why, void *arg);

/* dns: "192.0.2.53[:53]", NULL = /etc/resolv.conf. af: the family that we can reach. */
enum err_code resolver_open(const char *dns, int af, struct resolver **out, struct err *err);
void resolver_close(struct resolver *r);
/* This target was silent: for a minute others of the same name are tried before it. */
void resolver_blame(struct resolver *r, const struct target *t);

/* Calls fn once. *out is set while the answer is awaited; target_cancel() forgets it. */
void target_find(struct resolver *r, const struct uri *uri, lookup_fn *fn, void *arg, struct lookup **out);
void target_cancel(struct lookup *l);

#endif
