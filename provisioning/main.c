/* rekeyd: one row per command. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/text.h"
#include "provisioning/cli/cli.h"
#include "provisioning/demo/demo.h"

struct command {
	const char *name;
	int (*fn)(int argc, char **argv);
	const char *use, *does;
	bool hidden;
};

static const struct command commands[] = {
	{ "run", cmd_run, "[--conf FILE]", "serve phones and admins until told to stop", false },
	{ "init", cmd_init, "[--dir DIR] [--names HOST,ADDRESS…] [--admin LOGIN] [--certificate FILE --key FILE]",
		"make settings, database, key file, certificates and the first admin (password printed once)", false },
	{ "demo", cmd_demo, "[--once] [--no-story] [--dir DIR] [--share DIR]",
		"the whole story on simulated phones, on this machine", false },
	{ "import", cmd_import, "DOMAIN FILE.csv [--dry-run] [--conf FILE]",
		"users, devices and phones from a CSV file, all or nothing", false },
	{ "reset", cmd_reset,
		"DOMAIN USER… [--all | --phone-lines …] [--at TIME] [--cut-off] [--dry-run] [--wait] [--conf FILE]",
		"take a person off an extension and every phone; --all clears what can be cleared", false },
	{ "recycle", cmd_recycle,
		"DOMAIN USER FIRST LAST [--email ADDRESS] [--phone MAC] [--welcome] [--at TIME] [--dry-run] [--wait] "
		"[--conf FILE]",
		"put the next person on a reset extension", false },
	{ "delete", cmd_delete, "DOMAIN USER… [--at TIME] [--cut-off] [--dry-run] [--wait] [--conf FILE]",
		"reset extensions by every option, then delete them; the records stay", false },
	{ "phone", cmd_phone,
		"MAC [--address | --pair [--minutes N] | --unpair | --new-login | [--user EXT] [--from-user EXT] [--site NAME] [--domain D] | "
		"--swap MAC [--model M] [--old-phone retire|delete] [--leave-behind] | --retire | --delete] [--cut-off] "
		"[--dry-run] [--conf FILE]",
		"what a phone is, whom it serves and what is still open; how it gets in; where it goes and what replaces it",
		false },
	{ "backup", cmd_backup, "FILE [--conf FILE]", "a consistent copy of the database while it is in use", false },
	{ "handset", cmd_handset, "FLAGS", "one simulated phone of the demo", true },
	{ "check-conf", cmd_check_conf, "[--conf FILE]", "read the settings and print them all with their meaning",
		false },
};
enum { COMMANDS = sizeof(commands) / sizeof(commands[0]) };

static int help(FILE *out)
{
	size_t i;

	fprintf(out,
		"rekeyd takes people off phones, proves it, and puts the next ones on.\n\nUse: rekeyd COMMAND …\n\n");
	for (i = 0; i < COMMANDS; i++)
		if (!commands[i].hidden)
			fprintf(out, "  rekeyd %s %s\n      %s\n", commands[i].name, commands[i].use, commands[i].does);
	fprintf(out, "\nrekeyd COMMAND --help repeats one of them. Exit code: 0, 1 (it failed), 2 (wrong use).\n");
	return 0;
}

static int unknown(const char *name)
{
	const char *nearest = commands[0].name;
	size_t i, least = SIZE_MAX;

	for (i = 0; i < COMMANDS; i++) {
		size_t d = text_distance(name, commands[i].name);

		if (d < least && !commands[i].hidden) {
			least = d;
			nearest = commands[i].name;
		}
	}
	if (least <= strlen(name) / 2)
		fprintf(stderr, "rekeyd: there is no command \"%s\"; did you mean %s? rekeyd --help lists them all\n",
			name, nearest);
	else
		fprintf(stderr, "rekeyd: there is no command \"%s\"; rekeyd --help lists them all\n", name);
	return EXIT_USE;
}

static bool asks_help(int argc, char **argv)
{
	int i;

	for (i = 1; i < argc; i++)
		if (strcmp(argv[i], "--help") == 0)
			return true;
	return false;
}

int main(int argc, char **argv)
{
	size_t i;

	if (argc < 2) {
		help(stderr);
		return EXIT_USE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
		return help(stdout);
	if (strcmp(argv[1], "--version") == 0)
		return printf("rekeyd %s\n", REKEY_VERSION) < 0;
	for (i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i].name, argv[1]) == 0)
			break;
	if (i == COMMANDS)
		return unknown(argv[1]);
	if (asks_help(argc - 1, argv + 1))
		return printf("rekeyd %s %s\n    %s\n", commands[i].name, commands[i].use, commands[i].does) < 0;
	return commands[i].fn(argc - 1, argv + 1);
}
