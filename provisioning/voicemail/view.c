#include "provisioning/voicemail/view.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "phonecfg/base/map.h"
#include "provisioning/voicemail/tree.h"

static enum err_code no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "There is no memory to read a folder of the voicemail.");
}

void view_close(struct view *v)
{
	unsigned i;

	for (i = 0; i < v->ndirs; i++) {
		folder_unlock(&v->locks[i]);
		tree_close(&v->dirs[i]);
	}
	v->ndirs = 0;
	mailbox_close(&v->box);
}

/* ---- reading ---- */

static enum err_code read_envelope(
	int dir, const struct group *g, struct arena *a, struct envelope *out, struct err *err)
{
	struct buf text;
	enum err_code code = ERR_OK;

	buf_init(&text, ENVELOPE_MAX);
	if (g->txt)
		code = tree_read(dir, group_txt(g), &text, err);
	/* Too long, a link, or gone meanwhile: a message without an envelope is still one that can be deleted. */
	if (code == ERR_LIMIT || code == ERR_CONFLICT || code == ERR_NOT_FOUND)
		code = ERR_OK;
	if (code == ERR_OK)
		code = envelope_parse(buf_view(&text), a, out, err);
	buf_release(&text);
	return code;
}

/* A name that stays with the message as long as its file does, whatever its number becomes. */
static const char *file_id(int dir, const struct view_message *m, struct arena *a)
{
	const char *name = group_txt(m->group);
	struct stat st;

	if (name == NULL)
		name = m->shown.sound;
	if (name == NULL || tree_stat(dir, name, &st, NULL))
		return "gone";
	return arena_printf(a, "f%" PRIx64 "-%" PRIx64, (uint64_t)st.st_ino, (uint64_t)st.st_mtime);
}

static enum err_code read_dir(struct view *v, unsigned d, struct arena *a, size_t *cap, struct err *err)
{
	const struct sound_format *format;
	struct group *g;
	size_t i, n;
	enum err_code code = groups_scan(v->dirs[d], a, &g, &n, err);

	for (i = 0; code == ERR_OK && i < n; i++) {
		const char *sound = group_sound(&g[i], NULL, &format);
		struct view_message *m;

		if (g[i].foreign || (!g[i].txt && sound == NULL))
			continue;
		m = arena_push(a, (void **)&v->v, &v->n, cap, sizeof(*m));
		if (m == NULL)
			return no_memory(err);
		m->group = &g[i];
		m->dir = d;
		m->shown.folder = v->folders[d];
		m->shown.number = g[i].number;
		m->shown.sound = sound;
		m->shown.format = format;
		code = read_envelope(v->dirs[d], &g[i], a, &m->shown.envelope, err);
	}
	return code;
}

/* msg_id, unless two messages have the same one: a client must never delete the other. */
static enum err_code give_ids(struct view *v, struct arena *a, struct err *err)
{
	static char once, twice;
	struct map seen;
	size_t i;

	map_init(&seen, a);
	for (i = 0; i < v->n; i++) {
		const char *id = v->v[i].shown.envelope.msg_id;

		map_put(&seen, id, map_has(&seen, id) ? &twice : &once);
	}
	for (i = 0; i < v->n; i++) {
		const char *id = v->v[i].shown.envelope.msg_id;

		if (!envelope_id_fits(id) || map_get(&seen, id) == &twice)
			id = file_id(v->dirs[v->v[i].dir], &v->v[i], a);
		v->v[i].shown.id = id;
	}
	return arena_failed(a) ? no_memory(err) : ERR_OK;
}

/* ---- opening ---- */

static enum err_code open_dir(
	struct view *v, enum folder folder, const struct voicemail *vm, bool must_lock, struct err *err)
{
	unsigned d = v->ndirs;
	struct err why = { 0 };
	enum err_code code = tree_dir(v->box.box, folder_dir(folder), &v->dirs[d], err);

	if (code)
		return code == ERR_NOT_FOUND ? ERR_OK : code;
	v->folders[d] = folder;
	v->locks[d] = (struct folder_lock){ 0, -1 };
	v->ndirs++;
	code = folder_lock(v->dirs[d], &vm->lock, &v->locks[d], &why);
	if (code && (must_lock || code == ERR_BUSY))
		return err_set(err, code, "%s", why.text);
	return ERR_OK; /* a disk that may only be read: app_voicemail reads on then, too */
}

enum err_code view_open(const struct voicemail *vm, const struct mailbox *box, enum folder folder, bool must_lock,
	struct arena *a, struct view *out, struct err *err)
{
	size_t cap = 0;
	unsigned d;
	enum err_code code;

	*out = (struct view){ .box = { -1, -1, -1 } };
	if ((code = mailbox_open(vm, box, &out->box, err)))
		return code == ERR_NOT_FOUND ? ERR_OK : code;
	if (folder == FOLDER_NEW)
		code = open_dir(out, FOLDER_URGENT, vm, must_lock, err);
	if (code == ERR_OK)
		code = open_dir(out, folder, vm, must_lock, err);
	/* Before a change: what an earlier one that was cut off has left under two numbers is one message again. */
	for (d = 0; code == ERR_OK && must_lock && d < out->ndirs; d++)
		code = groups_close_gaps(out->dirs[d], a, err);
	for (d = 0; code == ERR_OK && d < out->ndirs; d++)
		code = read_dir(out, d, a, &cap, err);
	if (code == ERR_OK)
		code = give_ids(out, a, err);
	if (code)
		view_close(out);
	return code;
}

/* ---- one message ---- */

static bool names_it(const char *given, const char *id)
{
	size_t n = strlen(id);

	return strncmp(given, id, n) == 0 &&
	       (given[n] == '\0' || (given[n] == '.' && sound_format(given + n + 1) != NULL));
}

enum err_code view_find(struct view *v, const char *id, struct view_message **out, struct err *err)
{
	size_t i;

	for (i = 0; i < v->n; i++)
		if (names_it(id, v->v[i].shown.id)) {
			*out = &v->v[i];
			return ERR_OK;
		}
	return err_set(err, ERR_NOT_FOUND, "There is no such message in this folder.");
}

enum err_code view_measure(struct view *v, struct view_message *m, struct err *err)
{
	char head[SOUND_HEAD];
	struct stat st;
	ssize_t n = 0;
	int fd = -1;
	enum err_code code;

	m->shown.modified_s = m->shown.envelope.origtime_s;
	if (m->shown.sound == NULL)
		return ERR_OK;
	code = tree_file(v->dirs[m->dir], m->shown.sound, &fd, &st, err);
	if (code == ERR_CONFLICT || code == ERR_NOT_FOUND) { /* a link in its place: no sound, but a message */
		m->shown.sound = NULL;
		m->shown.format = NULL;
		return ERR_OK;
	}
	if (code)
		return code;
	n = pread(fd, head, sizeof(head), 0);
	tree_close(&fd);
	m->shown.size = (uint64_t)st.st_size;
	if (m->shown.modified_s == 0)
		m->shown.modified_s = (int64_t)st.st_mtime;
	m->shown.length_ms =
		n <= 0 ? 0 : sound_length_ms(m->shown.format, (struct slice){ head, (size_t)n }, (uint64_t)st.st_size);
	return ERR_OK;
}
