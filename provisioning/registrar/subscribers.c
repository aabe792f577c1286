#include "provisioning/registrar/subscribers.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "phonecfg/base/map.h"
#include "phonecfg/base/mem.h"

enum { BUSY_MS = 4000, PATH_MAX_BYTES = 1024 };

enum statement { SET, CURRENT, GET, REMOVE, ALL, CLEAR, STATEMENTS };

/* version: auth_db asks for version 7 of its table. The rows of `service` are Rekey's own. */
static const char schema[] = //
	"CREATE TABLE IF NOT EXISTS version (id INTEGER PRIMARY KEY, table_name TEXT NOT NULL UNIQUE,"
	" table_version INTEGER NOT NULL);"
	"INSERT OR IGNORE INTO version (table_name, table_version) VALUES ('version', 1), ('subscriber', 7);"
	"CREATE TABLE IF NOT EXISTS subscriber (id INTEGER PRIMARY KEY, username TEXT NOT NULL, domain TEXT NOT NULL,"
	" realm TEXT NOT NULL, ha1 TEXT NOT NULL, ha1b TEXT NOT NULL DEFAULT '', password TEXT NOT NULL DEFAULT '',"
	" revision INTEGER NOT NULL, service INTEGER NOT NULL DEFAULT 0,"
	" UNIQUE (username, domain), UNIQUE (realm, username));";

static const char *const sql[STATEMENTS] = {
	[SET] = "INSERT INTO subscriber (username, domain, realm, ha1, revision, service)"
		" VALUES (:user, :domain, :realm, :ha1, :revision, :service)"
		" ON CONFLICT (username, domain) DO UPDATE SET realm = excluded.realm, ha1 = excluded.ha1,"
		" revision = excluded.revision, service = excluded.service",
	[CURRENT] = "SELECT revision FROM subscriber WHERE username = :user AND domain = :domain",
	[GET] = "SELECT username, domain, realm, ha1, revision FROM subscriber"
		" WHERE username = :user AND domain = :domain AND service = 0",
	[REMOVE] = "DELETE FROM subscriber WHERE username = :user AND domain = :domain AND service = 0",
	[ALL] = "SELECT username, domain, realm, ha1, revision FROM subscriber WHERE service = 0"
		" ORDER BY domain, username",
	[CLEAR] = "DELETE FROM subscriber WHERE service = 0",
};

struct subscribers {
	pthread_mutex_t lock;
	sqlite3 *db;
	sqlite3_stmt *st[STATEMENTS];
	char path[PATH_MAX_BYTES];
	ino_t inode;
	dev_t device;
};

static enum err_code fail(struct subscribers *s, const char *what, struct err *err)
{
	int code = s->db ? sqlite3_errcode(s->db) : SQLITE_CANTOPEN;
	enum err_code rc = code == SQLITE_BUSY || code == SQLITE_LOCKED ? ERR_BUSY : ERR_IO;

	return err_set(err, rc, "The registrar's file %s: %s (%s).", s->path, what,
		s->db ? sqlite3_errmsg(s->db) : "cannot be opened");
}

static enum err_code run(struct subscribers *s, const char *text, struct err *err)
{
	return sqlite3_exec(s->db, text, NULL, NULL, NULL) == SQLITE_OK ? ERR_OK : fail(s, "a statement failed", err);
}

/* The file must be the one that we opened: writing into a deleted one would look like success. */
static enum err_code check_file(struct subscribers *s, struct err *err)
{
	struct stat st;

	if (stat(s->path, &st) == 0 && st.st_ino == s->inode && st.st_dev == s->device)
		return ERR_OK;
	return err_set(err, ERR_IO,
		"The registrar's file %s was removed or replaced while in use; restart rekeyd, which writes it anew.",
		s->path);
}

static enum err_code open_once(struct subscribers *s, struct err *err)
{
	int persist = 1, fd = open(s->path, O_RDWR | O_CREAT | O_CLOEXEC, 0640);
	struct stat st;
	enum err_code rc;

	if (fd < 0)
		return err_set(err, ERR_IO, "Cannot open %s (%s); check that its directory exists and is writable.",
			s->path, strerror(errno));
	(void)fchmod(fd, 0640); /* whatever the umask; the log and its index inherit it */
	if (fstat(fd, &st) == 0) {
		s->inode = st.st_ino;
		s->device = st.st_dev;
	}
	close(fd);
	if (sqlite3_open_v2(s->path, &s->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		return fail(s, "cannot be opened", err);
	(void)sqlite3_busy_timeout(s->db, BUSY_MS);
	(void)sqlite3_file_control(s->db, "main", SQLITE_FCNTL_PERSIST_WAL, &persist);
	rc = run(s, "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA secure_delete = ON;", err);
	if (!rc)
		rc = run(s, schema, err);
	for (int i = 0; !rc && i < STATEMENTS; i++)
		if (sqlite3_prepare_v3(s->db, sql[i], -1, SQLITE_PREPARE_PERSISTENT, &s->st[i], NULL) != SQLITE_OK)
			rc = fail(s, "its tables are not Rekey's", err);
	return rc;
}

static void shut(struct subscribers *s)
{
	for (int i = 0; i < STATEMENTS; i++) {
		(void)sqlite3_finalize(s->st[i]);
		s->st[i] = NULL;
	}
	(void)sqlite3_close(s->db);
	s->db = NULL;
}

static void set_aside(const struct subscribers *s)
{
	static const char *const tails[] = { "", "-wal", "-shm" };
	char from[PATH_MAX_BYTES + 8], to[PATH_MAX_BYTES + 16];

	for (size_t i = 0; i < sizeof tails / sizeof *tails; i++) {
		(void)snprintf(from, sizeof from, "%s%s", s->path, tails[i]);
		(void)snprintf(to, sizeof to, "%s.broken%s", s->path, tails[i]);
		(void)rename(from, to);
	}
}

static bool is_empty(struct subscribers *s)
{
	bool empty = sqlite3_step(s->st[ALL]) != SQLITE_ROW;

	(void)sqlite3_reset(s->st[ALL]);
	return empty;
}

enum err_code subscribers_open(const char *path, bool *fresh, struct subscribers **out, struct err *err)
{
	struct subscribers *s = mem_zalloc(sizeof *s);
	enum err_code rc;
	int code;

	if (!s)
		return err_set(err, ERR_NOMEM, "Out of memory while opening the registrar's file.");
	if ((size_t)snprintf(s->path, sizeof s->path, "%s", path) >= sizeof s->path) {
		mem_free(s);
		return err_set(err, ERR_INPUT, "The path of the registrar's file is too long.");
	}
	(void)pthread_mutex_init(&s->lock, NULL);
	rc = open_once(s, err);
	code = rc && s->db ? sqlite3_errcode(s->db) : SQLITE_OK;
	if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT || code == SQLITE_ERROR) {
		shut(s);
		set_aside(s);
		rc = open_once(s, err);
	}
	if (rc) {
		subscribers_close(s);
		return rc;
	}
	*fresh = is_empty(s);
	*out = s;
	return ERR_OK;
}

void subscribers_close(struct subscribers *s)
{
	if (!s)
		return;
	shut(s);
	(void)pthread_mutex_destroy(&s->lock);
	mem_free(s);
}

static void bind_text(sqlite3_stmt *st, const char *name, const char *p, size_t n)
{
	int i = sqlite3_bind_parameter_index(st, name);

	if (i)
		(void)sqlite3_bind_text(st, i, p, (int)n, SQLITE_STATIC);
}

static void bind_number(sqlite3_stmt *st, const char *name, int64_t v)
{
	int i = sqlite3_bind_parameter_index(st, name);

	if (i)
		(void)sqlite3_bind_int64(st, i, v);
}

static sqlite3_stmt *bound(struct subscribers *s, enum statement which, const char *user, const char *domain)
{
	sqlite3_stmt *st = s->st[which];

	(void)sqlite3_reset(st);
	bind_text(st, ":user", user, strlen(user));
	bind_text(st, ":domain", domain, strlen(domain));
	return st;
}

/* Bindings point into the caller's memory, among it ha1: forget them at once. */
static int step_done(sqlite3_stmt *st)
{
	int rc = sqlite3_step(st);

	(void)sqlite3_reset(st);
	(void)sqlite3_clear_bindings(st);
	return rc;
}

static enum err_code check_credential(const struct credential *c, struct err *err)
{
	struct slice h = secret_reveal(&c->ha1);

	if (!c->user || !*c->user || !c->domain || !*c->domain || !c->realm || !*c->realm)
		return err_set(err, ERR_INPUT, "A SIP identity needs a user, a domain and a realm.");
	if (h.n != REGISTRAR_HA1_TEXT - 1 || strspn(h.p, "0123456789abcdef") != h.n)
		return err_set(err, ERR_INPUT, "The ha1 of %s@%s must be 32 lower-case hexadecimal digits.", c->user,
			c->domain);
	return ERR_OK;
}

static enum err_code write_row(struct subscribers *s, const struct credential *c, bool service, struct err *err)
{
	struct slice h = secret_reveal(&c->ha1);
	sqlite3_stmt *st = bound(s, SET, c->user, c->domain);
	int code;

	bind_text(st, ":realm", c->realm, strlen(c->realm));
	bind_text(st, ":ha1", h.p, h.n);
	bind_number(st, ":revision", c->revision);
	bind_number(st, ":service", service);
	code = step_done(st);
	if (code == SQLITE_DONE)
		return ERR_OK;
	if (code == SQLITE_CONSTRAINT)
		return err_set(err, ERR_CONFLICT,
			"Another domain already has the user %s in the realm %s; give the domains different realms.",
			c->user, c->realm);
	return fail(s, "a row cannot be written", err);
}

/* Revision that stands there, or -1. */
static int64_t current_revision(struct subscribers *s, const char *user, const char *domain)
{
	sqlite3_stmt *st = bound(s, CURRENT, user, domain);
	int64_t rev = sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int64(st, 0) : -1;

	(void)sqlite3_reset(st);
	(void)sqlite3_clear_bindings(st);
	return rev;
}

static enum err_code begin(struct subscribers *s, struct err *err)
{
	enum err_code rc;

	(void)pthread_mutex_lock(&s->lock);
	rc = check_file(s, err);
	if (!rc)
		rc = run(s, "BEGIN IMMEDIATE", err);
	if (rc)
		(void)pthread_mutex_unlock(&s->lock);
	return rc;
}

static enum err_code end(struct subscribers *s, enum err_code rc, struct err *err)
{
	if (!rc)
		rc = run(s, "COMMIT", err);
	if (rc)
		(void)sqlite3_exec(s->db, "ROLLBACK", NULL, NULL, NULL);
	(void)pthread_mutex_unlock(&s->lock);
	return rc;
}

enum err_code subscribers_set(struct subscribers *s, const struct credential *c, bool service, struct err *err)
{
	enum err_code rc = check_credential(c, err);

	if (!rc)
		rc = begin(s, err);
	if (rc)
		return rc;
	if (!service && current_revision(s, c->user, c->domain) > c->revision)
		rc = err_set(err, ERR_CONFLICT, "The registrar holds a newer secret of %s@%s than revision %lld.",
			c->user, c->domain, (long long)c->revision);
	else
		rc = write_row(s, c, service, err);
	return end(s, rc, err);
}

static void copy_row(sqlite3_stmt *st, struct arena *a, struct credential *out)
{
	*out = (struct credential){
		.user = arena_strdup(a, (const char *)sqlite3_column_text(st, 0)),
		.domain = arena_strdup(a, (const char *)sqlite3_column_text(st, 1)),
		.realm = arena_strdup(a, (const char *)sqlite3_column_text(st, 2)),
		.ha1 = secret_copy(a, slice_str((const char *)sqlite3_column_text(st, 3))),
		.revision = sqlite3_column_int64(st, 4),
	};
}

static enum err_code memory(const struct arena *a, struct err *err)
{
	return arena_failed(a) ? err_set(err, ERR_NOMEM, "Out of memory while reading the registrar's file.") : ERR_OK;
}

enum err_code subscribers_get(struct subscribers *s, const char *user, const char *domain, struct arena *a,
	struct credential *out, struct err *err)
{
	enum err_code rc;
	sqlite3_stmt *st;
	int code;

	(void)pthread_mutex_lock(&s->lock);
	rc = check_file(s, err);
	if (!rc) {
		st = bound(s, GET, user, domain);
		code = sqlite3_step(st);
		if (code == SQLITE_ROW) {
			copy_row(st, a, out);
			rc = memory(a, err);
		} else if (code == SQLITE_DONE) {
			rc = err_set(err, ERR_NOT_FOUND, "The registrar does not know %s@%s.", user, domain);
		} else {
			rc = fail(s, "a row cannot be read", err);
		}
		(void)sqlite3_reset(st);
		(void)sqlite3_clear_bindings(st);
	}
	(void)pthread_mutex_unlock(&s->lock);
	return rc;
}

enum err_code subscribers_remove(
	struct subscribers *s, const char *user, const char *domain, int64_t revision, struct err *err)
{
	enum err_code rc = begin(s, err);

	if (rc)
		return rc;
	if (current_revision(s, user, domain) > revision)
		rc = err_set(err, ERR_CONFLICT, "The registrar holds a newer secret of %s@%s than revision %lld.", user,
			domain, (long long)revision);
	else if (step_done(bound(s, REMOVE, user, domain)) != SQLITE_DONE)
		rc = fail(s, "a row cannot be removed", err);
	return end(s, rc, err);
}

static enum err_code read_all(struct subscribers *s, struct arena *a, struct credential_list *out, struct err *err)
{
	sqlite3_stmt *st = s->st[ALL];
	size_t cap = 0;
	int code;

	*out = (struct credential_list){ 0 };
	(void)sqlite3_reset(st);
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		struct credential *c = arena_push(a, (void **)&out->v, &out->n, &cap, sizeof *c);

		if (!c)
			break;
		copy_row(st, a, c);
	}
	(void)sqlite3_reset(st);
	if (code != SQLITE_DONE && code != SQLITE_ROW)
		return fail(s, "its rows cannot be read", err);
	return memory(a, err);
}

enum err_code subscribers_all(struct subscribers *s, struct arena *a, struct credential_list *out, struct err *err)
{
	enum err_code rc;

	(void)pthread_mutex_lock(&s->lock);
	rc = check_file(s, err);
	if (!rc)
		rc = read_all(s, a, out, err);
	(void)pthread_mutex_unlock(&s->lock);
	return rc;
}

static bool same(const struct credential *a, const struct credential *b)
{
	return a->revision == b->revision && strcmp(a->realm, b->realm) == 0 && secret_eq(&a->ha1, &b->ha1);
}

/* Both lists become maps by "user@domain"; what differs is counted, then the table is written whole. */
static enum err_code compare(struct arena *a, const struct credential_list *have, const struct credential_list *wanted,
	struct registrar_sync *out, struct err *err)
{
	size_t found = 0;
	struct map m;

	map_init(&m, a);
	for (size_t i = 0; i < have->n; i++)
		(void)map_put(&m, arena_printf(a, "%s@%s", have->v[i].user, have->v[i].domain), &have->v[i]);
	for (size_t i = 0; i < wanted->n; i++) {
		const char *key = arena_printf(a, "%s@%s", wanted->v[i].user, wanted->v[i].domain);
		struct credential *old = key ? map_get(&m, key) : NULL;

		if (!old) {
			out->added++;
			continue;
		}
		found++;
		if (same(old, &wanted->v[i]))
			out->same++;
		else
			out->changed++;
	}
	out->removed = have->n - found;
	return memory(a, err);
}

enum err_code subscribers_sync(
	struct subscribers *s, const struct credential_list *wanted, struct registrar_sync *out, struct err *err)
{
	enum err_code rc = ERR_OK;
	struct credential_list have;
	struct arena a;

	*out = (struct registrar_sync){ 0 };
	for (size_t i = 0; !rc && i < wanted->n; i++)
		rc = check_credential(&wanted->v[i], err);
	if (!rc)
		rc = begin(s, err);
	if (rc)
		return rc;
	arena_init(&a, 0);
	rc = read_all(s, &a, &have, err);
	if (!rc)
		rc = compare(&a, &have, wanted, out, err);
	if (!rc && (out->added || out->changed || out->removed)) {
		if (step_done(s->st[CLEAR]) != SQLITE_DONE)
			rc = fail(s, "its rows cannot be cleared", err);
		for (size_t i = 0; !rc && i < wanted->n; i++)
			rc = write_row(s, &wanted->v[i], false, err);
	}
	arena_release(&a);
	return end(s, rc, err);
}
