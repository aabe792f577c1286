#include "phonecfg/tool/tool.h"

#include <stdio.h>
#include <string.h>

#include "phonecfg/tool/commands.h"

static const struct command *const commands[] = {
	&command_apply,
	&command_check,
	&command_diff,
	&command_explain,
	&command_face,
	&command_models,
	&command_qr,
	&command_render,
	&command_residue,
	&command_template,
};

enum { NCOMMANDS = sizeof(commands) / sizeof(*commands) };

static int help(void)
{
	size_t i;

	printf("usage: phonecfg COMMAND [ARGUMENT...]\n"
	       "What phones are given, worked out without a server.\n\n");
	for (i = 0; i < NCOMMANDS; i++)
		printf("  phonecfg %s %s\n      %s\n", commands[i]->name, commands[i]->usage, commands[i]->summary);
	printf("\nphonecfg COMMAND --help says more about one. Exit codes: 0 done, 1 it failed, 2 wrong use.\n");
	return fflush(stdout) || ferror(stdout) ? TOOL_FAILED : TOOL_OK;
}

static int unknown(const char *word)
{
	const char *names[NCOMMANDS], *near;
	size_t i;

	for (i = 0; i < NCOMMANDS; i++)
		names[i] = commands[i]->name;
	near = tool_nearest(word, names, NCOMMANDS);
	if (near)
		fprintf(stderr, "phonecfg: there is no command '%s'; did you mean '%s'?\n", word, near);
	else
		fprintf(stderr, "phonecfg: there is no command '%s'; phonecfg --help lists them\n", word);
	return TOOL_USAGE;
}

int main(int argc, char **argv)
{
	size_t i;

	if (argc < 2) {
		fprintf(stderr, "phonecfg: say which command; phonecfg --help lists them\n");
		return TOOL_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 || strcmp(argv[1], "help") == 0)
		return help();
	if (strcmp(argv[1], "--version") == 0) {
		printf("phonecfg %s\n", REKEY_VERSION);
		return fflush(stdout) || ferror(stdout) ? TOOL_FAILED : TOOL_OK;
	}
	for (i = 0; i < NCOMMANDS; i++)
		if (strcmp(argv[1], commands[i]->name) == 0)
			return commands[i]->fn(argc - 1, argv + 1);
	return unknown(argv[1]);
}
