#include "provisioning/conf/role.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static _Thread_local enum thread_role current = ROLE_NONE;

void thread_role_set(enum thread_role role)
{
	current = role;
	if (role != ROLE_NONE && role != ROLE_MAIN)
		pthread_setname_np(pthread_self(), thread_role_word(role));
}

enum thread_role thread_role(void)
{
	return current;
}

const char *thread_role_word(enum thread_role role)
{
	switch (role) {
	case ROLE_NONE:
		return "unnamed";
	case ROLE_MAIN:
		return "main";
	case ROLE_EDGE:
		return "edge";
	case ROLE_WRITER:
		return "writer";
	case ROLE_WORKER:
		return "worker";
	case ROLE_SIP:
		return "sip";
	}
	return "unknown";
}

void role_forbid(unsigned mask, const char *what)
{
#if defined(REKEY_ASSERT)
	if (((unsigned)current & mask) == 0)
		return;
	fprintf(stderr, "rekeyd: bug: the %s thread must not %s\n", thread_role_word(current), what);
	abort();
#else
	(void)mask;
	(void)what;
#endif
}
