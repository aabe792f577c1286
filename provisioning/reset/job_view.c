/* Looking at jobs: one, many, and what is new of one. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "provisioning/reset/job.h"
#include "provisioning/reset/job_kinds.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/job.h"
#include "provisioning/store/record.h"

static enum err_code not_there(const char *id, const char *domain, struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "There is no job %.40s in %s.", id, domain);
}

static bool state_read(const char *word, enum job_state *out)
{
	unsigned i;

	for (i = 0; i < JOB_STATE_COUNT; i++)
		if (strcmp(job_state_word((enum job_state)i), word) == 0) {
			*out = (enum job_state)i;
			return true;
		}
	return false;
}

static enum err_code fill_view(const char *domain, const struct job_row *row, struct job_view *out, struct err *err)
{
	*out = (struct job_view){ .number = row->id,
		.domain = domain,
		.who = row->who,
		.kind = row->kind,
		.options = job_options_mask(row->options),
		.cut_off = job_options_cut_off(row->options),
		.created_ms = row->created_ms,
		.at_ms = row->at_ms,
		.started_ms = row->started_ms,
		.ended_ms = row->ended_ms,
		.nusers = (size_t)row->users,
		.done = (size_t)row->done,
		.failed = (size_t)row->failed,
		.records = row->records,
		.open = row->records_open,
		.news = row->news };
	snprintf(out->id, sizeof(out->id), "%" PRId64, row->id);
	if (!state_read(row->state, &out->state))
		return err_set(err, ERR_BUG, "Job %s has the unknown state \"%s\".", out->id, row->state);
	return ERR_OK;
}

enum err_code job_view_load(
	struct db *db, const char *domain, const char *id, struct arena *a, struct job_view *out, struct err *err)
{
	struct domain_row dom;
	struct job_row row;
	int64_t number;
	enum err_code code = domain_by_name(db, domain, a, &dom, err);

	if (code)
		return code;
	if (!job_id_read(id, &number))
		return not_there(id, domain, err);
	code = job_row_load(db, number, a, &row, err);
	if (code == ERR_NOT_FOUND || (code == ERR_OK && row.domain_id != dom.id))
		return not_there(id, domain, err);
	return code ? code : fill_view(dom.name, &row, out, err);
}

static const char *said(const char *text)
{
	return *text ? text : NULL;
}

static enum err_code view_users(
	const struct job_user_row *rows, size_t n, struct arena *a, struct job_user_view **out, struct err *err)
{
	size_t i;

	*out = arena_alloc(a, (n + 1) * sizeof(**out));
	if (*out == NULL)
		return err_set(err, ERR_NOMEM, "There is no memory for the users of the job.");
	for (i = 0; i < n; i++)
		(*out)[i] = (struct job_user_view){ .user = rows[i].ext,
			.state = rows[i].state,
			.error = said(rows[i].error),
			.steps = rows[i].steps,
			.voicemail = said(rows[i].voicemail),
			.mail = said(rows[i].mail),
			.form_pending = rows[i].form_pending && rows[i].ended_ms,
			.ended_ms = rows[i].ended_ms };
	return ERR_OK;
}

enum err_code job_view_users(struct db *db, int64_t number, const char *state, size_t start, size_t limit,
	struct arena *a, struct job_user_view **out, size_t *n, struct err *err)
{
	struct job_user_row *rows;
	enum err_code code =
		job_user_list(db, number, state, (struct page){ (int64_t)start, (int64_t)limit }, a, &rows, n, err);

	return code ? code : view_users(rows, *n, a, out, err);
}

enum err_code job_list(struct db *db, const char *domain, const char *state, const char *kind, size_t start,
	size_t limit, struct arena *a, struct job_view **out, size_t *n, struct err *err)
{
	struct job_filter f = { .state = state, .kind = kind };
	struct domain_row dom;
	struct job_row *rows;
	size_t i;
	enum err_code code = domain_by_name(db, domain, a, &dom, err);

	*n = 0;
	f.domain_id = dom.id;
	if (code == ERR_OK)
		code = job_row_list(db, &f, (struct page){ (int64_t)start, (int64_t)limit }, a, &rows, n, err);
	if (code)
		return code;
	*out = arena_alloc(a, (*n + 1) * sizeof(**out));
	if (*out == NULL)
		return err_set(err, ERR_NOMEM, "There is no memory for the list of jobs.");
	for (i = 0; code == ERR_OK && i < *n; i++)
		code = fill_view(dom.name, &rows[i], &(*out)[i], err);
	return code;
}

enum err_code job_count(
	struct db *db, const char *domain, const char *state, const char *kind, int64_t *out, struct err *err)
{
	struct job_filter f = { .state = state, .kind = kind };
	struct domain_row dom;
	struct arena a;
	enum err_code code;

	arena_init(&a, 0);
	code = domain_by_name(db, domain, &a, &dom, err);
	f.domain_id = code ? 0 : dom.id;
	arena_release(&a);
	return code ? code : job_row_count(db, &f, out, err);
}

/* ---- news ---- */

/* Where a list was cut off, nobody may be told that he has seen more than it holds. */
static int64_t least(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

static void cut(struct job_news *n, const struct job_user_row *users, int64_t upto)
{
	while (n->nusers && users[n->nusers - 1].news > upto)
		n->nusers--;
	while (n->nrecords && n->records[n->nrecords - 1].news > upto)
		n->nrecords--;
}

enum err_code job_news_load(
	struct db *db, int64_t number, int64_t after, struct arena *a, struct job_news *out, struct err *err)
{
	struct job_row job;
	struct job_user_row *users;
	int64_t full = INT64_MAX;
	enum err_code code;

	*out = (struct job_news){ .upto = after };
	if ((code = job_row_brief(db, number, a, &job, err)) ||
		(code = job_user_news(db, number, after, JOB_NEWS_MAX, a, &users, &out->nusers, err)) ||
		(code = record_news(db, number, after, JOB_NEWS_MAX, a, &out->records, &out->nrecords, err)))
		return code;
	if (out->nusers == JOB_NEWS_MAX)
		full = least(full, users[JOB_NEWS_MAX - 1].news);
	if (out->nrecords == JOB_NEWS_MAX)
		full = least(full, out->records[JOB_NEWS_MAX - 1].news);
	cut(out, users, full);
	if (out->nusers && users[out->nusers - 1].news > out->upto)
		out->upto = users[out->nusers - 1].news;
	if (out->nrecords && out->records[out->nrecords - 1].news > out->upto)
		out->upto = out->records[out->nrecords - 1].news;
	if (job.news > out->upto && job.news <= full)
		out->upto = job.news;
	return view_users(users, out->nusers, a, &out->users, err);
}
