#include "provisioning/conf/fault.h"

#ifdef REKEY_ASSERT
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void fault_point(const char *name)
{
	const char *wanted = getenv("REKEY_FAULT");

	if (wanted && strcmp(wanted, name) == 0)
		kill(getpid(), SIGKILL);
}
#else
extern int fault_is_off;
int fault_is_off = 1;
#endif
