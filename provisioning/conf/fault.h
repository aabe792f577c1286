/* Named places at which a test can make the daemon die as by kill -9: REKEY_FAULT=name in the environment of a build with
 * REKEY_ASSERT=1. In other builds nothing is left of it. */
#ifndef PROVISIONING_CONF_FAULT_H
#define PROVISIONING_CONF_FAULT_H

#ifdef REKEY_ASSERT
void fault_point(const char *name);
#else
#define fault_point(name) ((void)0)
#endif

#endif
