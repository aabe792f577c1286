/* Changing messages: deleted, moved to another folder, given to another mailbox. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#include "provisioning/voicemail/tree.h"
#include "provisioning/voicemail/view.h"

static enum err_code delete_one(struct view *v, const char *id, struct arena *a, struct err *err)
{
	struct view_message *m;
	enum err_code code = view_find(v, id, &m, err);

	if (code == ERR_OK)
		code = group_delete(v->dirs[m->dir], m->group, err);
	if (code == ERR_OK)
		code = groups_close_gaps(v->dirs[m->dir], a, err);
	return code ? code : tree_sync(v->dirs[m->dir], err);
}

enum err_code box_delete(
	const struct voicemail *vm, const struct mailbox *box, enum folder folder, const char *id, struct err *err)
{
	struct arena a;
	struct view v;
	enum err_code code;

	arena_init(&a, 0);
	code = view_open(vm, box, folder, true, &a, &v, err);
	if (code == ERR_OK) {
		code = delete_one(&v, id, &a, err);
		view_close(&v);
	}
	arena_release(&a);
	return code;
}

/* ---- a place in another folder ---- */

struct target {
	int dir;
	struct folder_lock lock;
	unsigned number; /* that the next message gets */
};

static void target_close(struct target *t)
{
	folder_unlock(&t->lock);
	tree_close(&t->dir);
}

static enum err_code next_number(
	const struct voicemail *vm, struct target *t, enum folder folder, struct arena *a, struct err *err)
{
	struct group *g;
	size_t n;
	enum err_code code = groups_scan(t->dir, a, &g, &n, err);

	if (code)
		return code;
	t->number = n ? g[n - 1].number + 1 : 0;
	if (groups_count(g, n) >= vm->messages_max || t->number >= MESSAGES_LIMIT)
		return err_set(err, ERR_CONFLICT, "The folder %s is full: it holds %zu messages; delete some first.",
			folder_word(folder), groups_count(g, n));
	return ERR_OK;
}

static enum err_code target_open(
	const struct voicemail *vm, int box, enum folder folder, struct arena *a, struct target *t, struct err *err)
{
	enum err_code code;

	*t = (struct target){ .dir = -1, .lock = { 0, -1 } };
	if ((code = tree_make_dir(box, folder_dir(folder), &t->dir, err)) == ERR_OK &&
		(code = folder_lock(t->dir, &vm->lock, &t->lock, err)) == ERR_OK)
		code = next_number(vm, t, folder, a, err);
	if (code)
		target_close(t);
	return code;
}

/* ---- move ---- */

/* In this process two moves may want the same two folders the other way round: then each waits its bounded time for the
 * other's, and says that it is busy. */
static enum err_code move_one(
	const struct voicemail *vm, struct view *v, const char *id, enum folder to, struct arena *a, struct err *err)
{
	struct view_message *m;
	struct target t;
	enum err_code code = view_find(v, id, &m, err);

	if (code)
		return code;
	code = target_open(vm, v->box.box, to, a, &t, err);
	if (code)
		return code;
	code = group_move(v->dirs[m->dir], m->group, t.dir, t.number, a, err);
	if (code == ERR_OK) /* also mends what an earlier move that was cut off has left there */
		code = groups_close_gaps(t.dir, a, err);
	if (code == ERR_OK)
		code = tree_sync(t.dir, err);
	target_close(&t);
	if (code == ERR_OK)
		code = groups_close_gaps(v->dirs[m->dir], a, err);
	return code ? code : tree_sync(v->dirs[m->dir], err);
}

enum err_code box_move(const struct voicemail *vm, const struct mailbox *box, enum folder folder, const char *id,
	enum folder to, struct err *err)
{
	struct arena a;
	struct view v;
	enum err_code code;

	if (to == folder)
		return ERR_OK;
	if (to == FOLDER_URGENT)
		return err_set(err, ERR_INPUT, "Only a caller makes a message urgent; move it to new instead.");
	arena_init(&a, 0);
	code = view_open(vm, box, folder, true, &a, &v, err);
	if (code == ERR_OK) {
		code = move_one(vm, &v, id, to, &a, err);
		view_close(&v);
	}
	arena_release(&a);
	return code;
}

/* ---- forward ---- */

/* generate_msg_id(): seconds and a number. */
static void new_id(char out[40])
{
	unsigned r;

	if (getrandom(&r, sizeof(r), 0) != (ssize_t)sizeof(r))
		r = (unsigned)clock();
	snprintf(out, 40, "%" PRId64 "-%08x", (int64_t)time(NULL), r);
}

/* The envelope with an id of its own. */
static void with_new_id(struct slice text, struct buf *out)
{
	char id[40];
	bool any = false;

	new_id(id);
	while (text.n) {
		struct slice line = slice_cut(&text, '\n');

		if (slice_starts(line, "msg_id=")) {
			if (!any)
				buf_printf(out, "msg_id=%s\n", id);
			any = true;
			continue;
		}
		buf_slice(out, line);
		buf_char(out, '\n');
	}
	if (!any)
		buf_printf(out, "msg_id=%s\n", id);
}

static enum err_code copy_envelope(int from, const char *txt, const struct target *t, struct arena *a, struct err *err)
{
	char *name = group_name(a, t->number, ".txt");
	struct buf text, out;
	enum err_code code = name ? ERR_OK : err_set(err, ERR_NOMEM, "There is no memory to forward this message.");

	buf_init(&text, ENVELOPE_MAX);
	buf_init(&out, ENVELOPE_MAX + 256);
	if (code == ERR_OK && txt)
		code = tree_read(from, txt, &text, err);
	else if (code == ERR_OK)
		buf_str(&text, "[message]\n");
	if (code == ERR_OK) {
		with_new_id(buf_view(&text), &out);
		code = buf_check(&out, "the envelope of this message", err);
	}
	if (code == ERR_OK)
		code = tree_put(t->dir, name, buf_view(&out), err);
	buf_release(&text);
	buf_release(&out);
	return code;
}

static enum err_code copy_sounds(
	int from, const struct group *g, const struct target *t, struct arena *a, struct err *err)
{
	const struct sound_format *format;
	enum err_code code = ERR_OK;
	struct stat st;
	size_t i;

	for (i = 0; code == ERR_OK && i < g->n; i++) {
		const char *rest = g->names[i] + 7;
		char *name;
		int fd;

		format = *rest == '.' ? sound_format(rest + 1) : NULL;
		if (format == NULL)
			continue;
		name = group_name(a, t->number, rest);
		code = name ? tree_file(from, g->names[i], &fd, &st, err)
			    : err_set(err, ERR_NOMEM, "There is no memory to forward this message.");
		if (code)
			break;
		code = tree_copy(fd, t->dir, name, (size_t)COPY_MAX_MB << 20, err);
		tree_close(&fd);
	}
	return code;
}

/* What a copy that failed has left. */
static void undo(const struct target *t, struct arena *a)
{
	struct group *g;
	size_t i, n;

	if (groups_scan(t->dir, a, &g, &n, NULL))
		return;
	for (i = 0; i < n; i++)
		if (g[i].number == t->number)
			group_delete(t->dir, &g[i], NULL);
}

static enum err_code forward_one(const struct voicemail *vm, struct view *v, const char *id, const struct mailbox *to,
	struct arena *a, struct err *err)
{
	struct mailbox_dir d;
	struct view_message *m;
	struct target t;
	enum err_code code = view_find(v, id, &m, err);

	if (code || (code = mailbox_make(vm, to, &d, err)))
		return code;
	code = target_open(vm, d.box, FOLDER_NEW, a, &t, err);
	if (code == ERR_OK) {
		code = copy_sounds(v->dirs[m->dir], m->group, &t, a, err);
		if (code == ERR_OK)
			code = copy_envelope(v->dirs[m->dir], group_txt(m->group), &t, a, err);
		if (code)
			undo(&t, a);
		target_close(&t);
	}
	mailbox_close(&d);
	return code;
}

enum err_code box_forward(const struct voicemail *vm, const struct mailbox *box, enum folder folder, const char *id,
	const struct mailbox *to, struct err *err)
{
	struct arena a;
	struct view v;
	enum err_code code;

	if (strcmp(box->context, to->context) == 0 && strcmp(box->name, to->name) == 0)
		return err_set(
			err, ERR_INPUT, "A message is forwarded to another user; save moves it to another folder.");
	arena_init(&a, 0);
	code = view_open(vm, box, folder, true, &a, &v, err);
	if (code == ERR_OK) {
		code = forward_one(vm, &v, id, to, &a, err);
		view_close(&v);
	}
	arena_release(&a);
	return code;
}
