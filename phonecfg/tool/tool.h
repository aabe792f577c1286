/* What the commands of `phonecfg` share. One file per command: it defines a struct command, main.c lists it.
 *
 * Exit codes: 0 done, 1 it failed, 2 wrong use. Errors go to stderr in one sentence that says what to do. */
#ifndef PHONECFG_TOOL_TOOL_H
#define PHONECFG_TOOL_TOOL_H

#include <stddef.h>

#include "phonecfg/base/buf.h"
#include "phonecfg/base/err.h"
#include "phonecfg/template/tval.h"

enum { TOOL_OK = 0, TOOL_FAILED = 1, TOOL_USAGE = 2 };
enum { TOOL_FILE_MAX = 16 * 1024 * 1024, TOOL_JSON_DEPTH_MAX = 200 };

struct command {
	const char *name;
	const char *usage;   /* the arguments, as --help shows them: "FILE --data DATA.json" */
	const char *summary; /* one line */
	/* argv[0] is the command's name. Returns the exit code. */
	int (*fn)(int argc, char **argv);
};

/* "phonecfg: sentence" to stderr; both return the exit code. */
int tool_fail(const struct err *err);
int tool_usage(const struct command *cmd, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* One option of a command. Exactly one of value and flag is set. */
struct tool_option {
	const char *name;   /* "--data" */
	const char **value; /* takes the next argument, or what stands behind '=' */
	bool *flag;
};

/* Reads the options (the table ends with a NULL name) and moves the other arguments to argv[1 .. *count]. `--` ends the
 * options; `-h` and `--help` print the command's usage. Returns -1 to go on, else the exit code to return. */
int tool_options(const struct command *cmd, const struct tool_option *options, int argc, char **argv, int *count);

/* The whole file ("-": standard input), at most out->max bytes. ERR_NOT_FOUND, ERR_IO, ERR_LIMIT. */
enum err_code tool_read(const char *path, struct buf *out, struct err *err);
/* A JSON file as a tree. Errors have file:line:column. */
enum err_code tool_read_json(const char *path, struct arena *a, struct tval **out, struct err *err);
/* All of b to stdout, checked up to the last byte (a full disk shows only at the end). */
enum err_code tool_print(const struct buf *b, struct err *err);
/* All of b to a file; NULL and "-": to stdout. ERR_IO. */
enum err_code tool_write(const char *path, const struct buf *b, struct err *err);

/* The one of n words that word was most likely meant to be, or NULL. */
const char *tool_nearest(const char *word, const char *const *words, size_t n);

#endif
