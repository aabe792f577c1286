/* phonecfg diff: two files of one vendor, parameter by parameter. */
#include <stdlib.h>
#include <string.h>

#include "phonecfg/tool/commands.h"
#include "phonecfg/tool/phone.h"
#include "phonecfg/vendor/params.h"

enum { REPORT_MAX = 32 * 1024 * 1024 };

static int by_name(const void *a, const void *b)
{
	const struct param *x = a, *y = b;
	int c = strcmp(x->name, y->name);

	return c ? c : x->line < y->line ? -1 : x->line > y->line;
}

/* The occurrence that counts: Yealink believes the last, the others the first. */
static void unique(struct params *p)
{
	size_t k = 0;

	if (p->n)
		qsort(p->v, p->n, sizeof(*p->v), by_name);
	for (size_t i = 0; i < p->n; i++) {
		bool last = i + 1 == p->n || strcmp(p->v[i].name, p->v[i + 1].name) != 0;
		bool first = i == 0 || strcmp(p->v[i].name, p->v[i - 1].name) != 0;
		if (p->vendor == VENDOR_YEALINK ? last : first)
			p->v[k++] = p->v[i];
	}
	p->n = k;
}

static size_t compare(const struct params *a, const struct params *b, struct buf *out)
{
	size_t i = 0, k = 0, found = 0;

	while (i < a->n || k < b->n) {
		int c = i == a->n ? 1 : k == b->n ? -1 : strcmp(a->v[i].name, b->v[k].name);
		if (c < 0) {
			buf_printf(out, "- %s = %s\n", a->v[i].name, a->v[i].value);
			i++;
			found++;
		} else if (c > 0) {
			buf_printf(out, "+ %s = %s\n", b->v[k].name, b->v[k].value);
			k++;
			found++;
		} else {
			if (strcmp(a->v[i].value, b->v[k].value) != 0) {
				buf_printf(out, "  %s = %s -> %s\n", a->v[i].name, a->v[i].value, b->v[k].value);
				found++;
			}
			i++;
			k++;
		}
	}
	return found;
}

static enum err_code read_one(const char *file, struct arena *a, struct params *out, struct err *err)
{
	struct buf text;
	enum err_code rc;

	buf_init(&text, TOOL_FILE_MAX);
	rc = tool_read(file, &text, err);
	if (!rc)
		rc = params_read(buf_view(&text), file, a, out, err);
	if (!rc)
		unique(out);
	buf_release(&text);
	return rc;
}

static int run(int argc, char **argv)
{
	const struct tool_option table[] = { { NULL, NULL, NULL } };
	struct params left = { 0 }, right = { 0 };
	struct err err = { 0 };
	struct arena a;
	struct buf out;
	size_t found = 0;
	int n, code = tool_options(&command_diff, table, argc, argv, &n);
	enum err_code rc;

	if (code >= 0)
		return code;
	if (n != 2)
		return tool_usage(&command_diff, "give two files");
	arena_init(&a, 0);
	buf_init(&out, REPORT_MAX);
	rc = read_one(argv[1], &a, &left, &err);
	if (!rc)
		rc = read_one(argv[2], &a, &right, &err);
	if (!rc && left.vendor != right.vendor)
		rc = err_set(&err, ERR_INPUT, "%s is a file of %s and %s one of %s; compare files of one vendor",
			argv[1], vendor_word(left.vendor), argv[2], vendor_word(right.vendor));
	if (!rc) {
		found = compare(&left, &right, &out);
		rc = buf_check(&out, "the comparison", &err);
	}
	if (!rc)
		rc = tool_print(&out, &err);
	buf_release(&out);
	arena_release(&a);
	if (rc)
		return tool_fail(&err);
	return found ? TOOL_FAILED : TOOL_OK;
}

const struct command command_diff = {
	"diff",
	"A B",
	"Compare two files by parameter: - only in A, + only in B. Exit code 0 when a phone sees no difference, else 1.",
	run,
};
