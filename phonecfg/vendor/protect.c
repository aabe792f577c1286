/* Parameters that Rekey states itself: no override may name them. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/model/words.h"
#include "phonecfg/vendor/book.h"
#include "phonecfg/vendor/renderer.h"

enum { SMALL_FILE_MAX = 64 * 1024 };

/* Whatever the case: not every firmware is particular about it. */
static bool matches(const char *pattern, const char *name)
{
	for (; *pattern; pattern++, name++) {
		if (*pattern == '*') {
			do {
				if (matches(pattern + 1, name))
					return true;
			} while (*name++);
			return false;
		}
		if (tolower((unsigned char)*pattern) != tolower((unsigned char)*name))
			return false;
	}
	return *name == 0;
}

/* A number that stands for a guarded name is guarded with it. */
const char *renderer_guard(const struct renderer *r, enum vendor_id vendor, const char *name)
{
	const struct param_row *row = r && r->books[vendor] ? param_book_row(r->books[vendor], name) : NULL;

	if (row && row->alias && strcmp(row->alias, name) != 0) {
		const char *guard = renderer_guard(r, vendor, row->alias);
		if (guard)
			return guard;
	}
	for (size_t i = 0; r && i < r->nguarded[vendor]; i++) {
		if (matches(r->guarded[vendor][i], name))
			return r->guarded[vendor][i];
	}
	return NULL;
}

enum err_code renderer_read_guards(struct renderer *r, enum vendor_id vendor, struct err *err)
{
	struct slice rest, line;
	size_t cap = 0;
	char name[40];
	struct buf text;
	enum err_code rc;

	snprintf(name, sizeof(name), "%s/protected", vendor_word(vendor));
	buf_init(&text, SMALL_FILE_MAX);
	rc = renderer_slurp(r->dir, name, "", &text, err);
	for (rest = buf_view(&text); !rc && rest.n;) {
		const char **slot;
		line = slice_trim(slice_cut(&rest, '\n'));
		if (!line.n || line.p[0] == '#')
			continue;
		slot = arena_push(&r->arena, (void **)&r->guarded[vendor], &r->nguarded[vendor], &cap, sizeof(*slot));
		if (slot)
			*slot = arena_slice(&r->arena, line);
	}
	buf_release(&text);
	return rc;
}

enum err_code renderer_check_overrides(
	const struct renderer *r, const struct profile *pf, const struct phone *ph, struct err *err)
{
	for (size_t i = 0; i < ph->noverrides; i++) {
		/* A neutral word is no parameter: where all of those are our own, a word may still be said. */
		if (!word_find(ph->overrides[i].name) && renderer_guard(r, pf->vendor, ph->overrides[i].name))
			return err_set(err, ERR_INPUT,
				"override %s: this parameter is set from lines, keys and settings; change those",
				ph->overrides[i].name);
	}
	return ERR_OK;
}
