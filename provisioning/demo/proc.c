#include "provisioning/demo/proc.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { LOOK_MS = 10, GUARDED_MAX = 64, GUARD_WAIT_MS = 3000 };

static int guard = -1; /* where the guard reads: a group that began, or its negative when it ended */

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* ---- the guard ---- */

/* Returns how many groups there are still. */
static int signal_groups(const pid_t *groups, int sig)
{
	int i, n = 0;

	for (i = 0; i < GUARDED_MAX; i++)
		n += groups[i] && kill(-groups[i], sig) == 0;
	return n;
}

/* Reads until the demo is gone, in whatever way, then ends every group that is left. */
static void stand_guard(int fd)
{
	pid_t groups[GUARDED_MAX] = { 0 }, word;
	int i;

	while (read(fd, &word, sizeof(word)) == sizeof(word)) {
		for (i = 0; i < GUARDED_MAX && groups[i] != (word > 0 ? 0 : -word); i++)
			;
		if (i < GUARDED_MAX)
			groups[i] = word > 0 ? word : 0;
	}
	signal_groups(groups, SIGTERM);
	for (i = 0; i < GUARD_WAIT_MS && signal_groups(groups, 0); i += LOOK_MS)
		poll(NULL, 0, LOOK_MS);
	signal_groups(groups, SIGKILL);
	_exit(0);
}

enum err_code proc_guard(struct err *err)
{
	int ends[2];
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC))
		return err_set(err, ERR_IO, "cannot start the guard of the demo: %s", strerror(errno));
	pid = fork();
	if (pid == 0) {
		setsid();
		signal(SIGINT, SIG_IGN);
		signal(SIGTERM, SIG_IGN);
		signal(SIGHUP, SIG_IGN);
		close(ends[1]);
		close(STDOUT_FILENO); /* nobody should wait for the guard's end of a pipe */
		close(STDERR_FILENO);
		stand_guard(ends[0]);
	}
	close(ends[0]);
	guard = ends[1];
	return pid > 0 ? ERR_OK : err_set(err, ERR_IO, "cannot start the guard of the demo: %s", strerror(errno));
}

static void tell_guard(pid_t word)
{
	if (guard >= 0 && write(guard, &word, sizeof(word)) < 0)
		guard = -1; /* it is gone; the demo still ends what it started */
}

/* In the child: nothing here allocates or locks. Never returns. */
static void become(const struct proc_spec *spec, int in, int out, int log)
{
	sigset_t none;
	int null = open("/dev/null", O_RDWR);

	setpgid(0, 0);
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
	setpgid(p->pid, p->pid); /* here too: whoever comes first */
	tell_guard(p->pid);
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
		kill(-p->pid, SIGKILL); /* workers that outlive their parent */
		tell_guard(-p->pid);
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
		end(p, SIGKILL);
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
