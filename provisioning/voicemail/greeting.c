/* Looking at greetings. */
#include "provisioning/voicemail/greeting.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "provisioning/voicemail/envelope.h"
#include "provisioning/voicemail/shelf.h"
#include "provisioning/voicemail/tree.h"

enum err_code shelf_no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "There is no memory for the greetings of this mailbox.");
}

void shelf_close(struct shelf *s)
{
	tree_close(&s->timeframes);
	mailbox_close(&s->box);
}

int shelf_dir(const struct shelf *s, unsigned index)
{
	return index >= TIMEFRAME_FIRST ? s->timeframes : s->box.box;
}

/* ---- reading ---- */

unsigned shelf_index(
	struct shelf *s, const char *name, bool timed, char **time_frame, const char **rest, const char **kind)
{
	enum greeting_kind k;
	unsigned index;

	*time_frame = NULL;
	if (timed) {
		*kind = "timeframe";
		return timeframe_name(s->a, name, &index, time_frame, rest) ? index : 0;
	}
	if (!greeting_name(name, &k, rest))
		return 0;
	*kind = greeting_file(k);
	return (unsigned)k + 1;
}

static struct greeting *entry_of(struct shelf *s, unsigned index)
{
	struct greeting *g;
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->v[i].index == index)
			return &s->v[i];
	g = arena_push(s->a, (void **)&s->v, &s->n, &s->cap, sizeof(*g));
	if (g)
		g->index = index;
	return g;
}

static enum err_code read_dir(struct shelf *s, int dir, bool timed, struct err *err)
{
	struct tree_entry *e;
	size_t i, n;
	enum err_code code = tree_list(dir, s->a, &e, &n, err);

	for (i = 0; code == ERR_OK && i < n; i++) {
		const struct sound_format *f;
		const char *rest, *kind;
		char *time_frame;
		unsigned index = shelf_index(s, e[i].name, timed, &time_frame, &rest, &kind);
		struct greeting *g;

		f = index && *rest == '.' && e[i].kind == TREE_FILE ? sound_format(rest + 1) : NULL;
		if (f == NULL)
			continue;
		g = entry_of(s, index);
		if (g == NULL)
			return shelf_no_memory(err);
		if (g->format && sound_rank(g->format) < sound_rank(f))
			continue;
		g->kind = kind;
		g->time_frame = time_frame;
		g->sound = e[i].name;
		g->format = f;
	}
	return code;
}

static int by_index(const void *a, const void *b)
{
	const struct greeting *x = a, *y = b;

	return x->index < y->index ? -1 : x->index > y->index;
}

enum err_code shelf_read(struct shelf *s, struct err *err)
{
	enum err_code code;

	s->v = NULL;
	s->n = s->cap = 0;
	code = read_dir(s, s->box.box, false, err);
	if (code == ERR_OK && s->timeframes >= 0)
		code = read_dir(s, s->timeframes, true, err);
	if (code == ERR_OK && s->n)
		qsort(s->v, s->n, sizeof(*s->v), by_index);
	return code;
}

enum err_code shelf_open(const struct voicemail *vm, const struct mailbox *box, bool make, struct arena *a,
	struct shelf *s, struct err *err)
{
	enum err_code code;

	*s = (struct shelf){ .timeframes = -1, .a = a };
	code = make ? mailbox_make(vm, box, &s->box, err) : mailbox_open(vm, box, &s->box, err);
	if (code)
		return code;
	code = make ? tree_make_dir(s->box.box, TIMEFRAMES_DIR, &s->timeframes, err)
		    : tree_dir(s->box.box, TIMEFRAMES_DIR, &s->timeframes, err);
	if (code == ERR_NOT_FOUND)
		code = ERR_OK;
	if (code == ERR_OK)
		code = shelf_read(s, err);
	if (code)
		shelf_close(s);
	return code;
}

const char *shelf_stem(struct shelf *s, const struct greeting *g)
{
	return g->index >= TIMEFRAME_FIRST ? timeframe_stem(s->a, g->index, g->time_frame) : g->kind;
}

static const char *read_script(struct shelf *s, const struct greeting *g)
{
	const char *stem = shelf_stem(s, g), *name = stem ? arena_printf(s->a, "%s.txt", stem) : NULL, *out = "";
	struct buf b;

	buf_init(&b, ENVELOPE_MAX);
	if (name && tree_read(shelf_dir(s, g->index), name, &b, NULL) == ERR_OK)
		out = envelope_value(buf_view(&b), "script", s->a);
	buf_release(&b);
	return out ? out : "";
}

static enum err_code measure(struct shelf *s, struct greeting *g, struct err *err)
{
	char head[SOUND_HEAD];
	struct stat st;
	ssize_t n;
	int fd;
	enum err_code code = tree_file(shelf_dir(s, g->index), g->sound, &fd, &st, err);

	if (code)
		return code;
	n = pread(fd, head, sizeof(head), 0);
	tree_close(&fd);
	g->size = (uint64_t)st.st_size;
	g->modified_s = (int64_t)st.st_mtime;
	g->length_ms = n <= 0 ? 0 : sound_length_ms(g->format, (struct slice){ head, (size_t)n }, g->size);
	g->script = read_script(s, g);
	return arena_failed(s->a) ? shelf_no_memory(err) : ERR_OK;
}

enum err_code greeting_list(const struct voicemail *vm, const struct mailbox *box, struct arena *a,
	struct greeting **out, size_t *n, struct err *err)
{
	struct shelf s;
	size_t i;
	enum err_code code = shelf_open(vm, box, false, a, &s, err);

	*out = NULL;
	*n = 0;
	if (code)
		return code == ERR_NOT_FOUND ? ERR_OK : code;
	for (i = 0; code == ERR_OK && i < s.n; i++) {
		code = measure(&s, &s.v[i], err);
		if (code == ERR_NOT_FOUND || code == ERR_CONFLICT) { /* gone, or a second name: still one to delete */
			s.v[i].script = "";
			code = ERR_OK;
		}
	}
	*out = s.v;
	*n = s.n;
	shelf_close(&s);
	return code;
}

enum err_code shelf_none(unsigned index, struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "There is no greeting %u.", index);
}

enum err_code shelf_find(struct shelf *s, unsigned index, struct greeting **out, struct err *err)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->v[i].index == index) {
			*out = &s->v[i];
			return ERR_OK;
		}
	return shelf_none(index, err);
}

enum err_code greeting_find(const struct voicemail *vm, const struct mailbox *box, unsigned index, struct arena *a,
	struct greeting *out, struct err *err)
{
	struct greeting *g = NULL;
	struct shelf s;
	enum err_code code = shelf_open(vm, box, false, a, &s, err);

	if (code)
		return code == ERR_NOT_FOUND ? shelf_none(index, err) : code;
	code = shelf_find(&s, index, &g, err);
	if (code == ERR_OK)
		code = measure(&s, g, err);
	if (code == ERR_OK)
		*out = *g;
	shelf_close(&s);
	return code;
}

enum err_code greeting_sound(const struct voicemail *vm, const struct mailbox *box, unsigned index, struct arena *a,
	int *fd, struct stat *st, const struct sound_format **format, struct err *err)
{
	struct greeting *g = NULL;
	struct shelf s;
	enum err_code code = shelf_open(vm, box, false, a, &s, err);

	*fd = -1;
	if (code)
		return code == ERR_NOT_FOUND ? shelf_none(index, err) : code;
	code = shelf_find(&s, index, &g, err);
	if (code == ERR_OK) {
		*format = g->format;
		code = tree_file(shelf_dir(&s, index), g->sound, fd, st, err);
	}
	shelf_close(&s);
	return code;
}
