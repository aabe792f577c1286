#include "provisioning/registrar/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "phonecfg/base/mem.h"

enum { BUSY_MS = 4000 };

/* version: Kamailio's modules ask for the version of each table that they read. The rows of `service` are Rekey's own.
 * aliases: a called name, and the device that it rings; owner is the user that both belong to. Kamailio sees it as two
 * tables: numbers are looked for by name alone, extensions only in their own domain. */
static const char schema[] = //
	"CREATE TABLE IF NOT EXISTS version (id INTEGER PRIMARY KEY, table_name TEXT NOT NULL UNIQUE,"
	" table_version INTEGER NOT NULL);"
	"INSERT OR IGNORE INTO version (table_name, table_version) VALUES ('version', 1), ('subscriber', 7),"
	" ('dbaliases', 1), ('dbdevices', 1);"
	"CREATE TABLE IF NOT EXISTS subscriber (id INTEGER PRIMARY KEY, username TEXT NOT NULL, domain TEXT NOT NULL,"
	" realm TEXT NOT NULL, ha1 TEXT NOT NULL, ha1b TEXT NOT NULL DEFAULT '', password TEXT NOT NULL DEFAULT '',"
	" revision INTEGER NOT NULL, service INTEGER NOT NULL DEFAULT 0,"
	" UNIQUE (username, domain), UNIQUE (realm, username));"
	"CREATE TABLE IF NOT EXISTS aliases (id INTEGER PRIMARY KEY, name TEXT NOT NULL, number INTEGER NOT NULL,"
	" domain TEXT NOT NULL, device TEXT NOT NULL, owner TEXT NOT NULL, UNIQUE (name, number, domain, device));"
	"CREATE INDEX IF NOT EXISTS aliases_owner ON aliases (owner);"
	"CREATE VIEW IF NOT EXISTS dbaliases AS SELECT id, name AS alias_username, domain AS alias_domain,"
	" device AS username, domain FROM aliases WHERE number = 1;"
	"CREATE VIEW IF NOT EXISTS dbdevices AS SELECT id, name AS alias_username, domain AS alias_domain,"
	" device AS username, domain FROM aliases WHERE number = 0;";

static const char *const sql[FILE_STATEMENTS] = {
	[FILE_SUBSCRIBER_SET] =
		"INSERT INTO subscriber (username, domain, realm, ha1, revision, service)"
		" VALUES (:user, :domain, :realm, :ha1, :revision, :service)"
		" ON CONFLICT (username, domain) DO UPDATE SET realm = excluded.realm, ha1 = excluded.ha1,"
		" revision = excluded.revision, service = excluded.service",
	[FILE_SUBSCRIBER_REVISION] = "SELECT revision FROM subscriber WHERE username = :user AND domain = :domain",
	[FILE_SUBSCRIBER_GET] = "SELECT username, domain, realm, ha1, revision FROM subscriber"
				" WHERE username = :user AND domain = :domain AND service = 0",
	[FILE_SUBSCRIBER_REMOVE] = "DELETE FROM subscriber WHERE username = :user AND domain = :domain AND service = 0",
	[FILE_SUBSCRIBER_ALL] = "SELECT username, domain, realm, ha1, revision FROM subscriber WHERE service = 0"
				" ORDER BY domain, username",
	[FILE_SUBSCRIBER_CLEAR] = "DELETE FROM subscriber WHERE service = 0",
	[FILE_ALIAS_OF] = "SELECT name, number, domain, device, owner FROM aliases WHERE owner = :owner"
			  " ORDER BY number, name, domain, device",
	[FILE_ALIAS_ADD] = "INSERT INTO aliases (name, number, domain, device, owner)"
			   " VALUES (:name, :number, :domain, :device, :owner)",
	[FILE_ALIAS_DROP] = "DELETE FROM aliases WHERE owner = :owner",
	[FILE_ALIAS_TAKE] = "DELETE FROM aliases WHERE name = :name AND number = 1 AND owner <> :owner",
	[FILE_ALIAS_ALL] = "SELECT name, number, domain, device, owner FROM aliases"
			   " ORDER BY owner, number, name, domain, device",
	[FILE_ALIAS_CLEAR] = "DELETE FROM aliases",
};

enum err_code file_fail(struct file *f, const char *what, struct err *err)
{
	int code = f->db ? sqlite3_errcode(f->db) : SQLITE_CANTOPEN;
	enum err_code rc = code == SQLITE_BUSY || code == SQLITE_LOCKED ? ERR_BUSY : ERR_IO;

	return err_set(err, rc, "The registrar's file %s: %s (%s).", f->path, what,
		f->db ? sqlite3_errmsg(f->db) : "cannot be opened");
}

static enum err_code run(struct file *f, const char *text, struct err *err)
{
	return sqlite3_exec(f->db, text, NULL, NULL, NULL) == SQLITE_OK ? ERR_OK
									: file_fail(f, "a statement failed", err);
}

/* The file must be the one that we opened: writing into a deleted one would look like success. */
static enum err_code check_same(struct file *f, struct err *err)
{
	struct stat st;

	if (stat(f->path, &st) == 0 && st.st_ino == f->inode && st.st_dev == f->device)
		return ERR_OK;
	return err_set(err, ERR_IO,
		"The registrar's file %s was removed or replaced while in use; restart rekeyd, which writes it anew.",
		f->path);
}

/* ---- open, close ---- */

static enum err_code open_once(struct file *f, struct err *err)
{
	int persist = 1, fd = open(f->path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	struct stat st;
	enum err_code rc;

	if (fd < 0)
		return err_set(err, ERR_IO, "Cannot open %s (%s); check that its directory exists and is writable.",
			f->path, strerror(errno));
	(void)fchmod(fd, 0640); /* whatever the umask; the log and its index inherit it */
	if (fstat(fd, &st) == 0) {
		f->inode = st.st_ino;
		f->device = st.st_dev;
	}
	close(fd);
	if (sqlite3_open_v2(f->path, &f->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		return file_fail(f, "cannot be opened", err);
	(void)sqlite3_busy_timeout(f->db, BUSY_MS);
	(void)sqlite3_file_control(f->db, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
	rc = run(f, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;", err);
	if (!rc)
		rc = run(f, schema, err);
	for (int i = 0; !rc && i < FILE_STATEMENTS; i++)
		if (sqlite3_prepare_v3(f->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &f->st[i], NULL) != SQLITE_OK)
			rc = file_fail(f, "its tables are not Rekey's", err);
	return rc;
}

static void shut(struct file *f)
{
	for (int i = 0; i < FILE_STATEMENTS; i++) {
		(void)sqlite3_finalize(f->st[i]);
		f->st[i] = NULL;
	}
	(void)sqlite3_close(f->db);
	f->db = NULL;
}

static void set_aside(const struct file *f)
{
	static const char *const tails[] = { "", "-wal", "-shm" };
	char from[FILE_PATH_MAX + 8], to[FILE_PATH_MAX + 16];

	for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
		(void)snprintf(from, sizeof from, "%s%s", f->path, tails[i]);
		(void)snprintf(to, sizeof to, "%s.broken%s", f->path, tails[i]);
		(void)rename(from, to);
	}
}

static bool is_empty(struct file *f)
{
	bool empty = sqlite3_step(f->st[FILE_SUBSCRIBER_ALL]) != SQLITE_ROW;

	(void)sqlite3_reset(f->st[FILE_SUBSCRIBER_ALL]);
	return empty;
}

enum err_code file_open(const char *path, bool *fresh, struct file **out, struct err *err)
{
	struct file *f = mem_zalloc(sizeof *f);
	enum err_code rc;
	int code;

	if (!f)
		return err_set(err, ERR_NOMEM, "Out of memory while opening the registrar's file.");
	if ((size_t)snprintf(f->path, sizeof f->path, "%s", path) >= sizeof f->path) {
		mem_free(f);
		return err_set(err, ERR_INPUT, "The path of the registrar's file is too long.");
	}
	(void)pthread_mutex_init(&f->lock, NULL);
	rc = open_once(f, err);
	code = rc && f->db ? sqlite3_errcode(f->db) : SQLITE_OK;
	if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT || code == SQLITE_ERROR) {
		shut(f);
		set_aside(f);
		rc = open_once(f, err);
	}
	if (rc) {
		file_close(f);
		return rc;
	}
	*fresh = is_empty(f);
	*out = f;
	return ERR_OK;
}

void file_close(struct file *f)
{
	if (!f)
		return;
	shut(f);
	(void)pthread_mutex_destroy(&f->lock);
	mem_free(f);
}

/* ---- use ---- */

enum err_code file_lock(struct file *f, struct err *err)
{
	enum err_code rc;

	(void)pthread_mutex_lock(&f->lock);
	rc = check_same(f, err);
	if (rc)
		(void)pthread_mutex_unlock(&f->lock);
	return rc;
}

void file_unlock(struct file *f)
{
	(void)pthread_mutex_unlock(&f->lock);
}

enum err_code file_begin(struct file *f, struct err *err)
{
	enum err_code rc = file_lock(f, err);

	if (rc)
		return rc;
	rc = run(f, "BEGIN IMMEDIATE", err);
	if (rc)
		file_unlock(f);
	return rc;
}

enum err_code file_end(struct file *f, enum err_code rc, struct err *err)
{
	if (!rc)
		rc = run(f, "COMMIT", err);
	if (rc)
		(void)sqlite3_exec(f->db, "ROLLBACK", NULL, NULL, NULL);
	file_unlock(f);
	return rc;
}

sqlite3_stmt *file_statement(struct file *f, enum file_statement which)
{
	(void)sqlite3_reset(f->st[which]);
	return f->st[which];
}

void file_bind_text(sqlite3_stmt *st, const char *name, const char *p, size_t n)
{
	int i = sqlite3_bind_parameter_index(st, name);

	if (i)
		(void)sqlite3_bind_text(st, i, p, (int)n, SQLITE_STATIC);
}

void file_bind_number(sqlite3_stmt *st, const char *name, int64_t v)
{
	int i = sqlite3_bind_parameter_index(st, name);

	if (i)
		(void)sqlite3_bind_int64(st, i, v);
}

void file_done(sqlite3_stmt *st)
{
	(void)sqlite3_reset(st);
	(void)sqlite3_clear_bindings(st);
}

int file_step(sqlite3_stmt *st)
{
	int rc = sqlite3_step(st);

	file_done(st);
	return rc;
}
