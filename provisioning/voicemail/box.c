/* Looking at messages. */
#include "provisioning/voicemail/box.h"

#include <string.h>

#include "provisioning/voicemail/tree.h"
#include "provisioning/voicemail/view.h"

static enum err_code take_page(
	struct view *v, size_t start, size_t limit, struct arena *a, struct message **out, size_t *n, struct err *err)
{
	size_t i, end = v->n;
	enum err_code code = ERR_OK;

	if (start > end)
		start = end;
	if (limit && limit < end - start)
		end = start + limit;
	*out = arena_alloc(a, (end - start + 1) * sizeof(**out));
	if (*out == NULL)
		return err_set(err, ERR_NOMEM, "There is no memory for this list of messages.");
	for (i = start; code == ERR_OK && i < end; i++) {
		code = view_measure(v, &v->v[i], err);
		(*out)[(*n)++] = v->v[i].shown;
	}
	return code;
}

enum err_code box_list(const struct voicemail *vm, const struct mailbox *box, enum folder folder, size_t start,
	size_t limit, struct arena *a, struct message **out, size_t *n, size_t *total, struct err *err)
{
	struct view v;
	enum err_code code = view_open(vm, box, folder, false, a, &v, err);

	*n = *total = 0;
	if (code)
		return code;
	*total = v.n;
	code = take_page(&v, start, limit, a, out, n, err);
	view_close(&v);
	return code;
}

enum err_code box_find(const struct voicemail *vm, const struct mailbox *box, enum folder folder, const char *id,
	struct arena *a, struct message *out, struct err *err)
{
	struct view_message *m;
	struct view v;
	enum err_code code = view_open(vm, box, folder, false, a, &v, err);

	if (code)
		return code;
	code = view_find(&v, id, &m, err);
	if (code == ERR_OK)
		code = view_measure(&v, m, err);
	if (code == ERR_OK)
		*out = m->shown;
	view_close(&v);
	return code;
}

enum err_code box_sound(const struct voicemail *vm, const struct mailbox *box, enum folder folder, const char *id,
	const char *ext, struct arena *a, int *fd, struct stat *st, const struct sound_format **format, struct err *err)
{
	struct view_message *m;
	const char *name;
	struct view v;
	enum err_code code = view_open(vm, box, folder, false, a, &v, err);

	*fd = -1;
	if (code)
		return code;
	code = view_find(&v, id, &m, err);
	if (code == ERR_OK) {
		name = group_sound(m->group, ext, format);
		code = name ? tree_file(v.dirs[m->dir], name, fd, st, err)
			    : err_set(err, ERR_NOT_FOUND, "This message has no sound in that format.");
	}
	view_close(&v);
	return code;
}

/* ---- counting ---- */

static enum err_code count_folder(int box, const char *name, size_t *n, struct err *err)
{
	struct group *g;
	struct arena a;
	size_t groups;
	int fd;
	enum err_code code = tree_dir(box, name, &fd, err);

	if (code)
		return code == ERR_NOT_FOUND ? ERR_OK : code;
	arena_init(&a, 0);
	code = groups_scan(fd, &a, &g, &groups, err);
	if (code == ERR_OK)
		*n += groups_count(g, groups);
	arena_release(&a);
	tree_close(&fd);
	return code;
}

static enum err_code count_timeframes(int box, struct arena *a, size_t *n, struct err *err)
{
	unsigned index;
	struct tree_entry *e;
	bool seen[TIMEFRAME_LAST + 1] = { false };
	const char *rest;
	char *name;
	size_t i, entries;
	int fd;
	enum err_code code = tree_dir(box, TIMEFRAMES_DIR, &fd, err);

	if (code)
		return code == ERR_NOT_FOUND ? ERR_OK : code;
	code = tree_list(fd, a, &e, &entries, err);
	for (i = 0; code == ERR_OK && i < entries; i++)
		if (timeframe_name(a, e[i].name, &index, &name, &rest) && *rest == '.' && sound_format(rest + 1) &&
			!seen[index]) {
			seen[index] = true;
			++*n;
		}
	tree_close(&fd);
	return code;
}

static enum err_code count_entry(
	int box, const struct tree_entry *e, struct box_counts *c, bool seen[GREETING_KINDS], struct err *err)
{
	enum greeting_kind k;
	enum folder f;
	const char *rest;

	if (greeting_name(e->name, &k, &rest)) {
		if (*rest == '.' && sound_format(rest + 1) && !seen[k]) {
			seen[k] = true;
			c->greetings++;
			c->recorded_name |= k == GREETING_NAME;
		}
		return ERR_OK;
	}
	if (strcmp(e->name, SECRET_FILE) == 0)
		c->pin = true;
	/* A link in a folder's place is opened, so that it is an error and not a folder without messages. */
	if (folder_is_dir(e->name, &f))
		return count_folder(box, e->name, &c->messages[f], err);
	if (e->kind == TREE_DIR && strcmp(e->name, TIMEFRAMES_DIR) != 0)
		return count_folder(box, e->name, &c->others, err);
	return ERR_OK;
}

enum err_code box_count(const struct voicemail *vm, const struct mailbox *box, struct box_counts *out, struct err *err)
{
	bool seen[GREETING_KINDS] = { false };
	struct mailbox_dir d;
	struct tree_entry *e;
	struct arena a;
	size_t i, n;
	enum err_code code = mailbox_open(vm, box, &d, err);

	*out = (struct box_counts){ 0 };
	if (code)
		return code == ERR_NOT_FOUND ? ERR_OK : code;
	arena_init(&a, 0);
	code = tree_list(d.box, &a, &e, &n, err);
	for (i = 0; code == ERR_OK && i < n; i++)
		code = count_entry(d.box, &e[i], out, seen, err);
	if (code == ERR_OK)
		code = count_timeframes(d.box, &a, &out->timeframes, err);
	arena_release(&a);
	mailbox_close(&d);
	return code;
}

size_t box_count_messages(const struct box_counts *c)
{
	size_t n = c->others;
	unsigned f;

	for (f = 0; f < FOLDER_COUNT; f++)
		n += c->messages[f];
	return n;
}
