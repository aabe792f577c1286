#include "provisioning/cli/report.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "provisioning/reset/job.h"
#include "provisioning/reset/letters.h"
#include "provisioning/reset/record.h"
#include "provisioning/reset/welcome.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/record.h"

enum { WAIT_STEP_MS = 250, PAGE = 500 };

void report_unproved(const struct core *c)
{
	if (!core_has_registrar(c->settings))
		printf("cannot be proved: %s\n", RECORD_NO_REGISTRAR);
}

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

static void print_user(const struct job_user_view *u)
{
	printf("%s  %s%s%s\n", u->user, u->state, u->error ? ": " : "", u->error ? u->error : "");
	if (strcmp(u->state, "moving") == 0)
		printf("%s  waits until rekeyd run has moved the last person's voicemail away\n", u->user);
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
		print_user(&users[i]);
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

/* ---- links that go by no mail: whoever stands at the terminal hands them over ---- */

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

static enum err_code print_links(struct core *c, const char *domain, int64_t job, struct err *err)
{
	struct arena a;
	struct taking k = { .domain = domain, .job = job, .a = &a };
	size_t i;
	enum err_code e;

	arena_init(&a, 0);
	e = store_write(c->store, take_fn, &k, err);
	for (i = 0; e == ERR_OK && i < k.n; i++)
		printf("%s sets a password here, once: %s\n", k.links[i].user.ext,
			letters_url(&c->reset, &a, secret_reveal(&k.links[i].link)));
	arena_release(&a);
	return e;
}

/* ---- waiting ---- */

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

enum err_code report_job(
	struct core *c, const char *what, const char *domain, const char *id, bool wait, bool *bad, struct err *err)
{
	struct job_view v;
	enum err_code e = wait ? wait_for_end(c, domain, id, &v, err) : view(c, domain, id, &v, err);

	if (e)
		return e;
	printf("%s %s: %s\n", what, id, job_state_word(v.state));
	if (v.state == JOB_SCHEDULED) {
		printf("rekeyd run carries it out when its time has come\n");
		return ERR_OK;
	}
	if ((e = print_users(c, &v, err)) || (e = print_links(c, domain, v.number, err)))
		return e;
	*bad = v.failed > 0 || (v.ended_ms && v.done < v.nusers);
	report_unproved(c);
	if (wait)
		return wait_for_proof(c, domain, id, &v, err);
	printf("%" PRId64 " proofs open; rekeyd run delivers them, rekeyd phone MAC shows them\n", v.open);
	return ERR_OK;
}
