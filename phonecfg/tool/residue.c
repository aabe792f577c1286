#include "phonecfg/handset/residue.h"

#include <stdio.h>
#include <string.h>

#include "phonecfg/tool/commands.h"
#include "phonecfg/tool/state.h"

static enum err_code search(
	const struct state_place *place, char **words, int n, struct buf *out, size_t *found, struct err *err)
{
	struct residue_query q = { 0 };
	struct residue_word *w;
	struct residue_list list = { 0 };
	struct handset *hs;
	char sentence[512];
	struct arena a;
	enum err_code rc;
	size_t i;

	arena_init(&a, 0);
	rc = state_load(place, &hs, err);
	w = arena_alloc(&a, (size_t)n * sizeof(*w));
	if (!rc && !w)
		rc = err_set(err, ERR_NOMEM, "out of memory while reading the words");
	for (i = 0; !rc && i < (size_t)n; i++)
		w[i] = (struct residue_word){ RESIDUE_ANY, words[i] };
	q.words = w;
	q.nwords = (size_t)n;
	if (!rc)
		rc = residue_find(NULL, hs, &q, &a, &list, err);
	for (i = 0; !rc && i < list.n; i++)
		buf_printf(out, "%s\n", residue_sentence(&list.v[i], sentence, sizeof(sentence)));
	*found = list.n;
	handset_free(hs);
	arena_release(&a);
	return rc;
}

static int run(int argc, char **argv)
{
	struct state_place place = { 0 };
	const struct tool_option table[] = {
		{ "--profiles", &place.profiles, NULL },
		{ NULL, NULL, NULL },
	};
	struct err err = { 0 };
	size_t found = 0;
	struct buf out;
	int count, code = tool_options(&command_residue, table, argc, argv, &count);

	if (code >= 0)
		return code;
	if (count < 2)
		return tool_usage(&command_residue, "name the phone's state and at least one word to look for");
	place.path = argv[1];
	buf_init(&out, TOOL_FILE_MAX);
	if (search(&place, argv + 2, count - 1, &out, &found, &err) || tool_print(&out, &err))
		code = tool_fail(&err);
	else
		code = found ? TOOL_FAILED : TOOL_OK;
	buf_release(&out);
	return code;
}

const struct command command_residue = {
	.name = "residue",
	.usage = "STATE WORD... [--profiles DIR]",
	.summary = "Lists each parameter that still holds a word, in either case; exit 1 when there is one.",
	.fn = run,
};
