/* rekeyd reset and rekeyd recycle: the job is made and carried out here; what it causes (NOTIFY, flip, proof) is the
 * daemon's, now or when it starts. --wait watches the records. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "provisioning/cli/work.h"
#include "provisioning/reset/job.h"
#include "provisioning/reset/letters.h"
#include "provisioning/reset/record.h"
#include "provisioning/reset/sounds.h"
#include "provisioning/reset/welcome.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/record.h"

enum { WAIT_STEP_MS = 250, PLAN_TEXT_MAX = 1 << 20 };

struct order {
	struct job_order job;
	const char *what; /* "reset" or "recycle" */
	bool dry_run, wait;
};

static enum err_code print_plan(struct core *c, struct plan_request *rq, struct err *err)
{
	struct arena a;
	struct snap snap;
	struct buf text;
	struct plan *plan;
	enum err_code e = store_snap(c->store, &snap, err);

	if (e)
		return e;
	arena_init(&a, 0);
	buf_init(&text, PLAN_TEXT_MAX);
	if (rq->reset)
		rq->sounds = sounds_look(&c->reset, rq->domain, rq->user, &a);
	e = plan_load(snap.db, c->catalog, &c->reset.conf, rq, &a, &plan, err);
	if (e == ERR_OK) {
		plan_print(plan, &text);
		fwrite(text.data, 1, text.len, stdout);
	}
	snap_end(&snap);
	buf_release(&text);
	arena_release(&a);
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
	enum err_code e = ERR_OK;
	size_t i;

	for (i = 0; e == ERR_OK && i < job->nusers + job->nrecycles; i++) {
		bool reset = i < job->nusers;
		struct plan_request rq = {
			.domain = job->domain,
			.user = reset ? job->users[i] : job->recycle_users[i - job->nusers],
			.reset = reset,
			.options = reset ? job->options : 0,
			.recycle = reset ? NULL : &job->recycles[i - job->nusers],
			.send_welcome_email = !reset && job->recycles[i - job->nusers].welcome,
			.cut_off = job->cut_off,
		};

		e = print_plan(c, &rq, err);
	}
	if (e == ERR_OK)
		say_unproved(c);
	return e;
}

/* Without a registrar a record is never confirmed: what has been fetched is not waited for. */
static enum err_code leave_fetched(struct db *db, struct job_view *v, struct err *err)
{
	struct record_filter fetched = { .state = record_state_word(STATE_FETCHED), .open_only = true };
	int64_t n = 0;
	enum err_code e = job_id_read(v->id, &fetched.job_id) ? record_count(db, &fetched, &n, err) : ERR_OK;

	v->open -= n;
	return e;
}

static enum err_code view(
	struct core *c, const char *domain, const char *id, struct arena *a, struct job_view *v, struct err *err)
{
	struct snap snap;
	enum err_code e = store_snap(c->store, &snap, err);

	if (e)
		return e;
	e = job_view_load(snap.db, domain, id, a, v, err);
	if (e == ERR_OK && !core_has_registrar(c->settings))
		e = leave_fetched(snap.db, v, err);
	snap_end(&snap);
	return e;
}

/* Prints each user once it has ended; true when one of them failed. */
static bool print_users(const struct job_view *v)
{
	bool bad = false;
	size_t i;

	for (i = 0; i < v->nusers; i++) {
		printf("%s  %s%s%s\n", v->users[i].user, v->users[i].state, v->users[i].error ? ": " : "",
			v->users[i].error ? v->users[i].error : "");
		if (strcmp(v->users[i].state, "moving") == 0)
			printf("%s  waits until rekeyd run has moved the last person's voicemail away\n",
				v->users[i].user);
		else
			bad |= strcmp(v->users[i].state, "done") != 0;
	}
	return bad;
}

struct taking {
	const char *domain;
	int64_t job;
	struct arena *a;
	struct waiting_link *links;
	size_t n;
};

static enum err_code take_fn(struct txn *t, void *arg, struct err *err)
{
	struct taking *k = arg;
	struct domain_row domain;
	enum err_code e = domain_by_name(t->db, k->domain, k->a, &domain, err);

	return e ? e : welcome_take(t->db, domain.id, 0, k->job, k->a, &k->links, &k->n, err);
}

/* Links that go by no mail: whoever stands at the terminal hands them over. */
static enum err_code print_links(struct core *c, const char *domain, const char *id, struct arena *a, struct err *err)
{
	struct taking k = { .domain = domain, .a = a };
	size_t i;
	enum err_code e = ERR_OK;

	if (job_id_read(id, &k.job))
		e = store_write(c->store, take_fn, &k, err);
	for (i = 0; e == ERR_OK && i < k.n; i++)
		printf("%s sets a password here, once: %s\n", k.links[i].user.ext,
			letters_url(&c->reset, a, secret_reveal(&k.links[i].link)));
	return e;
}

static enum err_code wait_for_proof(struct core *c, const char *domain, const char *id, struct err *err)
{
	const struct timespec step = { 0, WAIT_STEP_MS * 1000000L };
	enum err_code e = ERR_OK;
	struct job_view v = { .open = 1 };
	int64_t before = 0;

	while (e == ERR_OK && v.open) {
		struct arena a;

		arena_init(&a, 0);
		e = view(c, domain, id, &a, &v, err);
		arena_release(&a);
		if (e == ERR_OK && v.open != before)
			printf("%" PRId64 " of %" PRId64 " proofs open\n", before = v.open, v.records);
		fflush(stdout);
		if (v.open)
			nanosleep(&step, NULL);
	}
	return e;
}

static int order_fn(struct core *c, struct arena *a, void *arg, struct err *err)
{
	const struct order *o = arg;
	struct job_view v = { 0 };
	char id[JOB_ID_TEXT];
	enum err_code e;

	if (o->dry_run)
		return dry_run(c, &o->job, err) ? 1 : 0;
	e = job_create(&c->reset, &o->job, id, err);
	if (e == ERR_OK)
		e = job_run(&c->reset, id, err);
	if (e == ERR_OK)
		e = view(c, o->job.domain, id, a, &v, err);
	if (e)
		return 1;
	printf("%s %s: %s\n", o->what, id, job_state_word(v.state));
	if (print_users(&v) || print_links(c, o->job.domain, id, a, err))
		return 1;
	say_unproved(c);
	if (!o->wait) {
		printf("%" PRId64 " proofs open; rekeyd run delivers them, rekeyd phone MAC shows them\n", v.open);
		return 0;
	}
	return wait_for_proof(c, o->job.domain, id, err) ? 1 : 0;
}

int cmd_reset(int argc, char **argv)
{
	struct order o = { .job = { .who = "command line" }, .what = "reset" };
	const char *conf = NULL;
	bool wanted[OPTION_COUNT] = { false };
	struct cli_option options[OPTION_COUNT + 4] = { { "--conf", &conf, NULL },
		{ "--cut-off", NULL, &o.job.cut_off }, { "--dry-run", NULL, &o.dry_run }, { "--wait", NULL, &o.wait } };
	char names[OPTION_COUNT][64];
	int rest;
	size_t i;

	for (i = 0; i < OPTION_COUNT; i++) {
		snprintf(names[i], sizeof(names[i]), "--%s", reset_option_row((enum reset_option)i)->name);
		options[4 + i] = (struct cli_option){ names[i], NULL, &wanted[i] };
	}
	if (!cli_options("reset", argc, argv, options, OPTION_COUNT + 4, &rest))
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

int cmd_recycle(int argc, char **argv)
{
	struct recycle_form form = { 0 };
	struct order o = { .job = { .who = "command line", .recycles = &form, .nrecycles = 1 }, .what = "recycle" };
	const char *conf = NULL;
	const struct cli_option options[] = { { "--conf", &conf, NULL }, { "--email", &form.email, NULL },
		{ "--phone", &form.phone, NULL }, { "--welcome", NULL, &form.welcome },
		{ "--dry-run", NULL, &o.dry_run }, { "--wait", NULL, &o.wait } };
	int rest;

	if (!cli_options("recycle", argc, argv, options, sizeof(options) / sizeof(options[0]), &rest))
		return EXIT_USE;
	if (rest != 4)
		return cli_misuse("recycle", "it takes a domain, an extension, a first name and a last name");
	o.job.domain = argv[0];
	o.job.recycle_users = (const char *const *)argv + 1;
	form.first_name = argv[2];
	form.last_name = argv[3];
	return cli_work(conf, order_fn, &o);
}
