#include "provisioning/registrar/subscribers.h"

#include <string.h>

#include "phonecfg/base/map.h"
#include "provisioning/registrar/file.h"

static sqlite3_stmt *bound(struct file *f, enum file_statement which, const char *user, const char *domain)
{
	sqlite3_stmt *st = file_statement(f, which);

	file_bind_text(st, ":user", user, strlen(user));
	file_bind_text(st, ":domain", domain, strlen(domain));
	return st;
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

static enum err_code write_row(struct file *f, const struct credential *c, bool service, struct err *err)
{
	struct slice h = secret_reveal(&c->ha1);
	sqlite3_stmt *st = bound(f, FILE_SUBSCRIBER_SET, c->user, c->domain);
	int code;

	file_bind_text(st, ":realm", c->realm, strlen(c->realm));
	file_bind_text(st, ":ha1", h.p, h.n);
	file_bind_number(st, ":revision", c->revision);
	file_bind_number(st, ":service", service);
	code = file_step(st);
	if (code == SQLITE_DONE)
		return ERR_OK;
	if (code == SQLITE_CONSTRAINT)
		return err_set(err, ERR_CONFLICT,
			"Another domain already has the user %s in the realm %s; give the domains different realms.",
			c->user, c->realm);
	return file_fail(f, "a row cannot be written", err);
}

/* Revision that stands there, or -1. */
static int64_t current_revision(struct file *f, const char *user, const char *domain)
{
	sqlite3_stmt *st = bound(f, FILE_SUBSCRIBER_REVISION, user, domain);
	int64_t rev = sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int64(st, 0) : -1;

	file_done(st);
	return rev;
}

enum err_code subscribers_set(struct file *f, const struct credential *c, bool service, struct err *err)
{
	enum err_code rc = check_credential(c, err);

	if (!rc)
		rc = file_begin(f, err);
	if (rc)
		return rc;
	if (!service && current_revision(f, c->user, c->domain) > c->revision)
		rc = err_set(err, ERR_CONFLICT, "The registrar holds a newer secret of %s@%s than revision %lld.",
			c->user, c->domain, (long long)c->revision);
	else
		rc = write_row(f, c, service, err);
	return file_end(f, rc, err);
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

enum err_code subscribers_get(
	struct file *f, const char *user, const char *domain, struct arena *a, struct credential *out, struct err *err)
{
	enum err_code rc = file_lock(f, err);
	sqlite3_stmt *st;
	int code;

	if (rc)
		return rc;
	st = bound(f, FILE_SUBSCRIBER_GET, user, domain);
	code = sqlite3_step(st);
	if (code == SQLITE_ROW) {
		copy_row(st, a, out);
		rc = memory(a, err);
	} else if (code == SQLITE_DONE) {
		rc = err_set(err, ERR_NOT_FOUND, "The registrar does not know %s@%s.", user, domain);
	} else {
		rc = file_fail(f, "a row cannot be read", err);
	}
	file_done(st);
	file_unlock(f);
	return rc;
}

enum err_code subscribers_remove(
	struct file *f, const char *user, const char *domain, int64_t revision, struct err *err)
{
	enum err_code rc = file_begin(f, err);

	if (rc)
		return rc;
	if (current_revision(f, user, domain) > revision)
		rc = err_set(err, ERR_CONFLICT, "The registrar holds a newer secret of %s@%s than revision %lld.", user,
			domain, (long long)revision);
	else if (file_step(bound(f, FILE_SUBSCRIBER_REMOVE, user, domain)) != SQLITE_DONE)
		rc = file_fail(f, "a row cannot be removed", err);
	return file_end(f, rc, err);
}

static enum err_code read_all(struct file *f, struct arena *a, struct credential_list *out, struct err *err)
{
	sqlite3_stmt *st = file_statement(f, FILE_SUBSCRIBER_ALL);
	size_t cap = 0;
	int code;

	*out = (struct credential_list){ 0 };
	while ((code = sqlite3_step(st)) == SQLITE_ROW) {
		struct credential *c = arena_push(a, (void **)&out->v, &out->n, &cap, sizeof *c);

		if (!c)
			break;
		copy_row(st, a, c);
	}
	(void)sqlite3_reset(st);
	if (code != SQLITE_DONE && code != SQLITE_ROW)
		return file_fail(f, "its rows cannot be read", err);
	return memory(a, err);
}

enum err_code subscribers_all(struct file *f, struct arena *a, struct credential_list *out, struct err *err)
{
	enum err_code rc = file_lock(f, err);

	if (rc)
		return rc;
	rc = read_all(f, a, out, err);
	file_unlock(f);
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
	struct file *f, const struct credential_list *wanted, struct registrar_sync *out, struct err *err)
{
	enum err_code rc = ERR_OK;
	struct credential_list have;
	struct arena a;

	*out = (struct registrar_sync){ 0 };
	for (size_t i = 0; !rc && i < wanted->n; i++)
		rc = check_credential(&wanted->v[i], err);
	if (!rc)
		rc = file_begin(f, err);
	if (rc)
		return rc;
	arena_init(&a, 0);
	rc = read_all(f, &a, &have, err);
	if (!rc)
		rc = compare(&a, &have, wanted, out, err);
	if (!rc && (out->added || out->changed || out->removed)) {
		if (file_step(file_statement(f, FILE_SUBSCRIBER_CLEAR)) != SQLITE_DONE)
			rc = file_fail(f, "its rows cannot be cleared", err);
		for (size_t i = 0; !rc && i < wanted->n; i++)
			rc = write_row(f, &wanted->v[i], false, err);
	}
	arena_release(&a);
	return file_end(f, rc, err);
}
