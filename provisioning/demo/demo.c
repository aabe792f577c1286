#include "provisioning/demo/demo.h"

#include <curl/curl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "provisioning/cli/cli.h"
#include "provisioning/conf/clock.h"
#include "provisioning/demo/company.h"
#include "provisioning/demo/phone.h"
#include "provisioning/demo/proc.h"
#include "provisioning/demo/story.h"

int cmd_handset(int argc, char **argv)
{
	if (argc > 1)
		return cli_misuse("handset", "\"%s\" is one word too many; what it is comes on its input", argv[1]);
	return demo_phone_main();
}

/* Before any thread starts, so that only the story sees them. */
static int block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigprocmask(SIG_BLOCK, &set, NULL);
	signal(SIGPIPE, SIG_IGN);
	return signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

static void say_where(const struct stage *s)
{
	printf("\nIt keeps serving. Ctrl-C ends all of it.\n"
	       "  admins    https://127.0.0.1:%u/   login %s   password %.*s\n"
	       "  phones    https://127.0.0.1:%u/cfg/\n"
	       "  registrar sip:127.0.0.1:%u (Kamailio)\n"
	       "  folder    %s (settings, logs, certificates: ca.crt signs them)\n"
	       "  try       build/bin/rekeyd phone %s --conf %s/rekeyd.conf\n",
		s->admin_port, s->init.login, SLICE_ARG(secret_reveal(&s->init.password)), s->phones_port, s->sip_port,
		s->dir, COMPANY_DESK, s->dir);
	fflush(stdout);
}

struct wish {
	bool once, no_story;
};

static enum err_code play(
	struct stage *stage, struct fleet *fleet, struct story *story, const struct wish *wish, struct err *err)
{
	enum err_code rc = fleet_open(fleet, stage, err);

	if (rc == ERR_OK)
		rc = company_make(stage, fleet, err);
	if (rc == ERR_OK)
		rc = story_begin(story, err);
	if (rc == ERR_OK && story->wrong == 0 && !wish->no_story)
		rc = story_play(story, err);
	if (rc == ERR_OK && story->wrong)
		printf("\n%u things did not end as they should; the logs are in %s\n", story->wrong, stage->dir);
	else if (rc == ERR_OK && !wish->no_story)
		printf("\nEverything ended as it should.\n");
	fflush(stdout);
	if (rc == ERR_OK && !wish->once) {
		say_where(stage);
		rc = story_serve(story, err);
	}
	fleet_close(fleet);
	return rc;
}

int cmd_demo(int argc, char **argv)
{
	struct stage_order order = { .dir = "build/run" };
	struct wish wish = { .once = false };
	const struct cli_option options[] = { { "--dir", &order.dir, NULL }, { "--share", &order.share, NULL },
		{ "--once", NULL, &wish.once }, { "--no-story", NULL, &wish.no_story } };
	struct err err = { 0 };
	struct stage stage;
	struct fleet fleet = { 0 };
	struct story story = { .stage = &stage, .fleet = &fleet, .began_ms = clock_steady_ms() };
	enum err_code rc;
	int rest;

	if (!cli_options("demo", argc, argv, options, sizeof(options) / sizeof(options[0]), &rest))
		return EXIT_USE;
	if (rest)
		return cli_misuse("demo", "\"%s\" is one word too many", argv[0]);
	if (proc_guard(&err))
		return cli_fail(&err);
	story.signals = block_signals();
	curl_global_init(CURL_GLOBAL_DEFAULT);
	order.usual_ports = !wish.once && !wish.no_story;
	rc = stage_open(&stage, &order, &err);
	if (rc == ERR_OK)
		rc = play(&stage, &fleet, &story, &wish, &err);
	stage_close(&stage);
	curl_global_cleanup();
	close(story.signals);
	if (rc)
		return cli_fail(&err);
	return story.wrong ? 1 : 0;
}
