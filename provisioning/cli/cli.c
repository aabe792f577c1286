#include "provisioning/cli/cli.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int cli_fail(const struct err *err)
{
	fprintf(stderr, "rekeyd: %s\n", err->text);
	return 1;
}

int cli_misuse(const char *command, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "rekeyd %s: ", command);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "; rekeyd %s --help says how\n", command);
	return EXIT_USE;
}

static const struct cli_option *find(const struct cli_option *options, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(options[i].name, name) == 0)
			return &options[i];
	return NULL;
}

bool cli_options(const char *command, int argc, char **argv, const struct cli_option *options, size_t n, int *rest)
{
	bool ended = false;
	int i;

	*rest = 0;
	for (i = 1; i < argc; i++) {
		const struct cli_option *o;

		if (ended || argv[i][0] != '-' || argv[i][1] == '\0') {
			argv[(*rest)++] = argv[i];
			continue;
		}
		if (strcmp(argv[i], "--") == 0) {
			ended = true;
			continue;
		}
		o = find(options, n, argv[i]);
		if (o == NULL) {
			cli_misuse(command, "there is no option %s", argv[i]);
			return false;
		}
		if (o->flag) {
			*o->flag = true;
			continue;
		}
		if (i + 1 == argc) {
			cli_misuse(command, "%s needs a value behind it", argv[i]);
			return false;
		}
		*o->value = argv[++i];
	}
	return true;
}

bool cli_settings(const char *conf, struct settings *s, struct arena *a)
{
	struct err err = { 0 };

	settings_default(s, a);
	if (conf == NULL)
		conf = access("rekeyd.conf", F_OK) == 0 ? "rekeyd.conf" : "/etc/rekey/rekeyd.conf";
	if (settings_load(s, conf, a, &err) == ERR_OK)
		return true;
	cli_fail(&err);
	return false;
}
