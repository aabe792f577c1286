/* The processes of the demo: started with a log file, ended in order, never left behind. Each is in a process group of
 * its own, so that Ctrl-C reaches only the demo, which then ends them; when the demo itself is killed, a guard does. */
#ifndef PROVISIONING_DEMO_PROC_H
#define PROVISIONING_DEMO_PROC_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include "phonecfg/base/err.h"

struct proc {
	char name[64]; /* for messages: "kamailio", "phone 001565aa0001" */
	pid_t pid;     /* 0 = not running */
	int in, out;   /* our ends of its standard input and output; -1 = not connected */
	bool ended;    /* it has ended; status is waitpid's */
	int status;
};

struct proc_spec {
	const char *name;
	char *const *argv; /* argv[0] is looked up in PATH, /usr/sbin and /sbin when it has no slash */
	const char *log;   /* file that standard error (and output, unless piped) goes to */
	bool pipe_in, pipe_out;
	/* Run in the child before exec: only calls that are safe after fork. Not 0 = the child ends. */
	int (*prepare)(void *arg);
	void *arg;
};

/* Starts the guard, a process that ends what is left when this one is gone. Once, before any thread. */
enum err_code proc_guard(struct err *err);

enum err_code proc_start(const struct proc_spec *spec, struct proc *out, struct err *err);
/* Has it ended? Does not wait. */
bool proc_ended(struct proc *p);
/* Waits for its end. False: still there after ms. */
bool proc_wait(struct proc *p, unsigned ms);
/* SIGTERM, and SIGKILL after ms; closes the pipes. Nothing when it is not running. */
void proc_stop(struct proc *p, unsigned ms);
/* A power cut. */
void proc_kill(struct proc *p);

#endif
