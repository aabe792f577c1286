/* Which network addresses a webhook may lead to: those of the public internet alone, so that nobody makes this server
 * knock at doors that only this server can see. Pure. */
#ifndef PROVISIONING_WEBHOOK_ADDRESS_H
#define PROVISIONING_WEBHOOK_ADDRESS_H

#include <sys/socket.h>

/* NULL for an address of the public internet; otherwise what it is: "loopback", "private", "link-local", "multicast",
 * "reserved". IPv6 addresses that stand for an IPv4 one (mapped, NAT64, 6to4) are judged by that one. */
const char *address_refused(const struct sockaddr *address);
/* The same for an address as text, with or without brackets; NULL too for what is no address but a name. */
const char *address_refused_text(const char *host);

#endif
