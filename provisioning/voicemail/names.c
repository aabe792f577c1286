#include "provisioning/voicemail/names.h"

#include <stdio.h>
#include <string.h>

#include "phonecfg/base/hex.h"
#include "phonecfg/base/text.h"

static const struct {
	const char *word, *dir;
} folders[FOLDER_COUNT] = {
	[FOLDER_NEW] = { "new", "INBOX" },
	[FOLDER_SAVED] = { "saved", "Old" },
	[FOLDER_TRASH] = { "trash", "Deleted" },
	[FOLDER_URGENT] = { "urgent", "Urgent" },
	[FOLDER_WORK] = { "work", "Work" },
	[FOLDER_FAMILY] = { "family", "Family" },
	[FOLDER_FRIENDS] = { "friends", "Friends" },
	[FOLDER_CUST1] = { "cust1", "Cust1" },
	[FOLDER_CUST2] = { "cust2", "Cust2" },
	[FOLDER_CUST3] = { "cust3", "Cust3" },
	[FOLDER_CUST4] = { "cust4", "Cust4" },
	[FOLDER_CUST5] = { "cust5", "Cust5" },
};

static const char *const greetings[GREETING_KINDS] = {
	[GREETING_UNAVAIL] = "unavail",
	[GREETING_BUSY] = "busy",
	[GREETING_TEMP] = "temp",
	[GREETING_NAME] = "greet",
};

const char *folder_word(enum folder f)
{
	return folders[f].word;
}

const char *folder_dir(enum folder f)
{
	return folders[f].dir;
}

bool folder_read(const char *word, enum folder *out)
{
	unsigned i;

	if (strcmp(word, "save") == 0)
		word = "saved";
	for (i = 0; i < FOLDER_COUNT; i++)
		if (strcmp(folders[i].word, word) == 0) {
			*out = (enum folder)i;
			return true;
		}
	return false;
}

bool folder_is_dir(const char *name, enum folder *out)
{
	unsigned i;

	for (i = 0; i < FOLDER_COUNT; i++)
		if (strcmp(folders[i].dir, name) == 0) {
			*out = (enum folder)i;
			return true;
		}
	return false;
}

static bool digit(char c)
{
	return c >= '0' && c <= '9';
}

bool message_name(const char *name, unsigned *number, const char **rest)
{
	size_t i;

	if (strncmp(name, "msg", 3) != 0)
		return false;
	*number = 0;
	for (i = 3; i < 7; i++) {
		if (!digit(name[i]))
			return false;
		*number = *number * 10 + (unsigned)(name[i] - '0');
	}
	*rest = name + 7;
	return !digit(name[7]);
}

const char *greeting_file(enum greeting_kind k)
{
	return greetings[k];
}

bool greeting_name(const char *name, enum greeting_kind *k, const char **rest)
{
	unsigned i;

	for (i = 0; i < GREETING_KINDS; i++) {
		size_t n = strlen(greetings[i]);

		if (strncmp(name, greetings[i], n) == 0 && strchr(".-", name[n]) != NULL) { /* the NUL too */
			*k = (enum greeting_kind)i;
			*rest = name + n;
			return true;
		}
	}
	return false;
}

/* ---- time frames ---- */

static bool plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || digit(c) || c == '_';
}

char *timeframe_stem(struct arena *a, unsigned index, const char *time_frame)
{
	static const char hex[] = "0123456789ABCDEF";
	size_t n = strlen(time_frame), at;
	char *out = arena_alloc(a, 3 * n + 4);

	if (out == NULL)
		return NULL;
	at = (size_t)snprintf(out, 4, "%02u-", index % 100);
	for (; *time_frame; time_frame++) {
		if (plain(*time_frame)) {
			out[at++] = *time_frame;
			continue;
		}
		out[at++] = '%';
		out[at++] = hex[(unsigned char)*time_frame >> 4];
		out[at++] = hex[*time_frame & 15];
	}
	return at < 240 ? out : NULL; /* room for an extension within 255 */
}

bool timeframe_name(struct arena *a, const char *name, unsigned *index, char **time_frame, const char **rest)
{
	char *out = arena_alloc(a, strlen(name) + 1);
	const char *p = name + 3;
	size_t n = 0;

	if (out == NULL || !digit(name[0]) || !digit(name[1]) || name[2] != '-')
		return false;
	*index = (unsigned)(name[0] - '0') * 10 + (unsigned)(name[1] - '0');
	while (plain(*p) || *p == '%') {
		if (*p == '%' && (hex_digit(p[1]) < 0 || hex_digit(p[2]) < 0))
			return false;
		out[n++] = *p == '%' ? (char)(hex_digit(p[1]) << 4 | hex_digit(p[2])) : *p;
		p += *p == '%' ? 3 : 1;
	}
	*time_frame = out;
	*rest = p;
	return *index >= TIMEFRAME_FIRST && n > 0 && strlen(out) == n && (*p == '.' || *p == '\0') &&
	       text_is_utf8((struct slice){ out, n });
}
