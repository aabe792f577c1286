#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "provisioning/cli/work.h"
#include "provisioning/reset/import.h"

enum { IMPORT_FILE_MAX = 64 << 20 };

struct order {
	const char *domain, *file;
	bool dry_run;
};

static enum err_code read_file(const char *path, struct buf *out, struct err *err)
{
	FILE *f = fopen(path, "re");
	char piece[65536];
	size_t n;
	int unread;

	buf_init(out, IMPORT_FILE_MAX);
	if (f == NULL)
		return err_set(err, ERR_IO, "cannot read %s: %s; give the name of a CSV file", path, strerror(errno));
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(out, piece, n);
	unread = ferror(f);
	fclose(f);
	if (unread)
		return err_set(err, ERR_IO, "cannot read %s; give the name of a CSV file", path);
	return buf_check(out, path, err);
}

static int import_fn(struct core *c, struct arena *a, void *arg, struct err *err)
{
	const struct order *o = arg;
	struct import_report report = { 0 };
	struct buf text;
	enum err_code e = read_file(o->file, &text, err);
	size_t i;

	if (e == ERR_OK)
		e = import_csv(
			&c->reset, o->domain, buf_view(&text), o->dry_run, true, "command line", "", a, &report, err);
	for (i = 0; i < report.nrows; i++)
		printf("line %u  %s  %s%s%s\n", report.rows[i].line, report.rows[i].key ? report.rows[i].key : "-",
			report.rows[i].result, report.rows[i].error ? ": " : "",
			report.rows[i].error ? report.rows[i].error : "");
	if (e == ERR_OK)
		printf("%zu %s %s\n", report.nrows, report.what,
			report.written ? "imported" : "checked, nothing written (dry run)");
	buf_release(&text);
	return e ? 1 : 0;
}

int cmd_import(int argc, char **argv)
{
	struct order o = { 0 };
	const char *conf = NULL;
	const struct cli_option options[] = { { "--conf", &conf, NULL }, { "--dry-run", NULL, &o.dry_run } };
	int rest;

	if (!cli_options("import", argc, argv, options, 2, &rest))
		return EXIT_USE;
	if (rest != 2)
		return cli_misuse("import", "it takes a domain and a CSV file");
	o.domain = argv[0];
	o.file = argv[1];
	return cli_work(conf, import_fn, &o);
}
