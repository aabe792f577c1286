#include "provisioning/voicemail/tree.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "provisioning/conf/fault.h"
#include "provisioning/voicemail/tree_inside.h"

enum { SHOWN_MAX = 80 };

static atomic_ulong ops, failing;
static atomic_int failing_errno;
static atomic_bool failing_once, plain;
static atomic_bool no_openat2; /* the kernel has said so: it is not asked again */

void tree_fail_from(unsigned long n, int error, bool once)
{
	atomic_store(&failing, 0);
	atomic_store(&ops, 0);
	atomic_store(&failing_errno, error);
	atomic_store(&failing_once, once);
	atomic_store(&failing, n);
}

unsigned long tree_op_count(void)
{
	return atomic_load(&ops);
}

void tree_without_openat2(bool yes)
{
	atomic_store(&plain, yes);
}

bool tree_op(void)
{
	unsigned long n = atomic_fetch_add(&ops, 1) + 1, from = atomic_load(&failing);

	if (from == 0 || n < from || (n > from && atomic_load(&failing_once)))
		return true;
	errno = atomic_load(&failing_errno);
	return false;
}

/* A name as a sentence, a log line and a database can bear it. */
static const char *shown(const char *name, char out[SHOWN_MAX])
{
	size_t n = 0;

	for (; name && *name && n < SHOWN_MAX - 1; name++)
		out[n++] = *name < ' ' || *name == 0x7f || *name & 0x80 ? '?' : *name;
	out[n] = '\0';
	return out;
}

enum err_code tree_error(const char *what, const char *name, struct err *err)
{
	char text[SHOWN_MAX];
	int e = errno;

	shown(name, text);
	switch (e) {
	case ENOENT:
		return err_set(err, ERR_NOT_FOUND, "There is no %s on the voicemail's disk.", text);
	case ELOOP:
	case ENOTDIR:
		return err_set(err, ERR_CONFLICT,
			"%s on the voicemail's disk is a symbolic link or no folder, and nothing is followed; put a folder in its place.",
			text);
	case EEXIST:
	case ENOTEMPTY:
		return err_set(
			err, ERR_CONFLICT, "Cannot %s %s on the voicemail's disk: something stands there.", what, text);
	case EXDEV:
		return err_set(err, ERR_CONFLICT,
			"Cannot %s %s: another file system is mounted there; all of the voicemail must be on one.",
			what, text);
	case EACCES:
	case EPERM:
		return err_set(err, ERR_IO,
			"Cannot %s %s on the voicemail's disk: %s; rekeyd needs the rights of the PBX's group there.",
			what, text, strerror(e));
	default:
		return err_set(err, ERR_IO, "Cannot %s %s on the voicemail's disk: %s.", what, text, strerror(e));
	}
}

enum err_code tree_not_plain(const char *name, struct err *err)
{
	char text[SHOWN_MAX];

	return err_set(err, ERR_CONFLICT,
		"%s on the voicemail's disk is a link, a special file, a folder or has a second name, and is not read.",
		shown(name, text));
}

static bool one_name(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n <= TREE_NAME_MAX && strchr(name, '/') == NULL && strcmp(name, ".") != 0 &&
	       strcmp(name, "..") != 0;
}

static enum err_code check_name(const char *name, struct err *err)
{
	char text[SHOWN_MAX];

	return one_name(name) ? ERR_OK : err_set(err, ERR_BUG, "\"%s\" is not the name of a file.", shown(name, text));
}

void tree_close(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* ---- opening ---- */

/* Without openat2 a bind mount of the same device cannot be told from a folder; a mount of another one can. */
static int open_plain(int dir, const char *name, int flags)
{
	struct stat st, up;
	int fd = openat(dir, name, flags | O_NOFOLLOW);

	if (fd >= 0 && (fstat(fd, &st) || fstat(dir, &up) || st.st_dev != up.st_dev)) {
		close(fd);
		errno = EXDEV;
		return -1;
	}
	return fd;
}

int tree_open(int dir, const char *name, int flags)
{
	struct open_how how = { .flags = (uint64_t)(unsigned)(flags | O_NOFOLLOW),
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_XDEV };
	long fd;

	if (!tree_op())
		return -1;
	if (atomic_load(&plain) || atomic_load(&no_openat2))
		return open_plain(dir, name, flags);
	fd = syscall(SYS_openat2, dir, name, &how, sizeof(how));
	if (fd < 0 && errno == ENOSYS)
		atomic_store(&no_openat2, true);
	if (fd < 0 && (errno == ENOSYS || errno == EPERM)) /* an old kernel; a sandbox that does not know the call */
		return open_plain(dir, name, flags);
	return (int)fd;
}

enum err_code tree_root(const char *path, int *fd, struct err *err)
{
	*fd = tree_op() ? open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	if (*fd >= 0)
		return ERR_OK;
	/* Missing is no "no such mailbox": nothing can be said of any. */
	return err_set(
		err, ERR_IO, "Cannot open the voicemail's folder %s ([voicemail] root): %s.", path, strerror(errno));
}

enum err_code tree_dir(int parent, const char *name, int *fd, struct err *err)
{
	enum err_code code = check_name(name, err);

	*fd = -1;
	if (code)
		return code;
	*fd = tree_open(parent, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *fd >= 0 ? ERR_OK : tree_error("open", name, err);
}

/* What the PBX makes is its own; what is made beside it must be open to it as well. */
static void like_parent(int parent, int fd, bool file)
{
	struct stat up;

	if (fstat(parent, &up))
		return;
	/* Who is no member of that group leaves it to the folder's own choice, and the mode to the umask. */
	(void)!fchown(fd, geteuid() == 0 ? up.st_uid : (uid_t)-1, up.st_gid);
	(void)!fchmod(fd, up.st_mode & (file ? 0666 : 07777));
}

void tree_like_parent(int dir, int fd)
{
	like_parent(dir, fd, true);
}

static enum err_code make(int parent, const char *name, bool own, int *fd, struct err *err)
{
	enum err_code code = check_name(name, err);
	bool made;

	*fd = -1;
	if (code)
		return code;
	made = tree_op() && mkdirat(parent, name, 0700) == 0;
	if (!made && errno != EEXIST)
		return tree_error("make", name, err);
	code = tree_dir(parent, name, fd, err);
	if (code == ERR_OK && made && !own)
		like_parent(parent, *fd, false);
	if (code == ERR_OK && made && !own)
		code = tree_sync(parent, err);
	if (code)
		tree_close(fd);
	return code;
}

enum err_code tree_make_dir(int parent, const char *name, int *fd, struct err *err)
{
	return make(parent, name, false, fd, err);
}

enum err_code tree_make_private(int parent, const char *name, int *fd, struct err *err)
{
	return make(parent, name, true, fd, err);
}

enum err_code tree_sync(int dir, struct err *err)
{
	/* EINVAL: a file system that keeps no folders to sync. */
	if (tree_op() && (fsync(dir) == 0 || errno == EINVAL))
		return ERR_OK;
	return tree_error("sync", "a folder", err);
}

/* ---- looking ---- */

enum err_code tree_stat(int dir, const char *name, struct stat *st, struct err *err)
{
	enum err_code code = check_name(name, err);

	if (code)
		return code;
	return tree_op() && fstatat(dir, name, st, AT_SYMLINK_NOFOLLOW) == 0 ? ERR_OK : tree_error("read", name, err);
}

static enum tree_kind kind_of(mode_t mode)
{
	return S_ISREG(mode) ? TREE_FILE : S_ISDIR(mode) ? TREE_DIR : S_ISLNK(mode) ? TREE_LINK : TREE_OTHER;
}

static bool dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

/* A stream of its own, so that the folder's descriptor keeps its place. */
static DIR *stream(int dir)
{
	int fd = tree_op() ? openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC) : -1;
	DIR *d = fd >= 0 ? fdopendir(fd) : NULL;

	if (d == NULL && fd >= 0)
		close(fd);
	return d;
}

static struct dirent *next_name(DIR *d)
{
	struct dirent *e;

	errno = 0;
	do
		e = tree_op() ? readdir(d) : NULL;
	while (e && dots(e->d_name));
	return e;
}

enum err_code tree_list(int dir, struct arena *a, struct tree_entry **out, size_t *n, struct err *err)
{
	DIR *d = stream(dir);
	enum err_code code = ERR_OK;
	struct dirent *e;
	struct stat st;
	size_t cap = 0;

	*out = NULL;
	*n = 0;
	if (d == NULL)
		return tree_error("read", "a folder", err);
	while (code == ERR_OK && (e = next_name(d)) != NULL) {
		struct tree_entry *t;

		if (fstatat(dir, e->d_name, &st, AT_SYMLINK_NOFOLLOW))
			continue; /* went in between */
		if (*n == TREE_LIST_MAX) {
			code = err_set(
				err, ERR_LIMIT, "A folder of the voicemail holds more than %d files.", TREE_LIST_MAX);
			break;
		}
		t = arena_push(a, (void **)out, n, &cap, sizeof(*t));
		if (t)
			*t = (struct tree_entry){ arena_strdup(a, e->d_name), kind_of(st.st_mode) };
		if (arena_failed(a))
			code = err_set(err, ERR_NOMEM, "There is no memory to read a folder of the voicemail.");
		errno = 0;
	}
	if (code == ERR_OK && errno)
		code = tree_error("read", "a folder", err);
	closedir(d);
	return code;
}

/* ---- moving and deleting ---- */

static int rename_once(int from, const char *name, int to, const char *as)
{
	struct stat st;

	if (!tree_op())
		return -1;
	if (renameat2(from, name, to, as, RENAME_NOREPLACE) == 0)
		return 0;
	if (errno != EINVAL && errno != ENOSYS)
		return -1;
	/* A file system without it (NFS): one look before. */
	if (fstatat(to, as, &st, AT_SYMLINK_NOFOLLOW) == 0) {
		errno = EEXIST;
		return -1;
	}
	return renameat(from, name, to, as);
}

enum err_code tree_rename(int from, const char *name, int to, const char *as, struct err *err)
{
	enum err_code code = check_name(name, err);

	if (code == ERR_OK)
		code = check_name(as, err);
	if (code)
		return code;
	return rename_once(from, name, to, as) == 0 ? ERR_OK : tree_error("move", name, err);
}

enum err_code tree_unlink(int dir, const char *name, struct err *err)
{
	enum err_code code = check_name(name, err);

	if (code)
		return code;
	return (tree_op() && unlinkat(dir, name, 0) == 0) || errno == ENOENT ? ERR_OK : tree_error("delete", name, err);
}

enum err_code tree_remove_empty(int dir, const char *name, bool *gone, struct err *err)
{
	enum err_code code = check_name(name, err);

	*gone = false;
	if (code)
		return code;
	*gone = (tree_op() && unlinkat(dir, name, AT_REMOVEDIR) == 0) || errno == ENOENT;
	return *gone || errno == ENOTEMPTY || errno == EEXIST ? ERR_OK : tree_error("delete", name, err);
}

static enum err_code remove_at(int dir, const char *name, unsigned depth, unsigned long *n, struct err *err);

/* Passes over the folder until one finds nothing: names may shift while others are deleted. */
static enum err_code empty(int dir, unsigned depth, unsigned long *n, struct err *err)
{
	enum err_code code = ERR_OK, one;
	struct err why = { 0 };
	struct dirent *e;
	bool any = true;
	DIR *d = stream(dir);

	if (d == NULL)
		return tree_error("read", "a folder", err);
	while (any && code == ERR_OK) {
		any = false;
		rewinddir(d);
		while ((e = next_name(d)) != NULL) {
			any = true;
			one = remove_at(dir, e->d_name, depth, n, &why);
			if (one && code == ERR_OK)
				code = err_set(err, one, "%s", why.text);
		}
		if (code == ERR_OK && errno)
			code = tree_error("read", "a folder", err);
	}
	closedir(d);
	return code;
}

static enum err_code remove_dir(int dir, const char *name, unsigned depth, unsigned long *n, struct err *err)
{
	enum err_code code;
	int fd;

	if (depth == TREE_DEPTH_MAX)
		return err_set(err, ERR_LIMIT, "The voicemail holds folders more than %d deep; delete them by hand.",
			TREE_DEPTH_MAX);
	code = tree_dir(dir, name, &fd, err);
	if (code)
		return code == ERR_NOT_FOUND ? ERR_OK : code;
	code = empty(fd, depth + 1, n, err);
	tree_close(&fd);
	if (code == ERR_OK && !((tree_op() && unlinkat(dir, name, AT_REMOVEDIR) == 0) || errno == ENOENT))
		code = tree_error("delete", name, err);
	return code;
}

/* A name that is no folder, whatever it is, is taken away as such: a link is never followed, a FIFO never opened. */
static enum err_code remove_at(int dir, const char *name, unsigned depth, unsigned long *n, struct err *err)
{
	struct stat st;

	if (tree_op() && unlinkat(dir, name, 0) == 0) {
		++*n;
		fault_point("voicemail-half-delete");
		return ERR_OK;
	}
	if (errno == ENOENT)
		return ERR_OK;
	if (errno != EISDIR && errno != EPERM)
		return tree_error("delete", name, err);
	/* POSIX says EPERM for a folder; so does Linux for a file that may not be deleted. */
	if (errno == EPERM && (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) || !S_ISDIR(st.st_mode))) {
		errno = EPERM;
		return tree_error("delete", name, err);
	}
	return remove_dir(dir, name, depth, n, err);
}

enum err_code tree_remove(int dir, const char *name, unsigned long *n, struct err *err)
{
	unsigned long count = 0;
	enum err_code code = check_name(name, err);

	if (code == ERR_OK)
		code = remove_at(dir, name, 0, &count, err);
	if (n)
		*n = count;
	return code;
}
