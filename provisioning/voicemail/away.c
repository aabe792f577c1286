#include "provisioning/voicemail/away.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "provisioning/conf/fault.h"
#include "provisioning/voicemail/tree.h"

#define WAY_OUT ".rekey"
#define TAKEN ".taken" /* in a mailbox of which a part was taken: all of that part */

enum { SWEEP_TEXT = 24, LOCKS_MAX = 32, WAY_TRIES = 3 };

struct taking {
	const struct voicemail *vm;
	const struct mailbox *box;
	unsigned what;
	struct mailbox_dir from;
	int root, way, sweep; /* and .rekey, .rekey/<sweep> */
	struct folder_lock locks[LOCKS_MAX];
	size_t nlocks;
	struct arena arena;
};

/* ---- the way out ---- */

static void sweep_name(int64_t sweep, char out[SWEEP_TEXT])
{
	snprintf(out, SWEEP_TEXT, "%" PRId64, sweep);
}

static enum err_code open_way(
	const struct voicemail *vm, int64_t sweep, bool make, int *root, int *way, int *fd, struct err *err)
{
	char name[SWEEP_TEXT];
	enum err_code code = tree_root(vm->root, root, err);

	*way = *fd = -1;
	sweep_name(sweep, name);
	if (code)
		return code;
	code = make ? tree_make_private(*root, WAY_OUT, way, err) : tree_dir(*root, WAY_OUT, way, err);
	if (code == ERR_OK)
		code = make ? tree_make_private(*way, name, fd, err) : tree_dir(*way, name, fd, err);
	if (code) {
		tree_close(way);
		tree_close(root);
	}
	return code;
}

/* ---- locks ---- */

static enum err_code lock_one(struct taking *t, const char *name, struct err *err)
{
	enum err_code code;
	int fd;

	if (t->nlocks == LOCKS_MAX)
		return ERR_OK; /* app_voicemail has twelve folders; more are not its own */
	code = tree_dir(t->from.box, name, &fd, err);
	if (code)
		return code == ERR_NOT_FOUND ? ERR_OK : code;
	code = folder_lock(fd, &t->vm->lock, &t->locks[t->nlocks], err);
	if (code == ERR_OK)
		t->nlocks++;
	tree_close(&fd);
	return code;
}

static void unlock_all(struct taking *t)
{
	while (t->nlocks)
		folder_unlock(&t->locks[--t->nlocks]);
}

/* Also finds a link in a folder's place: what it leads to could not be deleted, and that must be said. */
static enum err_code lock_folders(struct taking *t, const struct tree_entry *e, size_t n, struct err *err)
{
	enum err_code code = ERR_OK;
	enum folder f;
	size_t i;

	for (i = 0; code == ERR_OK && i < n; i++)
		if (folder_is_dir(e[i].name, &f) && (e[i].kind == TREE_DIR || e[i].kind == TREE_LINK))
			code = lock_one(t, e[i].name, err);
	return code;
}

/* ---- the whole mailbox ---- */

/* An empty mailbox in the way out says for ever that this sweep has been here. */
static enum err_code leave_mark(struct taking *t, struct err *err)
{
	int fd;
	enum err_code code = tree_make_private(t->sweep, t->box->name, &fd, err);

	if (code == ERR_OK)
		code = tree_touch(fd, TAKEN, err);
	tree_close(&fd);
	return code;
}

/* Was what was moved the folder that had been looked into? Else it goes back: a link that somebody put in its place in
 * between is not the mailbox. */
static enum err_code check_moved(struct taking *t, struct err *err)
{
	struct stat opened, moved;

	if (fstat(t->from.box, &opened) == 0 && tree_stat(t->sweep, t->box->name, &moved, NULL) == ERR_OK &&
		opened.st_ino == moved.st_ino && opened.st_dev == moved.st_dev)
		return ERR_OK;
	tree_rename(t->sweep, t->box->name, t->from.context, t->box->name, NULL);
	return err_set(err, ERR_CONFLICT,
		"The mailbox %s was exchanged for something else while it was being moved; look at it by hand.",
		t->box->name);
}

static enum err_code take_whole(struct taking *t, struct err *err)
{
	struct tree_entry *e;
	size_t n;
	enum err_code code = tree_list(t->from.box, &t->arena, &e, &n, err);

	if (code == ERR_OK)
		code = lock_folders(t, e, n, err);
	if (code)
		return code;
	fault_point("voicemail-before-move");
	code = tree_rename(t->from.context, t->box->name, t->sweep, t->box->name, err);
	fault_point("voicemail-after-move");
	return code ? code : check_moved(t, err);
}

/* ---- a part of it ---- */

static bool is_greeting(const char *name)
{
	enum greeting_kind k;
	const char *rest;

	return greeting_name(name, &k, &rest) || strcmp(name, TIMEFRAMES_DIR) == 0;
}

static bool wanted(const struct taking *t, const struct tree_entry *e)
{
	enum folder f;

	if (is_greeting(e->name))
		return t->what & TAKE_GREETINGS;
	if (strcmp(e->name, SECRET_FILE) == 0)
		return t->what & TAKE_PIN;
	return (t->what & TAKE_MESSAGES) && (e->kind == TREE_DIR || folder_is_dir(e->name, &f));
}

static enum err_code move_part(struct taking *t, int to, const char *name, struct err *err)
{
	struct err why = { 0 };
	enum err_code code = tree_rename(t->from.box, name, to, name, &why);
	struct stat st;

	fault_point("voicemail-half-move");
	if (code == ERR_OK || code == ERR_NOT_FOUND)
		return ERR_OK;
	/* It went before a crash; what has this name now came later. */
	if (code == ERR_CONFLICT && tree_stat(to, name, &st, NULL) == ERR_OK)
		return ERR_OK;
	return err_set(err, code, "%s", why.text);
}

static enum err_code take_parts(struct taking *t, int to, struct err *err)
{
	struct tree_entry *e;
	struct stat st;
	size_t i, n;
	enum err_code code = tree_stat(to, TAKEN, &st, err);

	if (code != ERR_NOT_FOUND)
		return code;
	code = tree_list(t->from.box, &t->arena, &e, &n, err);
	if (code == ERR_OK && (t->what & TAKE_MESSAGES))
		code = lock_folders(t, e, n, err);
	for (i = 0; code == ERR_OK && i < n; i++)
		if (wanted(t, &e[i]))
			code = move_part(t, to, e[i].name, err);
	fault_point("voicemail-after-move");
	return code ? code : tree_touch(to, TAKEN, err);
}

static enum err_code take_some(struct taking *t, struct err *err)
{
	int to;
	enum err_code code = tree_make_private(t->sweep, t->box->name, &to, err);

	if (code)
		return code;
	code = take_parts(t, to, err);
	tree_close(&to);
	return code;
}

/* ---- both ---- */

static enum err_code take(struct taking *t, struct err *err)
{
	bool whole = (t->what & TAKE_MESSAGES) && (t->what & TAKE_GREETINGS);
	struct stat st;
	enum err_code code = tree_stat(t->sweep, t->box->name, &st, err);

	if (code == ERR_OK && whole)
		return ERR_OK;
	if (code && code != ERR_NOT_FOUND)
		return code;
	code = mailbox_open(t->vm, t->box, &t->from, err);
	if (code == ERR_NOT_FOUND)
		return leave_mark(t, err);
	if (code)
		return code;
	code = whole ? take_whole(t, err) : take_some(t, err);
	unlock_all(t);
	mailbox_close(&t->from);
	return code;
}

/* Whoever deletes the last mailbox of a sweep takes its folder away, perhaps this very moment. */
static bool folder_gone(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_nlink == 0;
}

static enum err_code take_once(struct taking *t, int64_t sweep, bool *again, struct err *err)
{
	enum err_code code = open_way(t->vm, sweep, true, &t->root, &t->way, &t->sweep, err);

	*again = false;
	if (code)
		return code;
	code = take(t, err);
	*again = code != ERR_OK && folder_gone(t->sweep);
	tree_close(&t->sweep);
	tree_close(&t->way);
	tree_close(&t->root);
	return code;
}

enum err_code away_take(
	const struct voicemail *vm, int64_t sweep, const struct mailbox *box, unsigned what, struct err *err)
{
	struct taking t = { .vm = vm, .box = box, .what = what, .from = { -1, -1, -1 } };
	enum err_code code = ERR_OK;
	bool again = true;
	unsigned i;

	arena_init(&t.arena, 0);
	for (i = 0; again && i < WAY_TRIES; i++)
		code = take_once(&t, sweep, &again, err);
	arena_release(&t.arena);
	return code;
}

/* ---- deleting ---- */

enum err_code away_delete(
	const struct voicemail *vm, int64_t sweep, const char *mailbox, unsigned long *files, struct err *err)
{
	char name[SWEEP_TEXT];
	int root, way, fd;
	bool gone;
	enum err_code code = open_way(vm, sweep, false, &root, &way, &fd, err);

	if (files)
		*files = 0;
	if (code)
		return code == ERR_NOT_FOUND ? ERR_OK : code;
	code = tree_remove(fd, mailbox, files, err);
	sweep_name(sweep, name);
	if (code == ERR_OK)
		code = tree_remove_empty(way, name, &gone, err);
	tree_close(&fd);
	tree_close(&way);
	tree_close(&root);
	return code;
}

/* ---- leftovers ---- */

static bool sweep_read(const char *name, int64_t *out)
{
	char back[SWEEP_TEXT];

	if (sscanf(name, "%" SCNd64, out) != 1 || *out <= 0)
		return false;
	sweep_name(*out, back);
	return strcmp(back, name) == 0;
}

struct listing {
	struct arena *a;
	struct leftover *v;
	size_t n, cap;
};

static enum err_code list_sweep(struct listing *l, int way, const char *name, int64_t sweep, struct err *err)
{
	struct tree_entry *e;
	bool gone;
	size_t i, n;
	int fd;
	enum err_code code = tree_dir(way, name, &fd, err);

	if (code)
		return code == ERR_NOT_FOUND ? ERR_OK : code;
	code = tree_list(fd, l->a, &e, &n, err);
	tree_close(&fd);
	for (i = 0; code == ERR_OK && i < n; i++) {
		struct leftover *left = arena_push(l->a, (void **)&l->v, &l->n, &l->cap, sizeof(*left));

		if (left == NULL)
			return err_set(err, ERR_NOMEM, "There is no memory to look for what is left to delete.");
		*left = (struct leftover){ sweep, e[i].name };
	}
	return code == ERR_OK && n == 0 ? tree_remove_empty(way, name, &gone, err) : code;
}

enum err_code away_list(const struct voicemail *vm, struct arena *a, struct leftover **out, size_t *n, struct err *err)
{
	struct listing l = { .a = a };
	struct tree_entry *e;
	int root, way = -1;
	size_t i, sweeps;
	int64_t sweep;
	enum err_code code = tree_root(vm->root, &root, err);

	*out = NULL;
	*n = 0;
	if (code)
		return code;
	code = tree_dir(root, WAY_OUT, &way, err);
	if (code == ERR_OK)
		code = tree_list(way, a, &e, &sweeps, err);
	else if (code == ERR_NOT_FOUND)
		code = sweeps = 0;
	for (i = 0; code == ERR_OK && way >= 0 && i < sweeps; i++)
		if (sweep_read(e[i].name, &sweep))
			code = list_sweep(&l, way, e[i].name, sweep, err);
	tree_close(&way);
	tree_close(&root);
	*out = l.v;
	*n = l.n;
	return code;
}
