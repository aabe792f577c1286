/* phonecfg models: what is known of which phone, and how well. */
#include <stdio.h>

#include "phonecfg/base/share.h"
#include "phonecfg/tool/commands.h"
#include "phonecfg/profile/profile.h"

enum { TABLE_MAX = 1024 * 1024 };

/* A number, with a question mark where it is unsure. */
static const char *count(char out[16], unsigned n, bool sure)
{
	snprintf(out, 16, "%u%s", n, sure ? "" : "?");
	return out;
}

static const char *keys(char *out, size_t size, const struct profile *pf)
{
	size_t n = 0;

	out[0] = 0;
	for (size_t i = 0; i < pf->nblocks && n < size; i++) {
		if (pf->blocks[i].max)
			n += (size_t)snprintf(out + n, size - n, "%s%u%s %s", n ? " + " : "", pf->blocks[i].max,
				pf->blocks[i].confirmed ? "" : "?", pf->blocks[i].name);
	}
	return out[0] ? out : "-";
}

static const char *modules(char *out, size_t size, const struct profile *pf)
{
	if (!pf->modules)
		return "-";
	snprintf(out, size, "%u x %u %s%s", pf->modules, pf->keys_per_module, pf->module_name,
		pf->modules_confirmed ? "" : "?");
	return out;
}

static void print_table(const struct catalog *c, struct buf *out)
{
	char n[16], k[64], m[64];

	buf_printf(out, "%-21s %-25s %9s  %-18s %-20s %-18s %9s %6s\n", "MODEL", "NAME", "ACCOUNTS", "KEYS", "MODULES",
		"COMMON FILE", "CONFIRMED", "UNSURE");
	for (size_t i = 0; i < catalog_count(c); i++) {
		const struct profile *pf = catalog_at(c, i);
		buf_printf(out, "%-21s %-25s %9s  %-18s %-20s %-18s %9u %6u\n", pf->id, pf->display,
			count(n, pf->accounts, pf->accounts_confirmed), keys(k, sizeof(k), pf),
			modules(m, sizeof(m), pf), pf->common_file ? pf->common_file : "-", pf->confirmed, pf->unsure);
	}
	buf_str(out,
		"\n? = unsure: one weak source, or sources disagree. Slots up to the larger number are blanked.\n");
}

/* What the table adds up to, so that a profile that falls out shows. */
static void print_totals(const struct catalog *c, struct buf *out)
{
	for (int v = VENDOR_YEALINK; v < VENDOR_COUNT; v++) {
		unsigned models = 0, confirmed = 0, unsure = 0;

		for (size_t i = 0; i < catalog_count(c); i++) {
			const struct profile *pf = catalog_at(c, i);

			models += pf->vendor == (enum vendor_id)v;
			confirmed += pf->vendor == (enum vendor_id)v ? pf->confirmed : 0;
			unsure += pf->vendor == (enum vendor_id)v ? pf->unsure : 0;
		}
		if (models)
			buf_printf(out, "%s: %u models, %u numbers confirmed, %u unsure\n",
				vendor_word((enum vendor_id)v), models, confirmed, unsure);
	}
}

static int run(int argc, char **argv)
{
	const char *profiles = share_profiles_dir;
	const struct tool_option table[] = { { "--profiles", &profiles, NULL }, { NULL, NULL, NULL } };
	struct err err = { 0 };
	struct catalog *c;
	struct buf out;
	int n, code = tool_options(&command_models, table, argc, argv, &n);
	enum err_code rc;

	if (code >= 0)
		return code;
	if (n)
		return tool_usage(&command_models, "takes no '%s'", argv[1]);
	c = catalog_open(profiles, &err);
	if (!c)
		return tool_fail(&err);
	buf_init(&out, TABLE_MAX);
	print_table(c, &out);
	print_totals(c, &out);
	rc = buf_check(&out, "the table", &err);
	if (!rc)
		rc = tool_print(&out, &err);
	buf_release(&out);
	catalog_close(c);
	return rc ? tool_fail(&err) : TOOL_OK;
}

const struct command command_models = {
	"models",
	"[--profiles DIR]",
	"List the phones that are known, their accounts and keys, and how sure each number is.",
	run,
};
