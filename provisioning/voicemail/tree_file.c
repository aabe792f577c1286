/* Files in whole: read, replaced, copied. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "provisioning/voicemail/tree.h"
#include "provisioning/voicemail/tree_inside.h"

enum { CHUNK = 65536, NAME_TRIES = 16 };

enum err_code tree_file(int dir, const char *name, int *fd, struct stat *st, struct err *err)
{
	struct stat before;
	enum err_code code = tree_stat(dir, name, &before, err);

	*fd = -1;
	if (code)
		return code;
	/* Opening a FIFO waits and opening a device may do anything, so nothing is opened that was not looked at. */
	if (!S_ISREG(before.st_mode) || before.st_nlink > 1)
		return tree_not_plain(name, err);
	*fd = tree_open(dir, name, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (*fd < 0)
		return tree_error("open", name, err);
	if (fstat(*fd, st) || !S_ISREG(st->st_mode) || st->st_ino != before.st_ino || st->st_dev != before.st_dev) {
		tree_close(fd);
		return tree_not_plain(name, err);
	}
	return ERR_OK;
}

enum err_code tree_read(int dir, const char *name, struct buf *out, struct err *err)
{
	char chunk[4096];
	struct stat st;
	ssize_t n = 1;
	int fd;
	enum err_code code = tree_file(dir, name, &fd, &st, err);

	while (code == ERR_OK && n != 0) {
		n = tree_op() ? read(fd, chunk, sizeof(chunk)) : -1;
		if (n > 0)
			buf_add(out, chunk, (size_t)n);
		if (n < 0 && errno != EINTR)
			code = tree_error("read", name, err);
		else if (out->failed)
			code = buf_check(out, "a file of the voicemail", err);
	}
	tree_close(&fd);
	return code;
}

enum err_code tree_touch(int dir, const char *name, struct err *err)
{
	int fd = tree_op() ? openat(dir, name, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600) : -1;

	if (fd < 0)
		return tree_error("write", name, err);
	tree_close(&fd);
	return ERR_OK;
}

/* A new file beside the one that it will become. */
static enum err_code make_part(int dir, char part[32], int *fd, struct err *err)
{
	unsigned tries;
	unsigned r;

	for (tries = 0; tries < NAME_TRIES; tries++) {
		if (getrandom(&r, sizeof(r), 0) != (ssize_t)sizeof(r))
			r = tries;
		snprintf(part, 32, ".rekey-%08x", r);
		*fd = tree_op() ? openat(dir, part, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600) : -1;
		if (*fd >= 0 || errno != EEXIST)
			break;
	}
	if (*fd < 0)
		return tree_error("write", "a file", err);
	tree_like_parent(dir, *fd);
	return ERR_OK;
}

static enum err_code write_all(int fd, const char *p, size_t n, struct err *err)
{
	while (n) {
		ssize_t w = tree_op() ? write(fd, p, n) : -1;

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return tree_error("write", "a file", err);
		p += w;
		n -= (size_t)w;
	}
	return ERR_OK;
}

static enum err_code settle_part(
	int dir, const char *part, int *fd, const char *name, enum err_code code, struct err *err)
{
	if (code == ERR_OK && !(tree_op() && fsync(*fd) == 0))
		code = tree_error("write", name, err);
	tree_close(fd);
	if (code == ERR_OK && !(tree_op() && renameat(dir, part, dir, name) == 0))
		code = tree_error("write", name, err);
	if (code)
		unlinkat(dir, part, 0);
	return code ? code : tree_sync(dir, err);
}

enum err_code tree_put(int dir, const char *name, struct slice bytes, struct err *err)
{
	char part[32];
	int fd;
	enum err_code code = make_part(dir, part, &fd, err);

	if (code)
		return code;
	return settle_part(dir, part, &fd, name, write_all(fd, bytes.p, bytes.n, err), err);
}

enum err_code tree_copy(int from, int dir, const char *name, size_t max, struct err *err)
{
	char chunk[CHUNK], part[32];
	size_t total = 0;
	ssize_t n = 1;
	int fd;
	enum err_code code = make_part(dir, part, &fd, err);

	if (code)
		return code;
	while (code == ERR_OK && n > 0) {
		n = tree_op() ? pread(from, chunk, sizeof(chunk), (off_t)total) : -1;
		if (n < 0)
			code = tree_error("read", name, err);
		else if ((total += (size_t)n) > max)
			code = err_set(err, ERR_LIMIT, "A sound file of more than %zu MB is not copied.", max >> 20);
		else
			code = write_all(fd, chunk, (size_t)n, err);
	}
	return settle_part(dir, part, &fd, name, code, err);
}
