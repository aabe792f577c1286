#include "provisioning/registrar/aliases.h"

#include <string.h>

#include "provisioning/registrar/file.h"

static const char *column(sqlite3_stmt *st, int i)
{
	return (const char *)sqlite3_column_text(st, i);
}

static bool same(sqlite3_stmt *st, const struct alias *a)
{
	return strcmp(column(st, 0), a->name) == 0 && (sqlite3_column_int(st, 1) != 0) == a->number &&
	       strcmp(column(st, 2), a->domain) == 0 && strcmp(column(st, 3), a->device) == 0 &&
	       strcmp(column(st, 4), a->owner) == 0;
}

/* Does the statement give exactly these, in this order? */
static enum err_code compare(
	struct file *f, sqlite3_stmt *st, const struct alias_list *wanted, bool *equal, struct err *err)
{
	size_t i = 0;
	int code;

	*equal = true;
	while ((code = sqlite3_step(st)) == SQLITE_ROW && *equal) {
		*equal = i < wanted->n && same(st, &wanted->v[i]);
		i++;
	}
	file_done(st);
	*equal = *equal && i == wanted->n;
	return code == SQLITE_ROW || code == SQLITE_DONE ? ERR_OK : file_fail(f, "its numbers cannot be read", err);
}

static sqlite3_stmt *of_owner(struct file *f, enum file_statement which, const char *owner)
{
	sqlite3_stmt *st = file_statement(f, which);

	file_bind_text(st, ":owner", owner, strlen(owner));
	return st;
}

/* A number that somebody else had until now leads away from him first: it must not ring both. */
static enum err_code add(struct file *f, const struct alias *a, struct err *err)
{
	sqlite3_stmt *st = of_owner(f, FILE_ALIAS_TAKE, a->owner);
	bool took = true;

	file_bind_text(st, ":name", a->name, strlen(a->name));
	if (a->number)
		took = file_step(st) == SQLITE_DONE;
	else
		file_done(st);
	st = of_owner(f, FILE_ALIAS_ADD, a->owner);
	file_bind_text(st, ":name", a->name, strlen(a->name));
	file_bind_text(st, ":domain", a->domain, strlen(a->domain));
	file_bind_text(st, ":device", a->device, strlen(a->device));
	file_bind_number(st, ":number", a->number);
	return file_step(st) == SQLITE_DONE && took ? ERR_OK : file_fail(f, "a number cannot be written", err);
}

static enum err_code add_all(struct file *f, const struct alias_list *list, struct err *err)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0; !rc && i < list->n; i++)
		rc = add(f, &list->v[i], err);
	return rc;
}

enum err_code aliases_set(struct file *f, const char *owner, const struct alias_list *wanted, struct err *err)
{
	enum err_code rc = file_begin(f, err);
	bool equal = false;

	if (rc)
		return rc;
	rc = compare(f, of_owner(f, FILE_ALIAS_OF, owner), wanted, &equal, err);
	if (!rc && !equal && file_step(of_owner(f, FILE_ALIAS_DROP, owner)) != SQLITE_DONE)
		rc = file_fail(f, "a number cannot be removed", err);
	if (!rc && !equal)
		rc = add_all(f, wanted, err);
	return file_end(f, rc, err);
}

enum err_code aliases_sync(struct file *f, const struct alias_list *wanted, bool *differed, struct err *err)
{
	enum err_code rc = file_begin(f, err);
	bool equal = false;

	*differed = false;
	if (rc)
		return rc;
	rc = compare(f, file_statement(f, FILE_ALIAS_ALL), wanted, &equal, err);
	if (!rc && !equal && file_step(file_statement(f, FILE_ALIAS_CLEAR)) != SQLITE_DONE)
		rc = file_fail(f, "its numbers cannot be cleared", err);
	if (!rc && !equal)
		rc = add_all(f, wanted, err);
	*differed = !rc && !equal;
	return file_end(f, rc, err);
}
