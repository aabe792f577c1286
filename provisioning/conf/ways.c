#include "provisioning/conf/ways.h"

#include <string.h>

static const char *const words[WAYS] = { "certificate", "token", "pairing" };

const char *way_word(unsigned n)
{
	return words[n];
}

unsigned way_parse(struct slice word)
{
	unsigned n;

	for (n = 0; n < WAYS; n++)
		if (slice_eq_str(word, words[n]))
			return 1U << n;
	return 0;
}

unsigned ways_parse(const char *text)
{
	unsigned ways = 0;

	while (*text) {
		size_t n = strcspn(text, " ");

		ways |= way_parse((struct slice){ text, n });
		text += n + (text[n] != '\0');
	}
	return ways;
}
