/* Frame of a command that works on the database: settings, core, then fn. */
#ifndef PROVISIONING_CLI_WORK_H
#define PROVISIONING_CLI_WORK_H

#include "provisioning/cli/cli.h"
#include "provisioning/core.h"

/* Returns an exit code; fills *err when it is 1 and nothing was printed yet. */
typedef int cli_work_fn(struct core *c, struct arena *a, void *arg, struct err *err);

/* Reads the settings, opens the core, runs fn, closes; prints what failed. */
int cli_work(const char *conf, cli_work_fn *fn, void *arg);

#endif
