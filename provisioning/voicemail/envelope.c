#include "provisioning/voicemail/envelope.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "phonecfg/base/text.h"

enum { ID_MAX = 64, NUMBER_DIGITS = 15 };

/* As one text that JSON can carry: each byte that is no part of UTF-8, and each control character, becomes '?'. */
static char *clean(struct slice s, struct arena *a)
{
	char *out = arena_alloc(a, s.n + 1);
	size_t i = 0, len;

	if (out == NULL)
		return NULL;
	for (; i < s.n; i += len) {
		for (len = 4; len > 0; len--)
			if (i + len <= s.n && text_is_utf8((struct slice){ s.p + i, len }) &&
				text_length((struct slice){ s.p + i, len }) == 1)
				break;
		if (len == 0 || text_has_control((struct slice){ s.p + i, len })) {
			size_t k;

			for (k = 0; k < (len ? len : 1); k++)
				out[i + k] = '?';
			len = len ? len : 1;
		} else {
			memcpy(out + i, s.p + i, len);
		}
	}
	return out;
}

static struct slice trim(struct slice s)
{
	while (s.n && strchr(" \t\r", s.p[0]) && s.p[0]) {
		s.p++;
		s.n--;
	}
	while (s.n && strchr(" \t\r", s.p[s.n - 1]) && s.p[s.n - 1])
		s.n--;
	return s;
}

/* "name = value" or "name => value"; false for comments, sections and everything else. */
static bool split(struct slice line, struct slice *name, struct slice *value)
{
	line = trim(line);
	if (line.n == 0 || line.p[0] == ';' || line.p[0] == '#' || line.p[0] == '[')
		return false;
	if (memchr(line.p, '=', line.n) == NULL)
		return false;
	*name = trim(slice_cut(&line, '='));
	if (line.n && line.p[0] == '>') {
		line.p++;
		line.n--;
	}
	*value = trim(line);
	return true;
}

static int64_t number(struct slice s)
{
	char text[NUMBER_DIGITS + 1];
	size_t i;

	if (s.n == 0 || s.n > NUMBER_DIGITS)
		return 0;
	for (i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return 0;
		text[i] = s.p[i];
	}
	text[s.n] = '\0';
	return strtoll(text, NULL, 10);
}

static const struct field {
	const char *name;
	size_t at;
	bool number;
} fields[] = {
	{ "origmailbox", offsetof(struct envelope, origmailbox), false },
	{ "context", offsetof(struct envelope, context), false },
	{ "exten", offsetof(struct envelope, exten), false },
	{ "rdnis", offsetof(struct envelope, rdnis), false },
	{ "callerchan", offsetof(struct envelope, callerchan), false },
	{ "callerid", offsetof(struct envelope, callerid), false },
	{ "origdate", offsetof(struct envelope, origdate), false },
	{ "category", offsetof(struct envelope, category), false },
	{ "flag", offsetof(struct envelope, flag), false },
	{ "msg_id", offsetof(struct envelope, msg_id), false },
	{ "origtime", offsetof(struct envelope, origtime_s), true },
	{ "duration", offsetof(struct envelope, duration_s), true },
};
enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

static void take(struct envelope *e, const struct field *f, struct slice value, struct arena *a)
{
	char *text;
	int64_t n;

	if (f->number) {
		n = number(value);
		memcpy((char *)e + f->at, &n, sizeof(n));
		return;
	}
	text = clean(value, a);
	memcpy((char *)e + f->at, &text, sizeof(text));
}

/* "Name" <number>, Name <number>, or a number alone (ast_callerid_merge() of Asterisk's main/callerid.c). */
static void split_caller(struct envelope *e, struct arena *a)
{
	struct slice all = trim(slice_str(e->callerid)), name = all, num = { "", 0 };
	const char *open = memchr(all.p, '<', all.n);

	if (open && all.p[all.n - 1] == '>') {
		name = trim((struct slice){ all.p, (size_t)(open - all.p) });
		num = (struct slice){ open + 1, (size_t)(all.p + all.n - 1 - (open + 1)) };
		if (name.n >= 2 && name.p[0] == '"' && name.p[name.n - 1] == '"')
			name = (struct slice){ name.p + 1, name.n - 2 };
	} else if (all.n && strspn(e->callerid, "+0123456789*#") == strlen(e->callerid)) {
		name = (struct slice){ "", 0 };
		num = all;
	}
	e->caller_name = arena_slice(a, name);
	e->caller_number = arena_slice(a, trim(num));
}

enum err_code envelope_parse(struct slice text, struct arena *a, struct envelope *out, struct err *err)
{
	bool seen[FIELDS] = { false };
	struct slice line, name, value;
	size_t i;

	*out = (struct envelope){ "", "", "", "", "", "", "", "", "", "", "", "", 0, 0 };
	while (text.n) {
		line = slice_cut(&text, '\n');
		if (!split(line, &name, &value))
			continue;
		for (i = 0; i < FIELDS; i++)
			if (!seen[i] && slice_eq_str(name, fields[i].name)) {
				seen[i] = true;
				take(out, &fields[i], value, a);
			}
	}
	if (!arena_failed(a))
		split_caller(out, a);
	return arena_failed(a) ? err_set(err, ERR_NOMEM, "There is no memory to read a message.") : ERR_OK;
}

const char *envelope_value(struct slice text, const char *name, struct arena *a)
{
	struct slice key, value;

	while (text.n)
		if (split(slice_cut(&text, '\n'), &key, &value) && slice_eq_str(key, name))
			return clean(value, a);
	return "";
}

bool envelope_id_fits(const char *id)
{
	size_t n = strlen(id);

	return n > 0 && n <= ID_MAX && id[0] != '.' &&
	       strspn(id, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-") == n;
}
