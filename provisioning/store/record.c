#include "provisioning/store/record.h"

#include <stdio.h>
#include <string.h>

#include "provisioning/store/db.h"

static const struct col record_cols[] = {
	COL(record_row, COL_INT, id),
	COL(record_row, COL_REF, job_id),
	COL(record_row, COL_TEXT, kind),
	COL(record_row, COL_REF, domain_id),
	COL(record_row, COL_REF, user_id),
	COL(record_row, COL_REF, phone_id),
	COL(record_row, COL_REF, device_id),
	COL(record_row, COL_REF, softphone_id),
	COL(record_row, COL_TEXT, mac),
	COL(record_row, COL_INT, slot),
	COL(record_row, COL_TEXT, device),
	COL(record_row, COL_TEXT, ext),
	COL(record_row, COL_TEXT, domain),
	COL(record_row, COL_TEXT, who),
	COL(record_row, COL_TEXT, why),
	COL(record_row, COL_INT, generation_before),
	COL(record_row, COL_INT, generation_after),
	COL(record_row, COL_INT, revision_before),
	COL(record_row, COL_INT, revision_after),
	COL(record_row, COL_BOOL, keeps_line),
	COL(record_row, COL_TEXT, state),
	COL(record_row, COL_BOOL, open),
	COL(record_row, COL_INT, created_ms),
	COL(record_row, COL_INT, closed_ms),
	COL(record_row, COL_INT, news),
};
static const struct rowmap record_map = ROWMAP(record_row, "records", record_cols, 1);

static const struct col fact_cols[] = {
	COL(fact_row, COL_TEXT, fact),
	COL(fact_row, COL_INT, at_ms),
	COL(fact_row, COL_TEXT, evidence),
};
static const struct rowmap fact_map = ROWMAP(fact_row, "facts", fact_cols, 1);

enum err_code record_add(struct db *db, struct record_row *row, struct err *err)
{
	enum err_code code = db_id(db, &row->id, err);

	row->created_ms = db_now_ms(db);
	row->news = row->id;
	return code == ERR_OK ? db_run(db, "record_add", NO_ARGS, &record_map, row, NULL, err) : code;
}

static enum err_code facts_fill(struct db *db, struct arena *a, struct record_row *row, struct err *err)
{
	return db_list(db, "fact_list", ARGS(A_INT("record_id", row->id)), &fact_map, a, (void **)&row->facts,
		&row->nfacts, err);
}

enum err_code record_load(struct db *db, int64_t id, struct arena *a, struct record_row *out, struct err *err)
{
	enum err_code code = db_get(db, "record_load", ARGS(A_INT("id", id)), &record_map, a, out, err);

	if (code == ERR_OK)
		code = facts_fill(db, a, out, err);
	return err_say(code, ERR_NOT_FOUND, err, "there is no such record");
}

static enum err_code all_facts(struct db *db, struct arena *a, struct record_row *rows, size_t n, struct err *err)
{
	enum err_code code = ERR_OK;
	size_t i;

	for (i = 0; code == ERR_OK && i < n; i++)
		code = facts_fill(db, a, &rows[i], err);
	return code;
}

#define FILTER(f)                                                                                                      \
	A_INT("domain_id", (f)->domain_id), A_INT("site_id", (f)->site_id), A_INT("job_id", (f)->job_id),              \
		A_INT("user_id", (f)->user_id), A_INT("phone_id", (f)->phone_id), A_INT("device_id", (f)->device_id),  \
		A_INT("softphone_id", (f)->softphone_id), A_TEXT("device", (f)->device), A_TEXT("ext", (f)->ext),      \
		A_TEXT("mac", (f)->mac), A_TEXT("state", (f)->state), A_TEXT("kind", (f)->kind),                       \
		A_INT("open_only", (f)->open_only), A_INT("from_ms", (f)->from_ms),                                    \
		A_INT("to_ms", (f)->to_ms ? (f)->to_ms : INT64_MAX), A_INT("newest", (f)->newest_first)

/* Each list is read by one index; which one depends on the narrowest thing that is asked for. */
static const char *list_block(const struct record_filter *f)
{
	if (f->device_id != 0)
		return "record_list_device";
	if (f->softphone_id != 0)
		return "record_list_softphone";
	if (f->job_id != 0)
		return "record_list_job";
	if (f->phone_id != 0)
		return "record_list_phone";
	if (f->domain_id != 0)
		return f->newest_first ? "record_list_domain_newest" : "record_list_domain";
	if (f->open_only)
		return "record_list_open";
	return f->newest_first ? "record_list_newest" : "record_list";
}

enum err_code record_list(struct db *db, const struct record_filter *f, struct page page, struct arena *a,
	struct record_row **out, size_t *n, struct err *err)
{
	enum err_code code =
		db_list(db, list_block(f), ARGS(FILTER(f), A_PAGE(page)), &record_map, a, (void **)out, n, err);

	return code == ERR_OK ? all_facts(db, a, *out, *n, err) : code;
}

enum err_code record_news(struct db *db, int64_t job_id, int64_t after, int64_t limit, struct arena *a,
	struct record_row **out, size_t *n, struct err *err)
{
	enum err_code code =
		db_list(db, "record_news", ARGS(A_INT("job_id", job_id), A_INT("after", after), A_INT("limit", limit)),
			&record_map, a, (void **)out, n, err);

	return code == ERR_OK ? all_facts(db, a, *out, *n, err) : code;
}

static const struct col tally_cols[] = { COL(record_tally, COL_TEXT, state), COL(record_tally, COL_INT, n) };
static const struct rowmap tally_map = ROWMAP(record_tally, "records", tally_cols, 0);

enum err_code record_tally_job(
	struct db *db, int64_t job_id, struct arena *a, struct record_tally **out, size_t *n, struct err *err)
{
	return db_list(db, "record_tally", ARGS(A_INT("job_id", job_id)), &tally_map, a, (void **)out, n, err);
}

enum err_code record_count(struct db *db, const struct record_filter *f, int64_t *out, struct err *err)
{
	return db_int(db, "record_count", ARGS(FILTER(f)), out, err);
}

/* Those who watch a job are told of it. */
static enum err_code is_news(struct db *db, int64_t id, struct err *err)
{
	int64_t news;
	enum err_code code = db_id(db, &news, err);

	return code == ERR_OK
		       ? db_run(db, "record_is_news", ARGS(A_INT("id", id), A_INT("news", news)), NULL, NULL, NULL, err)
		       : code;
}

enum err_code record_fact_set(
	struct db *db, int64_t id, const char *fact, int64_t at_ms, const char *evidence, bool *set, struct err *err)
{
	int64_t n = 0;
	enum err_code code = db_run(db, "fact_set",
		ARGS(A_INT("record_id", id), A_TEXT("fact", fact), A_INT("at_ms", at_ms ? at_ms : db_now_ms(db)),
			A_TEXT("evidence", evidence)),
		NULL, NULL, &n, err);

	if (code == ERR_OK && n > 0)
		code = is_news(db, id, err);
	if (set != NULL)
		*set = n > 0;
	return err_say(code, ERR_CONFLICT, err, "there is no such record");
}

enum err_code record_fact_clear(struct db *db, int64_t id, const char *fact, struct err *err)
{
	int64_t n = 0;
	enum err_code code =
		db_run(db, "fact_clear", ARGS(A_INT("record_id", id), A_TEXT("fact", fact)), NULL, NULL, &n, err);

	return code == ERR_OK && n > 0 ? is_news(db, id, err) : code;
}

enum err_code record_set_state(struct db *db, int64_t id, const char *state, bool open, struct err *err)
{
	return db_change(db, "record_set_state",
		ARGS(A_INT("id", id), A_TEXT("state", state), A_INT("open", open),
			A_INT("closed_ms", open ? 0 : db_now_ms(db))),
		NULL, NULL, "there is no such record", err);
}

enum err_code record_set_generation(struct db *db, int64_t id, int64_t generation_after, struct err *err)
{
	return db_change(db, "record_set_generation",
		ARGS(A_INT("id", id), A_INT("generation_after", generation_after)), NULL, NULL,
		"there is no such record", err);
}
