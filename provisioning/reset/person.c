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

static bool has_word(const char *text, const char *word)
{
	size_t n = strlen(word);
	const char *p;

	if (n == 0)
		return false;
	for (p = text; *p; p++)
		if (strncasecmp(p, word, n) == 0 && (p == text || !text_in_word(p[-1])) && !text_in_word(p[n]))
			return true;
	return false;
}

bool label_names(const char *label, const char *first, const char *last, bool all)
{
	bool f = has_word(label, first), l = has_word(label, last);

	return all ? f && l : f || l;
}
