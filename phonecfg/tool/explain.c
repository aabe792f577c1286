/* phonecfg explain: what a parameter or a neutral word does. */
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/map.h"
#include "phonecfg/base/share.h"
#include "phonecfg/model/words.h"
#include "phonecfg/tool/books.h"
#include "phonecfg/tool/commands.h"
#include "phonecfg/vendor/layers.h"

enum { OUT_MAX = 1024 * 1024, LINE_MAX_CHARS = 400 };

struct job {
	const char *name, *vendor, *templates, *profiles;
	bool words;
	struct param_book *books[VENDOR_COUNT];
	struct buf *out;
	struct arena *a;
};

static bool wanted(const struct job *job, int v)
{
	return !job->vendor || strcmp(job->vendor, vendor_word((enum vendor_id)v)) == 0;
}

/* ---- parameters ---- */

static void show_ranges(const struct param_row *row, struct buf *out)
{
	if (!row->nranges)
		return;
	buf_str(out, "  numbers:  ");
	for (unsigned i = 0; i < row->nranges; i++)
		buf_printf(out, "%s%u to %u", i ? ", " : "", row->ranges[i].first, row->ranges[i].last);
	buf_char(out, '\n');
}

static void show_flags(unsigned flags, struct buf *out)
{
	static const struct {
		unsigned flag;
		const char *says;
	} table[] = {
		{ PARAM_MANDATORY, "may not be empty" },
		{ PARAM_EMPTY, "may be empty" },
		{ PARAM_ASCII, "ASCII only" },
		{ PARAM_PRINT, "visible ASCII only, no blank" },
		{ PARAM_ALNUM, "letters and digits only" },
		{ PARAM_DIGITS, "digits only" },
		{ PARAM_LINES, "line breaks belong to the value" },
		{ PARAM_REBOOT, "a change restarts the phone" },
		{ PARAM_SECRET, "secret" },
		{ PARAM_REPEATS, "may stand more than once in a file" },
		{ PARAM_BOOT, "read from a boot file only" },
	};
	bool any = false;

	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		if (!(flags & table[i].flag))
			continue;
		buf_printf(out, "%s%s", any ? ", " : "  rules:    ", table[i].says);
		any = true;
	}
	if (any)
		buf_char(out, '\n');
}

/* "account.1.enable is P271": the numbers whose alias is this very name, or any of its pattern. */
static void show_numbers(const struct job *job, const struct param_row *row, struct buf *out)
{
	const struct param_book *b = job->books[row->vendor];
	bool exact = strcmp(job->name, row->name) != 0, any = false;
	size_t shown = 0;

	for (size_t i = 0; i < param_book_count(b) && shown < 20; i++) {
		const struct param_row *p = param_book_at(b, i);
		if (p->same != row || (exact && strcmp(p->alias, job->name) != 0))
			continue;
		buf_printf(out, "%s%s = %s", any ? ", " : "  also:     ", p->name, p->alias);
		any = true;
		shown++;
	}
	if (any)
		buf_str(out, shown == 20 ? ", …\n" : "\n");
}

static void show_row(const struct job *job, const struct param_row *row)
{
	const struct param_row *same = row->same ? row->same : row;
	const char *meaning = row->meaning ? row->meaning : same->meaning;
	const char *def = row->fallback ? row->fallback : same->fallback;
	const char *since = row->since ? row->since : same->since;
	char type[LINE_MAX_CHARS], why[PARAM_WHY_MAX];
	const char *bad = param_row_numbers(row, job->name, why);

	buf_printf(job->out, "%s (%s)\n", row->name, vendor_get(row->vendor)->name);
	buf_printf(job->out, "  meaning:  %s\n", meaning ? meaning : "not written down");
	param_row_type(row, type, sizeof(type));
	buf_printf(job->out, "  value:    %s\n", type);
	show_ranges(row, job->out);
	show_flags(row->flags | same->flags, job->out);
	buf_printf(job->out, "  default:  %s\n", !def ? "not known" : *def ? def : "empty");
	if (since)
		buf_printf(job->out, "  since:    firmware %s\n", since);
	if (row->needs)
		buf_printf(job->out, "  needs:    %s=\"1\" in the same files\n", row->needs);
	if (row->alias)
		buf_printf(job->out, "  also:     %s\n", row->alias);
	show_numbers(job, row, job->out);
	if (bad)
		buf_printf(job->out, "  %s %s\n", job->name, bad);
}

static bool show_parameters(const struct job *job)
{
	bool any = false;

	for (int v = 0; v < VENDOR_COUNT; v++) {
		const struct param_row *row =
			job->books[v] && wanted(job, v) ? param_book_row(job->books[v], job->name) : NULL;
		if (row) {
			show_row(job, row);
		} else if (job->books[v] && wanted(job, v) && param_book_number(job->books[v], job->name)) {
			buf_printf(job->out,
				"%s (%s)\n  meaning:  not written down; the number is one that phones know\n",
				job->name, vendor_get((enum vendor_id)v)->name);
		} else {
			continue;
		}
		any = true;
	}
	return any;
}

static enum err_code nothing(const struct job *job, struct err *err)
{
	char list[LINE_MAX_CHARS] = "";
	const char *words[64], *near;
	size_t n = 0, len = 0;

	for (; n < word_count() && n < 64; n++)
		words[n] = word_at(n)->name;
	near = tool_nearest(job->name, words, n);
	if (near)
		len += (size_t)snprintf(list, sizeof(list), "%s (a neutral word)", near);
	for (int v = 0; v < VENDOR_COUNT && len < sizeof(list); v++) {
		near = job->books[v] && wanted(job, v) ? param_book_nearest(job->books[v], job->name) : NULL;
		if (near)
			len += (size_t)snprintf(list + len, sizeof(list) - len, "%s%s (%s)", len ? ", " : "", near,
				vendor_word((enum vendor_id)v));
	}
	return err_set(err, ERR_NOT_FOUND, "'%.120s' is not known%s%s", job->name,
		*list ? "; the nearest: " : "; phonecfg explain --words lists the neutral words", list);
}

/* ---- neutral words ---- */

static void show_word(const struct word *w, struct buf *out)
{
	char type[LINE_MAX_CHARS];

	word_type(w, type, sizeof(type));
	buf_printf(out, "%s\n  meaning:  %s%s\n  value:    %s\n  default:  %s\n", w->name, w->help,
		w->scope == WORD_OF_ACCOUNTS ? " Of each account." : "", type, w->def);
}

/* With a proxy the registrar's own host and port are said by no file, without one there is no port of a proxy. */
static void sample_phone(const struct profile *pf, bool proxy, struct account *account, struct phone *ph)
{
	static const struct secret password = { "secret", 6 };

	*account = (struct account){ .slot = 1,
		.use = ACCOUNT_LINE,
		.user = "1001",
		.password = password,
		.proxy = proxy ? "proxy.example" : NULL };
	*ph = (struct phone){ .mac = { { 2, 0, 0, 0, 0, 1 } },
		.model = pf->id,
		.domain = "a.example",
		.prov = { .url = "https://cfg.example/", .password = { "sample0000sample", 16 } },
		.accounts = account,
		.naccounts = 1 };
}

static enum err_code carriers_of_model(const struct job *job, const struct renderer *r, const struct profile *pf,
	const struct word *w, struct map *names, struct err *err)
{
	enum err_code rc = ERR_OK;

	for (int proxy = 0; !rc && proxy < (w->scope == WORD_OF_ACCOUNTS ? 2 : 1); proxy++) {
		struct account account;
		struct phone ph;
		const char **v;
		size_t n;
		sample_phone(pf, proxy, &account, &ph);
		rc = vendor_word_carriers(r, pf, &ph, w, job->a, &v, &n, err);
		for (size_t i = 0; !rc && i < n; i++)
			map_put(names, v[i], (void *)pf);
	}
	return rc;
}

/* The patterns of all models of a vendor: not each of them reads every parameter. One model for each way of writing. */
static enum err_code carriers_of(const struct job *job, const struct renderer *r, const struct catalog *c, int vendor,
	const struct word *w, struct map *names, struct err *err)
{
	struct map seen;
	enum err_code rc = ERR_OK;

	map_init(&seen, job->a);
	for (size_t i = 0; !rc && i < catalog_count(c); i++) {
		const struct profile *pf = catalog_at(c, i);
		const char *syntax = pf->nsyntaxes ? profile_syntax(pf, NULL)->name : "";
		if ((int)pf->vendor != vendor || map_has(&seen, syntax))
			continue;
		map_put(&seen, syntax, (void *)pf);
		rc = carriers_of_model(job, r, pf, w, names, err);
	}
	return rc;
}

static enum err_code show_carriers(const struct job *job, const struct word *w, struct err *err)
{
	struct catalog *c = catalog_open(job->profiles, err);
	struct renderer *r = NULL;
	enum err_code rc = c ? renderer_open(job->templates, c, &r, err) : err->code;

	for (int v = VENDOR_NONE + 1; !rc && v < VENDOR_COUNT; v++) {
		struct map names;
		map_init(&names, job->a);
		if (!wanted(job, v))
			continue;
		rc = carriers_of(job, r, c, v, w, &names, err);
		if (!rc && names.count)
			buf_printf(job->out, "  %s:\n", vendor_get((enum vendor_id)v)->name);
		for (size_t i = 0; !rc && i < names.count; i++)
			buf_printf(job->out, "    %s\n", names.entries[i].key);
	}
	renderer_close(r);
	catalog_close(c);
	return rc;
}

static enum err_code explain(struct job *job, struct err *err)
{
	const struct word *w = job->name ? word_find(job->name) : NULL;
	enum err_code rc = ERR_OK;

	for (size_t i = 0; job->words && i < word_count(); i++)
		show_word(word_at(i), job->out);
	if (job->words)
		return buf_check(job->out, "the answer", err);
	if (w) {
		show_word(w, job->out);
		rc = show_carriers(job, w, err);
	} else {
		rc = tool_open_books(job->profiles, job->books, err);
		if (!rc && !show_parameters(job))
			rc = nothing(job, err);
		tool_close_books(job->books);
	}
	return rc ? rc : buf_check(job->out, "the answer", err);
}

static int run(int argc, char **argv)
{
	struct job job = { .templates = share_templates_dir, .profiles = share_profiles_dir };
	const struct tool_option table[] = { { "--words", NULL, &job.words }, { "--vendor", &job.vendor, NULL },
		{ "--templates", &job.templates, NULL }, { "--profiles", &job.profiles, NULL }, { NULL, NULL, NULL } };
	struct err err = { 0 };
	enum vendor_id vendor;
	struct arena a;
	struct buf out;
	int n, code = tool_options(&command_explain, table, argc, argv, &n);
	enum err_code rc;

	if (code >= 0)
		return code;
	if (n != (job.words ? 0 : 1))
		return tool_usage(&command_explain, "give one NAME, or --words");
	if (job.vendor && !vendor_word_parse(job.vendor, &vendor))
		return tool_usage(&command_explain, "there is no vendor '%.40s'", job.vendor);
	job.name = job.words ? NULL : argv[1];
	arena_init(&a, 0);
	buf_init(&out, OUT_MAX);
	job.a = &a;
	job.out = &out;
	rc = explain(&job, &err);
	if (!rc)
		rc = tool_print(&out, &err);
	buf_release(&out);
	arena_release(&a);
	return rc ? tool_fail(&err) : TOOL_OK;
}

const struct command command_explain = {
	"explain",
	"NAME [--vendor VENDOR] | --words [--templates DIR] [--profiles DIR]",
	"Say what a parameter, a P-value or a neutral word does: its range, default, since when, other names. A neutral word "
	"with the\n      parameters that carry it. --words: all neutral words.",
	run,
};
