#include "provisioning/reset/person.h"

#include <string.h>
#include <strings.h>

#include "phonecfg/base/text.h"

const char *person_name(struct arena *a, const char *first, const char *last)
{
	bool f = first && *first, l = last && *last;

	if (!f && !l)
		return "";
	return arena_printf(a, "%s%s%s", f ? first : "", f && l ? " " : "", l ? last : "");
}

/* Where the word stands in a text, at from or behind it; NULL = nowhere. */
static const char *find_word(const char *text, const char *from, const char *word)
{
	size_t n = strlen(word);
	const char *p;

	for (p = from; n && *p; p++)
		if (strncasecmp(p, word, n) == 0 && (p == text || !text_in_word(p[-1])) && !text_in_word(p[n]))
			return p;
	return NULL;
}

static bool has_word(const char *text, const char *word)
{
	return find_word(text, text, word) != NULL;
}

bool label_names(const char *label, const char *first, const char *last, bool all)
{
	bool f = has_word(label, first), l = has_word(label, last);

	return all ? f && l : f || l;
}

const char *label_replaced(struct arena *a, const char *label, const char *word, const char *by)
{
	const char *at = find_word(label, label, word), *rest = label, *out = "";

	for (; at && out; at = find_word(label, rest, word)) {
		out = arena_printf(a, "%s%.*s%s", out, (int)(at - rest), rest, by);
		rest = at + strlen(word);
	}
	return rest == label || out == NULL ? label : arena_printf(a, "%s%s", out, rest);
}
