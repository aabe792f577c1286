#include <stdio.h>

#include "provisioning/cli/cli.h"

int cmd_check_conf(int argc, char **argv)
{
	const char *conf = NULL;
	const struct cli_option options[] = { { "--conf", &conf, NULL } };
	struct settings s;
	struct arena a;
	int rest, code = 1;

	if (!cli_options("check-conf", argc, argv, options, 1, &rest))
		return EXIT_USE;
	if (rest)
		return cli_misuse("check-conf", "\"%s\" is one word too many", argv[0]);
	arena_init(&a, 0);
	if (cli_settings(conf, &s, &a)) {
		settings_print(&s, stdout);
		code = 0;
	}
	arena_release(&a);
	return code;
}
