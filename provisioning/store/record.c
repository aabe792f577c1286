#include "provisioning/store/record.h"

#include <stdio.h>
#include <string.h>

#include "provisioning/store/counter.h"
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
	COL(record_row, COL_TEXT, closed_by),
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
		A_INT("to_ms", (f)->to_ms ? (f)->to_ms : INT64_MAX), A_INT("newest", (f)->newest_first),               \
		A_INT("after_id", (f)->after_id), A_INT("before_id", (f)->before_id ? (f)->before_id : INT64_MAX)

/* Each list is read by one index; which one depends on the narrowest thing that is asked for. */
struct blocks {
	const char *list, *newest, *count;
};

static const struct blocks by_device = { "record_list_device", "record_list_device", "record_count_device" };
static const struct blocks by_softphone = { "record_list_softphone", "record_list_softphone",
	"record_count_softphone" };
static const struct blocks by_phone = { "record_list_phone", "record_list_phone", "record_count_phone" };
static const struct blocks by_name = { "record_list_named", "record_list_named", "record_count_named" };
static const struct blocks by_job = { "record_list_job", "record_list_job_newest", "record_count_job" };
static const struct blocks by_domain = { "record_list_domain", "record_list_domain_newest", "record_count_domain" };
static const struct blocks open_by_domain = { "record_list_domain_open", "record_list_domain_open_newest",
	"record_count_domain_open" };
static const struct blocks by_id = { "record_list", "record_list_newest", "record_count" };

static const struct blocks *blocks_for(const struct record_filter *f)
{
	if (f->device_id != 0)
		return &by_device;
	if (f->softphone_id != 0)
		return &by_softphone;
	if (f->job_id != 0)
		return &by_job;
	if (f->phone_id != 0)
		return &by_phone;
	if (f->domain_id != 0 && f->device != NULL && *f->device != '\0')
		return &by_name;
	if (f->domain_id != 0)
		return f->open_only ? &open_by_domain : &by_domain;
	return &by_id;
}

enum err_code record_list(struct db *db, const struct record_filter *f, struct page page, struct arena *a,
	struct record_row **out, size_t *n, struct err *err)
{
	const struct blocks *blocks = blocks_for(f);
	enum err_code code = db_list(db, f->newest_first ? blocks->newest : blocks->list, ARGS(FILTER(f), A_PAGE(page)),
		&record_map, a, (void **)out, n, err);

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

enum err_code record_tally_job(
	struct db *db, int64_t job_id, struct arena *a, struct tally_row **out, size_t *n, struct err *err)
{
	return tally_list(db, "record_tally_job", ARGS(A_INT("job_id", job_id)), a, out, n, err);
}

enum err_code record_count(struct db *db, const struct record_filter *f, int64_t *out, struct err *err)
{
	return db_int(db, blocks_for(f)->count, ARGS(FILTER(f)), out, err);
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

/* ---- open for too long ---- */

enum err_code record_overdue(struct db *db, int64_t before_ms, int64_t limit, struct arena *a, struct record_row **out,
	size_t *n, struct err *err)
{
	return db_list(db, "record_overdue", ARGS(A_INT("before_ms", before_ms), A_INT("limit", limit)), &record_map, a,
		(void **)out, n, err);
}

enum err_code record_overdue_next(struct db *db, int64_t *created_ms, struct err *err)
{
	return db_int(db, "record_overdue_next", NO_ARGS, created_ms, err);
}

enum err_code record_overdue_noted(struct db *db, int64_t id, struct err *err)
{
	return db_run(db, "record_overdue_noted", ARGS(A_INT("id", id), A_INT("now_ms", db_now_ms(db))), NULL, NULL,
		NULL, err);
}

/* ---- how many ---- */

enum err_code record_tally(
	struct db *db, const int64_t ages_ms[3], struct arena *a, struct tally_row **out, size_t *n, struct err *err)
{
	return tally_list(db, "record_tally",
		ARGS(A_INT("now_ms", db_now_ms(db)), A_INT("age1", ages_ms[0]), A_INT("age2", ages_ms[1]),
			A_INT("age3", ages_ms[2])),
		a, out, n, err);
}

static const struct col phone_cols[] = {
	COL(record_phone_row, COL_TEXT, mac),
	COL(record_phone_row, COL_INT, phone_id),
	COL(record_phone_row, COL_INT, lines),
};
static const struct rowmap phone_map = ROWMAP(record_phone_row, "records", phone_cols, 1);

enum err_code record_phones(
	struct db *db, int64_t job_id, struct arena *a, struct record_phone_row **out, size_t *n, struct err *err)
{
	return db_list(db, "record_phones", ARGS(A_INT("job_id", job_id)), &phone_map, a, (void **)out, n, err);
}

enum err_code record_oldest_open(struct db *db, int64_t *created_ms, struct err *err)
{
	return db_int(db, "record_oldest_open", NO_ARGS, created_ms, err);
}

/* ---- facts and state ---- */

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
	char name[64];
	enum err_code code = db_change(db, "record_set_state",
		ARGS(A_INT("id", id), A_TEXT("state", state), A_INT("open", open),
			A_INT("closed_ms", open ? 0 : db_now_ms(db))),
		NULL, NULL, "there is no such record", err);

	if (code || open)
		return code;
	snprintf(name, sizeof(name), "handovers %s", state);
	return counter_bump(db, name, err);
}

enum err_code record_closed_by(struct db *db, int64_t id, const char *who, struct err *err)
{
	return db_run(db, "record_closed_by", ARGS(A_INT("id", id), A_TEXT("who", who)), NULL, NULL, NULL, err);
}

enum err_code record_set_generation(struct db *db, int64_t id, int64_t generation_after, struct err *err)
{
	return db_change(db, "record_set_generation",
		ARGS(A_INT("id", id), A_INT("generation_after", generation_after)), NULL, NULL,
		"there is no such record", err);
}
