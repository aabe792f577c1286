#include <stdio.h>
#include <string.h>

#include "phonecfg/base/file.h"
#include "provisioning/cli/work.h"
#include "provisioning/reset/import.h"

enum { IMPORT_FILE_MAX = 64 << 20 };

struct order {
	const char *domain, *file;
	bool dry_run;
};

static int import_fn(struct core *c, struct arena *a, void *arg, struct err *err)
{
	const struct order *o = arg;
	struct import_report report = { 0 };
	struct buf text;
	enum err_code e;
	size_t i;

	buf_init(&text, IMPORT_FILE_MAX);
	e = file_read(o->file, &text, err);
	if (e)
		err_prefix(err, "give the name of a CSV file");
	else
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
