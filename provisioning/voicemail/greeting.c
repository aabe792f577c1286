#include "provisioning/voicemail/greeting.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "phonecfg/base/text.h"
#include "provisioning/voicemail/envelope.h"
#include "provisioning/voicemail/tree.h"

/* Where the files of one number lie, and which they are. */
struct shelf {
	struct mailbox_dir box;
	int timeframes; /* -1: not there */
	struct greeting *v;
	size_t n, cap;
	struct arena *a;
};

static enum err_code no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "There is no memory for the greetings of this mailbox.");
}

static void shelf_close(struct shelf *s)
{
	tree_close(&s->timeframes);
	mailbox_close(&s->box);
}

static int dir_of(const struct shelf *s, unsigned index)
{
	return index >= TIMEFRAME_FIRST ? s->timeframes : s->box.box;
}

/* ---- reading ---- */

/* Which number a file belongs to; 0 = none. */
static unsigned index_of(
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
		unsigned index = index_of(s, e[i].name, timed, &time_frame, &rest, &kind);
		struct greeting *g;

		f = index && *rest == '.' && e[i].kind == TREE_FILE ? sound_format(rest + 1) : NULL;
		if (f == NULL)
			continue;
		g = entry_of(s, index);
		if (g == NULL)
			return no_memory(err);
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

static enum err_code shelf_read(struct shelf *s, struct err *err)
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

/* make: for a greeting that is to come. */
static enum err_code shelf_open(const struct voicemail *vm, const struct mailbox *box, bool make, struct arena *a,
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

static const char *stem_of(struct shelf *s, const struct greeting *g)
{
	return g->index >= TIMEFRAME_FIRST ? timeframe_stem(s->a, g->index, g->time_frame) : g->kind;
}

static const char *read_script(struct shelf *s, const struct greeting *g)
{
	const char *stem = stem_of(s, g), *name = stem ? arena_printf(s->a, "%s.txt", stem) : NULL, *out = "";
	struct buf b;

	buf_init(&b, ENVELOPE_MAX);
	if (name && tree_read(dir_of(s, g->index), name, &b, NULL) == ERR_OK)
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
	enum err_code code = tree_file(dir_of(s, g->index), g->sound, &fd, &st, err);

	if (code)
		return code;
	n = pread(fd, head, sizeof(head), 0);
	tree_close(&fd);
	g->size = (uint64_t)st.st_size;
	g->modified_s = (int64_t)st.st_mtime;
	g->length_ms = n <= 0 ? 0 : sound_length_ms(g->format, (struct slice){ head, (size_t)n }, g->size);
	g->script = read_script(s, g);
	return arena_failed(s->a) ? no_memory(err) : ERR_OK;
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

static enum err_code none(unsigned index, struct err *err)
{
	return err_set(err, ERR_NOT_FOUND, "There is no greeting %u.", index);
}

static enum err_code find(struct shelf *s, unsigned index, struct greeting **out, struct err *err)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->v[i].index == index) {
			*out = &s->v[i];
			return ERR_OK;
		}
	return none(index, err);
}

enum err_code greeting_find(const struct voicemail *vm, const struct mailbox *box, unsigned index, struct arena *a,
	struct greeting *out, struct err *err)
{
	struct greeting *g = NULL;
	struct shelf s;
	enum err_code code = shelf_open(vm, box, false, a, &s, err);

	if (code)
		return code == ERR_NOT_FOUND ? none(index, err) : code;
	code = find(&s, index, &g, err);
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
		return code == ERR_NOT_FOUND ? none(index, err) : code;
	code = find(&s, index, &g, err);
	if (code == ERR_OK) {
		*format = g->format;
		code = tree_file(dir_of(&s, index), g->sound, fd, st, err);
	}
	shelf_close(&s);
	return code;
}

/* ---- changing ---- */

/* Every file of that number but one: other formats, the script, what is being recorded. */
static enum err_code clear(struct shelf *s, unsigned index, const char *but, struct err *err)
{
	int dir = dir_of(s, index);
	struct tree_entry *e;
	size_t i, n;
	enum err_code code = tree_list(dir, s->a, &e, &n, err);

	for (i = 0; code == ERR_OK && i < n; i++) {
		const char *rest, *kind;
		char *time_frame;

		if (e[i].kind != TREE_DIR && (but == NULL || strcmp(but, e[i].name) != 0) &&
			index_of(s, e[i].name, index >= TIMEFRAME_FIRST, &time_frame, &rest, &kind) == index)
			code = tree_unlink(dir, e[i].name, err);
	}
	return code ? code : tree_sync(dir, err);
}

/* The number that is meant, and the time frame that it has. */
static enum err_code choose(struct shelf *s, const struct greeting_new *g, struct greeting *out, struct err *err)
{
	struct greeting *had = NULL;
	unsigned index = g->index;
	size_t i;

	*out = (struct greeting){ .index = index, .time_frame = g->time_frame, .script = g->script };
	if (index >= 1 && index <= GREETING_KINDS) {
		out->kind = greeting_file((enum greeting_kind)(index - 1));
		return g->time_frame
			       ? err_set(err, ERR_INPUT,
					 "Greeting %u stands always; one with a time frame has a number from %d to %d.",
					 index, TIMEFRAME_FIRST, TIMEFRAME_LAST)
			       : ERR_OK;
	}
	if (index && (index < TIMEFRAME_FIRST || index > TIMEFRAME_LAST))
		return err_set(err, ERR_INPUT, "A greeting's number is 1 to %d, or %d to %d with a time frame.",
			GREETING_KINDS, TIMEFRAME_FIRST, TIMEFRAME_LAST);
	if (index && find(s, index, &had, NULL) == ERR_OK && out->time_frame == NULL)
		out->time_frame = had->time_frame;
	if (out->time_frame == NULL)
		return err_set(err, ERR_INPUT, "\"time-frame\" is missing for a greeting of that number.");
	for (i = 0; i < s->n; i++)
		if (s->v[i].time_frame && s->v[i].index != index && strcmp(s->v[i].time_frame, out->time_frame) == 0)
			return err_set(err, ERR_CONFLICT, "This time frame has greeting %u already; replace that one.",
				s->v[i].index);
	for (index = TIMEFRAME_FIRST; out->index == 0 && index <= TIMEFRAME_LAST; index++)
		if (find(s, index, &had, NULL))
			out->index = index;
	return out->index
		       ? ERR_OK
		       : err_set(err, ERR_CONFLICT, "All %d greetings with a time frame are taken; delete one first.",
				 TIMEFRAME_LAST - TIMEFRAME_FIRST + 1);
}

static enum err_code write_script(struct shelf *s, const struct greeting *g, const char *stem, struct err *err)
{
	const char *name = arena_printf(s->a, "%s.txt", stem),
		   *text = arena_printf(s->a, "[greeting]\nscript=%s\n", g->script ? g->script : "");

	if (name == NULL || text == NULL)
		return no_memory(err);
	if (g->script == NULL || *g->script == '\0')
		return ERR_OK;
	return tree_put(dir_of(s, g->index), name, slice_str(text), err);
}

static enum err_code put(
	struct shelf *s, const struct greeting_new *wanted, const char *ext, unsigned *index, struct err *err)
{
	struct greeting g;
	const char *stem, *name;
	enum err_code code = choose(s, wanted, &g, err);

	if (code)
		return code;
	stem = stem_of(s, &g);
	name = stem ? arena_printf(s->a, "%s.%s", stem, ext) : NULL;
	if (name == NULL)
		return arena_failed(s->a) ? no_memory(err)
					  : err_set(err, ERR_INPUT, "The name of this time frame is too long.");
	/* The new one first: at no moment is there none. */
	if ((code = tree_put(dir_of(s, g.index), name, wanted->sound, err)) || (code = clear(s, g.index, name, err)) ||
		(code = write_script(s, &g, stem, err)))
		return code;
	*index = g.index;
	return ERR_OK;
}

static enum err_code check_new(const struct greeting_new *g, const char **ext, struct err *err)
{
	enum err_code code = ERR_OK;

	if (g->sound.n > GREETING_BYTES_MAX)
		return err_set(err, ERR_LIMIT, "A greeting has at most %d MB; record a shorter one.",
			GREETING_BYTES_MAX >> 20);
	if (g->time_frame)
		code = *g->time_frame ? text_check("time-frame", slice_str(g->time_frame), TIMEFRAME_CHARS, err)
				      : err_set(err, ERR_INPUT, "\"time-frame\" is empty; leave it out or name one.");
	if (code == ERR_OK && g->script)
		code = text_check("script", slice_str(g->script), SCRIPT_CHARS, err);
	return code ? code : sound_sniff(g->sound, ext, err);
}

enum err_code greeting_put(const struct voicemail *vm, const struct mailbox *box, const struct greeting_new *g,
	unsigned *index, struct err *err)
{
	struct folder_lock lock;
	const char *ext;
	struct arena a;
	struct shelf s;
	enum err_code code = check_new(g, &ext, err);

	if (code)
		return code;
	arena_init(&a, 0);
	code = shelf_open(vm, box, true, &a, &s, err);
	if (code == ERR_OK) {
		/* app_voicemail locks no greeting; this lock keeps two of ours from one number. */
		code = folder_lock(s.timeframes, &vm->lock, &lock, err);
		if (code == ERR_OK)
			code = shelf_read(&s, err);
		if (code == ERR_OK)
			code = put(&s, g, ext, index, err);
		folder_unlock(&lock);
		shelf_close(&s);
	}
	arena_release(&a);
	return code;
}

enum err_code greeting_delete(const struct voicemail *vm, const struct mailbox *box, unsigned index, struct err *err)
{
	struct greeting *g;
	struct arena a;
	struct shelf s;
	enum err_code code;

	arena_init(&a, 0);
	code = shelf_open(vm, box, false, &a, &s, err);
	if (code == ERR_NOT_FOUND)
		code = none(index, err);
	else if (code == ERR_OK) {
		code = find(&s, index, &g, err);
		if (code == ERR_OK)
			code = clear(&s, index, NULL, err);
		shelf_close(&s);
	}
	arena_release(&a);
	return code;
}
