/* File operations that stay where they are put.
 *
 * Every name is a single component below an open folder; "." and "..", a slash, an empty or an overlong name are
 * refused before the kernel sees them. No symbolic link is followed and no mount is crossed (openat2 with
 * RESOLVE_BENEATH, RESOLVE_NO_SYMLINKS and RESOLVE_NO_XDEV; where the kernel has no openat2, openat with O_NOFOLLOW and
 * a comparison of devices). Nothing but a regular file is ever opened for reading. What is swapped for a link in
 * between is caught by the kernel or renamed and deleted as the link that it is.
 *
 * Errors: ERR_NOT_FOUND there is no such name; ERR_CONFLICT something of another sort stands in its place; ERR_LIMIT;
 * ERR_NOMEM; ERR_IO everything else, with what the system said. Names in sentences are made harmless. */
#ifndef PROVISIONING_VOICEMAIL_TREE_H
#define PROVISIONING_VOICEMAIL_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "phonecfg/base/arena.h"
#include "phonecfg/base/buf.h"
#include "phonecfg/base/err.h"

enum {
	TREE_NAME_MAX = 255,
	TREE_LIST_MAX = 65536, /* names in a folder that is listed whole */
	TREE_DEPTH_MAX = 32    /* folders below each other that are deleted */
};

enum tree_kind { TREE_FILE, TREE_DIR, TREE_LINK, TREE_OTHER };

struct tree_entry {
	const char *name; /* any bytes */
	enum tree_kind kind;
};

/* The folder that the administrator named; this path alone may lead through links. */
enum err_code tree_root(const char *path, int *fd, struct err *err);
enum err_code tree_dir(int parent, const char *name, int *fd, struct err *err);
/* As tree_dir, made when it is not there: mode, group and, for root, owner are those of the parent. */
enum err_code tree_make_dir(int parent, const char *name, int *fd, struct err *err);
/* The same for a folder that is nobody else's: mode 0700, and on disk only when the parent is. */
enum err_code tree_make_private(int parent, const char *name, int *fd, struct err *err);
/* Closes and sets -1; -1 is allowed. */
void tree_close(int *fd);

/* All but "." and "..", in no order. */
enum err_code tree_list(int dir, struct arena *a, struct tree_entry **out, size_t *n, struct err *err);
/* ERR_OK and *st (nothing is followed), or ERR_NOT_FOUND. */
enum err_code tree_stat(int dir, const char *name, struct stat *st, struct err *err);

/* A regular file with one name, for reading: a second hard link means that it is somebody else's too. */
enum err_code tree_file(int dir, const char *name, int *fd, struct stat *st, struct err *err);
/* The whole of it, up to what fits into out. */
enum err_code tree_read(int dir, const char *name, struct buf *out, struct err *err);
/* Replaces or makes a file, whole or not at all, on disk when it returns. Mode, group and owner as tree_make_dir. */
enum err_code tree_put(int dir, const char *name, struct slice bytes, struct err *err);
/* An empty file, if there is none of that name; on disk when its folder is. */
enum err_code tree_touch(int dir, const char *name, struct err *err);
/* As tree_put from an open file, from its beginning; at most max bytes. */
enum err_code tree_copy(int from, int dir, const char *name, size_t max, struct err *err);

/* Never replaces: ERR_CONFLICT when the target is there. */
enum err_code tree_rename(int from, const char *name, int to, const char *as, struct err *err);
/* One name that is no folder. One that is not there is ERR_OK. */
enum err_code tree_unlink(int dir, const char *name, struct err *err);
/* A folder when it is empty; *gone: it is not there any more. */
enum err_code tree_remove_empty(int dir, const char *name, bool *gone, struct err *err);
/* A file or a folder with all that is in it; *n (may be NULL) counts what went. Goes on after a failure with what can
 * be deleted, and returns the first failure. One that is not there is ERR_OK. */
enum err_code tree_remove(int dir, const char *name, unsigned long *n, struct err *err);
/* What was changed in this folder is on disk. */
enum err_code tree_sync(int dir, struct err *err);

/* Before each system call that may fail: false when a test wants this one to. For this folder's files. */
bool tree_op(void);
/* The error that errno holds, for a step that the sentence "cannot <what> <name>" fits. */
enum err_code tree_error(const char *what, const char *name, struct err *err);

/* For tests: the n-th call from now (1 = the next one) and, unless once, every later one fails with this errno; 0
 * switches it off. */
void tree_fail_from(unsigned long n, int error, bool once);
unsigned long tree_op_count(void); /* since tree_fail_from() */
/* For tests: as on a kernel without openat2. */
void tree_without_openat2(bool yes);

#endif
