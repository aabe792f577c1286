/* Named places at which a test can make the daemon die as by kill -9: REKEY_FAULT=name in the environment of a build
 * with REKEY_ASSERT=1. Other builds look at nothing. */
#ifndef PROVISIONING_CONF_FAULT_H
#define PROVISIONING_CONF_FAULT_H

void fault_point(const char *name);

#endif
