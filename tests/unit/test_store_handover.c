/* The verbs of a handover and of access: records, jobs, secrets served, the registrar, sessions, tokens, logs. */
#include "tests/unit/store_world.h"

#include <string.h>

#include "provisioning/store/apikey.h"
#include "provisioning/store/audit.h"
#include "provisioning/store/counter.h"
#include "provisioning/store/idempotency.h"
#include "provisioning/store/job.h"
#include "provisioning/store/override.h"
#include "provisioning/store/projection.h"
#include "provisioning/store/record.h"
#include "provisioning/store/served.h"
#include "provisioning/store/session.h"
#include "provisioning/store/snapshot.h"
#include "provisioning/store/softphone.h"
#include "provisioning/store/timeline.h"
#include "provisioning/store/token.h"
#include "provisioning/store/unclaimed.h"
#include "provisioning/store/upload.h"

static void records(void **state)
{
	struct world *w = *state;
	struct record_row a = { .job_id = 5,
		.kind = "unassigned",
		.domain_id = w->domain.id,
		.phone_id = w->phone.id,
		.mac = "001565abcdef",
		.slot = 1,
		.device = "1001",
		.ext = "1001",
		.state = "open",
		.open = true };
	struct record_row b = { .job_id = 5,
		.kind = "rekeyed",
		.domain_id = w->domain.id,
		.device_id = w->bob_line.id,
		.device = "1002",
		.ext = "1002",
		.state = "open",
		.open = true };
	const struct {
		struct record_filter f;
		size_t n;
	} find[] = {
		{ { .domain_id = w->domain.id }, 2 },
		{ { .domain_id = w->domain.id + 1 }, 0 },
		{ { .job_id = 5 }, 2 },
		{ { .job_id = 6 }, 0 },
		{ { .phone_id = w->phone.id }, 1 },
		{ { .device_id = w->bob_line.id }, 1 },
		{ { .softphone_id = 1 }, 0 },
		{ { .ext = "1001" }, 1 },
		{ { .mac = "001565abcdef" }, 1 },
		{ { .device = "1002" }, 1 },
		{ { .kind = "rekeyed" }, 1 },
		{ { .state = "open" }, 1 },
		{ { .open_only = true }, 1 },
		{ { .domain_id = w->domain.id, .newest_first = true }, 2 },
		{ { .newest_first = true }, 2 },
		{ { .to_ms = 1 }, 0 },
		{ { .from_ms = 1 }, 2 },
		{ { .job_id = 5, .domain_id = w->domain.id, .open_only = true }, 1 },
	};
	struct record_row r, *list;
	int64_t count;
	bool set;
	size_t n, i;

	OK(record_add(w->db, &a, &w->err));
	OK(record_add(w->db, &b, &w->err));
	OK(record_fact_set(w->db, a.id, "told", 20, "200 OK", &set, &w->err));
	assert_true(set);
	OK(record_fact_set(w->db, a.id, "told", 30, "404", &set, &w->err));
	assert_false(set);
	OK(record_fact_set(w->db, a.id, "fetched", 10, "hash", NULL, &w->err));
	IS(ERR_CONFLICT, record_fact_set(w->db, 12345, "told", 1, "", NULL, &w->err));
	OK(record_load(w->db, a.id, w->a, &r, &w->err));
	assert_int_equal(r.nfacts, 2);
	assert_string_equal(r.facts[0].fact, "fetched");
	assert_string_equal(r.facts[1].evidence, "200 OK");
	assert_int_equal(r.facts[1].at_ms, 20);
	OK(record_fact_clear(w->db, a.id, "told", &w->err));
	OK(record_fact_clear(w->db, a.id, "told", &w->err));
	OK(record_set_state(w->db, b.id, "confirmed", false, &w->err));
	OK(record_set_generation(w->db, b.id, 99, &w->err));
	OK(record_load(w->db, b.id, w->a, &r, &w->err));
	assert_true(!r.open && r.closed_ms > 0 && r.generation_after == 99 && r.nfacts == 0);
	for (i = 0; i < sizeof(find) / sizeof(find[0]); i++) {
		OK(record_list(w->db, &find[i].f, all, w->a, &list, &n, &w->err));
		if (n != find[i].n)
			fail_msg("filter %zu lists %zu", i, n);
		OK(record_count(w->db, &find[i].f, &count, &w->err));
		if (count != (int64_t)find[i].n)
			fail_msg("filter %zu counts %d", i, (int)count);
	}
	OK(record_list(w->db, &find[13].f, all, w->a, &list, &n, &w->err));
	assert_int_equal(list[0].id, b.id);
	assert_int_equal(list[1].nfacts, 1);
	OK(domain_delete(w->db, w->domain.id, &w->err)); /* a record outlives what it is about */
	OK(record_load(w->db, a.id, w->a, &r, &w->err));
}

static void jobs(void **state)
{
	struct world *w = *state;
	struct job_row a = {
		.domain_id = w->domain.id, .kind = "reset", .state = "queued", .payload = SLICE_LIT("who comes")
	};
	struct job_row b = { .domain_id = w->domain.id, .kind = "reset", .state = "queued" }, *list, j;
	struct job_filter every = { .domain_id = w->domain.id },
			  queued = { .domain_id = w->domain.id, .state = "queued" };
	struct job_user_row u = {
		.domain_id = w->domain.id, .user_id = w->ann.id, .ext = "1001", .state = "waiting", .hold = HOLD_HELD
	};
	struct job_user_row v = u, *users;
	int64_t holder, cancelled, n64;
	size_t n;

	a.users = b.users = 1;
	OK(job_row_add(w->db, &a, &w->err));
	OK(job_row_add(w->db, &b, &w->err));
	OK(job_row_load(w->db, a.id, w->a, &j, &w->err));
	assert_true(slice_eq_str(j.payload, "who comes"));
	u.job_id = a.id;
	u.form = SLICE_LIT("the form");
	OK(job_user_add(w->db, &u, HOLD_PROMISED, &holder, &w->err));
	v.job_id = b.id;
	IS(ERR_CONFLICT, job_user_add(w->db, &v, HOLD_PROMISED, &holder, &w->err));
	assert_int_equal(holder, a.id);
	assert_non_null(strstr(w->err.text, override_target(w->a, a.id)));
	v.user_id = w->bob.id;
	OK(job_user_add(w->db, &v, HOLD_PROMISED, &holder, &w->err));
	OK(job_user_next(w->db, a.id, 10, w->a, &users, &n, &w->err));
	assert_int_equal(n, 1);
	assert_null(users[0].form.p);
	OK(job_user_load(w->db, users[0].id, w->a, &u, &w->err));
	assert_true(slice_eq_str(u.form, "the form"));
	u.state = "done";
	u.ended_ms = 1;
	u.form_pending = true;
	OK(job_user_save(w->db, &u, &w->err));
	OK(job_user_next(w->db, a.id, 10, w->a, &users, &n, &w->err));
	assert_int_equal(n, 0);
	OK(job_user_holder(w->db, w->ann.id, HOLD_PROMISED, &holder, &w->err));
	assert_int_equal(holder, 0);
	OK(job_user_load(w->db, u.id, w->a, &u, &w->err));
	assert_true(slice_eq_str(u.form, "the form")); /* it waits for an admin */
	u.form_pending = false;
	OK(job_user_save(w->db, &u, &w->err));
	OK(job_user_load(w->db, u.id, w->a, &u, &w->err));
	assert_null(u.form.p);

	OK(job_row_state(w->db, a.id, "running", false, &w->err));
	OK(job_row_list(w->db, &queued, all, w->a, &list, &n, &w->err));
	assert_true(n == 1 && list[0].id == b.id);
	OK(job_row_list(w->db, &every, all, w->a, &list, &n, &w->err));
	assert_int_equal(n, 2);
	assert_true(list[1].started_ms > 0 && list[1].users == 1 && list[1].done == 1);
	OK(job_row_state(w->db, a.id, "done", true, &w->err));
	OK(job_row_load(w->db, a.id, w->a, &j, &w->err));
	assert_true(j.payload.p == NULL && j.ended_ms > 0 && j.done == 1 && j.users == 1 && j.records == 0);
	OK(job_row_count(w->db, &every, &n64, &w->err));
	assert_int_equal(n64, 2);
	OK(job_cancel_waiting(w->db, b.id, &cancelled, &w->err));
	assert_int_equal(cancelled, 1);
	OK(job_row_list(w->db, &every, all, w->a, &list, &n, &w->err));
	assert_int_equal(list[0].id, b.id);
	IS(ERR_NOT_FOUND, job_row_load(w->db, 12345, w->a, &j, &w->err));
	OK(user_delete(w->db, w->ann.id, &w->err));
	OK(job_user_list(w->db, a.id, NULL, all, w->a, &users, &n, &w->err));
	assert_true(n == 1 && users[0].user_id == 0);
	assert_string_equal(users[0].ext, "1001");
}

/* Two users of one job, one running at the end of the job: it is cancelled and free. */
static void the_end_of_a_job_frees_its_users(void **state)
{
	struct world *w = *state;
	struct job_row a = { .domain_id = w->domain.id, .kind = "reset", .state = "running" };
	struct job_user_row u = {
		.domain_id = w->domain.id, .user_id = w->ann.id, .ext = "1001", .state = "waiting", .hold = HOLD_HELD
	};
	int64_t holder;

	OK(job_row_add(w->db, &a, &w->err));
	u.job_id = a.id;
	OK(job_user_add(w->db, &u, HOLD_PROMISED, NULL, &w->err));
	OK(job_row_state(w->db, a.id, "cancelled", true, &w->err));
	OK(job_user_holder(w->db, w->ann.id, HOLD_PROMISED, &holder, &w->err));
	assert_int_equal(holder, 0);
	OK(job_user_load(w->db, u.id, w->a, &u, &w->err));
	assert_string_equal(u.state, "cancelled");
}

/* A scheduled job promises a user or not; another one is refused, or waits until the first has let go. */
static void what_jobs_hold(void **state)
{
	struct world *w = *state;
	struct job_row a = { .domain_id = w->domain.id, .kind = "reset", .state = "scheduled", .users = 2 }, b = a,
		       c = a;
	struct job_user_row u = { .domain_id = w->domain.id,
		.user_id = w->ann.id,
		.ext = "1001",
		.state = "waiting",
		.hold = HOLD_PROMISED };
	struct job_user_row v = u, *users;
	int64_t holder, left;
	size_t n;

	OK(job_row_add(w->db, &a, &w->err));
	OK(job_row_add(w->db, &b, &w->err));
	OK(job_row_add(w->db, &c, &w->err));
	u.job_id = a.id;
	OK(job_user_add(w->db, &u, HOLD_PROMISED, NULL, &w->err));
	v.job_id = b.id; /* what changes the person too is refused */
	IS(ERR_CONFLICT, job_user_add(w->db, &v, HOLD_PROMISED, &holder, &w->err));
	assert_int_equal(holder, a.id);
	v.hold = HOLD_HELD; /* what does not goes through, and has her now */
	OK(job_user_add(w->db, &v, HOLD_HELD, NULL, &w->err));
	OK(job_user_next(w->db, a.id, 10, w->a, &users, &n, &w->err));
	assert_int_equal(n, 0);
	OK(job_user_take(w->db, a.id, &w->err)); /* the time has come: she is not free */
	OK(job_user_next(w->db, a.id, 10, w->a, &users, &n, &w->err));
	assert_int_equal(n, 0);
	OK(job_user_left(w->db, a.id, &left, &w->err));
	assert_int_equal(left, 1);
	OK(job_row_state(w->db, b.id, "done", true, &w->err));
	OK(job_user_take(w->db, a.id, &w->err));
	OK(job_user_next(w->db, a.id, 10, w->a, &users, &n, &w->err));
	assert_int_equal(n, 1);
	/* One that leaves the person where he is stands against nobody while it waits, and nobody against it. */
	v.job_id = c.id;
	v.hold = HOLD_NONE;
	OK(job_user_add(w->db, &v, HOLD_NONE, NULL, &w->err));
}

/* Whoever was told everything up to a number is told of every change after it, once. */
static void news_of_a_job(void **state)
{
	struct world *w = *state;
	struct job_row a = { .domain_id = w->domain.id, .kind = "reset", .state = "queued", .users = 1 }, j;
	struct job_user_row u = {
		.domain_id = w->domain.id, .user_id = w->ann.id, .ext = "1001", .state = "waiting", .hold = HOLD_HELD
	};
	struct job_user_row *users;
	struct record_row r = { .kind = "rekeyed", .state = "open", .open = true }, *records;
	struct tally_row *tally;
	int64_t seen;
	size_t n;

	OK(job_row_add(w->db, &a, &w->err));
	u.job_id = r.job_id = a.id;
	OK(job_user_add(w->db, &u, HOLD_HELD, NULL, &w->err));
	OK(record_add(w->db, &r, &w->err));
	OK(job_user_news(w->db, a.id, 0, 10, w->a, &users, &n, &w->err));
	assert_int_equal(n, 1);
	OK(record_news(w->db, a.id, users[0].news, 10, w->a, &records, &n, &w->err));
	assert_int_equal(n, 1);
	seen = records[0].news;
	OK(record_news(w->db, a.id, seen, 10, w->a, &records, &n, &w->err));
	assert_int_equal(n, 0);
	OK(record_fact_set(w->db, r.id, "told", 1, "200", NULL, &w->err));
	OK(record_news(w->db, a.id, seen, 10, w->a, &records, &n, &w->err));
	assert_true(n == 1 && records[0].nfacts == 1 && records[0].news > seen);
	seen = records[0].news;
	OK(record_fact_set(w->db, r.id, "told", 2, "again", NULL, &w->err)); /* set already: no news */
	OK(record_fact_clear(w->db, r.id, "fetched", &w->err));              /* nor is this */
	OK(record_news(w->db, a.id, seen, 10, w->a, &records, &n, &w->err));
	assert_int_equal(n, 0);
	OK(record_fact_clear(w->db, r.id, "told", &w->err));
	OK(record_news(w->db, a.id, seen, 10, w->a, &records, &n, &w->err));
	assert_int_equal(n, 1);
	OK(job_user_save(w->db, &u, &w->err));
	OK(job_user_news(w->db, a.id, seen, 10, w->a, &users, &n, &w->err));
	assert_int_equal(n, 1);
	OK(job_row_state(w->db, a.id, "running", false, &w->err));
	OK(job_row_brief(w->db, a.id, w->a, &j, &w->err));
	assert_true(j.news > users[0].news);
	OK(record_tally_job(w->db, a.id, w->a, &tally, &n, &w->err));
	assert_true(n == 1 && tally[0].n == 1);
	assert_string_equal(tally[0].name, "open");
}

/* A recycle form outlives its job, until the next person has come. */
static void forms_that_wait(void **state)
{
	struct world *w = *state;
	struct job_row a = { .domain_id = w->domain.id, .kind = "reset", .state = "queued", .users = 1 };
	struct job_user_row u = { .domain_id = w->domain.id,
		.user_id = w->ann.id,
		.ext = "1001",
		.state = "waiting",
		.hold = HOLD_HELD,
		.form = SLICE_LIT("what was typed"),
		.form_pending = true };
	struct job_user_row *list, f;
	int64_t n64;
	size_t n;

	OK(job_row_add(w->db, &a, &w->err));
	u.job_id = a.id;
	OK(job_user_add(w->db, &u, HOLD_HELD, NULL, &w->err));
	OK(job_form_count(w->db, w->domain.id, &n64, &w->err));
	assert_int_equal(n64, 0); /* not before the reset is done */
	u.state = "done";
	u.ended_ms = 1;
	OK(job_user_save(w->db, &u, &w->err));
	OK(job_row_state(w->db, a.id, "done", true, &w->err));
	OK(job_form_list(w->db, w->domain.id, all, w->a, &list, &n, &w->err));
	assert_true(n == 1 && slice_eq_str(list[0].form, "what was typed"));
	OK(job_form_load(w->db, w->ann.id, w->a, &f, &w->err));
	assert_int_equal(f.id, u.id);
	OK(job_form_clear(w->db, w->ann.id, &w->err));
	IS(ERR_NOT_FOUND, job_form_load(w->db, w->ann.id, w->a, &f, &w->err));
	OK(job_user_load(w->db, u.id, w->a, &f, &w->err));
	assert_true(f.form.p == NULL && !f.form_pending);
}

static void sessions_links_and_api_keys(void **state)
{
	struct world *w = *state;
	int64_t now = db_now_ms(w->db);
	struct session_row s = { .user_id = w->ann.id, .expires_ms = now + 1000 };
	struct link_row l = { .user_id = w->ann.id, .purpose = "set-password", .expires_ms = now + 1000 };
	struct apikey_row k = { .name = "crm", .scope = "Office Manager", .domain_id = w->domain.id }, *list;
	struct secret token, link, key;
	size_t n;

	OK(session_add(w->db, &s, w->a, &token, &w->err));
	OK(session_by_token(w->db, secret_reveal(&token), w->a, &s, &w->err));
	assert_int_equal(s.user_id, w->ann.id);
	IS(ERR_UNAUTHORIZED, session_by_token(w->db, SLICE_LIT("guess"), w->a, &s, &w->err));
	OK(session_touch(w->db, s.id, now, &w->err)); /* expired */
	IS(ERR_UNAUTHORIZED, session_by_token(w->db, secret_reveal(&token), w->a, &s, &w->err));
	OK(session_expire(w->db, &w->err));
	OK(session_delete_user(w->db, w->ann.id, &w->err));

	OK(link_add(w->db, &l, w->a, &link, &w->err));
	IS(ERR_NOT_FOUND, link_by_token(w->db, secret_reveal(&link), "other", w->a, &l, &w->err));
	OK(link_by_token(w->db, secret_reveal(&link), "set-password", w->a, &l, &w->err));
	OK(link_use(w->db, l.id, &w->err));
	IS(ERR_CONFLICT, link_use(w->db, l.id, &w->err));
	IS(ERR_NOT_FOUND, link_by_token(w->db, secret_reveal(&link), "set-password", w->a, &l, &w->err));

	OK(apikey_add(w->db, &k, w->a, &key, &w->err));
	OK(apikey_by_key(w->db, secret_reveal(&key), w->a, &k, &w->err));
	assert_int_equal(strncmp(k.prefix, key.bytes, 8), 0);
	assert_int_equal(strlen(k.prefix), 8);
	OK(apikey_touch(w->db, k.id, &w->err));
	OK(apikey_revoke(w->db, k.id, &w->err));
	IS(ERR_NOT_FOUND, apikey_revoke(w->db, k.id, &w->err));
	IS(ERR_UNAUTHORIZED, apikey_by_key(w->db, secret_reveal(&key), w->a, &k, &w->err));
	OK(apikey_list(w->db, w->domain.id, all, w->a, &list, &n, &w->err));
	assert_true(n == 1 && list[0].used_ms > 0 && list[0].revoked_ms > 0);
}

static void tokens(void **state)
{
	struct world *w = *state;
	struct token_row t = { .phone_id = w->phone.id, .expires_ms = db_now_ms(w->db) + 1000 }, *list;
	struct token_row old = { .phone_id = w->phone.id, .expires_ms = db_now_ms(w->db) };
	struct token_row next = t;
	struct secret token, gone;
	uint8_t hash[TOKEN_HASH];
	size_t n;

	OK(token_add(w->db, &t, w->a, &token, &w->err));
	OK(token_add(w->db, &old, w->a, &gone, &w->err));
	OK(token_open(w->db, secret_reveal(&token), w->a, &t, &w->err));
	OK(token_used(w->db, t.id, "192.0.2.1", &w->err));
	OK(token_used(w->db, t.id, "192.0.2.1", &w->err));
	IS(ERR_NOT_FOUND, token_open(w->db, secret_reveal(&gone), w->a, &t, &w->err));
	OK(token_add(w->db, &next, w->a, &gone, &w->err)); /* and the old one goes */
	OK(token_list(w->db, w->phone.id, w->a, &list, &n, &w->err));
	assert_true(n == 2 && list[0].id == t.id && list[0].uses == 2 && list[1].id == next.id);
	OK(token_kill(w->db, w->phone.id, &w->err));
	IS(ERR_NOT_FOUND, token_open(w->db, secret_reveal(&token), w->a, &t, &w->err));
	token_hash(secret_reveal(&token), hash);
	OK(token_shown(w->db, hash, w->a, &t, &w->err));
	assert_true(t.dead_ms != 0);
	assert_string_equal(t.first_address, "192.0.2.1");
	OK(token_list(w->db, w->phone.id, w->a, &list, &n, &w->err));
	assert_int_equal(n, 0);
}

static void softphones(void **state)
{
	struct world *w = *state;
	struct softphone_row s = { .domain_id = w->domain.id,
		.user_id = w->ann.id,
		.device_id = w->ann_line.id,
		.kind = "linphone",
		.label = "Ann's phone" },
			     *list;
	struct secret token;
	int64_t g;
	bool changed;
	size_t n;

	OK(softphone_add(w->db, &s, w->a, &token, &w->err));
	OK(softphone_slots(w->db, s.id, 2, &w->err));
	OK(softphone_slots(w->db, s.id, 1, &w->err));
	OK(softphone_bump(w->db, s.id, &g, &w->err));
	OK(softphone_ack(w->db, s.id, g, "Linphone", &changed, &w->err));
	assert_true(changed);
	OK(softphone_list_device(w->db, w->ann_line.id, w->a, &list, &n, &w->err));
	assert_true(n == 1 && list[0].slots_ever == 2 && list[0].acked == g);
	assert_string_equal(list[0].device, "1001");
	OK(softphone_blank(w->db, s.id, &g, &w->err));
	OK(softphone_by_token(w->db, secret_reveal(&token), w->a, &s, &w->err));
	assert_true(s.blanked && s.user_id == 0 && s.device_id == 0 && s.generation == g && s.slots_ever == 2);
	assert_string_equal(s.label, "");
	OK(softphone_list_user(w->db, w->ann.id, w->a, &list, &n, &w->err));
	assert_int_equal(n, 0);
}

static void history_and_snapshots(void **state)
{
	struct world *w = *state;
	struct served_row s = { .phone_id = w->phone.id,
		.slot = 1,
		.device_id = 9,
		.device = "1001",
		.revision = 1,
		.password = { "old", 3 } },
			  *list;
	struct snapshot_row sn = { .phone_id = w->phone.id, .kind = "model", .body = SLICE_LIT("{1}") };
	struct upload_row up = { .phone_id = w->phone.id,
		.kind = "calls",
		.body = SLICE_LIT("calls"),
		.generation = 3 },
			  *ups;
	int64_t deleted;
	size_t n;

	OK(served_note(w->db, &s, 10, &w->err));
	OK(served_note(w->db, &s, 12, &w->err));
	OK(served_note(w->db, &s, 11, &w->err));
	s.revision = 2;
	s.password = (struct secret){ "new", 3 };
	OK(served_note(w->db, &s, 13, &w->err));
	OK(served_list(w->db, w->phone.id, 1, w->a, &list, &n, &w->err));
	assert_int_equal(n, 2);
	assert_true(slice_eq_str(secret_reveal(&list[0].password), "new"));
	assert_true(slice_eq_str(secret_reveal(&list[1].password), "old"));
	assert_int_equal(list[1].generation_first, 10);
	assert_int_equal(list[1].generation_last, 12);
	OK(served_prune(w->db, w->phone.id, 12, &w->err));
	OK(served_list(w->db, w->phone.id, 0, w->a, &list, &n, &w->err));
	assert_int_equal(n, 2);
	OK(served_prune(w->db, w->phone.id, 13, &w->err));
	OK(served_list(w->db, w->phone.id, 0, w->a, &list, &n, &w->err));
	assert_int_equal(n, 1);

	for (sn.generation = 10; sn.generation <= 12; sn.generation++)
		OK(snapshot_put(w->db, &sn, &w->err));
	sn.generation = 11;
	sn.body = SLICE_LIT("{2}");
	OK(snapshot_put(w->db, &sn, &w->err));
	OK(snapshot_load(w->db, w->phone.id, "model", 11, w->a, &sn, &w->err));
	assert_true(sn.generation == 11 && slice_eq_str(sn.body, "{2}"));
	IS(ERR_NOT_FOUND, snapshot_load(w->db, w->phone.id, "handset", 11, w->a, &sn, &w->err));
	OK(snapshot_prune(w->db, w->phone.id, 12, &w->err));
	IS(ERR_NOT_FOUND, snapshot_load(w->db, w->phone.id, "model", 11, w->a, &sn, &w->err));
	OK(snapshot_load(w->db, w->phone.id, "model", INT64_MAX, w->a, &sn, &w->err));

	OK(upload_put(w->db, &up, &w->err));
	up.body = SLICE_LIT("more calls");
	OK(upload_put(w->db, &up, &w->err));
	OK(upload_load(w->db, w->phone.id, "calls", w->a, &up, &w->err));
	assert_true(slice_eq_str(up.body, "more calls"));
	OK(upload_list(w->db, w->phone.id, w->a, &ups, &n, &w->err));
	assert_true(n == 1 && ups[0].body.p == NULL && ups[0].generation == 3);
	OK(upload_delete(w->db, w->phone.id, "web", &deleted, &w->err));
	assert_int_equal(deleted, 0);
	OK(upload_delete(w->db, w->phone.id, NULL, &deleted, &w->err));
	assert_int_equal(deleted, 1);
}

static void unclaimed_macs_are_bounded(void **state)
{
	struct world *w = *state;
	struct unclaimed_row u = { .vendor = "yealink", .mac = { { 1, 2, 3, 4, 5, 0 } } }, *list;
	size_t n;
	int i;

	for (i = 0; i < 10; i++) {
		u.mac.b[5] = (uint8_t)i;
		w->db->now_ms++;
		OK(unclaimed_note(w->db, &u, 4, &w->err));
	}
	OK(unclaimed_note(w->db, &u, 4, &w->err));
	OK(unclaimed_list(w->db, all, w->a, &list, &n, &w->err));
	assert_int_equal(n, 4);
	assert_int_equal(list[0].mac.b[5], 9);
	assert_int_equal(list[0].knocks, 2);
	assert_int_equal(list[3].mac.b[5], 6);
	OK(unclaimed_delete(w->db, &u.mac, &w->err));
	IS(ERR_NOT_FOUND, unclaimed_load(w->db, &u.mac, w->a, &u, &w->err));
}

static void idempotency_keys(void **state)
{
	struct world *w = *state;
	struct idempotency_row r = { .principal = "crm", .key = "k1", .request = "h1" }, again = r, other = r;
	bool found;

	OK(idempotency_take(w->db, &r, w->a, &found, &w->err));
	assert_false(found);
	OK(idempotency_take(w->db, &again, w->a, &found, &w->err));
	assert_true(found && again.status == 0);
	r.status = 202;
	r.location = "/resets/7";
	r.body = SLICE_LIT("{}");
	OK(idempotency_finish(w->db, &r, &w->err));
	OK(idempotency_take(w->db, &again, w->a, &found, &w->err));
	assert_true(found && again.status == 202 && slice_eq_str(again.body, "{}"));
	assert_string_equal(again.location, "/resets/7");
	other.request = "h2";
	IS(ERR_CONFLICT, idempotency_take(w->db, &other, w->a, &found, &w->err));
	OK(idempotency_drop(w->db, "crm", "k1", &w->err));
	OK(idempotency_take(w->db, &other, w->a, &found, &w->err));
	assert_false(found);
	OK(idempotency_expire(w->db, INT64_MAX, &w->err));
	IS(ERR_NOT_FOUND, idempotency_finish(w->db, &r, &w->err));
}

static void the_projection_flips(void **state)
{
	struct world *w = *state;
	struct projection_row p = { .identity = "1001@example.test",
		.realm = "example.test",
		.wanted_ha1 = { "aaa", 3 },
		.wanted_revision = 1 },
			      *list;
	bool changed;
	size_t n;

	OK(projection_want(w->db, &p, &w->err));
	OK(projection_load(w->db, p.identity, w->a, &p, &w->err));
	assert_true(p.waiting && p.revision == 0 && !secret_set(&p.ha1));
	OK(projection_begin(w->db, p.identity, 1, p.wanted_ms + 5, &w->err));
	OK(projection_begin(w->db, p.identity, 1, p.wanted_ms + 9, &w->err)); /* a repeat */
	OK(projection_load(w->db, p.identity, w->a, &p, &w->err));
	assert_int_equal(p.flipped_ms, p.wanted_ms + 5);
	OK(projection_flipped(w->db, p.identity, 1, 77, &changed, &w->err));
	assert_true(changed);
	OK(projection_flipped(w->db, p.identity, 1, 78, &changed, &w->err));
	assert_false(changed);
	OK(projection_load(w->db, p.identity, w->a, &p, &w->err));
	assert_true(!p.waiting && p.revision == 1 && p.flipped_ms == 77 && slice_eq_str(secret_reveal(&p.ha1), "aaa"));

	p.wanted_ha1 = (struct secret){ "bbb", 3 };
	p.wanted_revision = 2;
	OK(projection_want(w->db, &p, &w->err));
	OK(projection_load(w->db, p.identity, w->a, &p, &w->err));
	assert_true(
		p.waiting && slice_eq_str(secret_reveal(&p.ha1), "aaa")); /* the old one is in force until the flip */
	IS(ERR_CONFLICT, projection_flipped(w->db, p.identity, 1, 80, &changed, &w->err));
	OK(projection_list(w->db, true, all, w->a, &list, &n, &w->err));
	assert_int_equal(n, 1);

	p.wanted_ha1 = (struct secret){ NULL, 0 };
	p.wanted_revision = 0;
	OK(projection_want(w->db, &p, &w->err));
	OK(projection_flipped(w->db, p.identity, 0, 90, &changed, &w->err));
	assert_true(changed);
	OK(projection_flipped(w->db, p.identity, 0, 91, &changed, &w->err));
	assert_false(changed);
	IS(ERR_NOT_FOUND, projection_load(w->db, p.identity, w->a, &p, &w->err));
	IS(ERR_NOT_FOUND, projection_flipped(w->db, p.identity, 3, 92, &changed, &w->err));
	OK(projection_list(w->db, false, all, w->a, &list, &n, &w->err));
	assert_int_equal(n, 0);
}

static void the_audit_log(void **state)
{
	struct world *w = *state;
	struct audit_row r = { .who = "admin",
		.from = "192.0.2.1",
		.action = "reset",
		.domain = "example.test",
		.user = "1001",
		.before = "{\"name\":\"Ann\"}" },
			 *list;
	struct audit_filter f = { .user = "1001" };
	int64_t count;
	size_t n;

	OK(audit_add(w->db, &r, &w->err));
	r.action = "recycle";
	OK(audit_add(w->db, &r, &w->err));
	OK(audit_list(w->db, &f, all, w->a, &list, &n, &w->err));
	assert_int_equal(n, 2);
	assert_string_equal(list[0].action, "recycle");
	assert_string_equal(list[0].from, "192.0.2.1");
	f.action = "reset";
	OK(audit_count(w->db, &f, &count, &w->err));
	assert_int_equal(count, 1);
	f.who = "nobody";
	OK(audit_count(w->db, &f, &count, &w->err));
	assert_int_equal(count, 0);
}

static void the_timeline(void **state)
{
	struct world *w = *state;
	struct timeline_row t = { .phone_id = w->phone.id, .mac = w->phone.mac, .event = "pulled", .generation = 7 },
			    *list;
	size_t n;
	int i;

	for (i = 0; i < 700; i++) {
		t.at_ms = 0;
		t.detail = override_target(w->a, i);
		OK(timeline_add(w->db, &t, &w->err));
	}
	OK(timeline_list(w->db, w->phone.id, 0, all, w->a, &list, &n, &w->err));
	assert_in_range(n, 500, 564);
	assert_string_equal(list[0].detail, "699");
	assert_string_equal(list[499].detail, "200");
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, world_open, world_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(records),
		T(jobs),
		T(the_end_of_a_job_frees_its_users),
		T(what_jobs_hold),
		T(news_of_a_job),
		T(forms_that_wait),
		T(sessions_links_and_api_keys),
		T(tokens),
		T(softphones),
		T(history_and_snapshots),
		T(unclaimed_macs_are_bounded),
		T(idempotency_keys),
		T(the_projection_flips),
		T(the_audit_log),
		T(the_timeline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
