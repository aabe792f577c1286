#include "provisioning/cli/work.h"

int cli_work(const char *conf, cli_work_fn *fn, void *arg)
{
	struct settings s;
	struct core c;
	struct arena a;
	struct err err = { 0 };
	int code = 1;

	arena_init(&a, 0);
	if (cli_settings(conf, &s, &a)) {
		if (core_open(&c, &s, &err) == ERR_OK) {
			code = fn(&c, &a, arg, &err);
			core_close(&c);
		}
		if (code == 1 && err.code)
			cli_fail(&err);
	}
	arena_release(&a);
	return code;
}
