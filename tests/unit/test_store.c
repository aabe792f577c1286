/* The store's own promises: all or nothing, group commit, retry, snapshots, hooks. The families have their own tests.
 */
#include "tests/unit/store_fixture.h"

#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "phonecfg/base/mem.h"
#include "provisioning/store/audit.h"
#include "provisioning/store/db.h"
#include "provisioning/store/domain.h"
#include "provisioning/store/generation.h"
#include "provisioning/store/sql_text.h"
#include "provisioning/store/user.h"

/* Names that functions get as their argument. */
static char one[] = "one.test", two[] = "two.test", after[] = "after.test", outer[] = "outer.test",
	    inner[] = "inner.test", inner2[] = "inner2.test", probe[] = "probe.test", late[] = "late.test",
	    posted_name[] = "posted.test", hook_name[] = "hook.test", mem[] = "mem.test";

static enum err_code add_domain(struct txn *t, void *arg, struct err *err)
{
	struct domain_row d = { .name = arg };

	return domain_add(t->db, &d, err);
}

static enum err_code add_then_refuse(struct txn *t, void *arg, struct err *err)
{
	enum err_code code = add_domain(t, arg, err);

	return code == ERR_OK ? err_set(err, ERR_INPUT, "refused on purpose") : code;
}

static int64_t domains(struct fixture *f)
{
	struct snap s = must_snap(f);
	int64_t n = -1;

	assert_int_equal(domain_count(s.db, "", &n, NULL), ERR_OK);
	snap_end(&s);
	return n;
}

static void a_write_is_there_after_reopening(void **state)
{
	struct fixture *f = *state;
	struct domain_row d;
	struct snap s;

	must_write(f, add_domain, one);
	fixture_reopen(f);
	s = must_snap(f);
	assert_int_equal(domain_by_name(s.db, "one.test", &f->a, &d, NULL), ERR_OK);
	assert_string_equal(d.name, "one.test");
	assert_string_equal(d.realm, "");
	assert_true(d.id > 0 && d.created_ms > 0);
	snap_end(&s);
}

static void a_refused_function_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };

	assert_int_equal(store_write(f->st, add_then_refuse, one, &err), ERR_INPUT);
	assert_string_equal(err.text, "refused on purpose");
	assert_int_equal(domains(f), 0);
}

static void a_conflict_has_a_sentence_without_sql(void **state)
{
	struct fixture *f = *state;
	struct err err = { 0 };

	must_write(f, add_domain, one);
	assert_int_equal(store_write(f->st, add_domain, one, &err), ERR_CONFLICT);
	assert_string_equal(err.text, "the domain one.test exists already");
}

/* 150 functions of which every third fails: the others are all there, in fewer commits than functions. */
static void many_writes_share_commits_and_fail_alone(void **state)
{
	enum { N = 150 };
	struct fixture *f = *state;
	struct write w[N];
	char names[N][24];
	struct store_stats then, now;
	int i;

	for (i = 0; i < N; i++) {
		snprintf(names[i], sizeof(names[i]), "d%d.test", i);
		w[i] = (struct write){ .fn = i % 3 == 2 ? add_then_refuse : add_domain, .arg = names[i] };
	}
	store_stats(f->st, &then);
	assert_int_equal(store_write_many(f->st, w, N), ERR_INPUT);
	store_stats(f->st, &now);
	for (i = 0; i < N; i++)
		assert_int_equal(w[i].code, i % 3 == 2 ? ERR_INPUT : ERR_OK);
	assert_int_equal(domains(f), 100);
	assert_true(now.commits - then.commits < N / 2);
	assert_int_equal(now.writes - then.writes, N);
}

static enum err_code two_domains(struct txn *t, void *arg, struct err *err)
{
	int64_t generation;
	enum err_code code = add_domain(t, one, err);

	(void)arg;
	if (code == ERR_OK)
		code = generation_next(t->db, &generation, err);
	if (code == ERR_OK)
		code = add_domain(t, two, err);
	return code;
}

/* Whatever operation fails, and every later one with it: either both domains or none, and the store works again. */
static void every_failing_operation_leaves_all_or_nothing(void **state)
{
	struct fixture *f = *state;
	unsigned long n;

	for (n = 1; n < 100; n++) {
		struct err err = { 0 };
		enum err_code code;

		store_fail_from(n);
		code = store_write(f->st, two_domains, NULL, &err);
		store_fail_from(0);
		if (code == ERR_OK)
			break;
		assert_int_equal(code, ERR_IO);
		assert_true(err.text[0] != '\0');
		assert_int_equal(domains(f), 0);
	}
	assert_in_range(n, 6, 20); /* begin, savepoint, at least four statements, release, commit */
	assert_int_equal(domains(f), 2);
}

/* One soft failure anywhere is not seen by the caller. */
static void soft_failures_are_repeated(void **state)
{
	struct fixture *f = *state;
	struct store_stats stats;
	unsigned long n, ops;

	store_fail_from(0);
	must_write(f, add_domain, probe);
	ops = store_op_count();
	for (n = 1; n <= ops; n++) {
		char name[24];

		snprintf(name, sizeof(name), "soft%lu.test", n);
		store_soft_fail_at(n);
		must_write(f, add_domain, name);
		store_soft_fail_at(0);
	}
	assert_int_equal(domains(f), 1 + (int64_t)ops);
	store_stats(f->st, &stats);
	assert_true(stats.retries >= ops - 1); /* the first one reserves ids, the others need not */
}

static enum err_code write_within(struct txn *t, void *arg, struct err *err)
{
	struct fixture *f = arg;

	(void)t;
#if defined(REKEY_ASSERT)
	(void)f;
	return err_set(err, ERR_BUG, "such builds abort instead");
#else
	return store_write(f->st, add_domain, one, err);
#endif
}

static void a_write_within_a_write_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(store_write(f->st, write_within, f, NULL), ERR_BUG);
	assert_int_equal(domains(f), 0);
}

struct hooked {
	struct fixture *f;
	int ran;
	int64_t seen; /* domains that a reader saw when the hook ran */
	bool fail;
};

static void hook(void *arg)
{
	struct hooked *h = arg;

	h->ran++;
	h->seen = domains(h->f);
}

static enum err_code with_hook(struct txn *t, void *arg, struct err *err)
{
	struct hooked *h = arg;
	enum err_code code = add_domain(t, hook_name, err);

	if (code == ERR_OK)
		code = txn_after_commit(t, hook, h, err);
	return code == ERR_OK && h->fail ? err_set(err, ERR_INPUT, "refused") : code;
}

static void no_effect_leaves_before_its_commit(void **state)
{
	struct fixture *f = *state;
	struct hooked h = { .f = f, .fail = true };

	assert_int_equal(store_write(f->st, with_hook, &h, NULL), ERR_INPUT);
	assert_int_equal(h.ran, 0);
	h.fail = false;
	must_write(f, with_hook, &h);
	assert_int_equal(h.ran, 1);
	assert_int_equal(h.seen, 1);
}

static enum err_code nested(struct txn *t, void *arg, struct err *err)
{
	enum err_code code = add_domain(t, outer, err);

	(void)arg;
	if (code == ERR_OK && txn_nested(t, add_then_refuse, inner, NULL) != ERR_INPUT)
		code = ERR_BUG;
	if (code == ERR_OK)
		code = txn_nested(t, add_domain, inner2, err);
	return code;
}

static void a_nested_failure_undoes_itself_alone(void **state)
{
	struct fixture *f = *state;
	struct domain_row d;
	struct snap s;

	must_write(f, nested, NULL);
	assert_int_equal(domains(f), 2);
	s = must_snap(f);
	assert_int_equal(domain_by_name(s.db, "inner.test", &f->a, &d, NULL), ERR_NOT_FOUND);
	snap_end(&s);
}

static void a_snapshot_does_not_change(void **state)
{
	struct fixture *f = *state;
	struct snap s = must_snap(f);
	int64_t n;

	must_write(f, add_domain, late);
	assert_int_equal(domain_count(s.db, "", &n, NULL), ERR_OK);
	assert_int_equal(n, 0);
	snap_end(&s);
	assert_int_equal(domains(f), 1);
}

static void a_snapshot_refuses_changes(void **state)
{
	struct fixture *f = *state;
	struct snap s = must_snap(f);
	struct domain_row d = { .id = 1, .name = "x.test" };
	struct err err = { 0 };
	int64_t g;

	assert_int_equal(domain_add(s.db, &d, &err), ERR_BUG);
	assert_int_equal(domain_save(s.db, &d, &err), ERR_BUG);
	assert_int_equal(generation_next(s.db, &g, &err), ERR_BUG);
	snap_end(&s);
}

static void readers_are_bounded(void **state)
{
	struct fixture *f = *state;
	struct snap s[64], more;
	int i;

	for (i = 0; i < 64; i++)
		s[i] = must_snap(f);
	assert_int_equal(store_snap(f->st, &more, NULL), ERR_BUSY);
	snap_end(&more);
	for (i = 0; i < 64; i++)
		snap_end(&s[i]);
	assert_int_equal(domains(f), 0);
}

static void posted(void *arg, enum err_code code, const struct err *err)
{
	(void)err;
	*(int *)arg = code == ERR_OK ? 1 : 2;
}

static enum err_code post_one(struct txn *t, void *arg, struct err *err)
{
	(void)arg;
	return add_domain(t, posted_name, err);
}

static void a_posted_change_is_written_before_the_next_one(void **state)
{
	struct fixture *f = *state;
	int done = 0;

	assert_int_equal(store_post(f->st, post_one, posted, &done, NULL), ERR_OK);
	must_write(f, add_domain, after);
	assert_int_equal(done, 1);
	assert_int_equal(domains(f), 2);
}

static void *writes_ten(void *arg)
{
	struct fixture *f = arg;
	char name[40];
	int i;

	for (i = 0; i < 10; i++) {
		snprintf(name, sizeof(name), "t%lu-%d.test", (unsigned long)pthread_self(), i);
		if (store_write(f->st, add_domain, name, NULL) != ERR_OK || domains(f) < 1)
			return f;
	}
	return NULL;
}

static void threads_write_and_read_at_once(void **state)
{
	struct fixture *f = *state;
	pthread_t t[6];
	void *bad;
	int i;

	for (i = 0; i < 6; i++)
		assert_int_equal(pthread_create(&t[i], NULL, writes_ten, f), 0);
	for (i = 0; i < 6; i++) {
		pthread_join(t[i], &bad);
		assert_null(bad);
	}
	assert_int_equal(domains(f), 60);
}

static enum err_code ids(struct txn *t, void *arg, struct err *err)
{
	int64_t *out = arg;

	return db_id(t->db, out, err);
}

static enum err_code id_then_refuse(struct txn *t, void *arg, struct err *err)
{
	enum err_code code = ids(t, arg, err);

	return code == ERR_OK ? err_set(err, ERR_INPUT, "refused") : code;
}

static void ids_are_never_given_twice(void **state)
{
	struct fixture *f = *state;
	int64_t last = 0, id, lost;
	int i;

	for (i = 0; i < 200; i++) {
		if (i % 7 == 0)
			assert_int_equal(store_write(f->st, id_then_refuse, &lost, NULL), ERR_INPUT);
		must_write(f, ids, &id);
		assert_true(id > last);
		last = id;
	}
	fixture_reopen(f);
	must_write(f, ids, &id);
	assert_true(id > last);
}

/* Another program holds the write lock for a moment: the write waits and goes through. */
static void a_short_foreign_lock_is_waited_for(void **state)
{
	struct fixture *f = *state;
	sqlite3 *other;
	int done = 0;

	assert_int_equal(sqlite3_open(f->db, &other), SQLITE_OK);
	assert_int_equal(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(store_post(f->st, post_one, posted, &done, NULL), ERR_OK);
	assert_int_equal(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
	must_write(f, add_domain, after);
	assert_int_equal(done, 1);
	sqlite3_close(other);
}

static void a_backup_is_whole_and_private(void **state)
{
	struct fixture *f = *state;
	char to[128];
	struct stat st;
	struct err err = { 0 };
	sqlite3 *copy;
	sqlite3_stmt *q;

	must_write(f, add_domain, one);
	snprintf(to, sizeof(to), "%s/copy.db", f->dir);
	assert_int_equal(store_backup(f->st, to, &err), ERR_OK);
	assert_int_equal(stat(to, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_int_equal(sqlite3_open(to, &copy), SQLITE_OK);
	assert_int_equal(sqlite3_prepare_v2(copy, "SELECT COUNT(*) FROM domains", -1, &q, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_step(q), SQLITE_ROW);
	assert_int_equal(sqlite3_column_int(q, 0), 1);
	sqlite3_finalize(q);
	sqlite3_close(copy);
	assert_int_equal(store_backup(f->st, to, &err), ERR_CONFLICT);
	assert_int_equal(domains(f), 1);
}

static void the_files_are_private(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	assert_int_equal(stat(f->db, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void bad_places_are_named(void **state)
{
	struct fixture *f = *state;
	struct store_conf conf = { .path = "/nowhere/rekey.db", .key_file = f->key, .create = true };
	struct store *st = NULL;
	struct err err = { 0 };

	assert_int_equal(store_open(&conf, &st, &err), ERR_IO);
	assert_non_null(strstr(err.text, "/nowhere/rekey.db"));
	conf.create = false;
	assert_int_equal(store_open(&conf, &st, &err), ERR_IO);
	assert_non_null(strstr(err.text, "rekeyd init"));
	conf.path = f->key; /* a file that is no database */
	assert_int_equal(store_open(&conf, &st, &err), ERR_IO);
	assert_non_null(strstr(err.text, "no database"));
	conf.path = f->db;
	conf.key_file = "/nowhere/rekey.key";
	assert_int_equal(store_open(&conf, &st, &err), ERR_IO);
	assert_non_null(strstr(err.text, "/nowhere/rekey.key"));
}

static void a_newer_or_other_database_is_refused(void **state)
{
	struct fixture *f = *state;
	struct store_conf conf = { .path = f->db, .key_file = f->key };
	struct store *st = NULL;
	struct err err = { 0 };
	sqlite3 *other;

	store_close(f->st);
	f->st = NULL;
	assert_int_equal(sqlite3_open(f->db, &other), SQLITE_OK);
	sqlite3_exec(other, "INSERT INTO versions VALUES (9000, '9000_later', '', 0)", NULL, NULL, NULL);
	assert_int_equal(store_open(&conf, &st, &err), ERR_UNSUPPORTED);
	assert_non_null(strstr(err.text, "9000_later"));
	sqlite3_exec(
		other, "DELETE FROM versions WHERE version = 9000; UPDATE versions SET hash = 'x'", NULL, NULL, NULL);
	assert_int_equal(store_open(&conf, &st, &err), ERR_UNSUPPORTED);
	assert_non_null(strstr(err.text, "0001_base"));
	sqlite3_close(other);
}

static enum err_code open_and_write(struct fixture *f)
{
	struct store_conf conf = { .path = f->db, .key_file = f->key };
	struct store *st = NULL;
	enum err_code code = store_open(&conf, &st, NULL);

	if (code == ERR_OK)
		code = store_write(st, add_domain, mem, NULL);
	store_close(st);
	return code;
}

/* Every allocation of opening, writing and closing fails once: no crash, no leak, and the row is there or not. */
static void no_allocation_may_fail_badly(void **state)
{
	struct fixture *f = *state;
	unsigned long n;

	store_close(f->st);
	f->st = NULL;
	for (n = 1; n < 200; n++) {
		enum err_code code;

		mem_fail_from(n);
		code = open_and_write(f);
		mem_fail_from(0);
		if (code == ERR_OK)
			break;
		assert_int_equal(code, ERR_NOMEM);
	}
	assert_in_range(n, 5, 199);
	fixture_reopen(f);
	assert_int_equal(domains(f), 1);
}

/* Every block of SQL is taken by SQLite. */
static void every_block_prepares(void **state)
{
	struct fixture *f = *state;
	sqlite3 *db;
	size_t i;

	assert_int_equal(sqlite3_open(f->db, &db), SQLITE_OK);
	for (i = 0; i < sql_block_count; i++) {
		sqlite3_stmt *q = NULL;

		if (sql_blocks[i].engine[0] != '\0' && strcmp(sql_blocks[i].engine, "sqlite") != 0)
			continue;
		if (sqlite3_prepare_v2(db, sql_blocks[i].text, -1, &q, NULL) != SQLITE_OK)
			fail_msg("%s: %s", sql_blocks[i].name, sqlite3_errmsg(db));
		assert_int_equal(sqlite3_bind_parameter_count(q), sql_blocks[i].nparams);
		sqlite3_finalize(q);
	}
	sqlite3_close(db);
	assert_true(sql_block_count > 100);
}

#define T(fn) cmocka_unit_test_setup_teardown(fn, fixture_open, fixture_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_write_is_there_after_reopening),
		T(a_refused_function_changes_nothing),
		T(a_conflict_has_a_sentence_without_sql),
		T(many_writes_share_commits_and_fail_alone),
		T(every_failing_operation_leaves_all_or_nothing),
		T(soft_failures_are_repeated),
		T(a_write_within_a_write_is_refused),
		T(no_effect_leaves_before_its_commit),
		T(a_nested_failure_undoes_itself_alone),
		T(a_snapshot_does_not_change),
		T(a_snapshot_refuses_changes),
		T(readers_are_bounded),
		T(a_posted_change_is_written_before_the_next_one),
		T(threads_write_and_read_at_once),
		T(ids_are_never_given_twice),
		T(a_short_foreign_lock_is_waited_for),
		T(a_backup_is_whole_and_private),
		T(the_files_are_private),
		T(bad_places_are_named),
		T(a_newer_or_other_database_is_refused),
		T(no_allocation_may_fail_badly),
		T(every_block_prepares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
