/* How a job that a command ordered went, on the terminal. */
#ifndef PROVISIONING_CLI_REPORT_H
#define PROVISIONING_CLI_REPORT_H

#include "provisioning/core.h"

/* Before and after: what the proofs will be worth. */
void report_unproved(const struct core *c);

/* what: "reset". Each user's result, and the links that go by no mail: those are shown here and kept no longer. wait:
 * until the job has ended and every record is proved, which is the daemon's work. *bad: a part of it failed. */
enum err_code report_job(
	struct core *c, const char *what, const char *domain, const char *id, bool wait, bool *bad, struct err *err);

#endif
