#include "phonecfg/tool/tool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "phonecfg/base/text.h"

int tool_fail(const struct err *err)
{
	fprintf(stderr, "phonecfg: %s\n", err->text);
	return TOOL_FAILED;
}

int tool_usage(const struct command *cmd, const char *fmt, ...)
{
	va_list ap;

	fprintf(stderr, "phonecfg %s: ", cmd->name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, "; usage: phonecfg %s %s\n", cmd->name, cmd->usage);
	return TOOL_USAGE;
}

static int show_help(const struct command *cmd)
{
	printf("usage: phonecfg %s %s\n%s\n", cmd->name, cmd->usage, cmd->summary);
	return fflush(stdout) || ferror(stdout) ? TOOL_FAILED : TOOL_OK;
}

static const struct tool_option *find_option(const struct tool_option *options, const char *arg, size_t n)
{
	for (; options->name; options++)
		if (strlen(options->name) == n && strncmp(options->name, arg, n) == 0)
			return options;
	return NULL;
}

/* Reads the option at argv[*i]. -1 = go on. */
static int read_option(const struct command *cmd, const struct tool_option *options, int argc, char **argv, int *i)
{
	const char *arg = argv[*i], *value = strchr(arg, '=');
	const struct tool_option *o = find_option(options, arg, value ? (size_t)(value - arg) : strlen(arg));

	if (o == NULL)
		return tool_usage(cmd, "there is no option '%s'", arg);
	if (o->flag) {
		if (value)
			return tool_usage(cmd, "'%s' takes no value", o->name);
		*o->flag = true;
		return -1;
	}
	if (value == NULL && *i + 1 == argc)
		return tool_usage(cmd, "'%s' needs a value behind it", o->name);
	*o->value = value ? value + 1 : argv[++*i];
	return -1;
}

int tool_options(const struct command *cmd, const struct tool_option *options, int argc, char **argv, int *count)
{
	int i, rc;

	*count = 0;
	for (i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--") == 0) {
			while (++i < argc)
				argv[++*count] = argv[i];
			break;
		}
		if (argv[i][0] != '-' || argv[i][1] == '\0') {
			argv[++*count] = argv[i];
			continue;
		}
		if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
			return show_help(cmd);
		rc = read_option(cmd, options, argc, argv, &i);
		if (rc >= 0)
			return rc;
	}
	return -1;
}

enum err_code tool_read(const char *path, struct buf *out, struct err *err)
{
	int fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;
	char chunk[16 * 1024];
	ssize_t n = 0;

	if (fd < 0)
		return err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO,
			"cannot open %s: %s; give the name of a file", path, strerror(errno));
	while (!out->failed && (n = read(fd, chunk, sizeof(chunk))) > 0)
		buf_add(out, chunk, (size_t)n);
	if (n < 0)
		err_set(err, ERR_IO, "cannot read %s: %s; give the name of a file", path, strerror(errno));
	if (fd != STDIN_FILENO)
		close(fd);
	return n < 0 ? ERR_IO : buf_check(out, path, err);
}

enum err_code tool_print(const struct buf *b, struct err *err)
{
	if (fwrite(b->data, 1, b->len, stdout) != b->len || fflush(stdout) || ferror(stdout))
		return err_set(err, ERR_IO, "cannot write the output: %s; make room and try again", strerror(errno));
	return ERR_OK;
}

enum err_code tool_write(const char *path, const struct buf *b, struct err *err)
{
	bool bad;
	FILE *f;

	if (!path || strcmp(path, "-") == 0)
		return tool_print(b, err);
	f = fopen(path, "wb");
	if (!f)
		return err_set(err, ERR_IO, "%s cannot be written: %s", path, strerror(errno));
	bad = fwrite(b->data, 1, b->len, f) != b->len;
	if (fclose(f) || bad)
		return err_set(err, ERR_IO, "%s cannot be written: %s", path, strerror(errno));
	return ERR_OK;
}

const char *tool_nearest(const char *word, const char *const *words, size_t n)
{
	const char *best = NULL;
	size_t i, least = strlen(word) / 2 + 1;

	for (i = 0; i < n; i++) {
		size_t d = text_distance(word, words[i]);

		if (d < least) {
			least = d;
			best = words[i];
		}
	}
	return best;
}
