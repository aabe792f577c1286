#include <stdio.h>

#include "provisioning/cli/cli.h"
#include "provisioning/store/store.h"

int cmd_backup(int argc, char **argv)
{
	const char *conf = NULL;
	const struct cli_option options[] = { { "--conf", &conf, NULL } };
	struct store *st = NULL;
	struct settings s;
	struct arena a;
	struct err err = { 0 };
	enum err_code e = ERR_IO;
	int rest;

	if (!cli_options("backup", argc, argv, options, 1, &rest))
		return EXIT_USE;
	if (rest != 1)
		return cli_misuse("backup", "it takes one file name");
	arena_init(&a, 0);
	if (cli_settings(conf, &s, &a)) {
		const struct store_conf sc = { .path = s.database, .key_file = s.key_file };

		e = store_open(&sc, &st, &err);
		if (e == ERR_OK)
			e = store_backup(st, argv[0], &err);
		if (e)
			cli_fail(&err);
		store_close(st);
	}
	arena_release(&a);
	return e ? 1 : 0;
}
