/* The commands of rekeyd. Each is one file, one row in main.c's table, and returns the exit code: 0, 1 (it failed) or 2
 * (wrong use). Errors are one sentence on stderr that says what to do. */
#ifndef PROVISIONING_CLI_CLI_H
#define PROVISIONING_CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/err.h"
#include "provisioning/conf/settings.h"

enum { EXIT_USE = 2 };

/* argv[0] is the command's own name. */
int cmd_run(int argc, char **argv);
int cmd_init(int argc, char **argv);
int cmd_check_conf(int argc, char **argv);
int cmd_import(int argc, char **argv);
int cmd_reset(int argc, char **argv);
int cmd_recycle(int argc, char **argv);
int cmd_delete(int argc, char **argv);
int cmd_phone(int argc, char **argv);
int cmd_backup(int argc, char **argv);

/* "rekeyd: <sentence>" on stderr; returns 1. */
int cli_fail(const struct err *err);
/* "rekeyd <command>: <what is wrong>; rekeyd <command> --help says how" on stderr; returns 2. */
int cli_misuse(const char *command, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* An option as a row: --name VALUE, or --name alone when value is NULL. Repeating a VALUE option: the last one stands.
 */
struct cli_option {
	const char *name;   /* with the dashes */
	const char **value; /* takes an argument */
	bool *flag;         /* takes none */
};

/* Reads options anywhere before "--"; what is left is argv[0..*rest). False = misuse was printed. --help is the
 * caller's. */
bool cli_options(const char *command, int argc, char **argv, const struct cli_option *options, size_t n, int *rest);

/* The settings of --conf FILE, or of rekeyd.conf in this folder, or of /etc/rekey/rekeyd.conf. Errors are printed;
 * returns false. */
bool cli_settings(const char *conf, struct settings *s, struct arena *a);

#endif
