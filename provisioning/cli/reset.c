/* rekeyd reset, recycle and delete: the job is made and carried out here; what it causes (NOTIFY, flip, proof) is the
 * daemon's, now or when it starts. One that is ordered for later is the daemon's from the beginning. --wait watches. */
#include <stdio.h>
#include <string.h>

#include "provisioning/cli/report.h"
#include "provisioning/cli/work.h"
#include "provisioning/reset/job.h"
#include "provisioning/reset/when.h"
#include "provisioning/store/domain.h"

enum { PLAN_TEXT_MAX = 1 << 20, FLAGS_MAX = 10 };

struct order {
	struct job_order job;
	const char *what; /* "reset", "recycle", "delete" */
	const char *at;
	bool all, dry_run, wait;
};

/* ---- the dry run ---- */

static enum err_code print_plan(
	const char *user, const struct plan *plan, const struct err *why, void *arg, struct err *err)
{
	struct buf text;
	enum err_code e;

	(void)arg;
	if (plan == NULL) {
		printf("%s: %s\n", user, why->text);
		return ERR_OK;
	}
	buf_init(&text, PLAN_TEXT_MAX);
	plan_print(plan, &text);
	e = buf_check(&text, "the plan", err);
	if (e == ERR_OK)
		fwrite(text.data, 1, text.len, stdout);
	buf_release(&text);
	return e;
}

static enum err_code dry_run(struct core *c, const struct job_order *job, struct err *err)
{
	struct snap snap;
	enum err_code e = store_snap(c->store, &snap, err);

	if (e)
		return e;
	e = job_plan(&c->reset, snap.db, job, print_plan, NULL, err);
	snap_end(&snap);
	if (e == ERR_OK)
		report_unproved(c);
	return e;
}

/* ---- the order ---- */

static enum err_code read_time(struct core *c, struct order *o, struct arena *a, struct err *err)
{
	struct domain_row dom;
	struct snap snap;
	enum err_code e = o->at ? store_snap(c->store, &snap, err) : ERR_OK;

	if (e || o->at == NULL)
		return e;
	e = domain_by_name(snap.db, o->job.domain, a, &dom, err);
	snap_end(&snap);
	if (e || when_read(o->at, dom.timezone, &o->job.at_ms))
		return e;
	return err_set(err, ERR_INPUT,
		"\"%s\" is no time: write 2026-11-30T18:00:00+01:00, or without the offset if the domain has a time zone",
		o->at);
}

static int order_fn(struct core *c, struct arena *a, void *arg, struct err *err)
{
	struct order *o = arg;
	char id[JOB_ID_TEXT];
	bool bad = false;
	enum err_code e = read_time(c, o, a, err);

	if (e)
		return 1;
	if (o->all)
		o->job.options = reset_options_all(&c->reset.conf);
	if (o->dry_run)
		return dry_run(c, &o->job, err) ? 1 : 0;
	e = job_create(&c->reset, &o->job, id, err);
	if (e == ERR_OK && o->job.at_ms == 0)
		e = job_run(&c->reset, id, err);
	if (e == ERR_OK)
		e = report_job(c, o->what, o->job.domain, id, o->wait, &bad, err);
	return e || bad;
}

/* The options that every order takes, then those of one kind. */
static size_t common(struct order *o, const char **conf, struct cli_option *out)
{
	const struct cli_option all[] = { { "--conf", conf, NULL }, { "--at", &o->at, NULL },
		{ "--cut-off", NULL, &o->job.cut_off }, { "--dry-run", NULL, &o->dry_run },
		{ "--wait", NULL, &o->wait } };

	memcpy(out, all, sizeof(all));
	return sizeof(all) / sizeof(all[0]);
}

int cmd_reset(int argc, char **argv)
{
	struct order o = { .job = { .who = "command line", .from = "" }, .what = "reset" };
	const char *conf = NULL;
	bool wanted[OPTION_COUNT] = { false };
	struct cli_option options[FLAGS_MAX + OPTION_COUNT];
	char names[OPTION_COUNT][64];
	size_t i, n = common(&o, &conf, options);
	int rest;

	options[n++] = (struct cli_option){ "--all", NULL, &o.all };
	for (i = 0; i < OPTION_COUNT; i++) {
		snprintf(names[i], sizeof(names[i]), "--%s", reset_option_row((enum reset_option)i)->name);
		options[n++] = (struct cli_option){ names[i], NULL, &wanted[i] };
	}
	if (!cli_options("reset", argc, argv, options, n, &rest))
		return EXIT_USE;
	if (rest < 2)
		return cli_misuse("reset", "it takes a domain and at least one extension");
	for (i = 0; i < OPTION_COUNT; i++)
		o.job.options |= wanted[i] ? 1u << i : 0;
	o.job.domain = argv[0];
	o.job.users = (const char *const *)argv + 1;
	o.job.nusers = (size_t)rest - 1;
	return cli_work(conf, order_fn, &o);
}

int cmd_delete(int argc, char **argv)
{
	struct order o = { .job = { .who = "command line", .from = "", .kind = "delete" }, .what = "delete" };
	const char *conf = NULL;
	struct cli_option options[FLAGS_MAX];
	size_t n = common(&o, &conf, options);
	int rest;

	if (!cli_options("delete", argc, argv, options, n, &rest))
		return EXIT_USE;
	if (rest < 2)
		return cli_misuse("delete", "it takes a domain and at least one extension");
	o.job.domain = argv[0];
	o.job.users = (const char *const *)argv + 1;
	o.job.nusers = (size_t)rest - 1;
	return cli_work(conf, order_fn, &o);
}

int cmd_recycle(int argc, char **argv)
{
	struct recycle_form form = { 0 };
	struct order o = { .job = { .who = "command line", .from = "", .recycles = &form, .nrecycles = 1 },
		.what = "recycle" };
	const char *conf = NULL;
	struct cli_option options[FLAGS_MAX];
	size_t n = common(&o, &conf, options);
	int rest;

	options[n++] = (struct cli_option){ "--email", &form.email, NULL };
	options[n++] = (struct cli_option){ "--phone", &form.phone, NULL };
	options[n++] = (struct cli_option){ "--welcome", NULL, &form.welcome };
	if (!cli_options("recycle", argc, argv, options, n, &rest))
		return EXIT_USE;
	if (rest != 4)
		return cli_misuse("recycle", "it takes a domain, an extension, a first name and a last name");
	o.job.domain = argv[0];
	o.job.recycle_users = (const char *const *)argv + 1;
	form.first_name = argv[2];
	form.last_name = argv[3];
	return cli_work(conf, order_fn, &o);
}
