#include "provisioning/voicemail/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "provisioning/conf/clock.h"
#include "provisioning/conf/fault.h"
#include "provisioning/conf/log.h"
#include "provisioning/voicemail/tree.h"
#include "provisioning/voicemail/tree_inside.h"

#define LOCK_FILE ".lock"
#define FLOCK_FILE "lock"
#define OURS "rekeyd "

enum {
	STEP_MS = 5,
	DEAD_S = 2, /* a lock of a process that is gone is left alone for so long: it may be that one's last act */
	HOLDER_MAX = 128,
	NAME_MAX_CHARS = 32
};

static void random_name(const char *prefix, char out[NAME_MAX_CHARS])
{
	unsigned r;

	if (getrandom(&r, sizeof(r), 0) != (ssize_t)sizeof(r))
		r = (unsigned)getpid();
	snprintf(out, NAME_MAX_CHARS, "%s-%08x", prefix, r);
}

static void pause_ms(unsigned ms)
{
	const struct timespec step = { 0, (long)ms * 1000000 };

	nanosleep(&step, NULL);
}

/* ---- who holds it ---- */

static void boot_id(char out[40])
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	if (f == NULL || fscanf(f, "%39s", out) != 1)
		snprintf(out, 40, "unknown");
	if (f)
		fclose(f);
}

/* When the process began, in ticks since the boot: a number is used again, that moment is not. 0 = no such process. */
static uint64_t born(pid_t pid)
{
	char path[64], text[1024];
	const char *p;
	FILE *f;
	size_t n;
	int field;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	f = fopen(path, "re");
	if (f == NULL)
		return 0;
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	text[n] = '\0';
	p = strrchr(text, ')'); /* the name before it may hold anything */
	for (field = 2; p && field < 22; field++)
		p = strchr(p + 1, ' ');
	return p ? strtoull(p + 1, NULL, 10) : 0;
}

/* Asterisk does not read what stands in the file. */
static void write_holder(int fd)
{
	char id[40], text[HOLDER_MAX];
	int n;

	boot_id(id);
	n = snprintf(text, sizeof(text), OURS "%s %d %" PRIu64 "\n", id, (int)getpid(), born(getpid()));
	(void)!write(fd, text, (size_t)n); /* a full disk: then only its age tells */
}

/* Was it made on this machine since its boot, by a rekeyd that is gone? */
static bool holder_dead(int dir)
{
	char id[40], theirs[40] = "", text[HOLDER_MAX];
	uint64_t ticks = 0;
	struct buf b;
	int pid = 0;
	bool dead;

	buf_init(&b, sizeof(text) - 1);
	if (tree_read(dir, LOCK_FILE, &b, NULL))
		b.len = 0;
	snprintf(text, sizeof(text), "%s", b.data);
	buf_release(&b);
	if (sscanf(text, OURS "%39s %d %" SCNu64, theirs, &pid, &ticks) != 3)
		return false;
	boot_id(id);
	dead = strcmp(id, theirs) == 0 && pid > 0 && ticks != 0 && born((pid_t)pid) != ticks;
	return dead;
}

static int64_t age_s(const struct stat *st)
{
	time_t changed = st->st_mtime > st->st_ctime ? st->st_mtime : st->st_ctime;

	return (int64_t)time(NULL) - (int64_t)changed;
}

/* Two may find the same old lock: it is first given another name, and given back when it is not the one that was looked
 * at. */
static bool take_away(int dir, const struct stat *seen)
{
	char aside[NAME_MAX_CHARS];
	struct stat st;
	bool was;

	random_name(".lock-old", aside);
	if (tree_rename(dir, LOCK_FILE, dir, aside, NULL))
		return false;
	was = tree_stat(dir, aside, &st, NULL) == ERR_OK && st.st_ino == seen->st_ino && st.st_dev == seen->st_dev;
	if (!was)
		(void)!linkat(dir, aside, dir, LOCK_FILE, 0); /* unless a third one has it by now */
	tree_unlink(dir, aside, NULL);
	return was;
}

static bool break_stale(int dir, const struct lock_conf *conf)
{
	struct stat st;
	bool dead;

	if (tree_stat(dir, LOCK_FILE, &st, NULL))
		return false;
	dead = age_s(&st) > DEAD_S && S_ISREG(st.st_mode) && holder_dead(dir);
	if (!dead && age_s(&st) <= (int64_t)conf->stale_s)
		return false;
	if (!take_away(dir, &st))
		return false;
	log_event(LOG_LEVEL_WARN, "voicemail-lock-stale", "holder", dead ? "a rekeyd that is gone" : "not known", NULL);
	return true;
}

/* ---- lockfile ---- */

static enum err_code held(struct err *err)
{
	return err_set(err, ERR_BUSY, "The PBX is at work in this voicemail folder; try again in a moment.");
}

static enum err_code link_lock(int dir, const char *name, const struct lock_conf *conf, struct err *err)
{
	int64_t until = clock_steady_ms() + conf->wait_ms;

	for (;;) {
		if (tree_op() && linkat(dir, name, dir, LOCK_FILE, 0) == 0)
			return ERR_OK;
		if (errno != EEXIST)
			return tree_error("lock", "a folder", err);
		if (break_stale(dir, conf))
			continue;
		if (clock_steady_ms() >= until)
			return held(err);
		pause_ms(STEP_MS);
	}
}

static enum err_code lock_file(int dir, const struct lock_conf *conf, struct err *err)
{
	char name[NAME_MAX_CHARS];
	enum err_code code;
	int fd;

	random_name(LOCK_FILE, name);
	fd = tree_op() ? openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666) : -1;
	if (fd < 0)
		return tree_error("lock", "a folder", err);
	write_holder(fd);
	close(fd);
	code = link_lock(dir, name, conf, err);
	unlinkat(dir, name, 0);
	return code;
}

/* ---- flock ---- */

/* The holder deletes the file as it unlocks: whoever waited on that one has a lock on nothing. */
static bool still_there(int dir, int fd)
{
	struct stat a, b;

	return fstat(fd, &a) == 0 && fstatat(dir, FLOCK_FILE, &b, AT_SYMLINK_NOFOLLOW) == 0 && a.st_ino == b.st_ino &&
	       a.st_dev == b.st_dev;
}

static enum err_code open_flock(int dir, int *fd, struct err *err)
{
	struct stat st;

	*fd = tree_op() ? openat(dir, FLOCK_FILE, O_WRONLY | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0600) : -1;
	if (*fd < 0)
		return tree_error("lock", "a folder", err);
	if (fstat(*fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_nlink <= 1)
		return ERR_OK;
	tree_close(fd);
	return tree_not_plain(FLOCK_FILE, err);
}

static enum err_code lock_flock(int dir, const struct lock_conf *conf, int *fd, struct err *err)
{
	int64_t until = clock_steady_ms() + conf->wait_ms;
	enum err_code code;

	for (;;) {
		if ((code = open_flock(dir, fd, err)))
			return code;
		while (flock(*fd, LOCK_EX | LOCK_NB)) {
			if (errno != EWOULDBLOCK && errno != EINTR) {
				code = tree_error("lock", "a folder", err);
				tree_close(fd);
				return code;
			}
			if (clock_steady_ms() >= until) {
				tree_close(fd);
				return held(err);
			}
			pause_ms(STEP_MS);
		}
		if (still_there(dir, *fd))
			return ERR_OK;
		tree_close(fd);
	}
}

/* ---- both ---- */

enum err_code folder_lock(int dir, const struct lock_conf *conf, struct folder_lock *out, struct err *err)
{
	enum err_code code;

	*out = (struct folder_lock){ .dir = fcntl(dir, F_DUPFD_CLOEXEC, 3), .fd = -1 };
	if (out->dir < 0)
		return tree_error("lock", "a folder", err);
	code = conf->flock ? lock_flock(dir, conf, &out->fd, err) : lock_file(dir, conf, err);
	if (code == ERR_OK)
		fault_point("voicemail-locked");
	else
		tree_close(&out->dir);
	return code;
}

void folder_unlock(struct folder_lock *l)
{
	if (l->dir <= 0)
		return;
	unlinkat(l->dir, l->fd >= 0 ? FLOCK_FILE : LOCK_FILE, 0);
	tree_close(&l->fd);
	tree_close(&l->dir);
}

enum err_code folder_unlock_dead(int dir, bool *was, struct err *err)
{
	struct stat st;
	enum err_code code = tree_stat(dir, LOCK_FILE, &st, err);

	*was = false;
	if (code)
		return code == ERR_NOT_FOUND ? ERR_OK : code;
	if (S_ISREG(st.st_mode) && holder_dead(dir))
		*was = take_away(dir, &st);
	return ERR_OK;
}
