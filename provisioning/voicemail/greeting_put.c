/* Changing greetings. */
#include <string.h>

#include "phonecfg/base/text.h"
#include "provisioning/voicemail/shelf.h"
#include "provisioning/voicemail/tree.h"

/* Every file of that number but one: other formats, the script, what is being recorded. */
static enum err_code clear(struct shelf *s, unsigned index, const char *but, struct err *err)
{
	int dir = shelf_dir(s, index);
	struct tree_entry *e;
	size_t i, n;
	enum err_code code = tree_list(dir, s->a, &e, &n, err);

	for (i = 0; code == ERR_OK && i < n; i++) {
		const char *rest, *kind;
		char *time_frame;

		if (e[i].kind != TREE_DIR && (but == NULL || strcmp(but, e[i].name) != 0) &&
			shelf_index(s, e[i].name, index >= TIMEFRAME_FIRST, &time_frame, &rest, &kind) == index)
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
	if (index && shelf_find(s, index, &had, NULL) == ERR_OK && out->time_frame == NULL)
		out->time_frame = had->time_frame;
	if (out->time_frame == NULL)
		return err_set(err, ERR_INPUT, "\"time-frame\" is missing for a greeting of that number.");
	for (i = 0; i < s->n; i++)
		if (s->v[i].time_frame && s->v[i].index != index && strcmp(s->v[i].time_frame, out->time_frame) == 0)
			return err_set(err, ERR_CONFLICT, "This time frame has greeting %u already; replace that one.",
				s->v[i].index);
	for (index = TIMEFRAME_FIRST; out->index == 0 && index <= TIMEFRAME_LAST; index++)
		if (shelf_find(s, index, &had, NULL))
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
		return shelf_no_memory(err);
	if (g->script == NULL || *g->script == '\0')
		return ERR_OK;
	return tree_put(shelf_dir(s, g->index), name, slice_str(text), err);
}

static enum err_code put(
	struct shelf *s, const struct greeting_new *wanted, const char *ext, unsigned *index, struct err *err)
{
	struct greeting g;
	const char *stem, *name;
	enum err_code code = choose(s, wanted, &g, err);

	if (code)
		return code;
	stem = shelf_stem(s, &g);
	name = stem ? arena_printf(s->a, "%s.%s", stem, ext) : NULL;
	if (name == NULL)
		return arena_failed(s->a) ? shelf_no_memory(err)
					  : err_set(err, ERR_INPUT, "The name of this time frame is too long.");
	/* The new one first: at no moment is there none. */
	if ((code = tree_put(shelf_dir(s, g.index), name, wanted->sound, err)) ||
		(code = clear(s, g.index, name, err)) || (code = write_script(s, &g, stem, err)))
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
		code = shelf_none(index, err);
	else if (code == ERR_OK) {
		code = shelf_find(&s, index, &g, err);
		if (code == ERR_OK)
			code = clear(&s, index, NULL, err);
		shelf_close(&s);
	}
	arena_release(&a);
	return code;
}
