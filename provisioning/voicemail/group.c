#include "provisioning/voicemail/group.h"

#include <stdlib.h>
#include <string.h>

#include "provisioning/conf/fault.h"
#include "provisioning/voicemail/tree.h"

static enum err_code no_memory(struct err *err)
{
	return err_set(err, ERR_NOMEM, "There is no memory to read a folder of the voicemail.");
}

static int by_number(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	return x->number < y->number ? -1 : x->number > y->number;
}

/* index: number -> group + 1. */
static struct group *group_of(
	struct group **v, size_t *n, size_t *cap, size_t index[MESSAGES_LIMIT + 1], unsigned number, struct arena *a)
{
	struct group *g;

	if (index[number])
		return &(*v)[index[number] - 1];
	g = arena_push(a, (void **)v, n, cap, sizeof(*g));
	if (g) {
		g->number = number;
		index[number] = *n;
	}
	return g;
}

enum err_code groups_scan(int dir, struct arena *a, struct group **out, size_t *n, struct err *err)
{
	size_t *index = arena_alloc(a, (MESSAGES_LIMIT + 1) * sizeof(*index));
	size_t entries, i, cap = 0;
	struct tree_entry *e;
	enum err_code code = index ? tree_list(dir, a, &e, &entries, err) : no_memory(err);

	*out = NULL;
	*n = 0;
	for (i = 0; code == ERR_OK && i < entries; i++) {
		const char *rest, **name;
		struct group *g;
		unsigned number;

		if (!message_name(e[i].name, &number, &rest))
			continue;
		g = group_of(out, n, &cap, index, number, a);
		name = g ? arena_push(a, (void **)&g->names, &g->n, &g->cap, sizeof(*name)) : NULL;
		if (name == NULL)
			return no_memory(err);
		*name = e[i].name;
		g->txt |= strcmp(rest, ".txt") == 0 && e[i].kind == TREE_FILE;
		g->foreign |= e[i].kind == TREE_DIR;
	}
	if (code == ERR_OK && *n)
		qsort(*out, *n, sizeof(**out), by_number);
	return code;
}

static const char *rest_of(const char *name)
{
	return name + 7; /* msgNNNN */
}

const char *group_sound(const struct group *g, const char *ext, const struct sound_format **format)
{
	const char *best = NULL;
	size_t i;

	*format = NULL;
	for (i = 0; i < g->n; i++) {
		const char *rest = rest_of(g->names[i]);
		const struct sound_format *f = *rest == '.' ? sound_format(rest + 1) : NULL;

		if (f == NULL || (ext && strcmp(ext, f->ext) != 0))
			continue;
		if (best == NULL || sound_rank(f) < sound_rank(*format)) {
			best = g->names[i];
			*format = f;
		}
	}
	return best;
}

const char *group_txt(const struct group *g)
{
	size_t i;

	for (i = 0; i < g->n; i++)
		if (strcmp(rest_of(g->names[i]), ".txt") == 0)
			return g->names[i];
	return NULL;
}

static bool is_message(const struct group *g)
{
	const struct sound_format *f;

	return !g->foreign && (g->txt || group_sound(g, NULL, &f));
}

size_t groups_count(const struct group *g, size_t n)
{
	size_t i, count = 0;

	for (i = 0; i < n; i++)
		count += is_message(&g[i]);
	return count;
}

enum err_code group_delete(int dir, const struct group *g, struct err *err)
{
	const char *txt = group_txt(g);
	enum err_code code = ERR_OK;
	size_t i;

	for (i = 0; code == ERR_OK && i < g->n; i++)
		if (g->names[i] != txt)
			code = tree_unlink(dir, g->names[i], err);
	return code == ERR_OK && txt ? tree_unlink(dir, txt, err) : code;
}

char *group_name(struct arena *a, unsigned number, const char *rest)
{
	return arena_printf(a, "msg%04u%s", number % (MESSAGES_LIMIT + 1), rest);
}

static enum err_code move_one(int from, const char *name, int to, unsigned number, struct arena *a, struct err *err)
{
	char *as = group_name(a, number, rest_of(name));

	return as ? tree_rename(from, name, to, as, err) : no_memory(err);
}

enum err_code group_move(int from, const struct group *g, int to, unsigned number, struct arena *a, struct err *err)
{
	const char *txt = group_txt(g);
	enum err_code code = ERR_OK;
	size_t i;

	for (i = 0; code == ERR_OK && i < g->n; i++)
		if (g->names[i] != txt) {
			code = move_one(from, g->names[i], to, number, a, err);
			fault_point("voicemail-half-message");
		}
	return code == ERR_OK && txt ? move_one(from, txt, to, number, a, err) : code;
}

static bool has_rest(const struct group *g, const char *rest)
{
	size_t i;

	for (i = 0; i < g->n; i++)
		if (strcmp(rest_of(g->names[i]), rest) == 0)
			return true;
	return false;
}

/* Sounds without an envelope, and behind them the envelope without these sounds: one message, half moved. */
static bool one_message(const struct group *first, const struct group *second)
{
	size_t i;

	if (first->foreign || second->foreign || first->txt || !second->txt)
		return false;
	for (i = 0; i < first->n; i++)
		if (has_rest(second, rest_of(first->names[i])))
			return false;
	return true;
}

enum err_code groups_close_gaps(int dir, struct arena *a, struct err *err)
{
	unsigned next = 0;
	struct group *g;
	size_t i, n;
	enum err_code code = groups_scan(dir, a, &g, &n, err);

	for (i = 0; code == ERR_OK && i < n; i++) {
		if (g[i].foreign) /* whatever it is, its number is taken */
			continue;
		if (i > 0 && g[i - 1].number + 1 == next && one_message(&g[i - 1], &g[i])) {
			code = group_move(dir, &g[i], dir, next - 1, a, err);
			continue;
		}
		while (next < g[i].number) {
			size_t k;

			for (k = 0; k < n && !(g[k].foreign && g[k].number == next); k++)
				;
			if (k == n)
				break;
			next++;
		}
		if (g[i].number != next)
			code = group_move(dir, &g[i], dir, next, a, err);
		g[i].number = next++;
	}
	return code;
}
