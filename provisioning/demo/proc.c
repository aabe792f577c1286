#include "provisioning/demo/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOOK_MS = 10 };

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* In the child: nothing here allocates or locks. Never returns. */
static void become(const struct proc_spec *spec, int in, int out, int log)
{
	sigset_t none;
	int null = open("/dev/null", O_RDWR);

	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_DFL);
	dup2(in >= 0 ? in : null, STDIN_FILENO);
	dup2(out >= 0 ? out : log, STDOUT_FILENO);
	dup2(log, STDERR_FILENO);
	if (spec->prepare == NULL || spec->prepare(spec->arg) == 0)
		execvp(spec->argv[0], spec->argv);
	dprintf(STDERR_FILENO, "%s: %s\n", spec->argv[0], strerror(errno));
	_exit(127);
}

/* Debian keeps daemons where an ordinary user's PATH does not look. */
static void extend_path(void)
{
	static bool done;
	const char *path = getenv("PATH");
	char longer[4096];

	if (done)
		return;
	done = true;
	if (snprintf(longer, sizeof(longer), "%s:/usr/sbin:/sbin", path ? path : "/usr/bin:/bin") < (int)sizeof(longer))
		setenv("PATH", longer, 1);
}

static enum err_code fork_it(
	const struct proc_spec *spec, struct proc *p, int in[2], int out[2], int log, struct err *err)
{
	p->pid = fork();
	if (p->pid < 0) {
		p->pid = 0;
		return err_set(err, ERR_IO, "cannot start %s: %s", spec->name, strerror(errno));
	}
	if (p->pid == 0)
		become(spec, in[0], out[1], log);
	p->in = in[1];
	p->out = out[0];
	return ERR_OK;
}

enum err_code proc_start(const struct proc_spec *spec, struct proc *p, struct err *err)
{
	int in[2] = { -1, -1 }, out[2] = { -1, -1 };
	enum err_code rc = ERR_OK;
	int log;

	*p = (struct proc){ .in = -1, .out = -1 };
	snprintf(p->name, sizeof(p->name), "%s", spec->name);
	extend_path();
	log = open(spec->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (log < 0)
		return err_set(err, ERR_IO, "cannot write %s: %s; choose a folder that can be written", spec->log,
			strerror(errno));
	if ((spec->pipe_in && pipe2(in, O_CLOEXEC)) || (spec->pipe_out && pipe2(out, O_CLOEXEC)))
		rc = err_set(err, ERR_IO, "cannot connect to %s: %s", spec->name, strerror(errno));
	else
		rc = fork_it(spec, p, in, out, log, err);
	if (rc) {
		close_fd(&in[1]);
		close_fd(&out[0]);
	}
	close_fd(&in[0]);
	close_fd(&out[1]);
	close(log);
	return rc;
}

bool proc_ended(struct proc *p)
{
	if (p->pid && waitpid(p->pid, &p->status, WNOHANG) == p->pid) {
		p->pid = 0;
		p->ended = true;
	}
	return p->pid == 0;
}

bool proc_wait(struct proc *p, unsigned ms)
{
	unsigned waited;

	for (waited = 0; !proc_ended(p) && waited < ms; waited += LOOK_MS)
		poll(NULL, 0, LOOK_MS);
	return proc_ended(p);
}

static void end(struct proc *p, int sig)
{
	if (p->pid)
		kill(p->pid, sig);
}

void proc_stop(struct proc *p, unsigned ms)
{
	end(p, SIGTERM);
	if (!proc_wait(p, ms)) {
		/* The whole group: Kamailio has workers. */
		kill(-p->pid, SIGKILL);
		proc_wait(p, 1000);
	}
	close_fd(&p->in);
	close_fd(&p->out);
}

void proc_kill(struct proc *p)
{
	end(p, SIGKILL);
	proc_wait(p, 1000);
	close_fd(&p->in);
	close_fd(&p->out);
}
