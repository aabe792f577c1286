/* The embedded engine: SQLite 3.40 in WAL mode. */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "phonecfg/base/mem.h"
#include "provisioning/store/ops.h"
#include "provisioning/store/scrub.h"

enum { BUSY_TIMEOUT_MS = 5000 };

/* The statements that frame every transaction, prepared once. */
enum frame { BEGIN_READ, BEGIN_WRITE, COMMIT, ROLLBACK, SAVEPOINT, RELEASE, ROLLBACK_TO, OTHERS, FRAME_COUNT };
static const char *const frame_text[FRAME_COUNT] = {
	[BEGIN_READ] = "BEGIN DEFERRED",
	[BEGIN_WRITE] = "BEGIN IMMEDIATE",
	[COMMIT] = "COMMIT",
	[ROLLBACK] = "ROLLBACK",
	[SAVEPOINT] = "SAVEPOINT s",
	[RELEASE] = "RELEASE s",
	[ROLLBACK_TO] = "ROLLBACK TO s",
	[OTHERS] = "PRAGMA data_version",
};

struct conn {
	sqlite3 *db;
	sqlite3_stmt *frame[FRAME_COUNT];
};

/* struct stmt is the sqlite3_stmt itself; the seam has its own name for it. */
static sqlite3_stmt *raw(struct stmt *s)
{
	return (sqlite3_stmt *)(void *)s;
}

static enum err_code classify(sqlite3 *db, int rc, struct err *err)
{
	const char *text = db ? sqlite3_errmsg(db) : sqlite3_errstr(rc);

	switch (rc & 0xff) {
	case SQLITE_OK:
	case SQLITE_ROW:
	case SQLITE_DONE:
		return ERR_OK;
	case SQLITE_CONSTRAINT:
		return err_set(err, ERR_CONFLICT, "this is in the way of something that is there already (%s)", text);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return err_set(err, ERR_BUSY, "the database is in use by another program; try again");
	case SQLITE_NOMEM:
		return err_set(err, ERR_NOMEM, "the database found no memory");
	case SQLITE_FULL:
		return err_set(err, ERR_IO, "the disk of the database is full; make room and try again");
	case SQLITE_READONLY:
	case SQLITE_PERM:
		return err_set(
			err, ERR_IO, "the database is not writable; check owner and mode of the file and its folder");
	case SQLITE_CANTOPEN:
		return err_set(err, ERR_IO,
			"it cannot be opened as a file; check its name, and owner and mode of the file and its folder");
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return err_set(err, ERR_IO, "the database file is damaged or no database (%s); restore a backup", text);
	case SQLITE_ERROR:
	case SQLITE_MISUSE:
	case SQLITE_RANGE:
		return err_set(err, ERR_BUG, "the database does not take a statement: %s", text);
	default:
		return err_set(err, ERR_IO, "the database failed: %s; check its disk", text);
	}
}

static enum err_code run_frame(struct conn *c, enum frame f, struct err *err)
{
	int rc = SQLITE_OK;

	if (c->frame[f] == NULL)
		rc = sqlite3_prepare_v3(c->db, frame_text[f], -1, SQLITE_PREPARE_PERSISTENT, &c->frame[f], NULL);
	if (rc == SQLITE_OK) {
		rc = sqlite3_step(c->frame[f]);
		if (rc != SQLITE_DONE && rc != SQLITE_ROW) {
			enum err_code code = classify(c->db, rc, err);

			sqlite3_reset(c->frame[f]);
			return code;
		}
		sqlite3_reset(c->frame[f]);
		return ERR_OK;
	}
	return classify(c->db, rc, err);
}

static void lite_close(struct conn *c)
{
	int f;

	for (f = 0; f < FRAME_COUNT; f++)
		sqlite3_finalize(c->frame[f]);
	sqlite3_close(c->db);
	mem_free(c);
}

static enum err_code lite_exec(struct conn *c, const char *text, struct err *err)
{
	return classify(c->db, sqlite3_exec(c->db, text, NULL, NULL, NULL), err);
}

/* SQLite would make the file readable for all; passwords stand in it, sealed or not. */
static enum err_code make_private(const char *path, struct err *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return err_set(err, ERR_IO,
			"cannot make the database %s: %s; check that its folder exists and is writable", path,
			strerror(errno));
	close(fd);
	return ERR_OK;
}

/* What SQLite counts of its memory costs one lock of the whole process per allocation, and nobody asks for it. */
static void count_nothing(void)
{
	sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0); /* refused, harmlessly, where SQLite is in use already */
}

static enum err_code lite_open(const char *path, enum conn_mode mode, struct conn **out, struct err *err)
{
	/* secure_delete overwrites what is deleted. Autocheckpoint keeps the log near 4 MB. */
	static const char common[] = "PRAGMA foreign_keys=ON; PRAGMA temp_store=MEMORY; PRAGMA trusted_schema=OFF;"
				     "PRAGMA cache_size=-2000;";
	static const char writer[] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
				     "PRAGMA cache_size=-16000;";
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	int flags = mode == CONN_READ ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;
	struct err why = { 0 };
	struct conn *c;
	int rc;

	pthread_once(&once, count_nothing);
	if (mode == CONN_CREATE && make_private(path, err) != ERR_OK)
		return ERR_IO;
	c = mem_zalloc(sizeof(*c));
	if (c == NULL)
		return err_set(err, ERR_NOMEM, "no memory to open the database %s", path);
	rc = sqlite3_open_v2(path, &c->db, flags | SQLITE_OPEN_NOMUTEX, NULL);
	if (rc == SQLITE_OK) {
		sqlite3_extended_result_codes(c->db, 1);
		sqlite3_busy_timeout(c->db, BUSY_TIMEOUT_MS);
		rc = sqlite3_exec(c->db, common, NULL, NULL, NULL);
	}
	/* SQLite opens a file that it may only read without a word. */
	if (rc == SQLITE_OK && mode != CONN_READ && sqlite3_db_readonly(c->db, "main") == 1)
		rc = SQLITE_READONLY;
	if (rc == SQLITE_OK && mode != CONN_READ)
		rc = sqlite3_exec(c->db, writer, NULL, NULL, NULL);
	if (rc == SQLITE_OK && mode != CONN_READ)
		rc = scrub_install(c->db);
	if (rc == SQLITE_OK) {
		*out = c;
		return ERR_OK;
	}
	classify(c->db, rc, &why);
	lite_close(c);
	if (why.code == ERR_IO && access(path, F_OK) != 0)
		return err_set(err, ERR_IO, "there is no database %s; make one with `rekeyd init`", path);
	return err_set(err, why.code, "cannot open the database %s: %s", path, why.text);
}

/* SQLite numbers $1, $2 by first appearance, not by the digit: a text whose digits are in another order would get its
 * values mixed up. embed.sh numbers by first appearance; a text that does not is refused here, so that $n is number n.
 */
static bool numbered(sqlite3_stmt *s)
{
	int i, n = sqlite3_bind_parameter_count(s);
	char want[16];

	for (i = 1; i <= n; i++) {
		const char *name = sqlite3_bind_parameter_name(s, i);

		snprintf(want, sizeof(want), "$%d", i);
		if (name == NULL || strcmp(name, want) != 0)
			return false;
	}
	return true;
}

static enum err_code lite_prepare(struct conn *c, const char *text, struct stmt **out, struct err *err)
{
	sqlite3_stmt *s = NULL;
	int rc = sqlite3_prepare_v3(c->db, text, -1, SQLITE_PREPARE_PERSISTENT, &s, NULL);

	if (rc != SQLITE_OK)
		return classify(c->db, rc, err);
	if (!numbered(s)) {
		sqlite3_finalize(s);
		return err_set(err, ERR_BUG, "the parameters are not numbered by first appearance");
	}
	*out = (struct stmt *)(void *)s;
	return ERR_OK;
}

static void lite_finalize(struct stmt *s)
{
	sqlite3_finalize(raw(s));
}

static enum err_code bound(int rc)
{
	return rc == SQLITE_OK ? ERR_OK : rc == SQLITE_NOMEM ? ERR_NOMEM : ERR_BUG;
}

static enum err_code lite_bind_int(struct stmt *s, unsigned n, int64_t v)
{
	return bound(sqlite3_bind_int64(raw(s), (int)n, v));
}

static enum err_code lite_bind_text(struct stmt *s, unsigned n, struct slice v)
{
	return bound(sqlite3_bind_text64(raw(s), (int)n, v.p ? v.p : "", v.n, SQLITE_STATIC, SQLITE_UTF8));
}

static enum err_code lite_bind_blob(struct stmt *s, unsigned n, struct slice v)
{
	return bound(sqlite3_bind_blob64(raw(s), (int)n, v.p ? v.p : "", v.n, SQLITE_STATIC));
}

static enum err_code lite_bind_null(struct stmt *s, unsigned n)
{
	return bound(sqlite3_bind_null(raw(s), (int)n));
}

static enum err_code lite_step(struct stmt *s, bool *row, struct err *err)
{
	int rc = sqlite3_step(raw(s));

	*row = rc == SQLITE_ROW;
	return classify(sqlite3_db_handle(raw(s)), rc, err);
}

static void lite_reset(struct stmt *s)
{
	sqlite3_reset(raw(s));
	sqlite3_clear_bindings(raw(s));
}

static unsigned lite_columns(struct stmt *s)
{
	return (unsigned)sqlite3_column_count(raw(s));
}

static const char *lite_column_name(struct stmt *s, unsigned i)
{
	return sqlite3_column_name(raw(s), (int)i);
}

static bool lite_column_null(struct stmt *s, unsigned i)
{
	return sqlite3_column_type(raw(s), (int)i) == SQLITE_NULL;
}

static int64_t lite_column_int(struct stmt *s, unsigned i)
{
	return sqlite3_column_int64(raw(s), (int)i);
}

static struct slice lite_column_bytes(struct stmt *s, unsigned i)
{
	const void *p = sqlite3_column_blob(raw(s), (int)i);

	return (struct slice){ p ? p : "", p ? (size_t)sqlite3_column_bytes(raw(s), (int)i) : 0 };
}

static int64_t lite_changes(struct conn *c)
{
	return sqlite3_changes64(c->db);
}

static int64_t lite_changed(struct conn *c)
{
	return sqlite3_total_changes64(c->db);
}

static enum err_code lite_begin(struct conn *c, bool write, struct err *err)
{
	return run_frame(c, write ? BEGIN_WRITE : BEGIN_READ, err);
}

static enum err_code lite_savepoint(struct conn *c, struct err *err)
{
	return run_frame(c, SAVEPOINT, err);
}

static enum err_code lite_release(struct conn *c, struct err *err)
{
	return run_frame(c, RELEASE, err);
}

static void lite_rollback_to(struct conn *c)
{
	run_frame(c, ROLLBACK_TO, NULL);
	run_frame(c, RELEASE, NULL);
}

static enum err_code lite_commit(struct conn *c, struct err *err)
{
	return run_frame(c, COMMIT, err);
}

static void lite_rollback(struct conn *c)
{
	if (!sqlite3_get_autocommit(c->db))
		run_frame(c, ROLLBACK, NULL);
}

static bool lite_in_transaction(struct conn *c)
{
	return !sqlite3_get_autocommit(c->db);
}

/* The head of the index of the write-ahead log (WAL-index format, https://sqlite.org/walformat.html): its third word is
 * incremented by each commit, whoever makes it. */
enum { WAL_INDEX_REGION = 32768, WAL_INDEX_COMMITS = 2 };

static const uint32_t *lite_commits(struct conn *c)
{
	sqlite3_file *f = NULL;
	volatile void *head = NULL;

	if (sqlite3_file_control(c->db, "main", SQLITE_FCNTL_FILE_POINTER, &f) != SQLITE_OK || f == NULL ||
		f->pMethods == NULL || f->pMethods->iVersion < 2 ||
		f->pMethods->xShmMap(f, 0, WAL_INDEX_REGION, 0, &head) != SQLITE_OK || head == NULL)
		return NULL;
	return (const uint32_t *)(uintptr_t)head + WAL_INDEX_COMMITS;
}

static enum err_code lite_others(struct conn *c, int64_t *out, struct err *err)
{
	sqlite3_stmt **s = &c->frame[OTHERS];
	int rc = SQLITE_OK;

	if (*s == NULL)
		rc = sqlite3_prepare_v3(c->db, frame_text[OTHERS], -1, SQLITE_PREPARE_PERSISTENT, s, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(*s);
	if (rc == SQLITE_ROW)
		*out = sqlite3_column_int64(*s, 0);
	sqlite3_reset(*s);
	return classify(c->db, rc, err);
}

static enum err_code lite_checkpoint(struct conn *c, struct err *err)
{
	int rc;

	/* The caller repeats; the writer thread must not sit here while a reader takes its time. */
	sqlite3_busy_timeout(c->db, 20);
	rc = sqlite3_wal_checkpoint_v2(c->db, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	sqlite3_busy_timeout(c->db, BUSY_TIMEOUT_MS);
	return classify(c->db, rc, err);
}

static enum err_code lite_backup(struct conn *c, const char *to, struct err *err)
{
	sqlite3_stmt *s = NULL;
	struct err why = { 0 };
	int fd = open(to, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int rc;

	if (fd < 0 && errno == EEXIST)
		return err_set(err, ERR_CONFLICT, "%s exists already; give a new name for the backup", to);
	if (fd < 0)
		return err_set(err, ERR_IO, "cannot write the backup %s: %s", to, strerror(errno));
	close(fd);
	rc = sqlite3_prepare_v2(c->db, "VACUUM INTO ?", -1, &s, NULL);
	if (rc == SQLITE_OK)
		rc = sqlite3_bind_text(s, 1, to, -1, SQLITE_STATIC);
	if (rc == SQLITE_OK)
		rc = sqlite3_step(s);
	classify(c->db, rc, &why);
	sqlite3_finalize(s);
	if (why.code == ERR_OK)
		return ERR_OK;
	unlink(to);
	return err_set(err, why.code, "cannot write the backup %s: %s", to, why.text);
}

const struct store_ops sqlite_ops = {
	.name = "sqlite",
	.key_type = "INTEGER PRIMARY KEY NOT NULL", /* an alias of the row id: no second index */
	.open = lite_open,
	.close = lite_close,
	.exec = lite_exec,
	.prepare = lite_prepare,
	.finalize = lite_finalize,
	.bind_int = lite_bind_int,
	.bind_text = lite_bind_text,
	.bind_blob = lite_bind_blob,
	.bind_null = lite_bind_null,
	.step = lite_step,
	.reset = lite_reset,
	.columns = lite_columns,
	.column_name = lite_column_name,
	.column_null = lite_column_null,
	.column_int = lite_column_int,
	.column_bytes = lite_column_bytes,
	.changes = lite_changes,
	.changed = lite_changed,
	.begin = lite_begin,
	.savepoint = lite_savepoint,
	.release = lite_release,
	.rollback_to = lite_rollback_to,
	.commit = lite_commit,
	.rollback = lite_rollback,
	.in_transaction = lite_in_transaction,
	.commits = lite_commits,
	.others = lite_others,
	.checkpoint = lite_checkpoint,
	.backup = lite_backup,
};
