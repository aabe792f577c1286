/* Which overrides a phone's file takes: no parameter that Rekey states itself, none of another vendor's. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

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

/* "+front": names are guarded with that in front too. What is left of the name, or NULL. */
static const char *behind(const char *pattern, const char *name)
{
	size_t n = strlen(pattern) - 1;

	return *pattern == '+' && n && strncasecmp(name, pattern + 1, n) == 0 && name[n] ? name + n : NULL;
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
		const char *rest = behind(r->guarded[vendor][i], name), *guard = NULL;
		if (rest)
			guard = renderer_guard(r, vendor, rest);
		else if (matches(r->guarded[vendor][i], name))
			guard = r->guarded[vendor][i];
		if (guard)
			return guard;
	}
	return NULL;
}

static bool knows(const struct param_book *book, const char *name)
{
	return book && (param_book_row(book, name) || param_book_number(book, name));
}

enum vendor_id renderer_foreign(const struct renderer *r, enum vendor_id vendor, const char *name)
{
	if (!r || !r->books[vendor] || knows(r->books[vendor], name))
		return VENDOR_NONE;
	for (int id = VENDOR_NONE + 1; id < VENDOR_COUNT; id++) {
		if (knows(r->books[id], name))
			return (enum vendor_id)id;
	}
	return VENDOR_NONE;
}

bool override_twice(const struct profile *pf, const struct phone *ph)
{
	return profile_speaks(pf, ph->firmware, "grandstream") && profile_speaks(pf, ph->firmware, "grandstream-p");
}

/* An override as this file spells it: Grandstream's two ways of writing have a number and a name for one setting, and
 * of the two a phone of that generation reads one. */
static struct override spelled(const struct renderer *r, const struct profile *pf, const struct phone *ph,
	const struct override *ov, bool by_number)
{
	const struct param_book *book = r && pf->vendor == VENDOR_GRANDSTREAM ? r->books[pf->vendor] : NULL;
	bool numbers = book && (by_number || !profile_speaks(pf, ph->firmware, "grandstream"));
	const struct param_row *row = book ? param_book_row(book, ov->name) : NULL;
	struct override out = *ov;

	if (row && !numbers && row->alias)
		out.name = row->alias;
	for (size_t i = 0; row && numbers && !row->alias && i < param_book_count(book); i++) {
		const struct param_row *other = param_book_at(book, i);
		if (!other->alias || strcmp(other->alias, ov->name) != 0)
			continue;
		out.name = other->name;
		if (slice_ieq_str(slice_str(ov->value), "yes") || slice_ieq_str(slice_str(ov->value), "no"))
			out.value = slice_ieq_str(slice_str(ov->value), "yes") ? "1" : "0";
		break;
	}
	return out;
}

/* What an API refuses by vendor_check_override must not break a file either, if it was kept before it was known: it is
 * left out. */
bool override_written(const struct renderer *r, const struct profile *pf, const struct phone *ph,
	const struct override *ov, bool by_number, struct override *out)
{
	const struct param_book *book = r ? r->books[pf->vendor] : NULL;
	char why[PARAM_WHY_MAX];

	*out = *ov;
	if (renderer_guard(r, pf->vendor, ov->name) || renderer_foreign(r, pf->vendor, ov->name))
		return false;
	*out = spelled(r, pf, ph, ov, by_number);
	if (renderer_guard(r, pf->vendor, out->name) || word_find(out->name) || override_check(out, NULL))
		return false;
	return !book || param_judge(book, out->name, slice_str(out->value), NULL, why) != PARAM_VALUE;
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
