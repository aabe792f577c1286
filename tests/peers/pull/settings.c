/* name=value… of the command line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/peers/pull/pull.h"

struct pull_conf conf = { .phones = 1000,
	.at_once = 16,
	.pulls = 100,
	.processes = 1,
	.seconds = 2,
	.mode = "keep",
	.tls = "1.3",
	.cert = "ecdsa",
	.auth = "digest",
	.brand = "yealink",
	.file = { "/cfg/%s.cfg" } };

static bool setting(const char *name, const char *value)
{
	const struct {
		const char *name, **at;
	} words[] = { { "mode", &conf.mode }, { "tls", &conf.tls }, { "cert", &conf.cert }, { "auth", &conf.auth },
		{ "brand", &conf.brand } };
	const struct {
		const char *name;
		int *at;
	} numbers[] = { { "phones", &conf.phones }, { "at-once", &conf.at_once }, { "pulls", &conf.pulls },
		{ "processes", &conf.processes } };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(name, words[i].name) == 0) {
			*words[i].at = value;
			return true;
		}
	for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		if (strcmp(name, numbers[i].name) == 0) {
			*numbers[i].at = atoi(value);
			return true;
		}
	if (strcmp(name, "file") == 0 && conf.nfiles < FILES_MAX)
		conf.file[conf.nfiles++] = value;
	else if (strcmp(name, "seconds") == 0)
		conf.seconds = atof(value);
	else if (strcmp(name, "storm") == 0)
		conf.storm = atof(value);
	else if (strcmp(name, "count") == 0)
		conf.count = atol(value);
	else
		return false;
	return true;
}

bool take_arguments(int argc, char **argv)
{
	int i;

	conf.port = argc > 1 ? atoi(argv[1]) : 0;
	for (i = 2; i < argc; i++) {
		char *eq = strchr(argv[i], '=');

		if (eq)
			*eq = '\0';
		if (eq == NULL || !setting(argv[i], eq + 1)) {
			fprintf(stderr, "pull_load: what is %s?\n", argv[i]);
			return false;
		}
	}
	if (conf.processes < 1 || conf.phones % conf.processes || (conf.processes > 1 && conf.storm <= 0)) {
		fprintf(stderr, "pull_load: several processes are for a storm whose phones they can share evenly\n");
		return false;
	}
	if (conf.port < 1) {
		fprintf(stderr, "usage: pull_load PORT name=value…; the names stand in tests/peers/pull_load.c\n");
		return false;
	}
	conf.nfiles = conf.nfiles ? conf.nfiles : 1;
	return true;
}
