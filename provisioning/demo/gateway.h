/* A network of its own for one phone, and the gateway that hides it.
 *
 * The phone's process is moved into a network namespace that has nothing but a loopback device with a private address.
 * Two sockets listen in there, on the addresses that the phone is told to use; the gateway, which stays outside,
 * accepts on them and carries the bytes to the real servers. So the phone reaches out by TCP, its servers see the
 * gateway's address, and nothing reaches in: NAT as an office router does it, without a right to change the machine's
 * network. */
#ifndef PROVISIONING_DEMO_GATEWAY_H
#define PROVISIONING_DEMO_GATEWAY_H

#include <stdint.h>

#include "phonecfg/base/err.h"

enum { GATEWAY_PORTS = 2 };

#define GATEWAY_PHONE_ADDRESS "10.66.0.20"

struct gateway;

/* ports: on 127.0.0.1, inside and outside. */
enum err_code gateway_open(const uint16_t ports[GATEWAY_PORTS], struct gateway **out, struct err *err);
/* For struct proc_spec.prepare, in the child: enters a new network and hands the listening sockets out. */
int gateway_enter(void *gateway);
/* In the parent, after the start of the child: takes the sockets and carries bytes in a thread from now on. May be
 * called again for a new child (the phone was switched on again). ERR_UNSUPPORTED: this machine gives no network
 * namespace. */
enum err_code gateway_serve(struct gateway *g, struct err *err);
void gateway_close(struct gateway *g); /* NULL is allowed */

#endif
