#include "provisioning/mail/header.h"

#include <string.h>

#include "phonecfg/base/base64.h"
#include "phonecfg/base/text.h"

enum {
	PLAIN_MAX = 60,     /* longer values are encoded, because a line can be folded between encoded words only */
	WORD_FRAME = 12,    /* =?UTF-8?B? and ?= */
	WORD_BYTES_MAX = 45 /* what 63 - 3 characters of base 64 hold; a word has 75 at most (RFC 2047 §2) */
};

static void skip(struct slice *s, size_t n)
{
	s->p += n;
	s->n -= n;
}

/* What may stand in a header: into out, which holds HEADER_VALUE_MAX and a NUL. */
static size_t tidy(struct slice value, char *out)
{
	size_t n = 0;
	bool blank = false;

	while (value.n) {
		uint32_t letter;
		size_t size = text_letter(value, &letter), step = size ? size : 1;

		if (size && (letter == ' ' || text_letter_is_control(letter))) {
			blank = n > 0;
			skip(&value, step);
			continue;
		}
		if (n + blank + step > HEADER_VALUE_MAX)
			break;
		if (blank)
			out[n++] = ' ';
		blank = false;
		memcpy(out + n, size ? value.p : "?", step);
		n += step;
		skip(&value, step);
	}
	out[n] = '\0';
	return n;
}

const char *header_tidy(struct arena *a, struct slice value)
{
	char text[HEADER_VALUE_MAX + 1];
	size_t n = tidy(value, text);

	return arena_strndup(a, text, n);
}

/* As it is, a reader decodes what looks like an encoded word. */
static bool is_plain(const char *text, size_t n)
{
	size_t i;

	for (i = 0; i < n; i++)
		if ((unsigned char)text[i] >= 0x7f)
			return false;
	return n <= PLAIN_MAX && strstr(text, "=?") == NULL;
}

/* How many whole letters fit into room bytes: none is cut in two (RFC 2047 §5). */
static size_t whole_letters(struct slice s, size_t room)
{
	size_t take = 0, size;
	uint32_t letter;

	while (s.n && (size = text_letter(s, &letter)) && take + size <= room) {
		take += size;
		skip(&s, size);
	}
	return take;
}

/* Encoded words one after another, each on what is left of its line; *column is where the line stands. */
static void add_words(struct buf *out, struct slice text, size_t *column)
{
	char word[BASE64_LEN(WORD_BYTES_MAX) + 1];

	while (text.n) {
		size_t room = *column + WORD_FRAME < HEADER_LINE ? (HEADER_LINE - *column - WORD_FRAME) / 4 * 3 : 0;
		size_t take = whole_letters(text, room < WORD_BYTES_MAX ? room : WORD_BYTES_MAX);

		if (take) {
			base64_write(text.p, take, word);
			buf_printf(out, "=?UTF-8?B?%s?=", word);
			*column += WORD_FRAME + BASE64_LEN(take);
			skip(&text, take);
		}
		if (text.n) {
			buf_str(out, "\r\n ");
			*column = 1;
		}
	}
}

static size_t begin(struct buf *out, const char *name)
{
	buf_printf(out, "%s: ", name);
	return strlen(name) + 2;
}

void header_text(struct buf *out, const char *name, struct slice value)
{
	char text[HEADER_VALUE_MAX + 1];
	size_t n = tidy(value, text), column = begin(out, name);

	if (is_plain(text, n))
		buf_add(out, text, n);
	else
		add_words(out, (struct slice){ text, n }, &column);
	buf_str(out, "\r\n");
}

/* A phrase: a quoted string while it is short and plain (RFC 5322 §3.2.4), else encoded words. */
static void add_phrase(struct buf *out, const char *text, size_t n, size_t *column)
{
	size_t i;

	if (!is_plain(text, n)) {
		add_words(out, (struct slice){ text, n }, column);
		return;
	}
	*column += n + 2;
	buf_char(out, '"');
	for (i = 0; i < n; i++) {
		if (text[i] == '"' || text[i] == '\\') {
			buf_char(out, '\\');
			(*column)++;
		}
		buf_char(out, text[i]);
	}
	buf_char(out, '"');
}

void header_mailbox(struct buf *out, const char *name, const char *display, const char *address)
{
	char text[HEADER_VALUE_MAX + 1];
	size_t n = tidy(slice_str(display), text), column = begin(out, name);

	if (n == 0) {
		buf_printf(out, "%s\r\n", address);
		return;
	}
	add_phrase(out, text, n, &column);
	if (column + strlen(address) + 3 > HEADER_LINE)
		buf_str(out, "\r\n");
	buf_printf(out, " <%s>\r\n", address);
}

void header_plain(struct buf *out, const char *name, const char *value)
{
	buf_printf(out, "%s: %s\r\n", name, value);
}
