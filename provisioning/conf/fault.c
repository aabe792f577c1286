#include "provisioning/conf/fault.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void fault_point(const char *name)
{
#ifdef REKEY_ASSERT
	const char *wanted = getenv("REKEY_FAULT");

	if (wanted && strcmp(wanted, name) == 0)
		kill(getpid(), SIGKILL);
#else
	(void)name;
#endif
}
