/* rekeyd reset, recycle and delete: the job is made and carried out here; what it causes (NOTIFY, flip, proof) is the
 * daemon's, now or when it starts. One that is ordered for later is the daemon's from the beginning. --wait watches. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "provisioning/cli/work.h"
#include "provisioning/reset/job.h"
#include "provisioning/reset/when.h"
#include "provisioning/reset/record.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/record.h"

enum { WAIT_STEP_MS = 250, PLAN_TEXT_MAX = 1 << 20, PAGE = 500, FLAGS_MAX = 8 };

struct order {
	struct job_order job;
	const char *what; /* "reset", "recycle", "delete" */
	const char *at;
	bool dry_run, wait;
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

/* Before and after: what the proofs will be worth. */
static void say_unproved(const struct core *c)
{
	if (!core_has_registrar(c->settings))
		printf("cannot be proved: %s\n", RECORD_NO_REGISTRAR);
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
		say_unproved(c);
	return e;
}

/* ---- how it went ---- */

/* Without a registrar a record is never confirmed: what has been fetched is not waited for. */
static enum err_code leave_fetched(struct db *db, struct job_view *v, struct err *err)
{
	struct record_filter fetched = {
		.job_id = v->number, .state = record_state_word(STATE_FETCHED), .open_only = true
	};
	int64_t n = 0;
	enum err_code e = record_count(db, &fetched, &n, err);

	v->open -= n;
	return e;
}

static enum err_code view(struct core *c, const char *domain, const char *id, struct job_view *v, struct err *err)
{
	struct snap snap;
	struct arena a;
	enum err_code e = store_snap(c->store, &snap, err);

	if (e)
		return e;
	arena_init(&a, 0);
	e = job_view_load(snap.db, domain, id, &a, v, err);
	if (e == ERR_OK && !core_has_registrar(c->settings))
		e = leave_fetched(snap.db, v, err);
	v->domain = v->who = v->kind = NULL; /* they lived in the arena */
	arena_release(&a);
	snap_end(&snap);
	return e;
}

static enum err_code print_page(struct core *c, const struct job_view *v, size_t start, size_t *n, struct err *err)
{
	struct job_user_view *users;
	struct snap snap;
	struct arena a;
	size_t i;
	enum err_code e = store_snap(c->store, &snap, err);

	if (e)
		return e;
	arena_init(&a, 0);
	e = job_view_users(snap.db, v->number, NULL, start, PAGE, &a, &users, n, err);
	for (i = 0; e == ERR_OK && i < *n; i++)
		printf("%s  %s%s%s\n", users[i].user, users[i].state, users[i].error ? ": " : "",
			users[i].error ? users[i].error : "");
	arena_release(&a);
	snap_end(&snap);
	return e;
}

static enum err_code print_users(struct core *c, const struct job_view *v, struct err *err)
{
	enum err_code e = ERR_OK;
	size_t start = 0, n = PAGE;

	for (; e == ERR_OK && n == PAGE; start += n)
		e = print_page(c, v, start, &n, err);
	return e;
}

static void nap(void)
{
	const struct timespec step = { 0, WAIT_STEP_MS * 1000000L };

	fflush(stdout);
	nanosleep(&step, NULL);
}

static enum err_code wait_for_end(
	struct core *c, const char *domain, const char *id, struct job_view *v, struct err *err)
{
	enum err_code e = view(c, domain, id, v, err);
	enum job_state before = JOB_STATE_COUNT;

	for (; e == ERR_OK && v->ended_ms == 0; e = view(c, domain, id, v, err)) {
		if (v->state != before)
			printf("%s\n", job_state_word(before = v->state));
		nap();
	}
	return e;
}

static enum err_code wait_for_proof(
	struct core *c, const char *domain, const char *id, struct job_view *v, struct err *err)
{
	enum err_code e = ERR_OK;
	int64_t before = -1;

	for (; e == ERR_OK && v->open; e = view(c, domain, id, v, err)) {
		if (v->open != before)
			printf("%" PRId64 " of %" PRId64 " proofs open\n", before = v->open, v->records);
		nap();
	}
	return e;
}

static enum err_code report(struct core *c, const struct order *o, const char *id, bool *bad, struct err *err)
{
	struct job_view v;
	enum err_code e = o->wait ? wait_for_end(c, o->job.domain, id, &v, err) : view(c, o->job.domain, id, &v, err);

	if (e)
		return e;
	printf("%s %s: %s\n", o->what, id, job_state_word(v.state));
	if (v.ended_ms == 0) {
		printf("rekeyd run carries it out when its time has come\n");
		return ERR_OK;
	}
	e = print_users(c, &v, err);
	*bad = v.done < v.nusers;
	say_unproved(c);
	if (e == ERR_OK && o->wait)
		return wait_for_proof(c, o->job.domain, id, &v, err);
	printf("%" PRId64 " proofs open; rekeyd run delivers them, rekeyd phone MAC shows them\n", v.open);
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
	if (o->dry_run)
		return dry_run(c, &o->job, err) ? 1 : 0;
	e = job_create(&c->reset, &o->job, id, err);
	if (e == ERR_OK && o->job.at_ms == 0)
		e = job_run(&c->reset, id, err);
	if (e == ERR_OK)
		e = report(c, o, id, &bad, err);
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
	bool all = false, wanted[OPTION_COUNT] = { false };
	struct cli_option options[FLAGS_MAX + OPTION_COUNT];
	char names[OPTION_COUNT][64];
	size_t i, n = common(&o, &conf, options);
	int rest;

	options[n++] = (struct cli_option){ "--all", NULL, &all };
	for (i = 0; i < OPTION_COUNT; i++) {
		snprintf(names[i], sizeof(names[i]), "--%s", reset_option_row((enum reset_option)i)->name);
		options[n++] = (struct cli_option){ names[i], NULL, &wanted[i] };
	}
	if (!cli_options("reset", argc, argv, options, n, &rest))
		return EXIT_USE;
	if (rest < 2)
		return cli_misuse("reset", "it takes a domain and at least one extension");
	o.job.options = all ? reset_options_all() : 0;
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
