/* The small SQLite file that the registrar reads, as its two users see it: subscribers.c (who may register) and
 * aliases.c (where a called number leads). A projection of the main store, in WAL so that a reader never waits for us,
 * and held open so that a reader never has to recover the log. Private to the folder. */
#ifndef PROVISIONING_REGISTRAR_FILE_H
#define PROVISIONING_REGISTRAR_FILE_H

#include <pthread.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "phonecfg/base/err.h"

enum file_statement {
	FILE_SUBSCRIBER_SET,
	FILE_SUBSCRIBER_REVISION,
	FILE_SUBSCRIBER_GET,
	FILE_SUBSCRIBER_REMOVE,
	FILE_SUBSCRIBER_ALL,
	FILE_SUBSCRIBER_CLEAR,
	FILE_ALIAS_OF,
	FILE_ALIAS_ADD,
	FILE_ALIAS_DROP,
	FILE_ALIAS_TAKE,
	FILE_ALIAS_ALL,
	FILE_ALIAS_CLEAR,
	FILE_STATEMENTS
};

enum { FILE_PATH_MAX = 1024 };

struct file {
	pthread_mutex_t lock;
	sqlite3 *db;
	sqlite3_stmt *st[FILE_STATEMENTS];
	char path[FILE_PATH_MAX];
	ino_t inode;
	dev_t device;
};

/* Makes the file (0640) when missing; one that SQLite cannot read is renamed to PATH.broken first. *fresh: nobody may
 * register by it. */
enum err_code file_open(const char *path, bool *fresh, struct file **out, struct err *err);
void file_close(struct file *f); /* NULL is allowed */

/* A change: between these two this thread alone uses the file. file_end commits, or undoes when rc is an error; returns
 * what came of it. */
enum err_code file_begin(struct file *f, struct err *err);
enum err_code file_end(struct file *f, enum err_code rc, struct err *err);
/* Reading. The file must be the one that was opened: a deleted one would look as if all were well. */
enum err_code file_lock(struct file *f, struct err *err);
void file_unlock(struct file *f);

/* The statement, ready to bind. */
sqlite3_stmt *file_statement(struct file *f, enum file_statement which);
void file_bind_text(sqlite3_stmt *st, const char *name, const char *p, size_t n);
void file_bind_number(sqlite3_stmt *st, const char *name, int64_t v);
/* Steps once, then forgets what was bound: it points into the caller's memory. */
int file_step(sqlite3_stmt *st);
void file_done(sqlite3_stmt *st);
enum err_code file_fail(struct file *f, const char *what, struct err *err);

#endif
