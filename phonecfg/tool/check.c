/* phonecfg check: is this file what its vendor's phones read? */
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/map.h"
#include "phonecfg/base/share.h"
#include "phonecfg/tool/commands.h"
#include "phonecfg/tool/phone.h"
#include "phonecfg/vendor/book.h"
#include "phonecfg/vendor/params.h"

enum { REPORT_MAX = 16 * 1024 * 1024 };

struct tally {
	size_t errors, warnings;
};

static void repeated(
	const char *file, const struct params *p, size_t i, struct map *seen, struct buf *out, struct tally *t)
{
	/* Yealink's way of giving several roles their passwords repeats the name (vendor guide). */
	if (p->vendor == VENDOR_YEALINK && slice_ends(slice_str(p->v[i].name), "security.user_password"))
		return;
	if (map_has(seen, p->v[i].name)) {
		buf_printf(out, "%s:%u: warning: %s is there twice\n", file, p->v[i].line, p->v[i].name);
		t->warnings++;
	}
	map_put(seen, p->v[i].name, &p->v[i]);
}

static void judge(const char *file, const struct param_book *book, const struct params *p, struct arena *a,
	struct buf *out, struct tally *t)
{
	char why[PARAM_WHY_MAX];
	struct map seen;

	map_init(&seen, a);
	for (size_t i = 0; i < p->n; i++) {
		const struct param *q = &p->v[i];
		const char *near;
		repeated(file, p, i, &seen, out, t);
		switch (param_judge(book, q->name, slice_str(q->value), NULL, why)) {
		case PARAM_FINE:
			break;
		case PARAM_UNKNOWN:
			near = param_book_nearest(book, q->name);
			buf_printf(out, "%s:%u: warning: %s %s%s%s\n", file, q->line, q->name, why,
				near ? "; the nearest is " : "", near ? near : "");
			t->warnings++;
			break;
		case PARAM_NUMBER:
		case PARAM_VALUE:
			buf_printf(out, "%s:%u: error: %s %s\n", file, q->line, q->name, why);
			t->errors++;
			break;
		}
	}
}

/* Files that point to others or hold contacts have no parameters to judge. */
static bool judged(const struct params *p, struct slice text)
{
	return p->vendor != VENDOR_LINPHONE && slice_find(text, SLICE_LIT("<APPLICATION")) < 0 &&
	       slice_find(text, SLICE_LIT("<directory")) < 0;
}

static enum err_code check(
	const char *file, const char *profiles, struct arena *a, struct buf *out, struct tally *t, struct err *err)
{
	struct param_book *book = NULL;
	struct params p;
	struct buf text;
	enum err_code rc;

	buf_init(&text, TOOL_FILE_MAX);
	rc = tool_read(file, &text, err);
	if (!rc)
		rc = params_read(buf_view(&text), file, a, &p, err);
	if (!rc && judged(&p, buf_view(&text)))
		rc = param_book_open(profiles, p.vendor, &book, err);
	if (!rc && book)
		judge(file, book, &p, a, out, t);
	if (!rc)
		buf_printf(out, "%s: %s, %zu parameters, %zu errors, %zu warnings\n", file, vendor_word(p.vendor), p.n,
			t->errors, t->warnings);
	param_book_free(book);
	buf_release(&text);
	return rc;
}

static int run(int argc, char **argv)
{
	const char *profiles = share_profiles_dir;
	const struct tool_option table[] = { { "--profiles", &profiles, NULL }, { NULL, NULL, NULL } };
	struct tally t = { 0, 0 };
	struct err err = { 0 };
	struct arena a;
	struct buf out;
	int n, code = tool_options(&command_check, table, argc, argv, &n);
	enum err_code rc;

	if (code >= 0)
		return code;
	if (n != 1)
		return tool_usage(&command_check, "give one FILE");
	arena_init(&a, 0);
	buf_init(&out, REPORT_MAX);
	rc = check(argv[1], profiles, &a, &out, &t, &err);
	if (!rc)
		rc = buf_check(&out, "the report", &err);
	if (!rc)
		rc = tool_print(&out, &err);
	buf_release(&out);
	arena_release(&a);
	if (rc)
		return tool_fail(&err);
	return t.errors ? TOOL_FAILED : TOOL_OK;
}

const struct command command_check = {
	"check",
	"FILE [--profiles DIR]",
	"Read a phone's file as its vendor's phones do: syntax, names, numbers and values, each with file:line.",
	run,
};
