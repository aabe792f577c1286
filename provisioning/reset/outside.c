#include "provisioning/reset/outside.h"

#include <string.h>

static const char *behind(const char *text, const char *word)
{
	const char *at = strstr(text, word);

	return at ? at + strlen(word) : text;
}

const char *outside_number(struct arena *a, const char *text)
{
	const char *number = behind(behind(text ? text : "", "_pstn_"), "confirm_");
	char *digits = arena_alloc(a, strlen(number) + 1);
	size_t n = 0;

	for (; digits && *number && *number != ';'; number++) {
		if (*number >= '0' && *number <= '9')
			digits[n++] = *number;
		else if (strchr("+-./() ", *number) == NULL)
			return NULL;
	}
	if (digits == NULL || n < OUTSIDE_MIN)
		return NULL;
	digits[n] = '\0';
	return n > OUTSIDE_TAIL ? digits + n - OUTSIDE_TAIL : digits;
}
