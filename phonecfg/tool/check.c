/* phonecfg check: is this file what its vendor's phones read? */
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/share.h"
#include "phonecfg/tool/books.h"
#include "phonecfg/tool/commands.h"
#include "phonecfg/vendor/inspect.h"

enum { REPORT_MAX = 16 * 1024 * 1024 };

struct job {
	const char *file, *profiles, *model, *firmware;
	bool failed; /* an error was found in the file */
};

static void report(const struct job *job, const struct params *p, const struct findings *f, struct buf *out)
{
	for (size_t i = 0; i < f->n; i++)
		buf_printf(out, "%s:%u: %s: %s\n", job->file, f->v[i].line,
			f->v[i].level == FINDING_WARNING ? "warning" : "error", f->v[i].text);
	if (f->n < f->errors + f->warnings)
		buf_printf(out, "%s: %zu more are not shown\n", job->file, f->errors + f->warnings - f->n);
	buf_printf(out, "%s: %s, %zu parameters, %zu errors, %zu warnings\n", job->file,
		p->vendor == VENDOR_NONE ? "no phone's file" : vendor_word(p->vendor), p->n, f->errors, f->warnings);
}

static enum err_code inspect(
	struct job *job, const struct catalog *c, struct arena *a, struct buf *out, struct err *err)
{
	struct param_book *books[VENDOR_COUNT] = { NULL };
	struct inspect_options o = { (const struct param_book *const *)books, NULL, job->firmware, job->file };
	struct findings f = { 0 };
	struct params p = { 0 };
	struct buf text;
	enum err_code rc;

	if (job->model) {
		o.pf = catalog_find(c, job->model);
		if (!o.pf)
			return err_set(err, ERR_NOT_FOUND, "there is no model '%.64s'; phonecfg models lists them",
				job->model);
	}
	buf_init(&text, TOOL_FILE_MAX);
	rc = tool_read(job->file, &text, err);
	if (!rc)
		rc = tool_open_books(job->profiles, books, err);
	if (!rc)
		rc = inspect_file(buf_view(&text), &o, a, &p, &f, err);
	if (!rc) {
		report(job, &p, &f, out);
		job->failed = f.errors > 0;
		rc = buf_check(out, "the report", err);
	}
	tool_close_books(books);
	buf_release(&text);
	return rc;
}

static int run(int argc, char **argv)
{
	struct job job = { .profiles = share_profiles_dir };
	const struct tool_option table[] = { { "--profiles", &job.profiles, NULL }, { "--model", &job.model, NULL },
		{ "--firmware", &job.firmware, NULL }, { NULL, NULL, NULL } };
	struct catalog *c = NULL;
	struct err err = { 0 };
	struct arena a;
	struct buf out;
	int n, code = tool_options(&command_check, table, argc, argv, &n);
	enum err_code rc = ERR_OK;

	if (code >= 0)
		return code;
	if (n != 1)
		return tool_usage(&command_check, "give one FILE");
	job.file = argv[1];
	if (job.model && !(c = catalog_open(job.profiles, &err)))
		return tool_fail(&err);
	arena_init(&a, 0);
	buf_init(&out, REPORT_MAX);
	rc = inspect(&job, c, &a, &out, &err);
	if (!rc)
		rc = tool_print(&out, &err);
	buf_release(&out);
	arena_release(&a);
	catalog_close(c);
	if (rc)
		return tool_fail(&err);
	return job.failed ? TOOL_FAILED : TOOL_OK;
}

const struct command command_check = {
	"check",
	"FILE [--model ID] [--firmware VERSION] [--profiles DIR]",
	"Read a phone's file as its vendor's phones do: syntax, names, numbers and values, what stands twice, each with "
	"file:line.",
	run,
};
