#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "provisioning/cli/cli.h"
#include "provisioning/conf/log.h"
#include "provisioning/conf/role.h"
#include "provisioning/daemon.h"

enum { TICK_S = 2 };

static bool set_level(const char *word, struct err *err)
{
	static const char *const words[] = { "debug", "info", "warn", "error" };
	size_t i;

	for (i = 0; i < 4; i++) {
		if (strcmp(words[i], word) == 0) {
			log_set_level((enum log_level)i);
			return true;
		}
	}
	err_set(err, ERR_INPUT, "[server] log-level is \"%s\"; it must be debug, info, warn or error", word);
	return false;
}

/* SIGTERM and SIGINT end, SIGHUP reads the certificates again, as they are when nobody says a word. Every thread
 * inherits the blocked mask. */
static int serve(const struct settings *s, struct err *err)
{
	const struct timespec tick = { .tv_sec = TICK_S };
	struct daemon *d;
	sigset_t set;
	int sig;

	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (daemon_start(s, &d, err))
		return 1;
	printf("rekeyd %s ready phones=%u admin=%u\n", REKEY_VERSION, daemon_phones_port(d), daemon_admin_port(d));
	fflush(stdout);
	for (;;) {
		sig = sigtimedwait(&set, NULL, &tick);
		if (sig == SIGTERM || sig == SIGINT)
			break;
		if (sig == SIGHUP)
			daemon_reload(d);
		else
			daemon_tick(d);
	}
	log_event(LOG_LEVEL_INFO, "stopping", NULL);
	daemon_stop(d);
	log_event(LOG_LEVEL_INFO, "stopped", NULL);
	return 0;
}

int cmd_run(int argc, char **argv)
{
	const char *conf = NULL;
	const struct cli_option options[] = { { "--conf", &conf, NULL } };
	struct settings s;
	struct arena a;
	struct err err = { 0 };
	int rest, code = 1;

	if (!cli_options("run", argc, argv, options, 1, &rest))
		return EXIT_USE;
	if (rest)
		return cli_misuse("run", "\"%s\" is one word too many", argv[0]);
	arena_init(&a, 0);
	thread_role_set(ROLE_MAIN);
	if (cli_settings(conf, &s, &a)) {
		if (set_level(s.log_level, &err))
			code = serve(&s, &err);
		if (err.code)
			code = cli_fail(&err);
	}
	arena_release(&a);
	return code;
}
