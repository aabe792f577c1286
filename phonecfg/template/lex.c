#include <string.h>

#include "phonecfg/template/parts.h"

struct lexer {
	struct arena *arena;
	struct slice rest; /* not yet read */
	struct place at;   /* of rest */
	struct slice open, close;
	struct token *tokens;
	size_t count, cap;
};

static bool blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool space(char c)
{
	return blank(c) || c == '\n' || c == '\r';
}

static struct slice trim_space(struct slice s)
{
	while (s.n && space(s.p[0]))
		s = (struct slice){ s.p + 1, s.n - 1 };
	while (s.n && space(s.p[s.n - 1]))
		s.n--;
	return s;
}

/* Takes n bytes off the rest and keeps count of lines and characters. */
static struct slice take(struct lexer *lx, size_t n)
{
	struct slice taken = { lx->rest.p, n };
	size_t i;

	for (i = 0; i < n; i++) {
		if (taken.p[i] == '\n') {
			lx->at.line++;
			lx->at.column = 1;
		} else if (((unsigned char)taken.p[i] & 0xc0) != 0x80) {
			lx->at.column++;
		}
	}
	lx->rest = (struct slice){ lx->rest.p + n, lx->rest.n - n };
	return taken;
}

static enum err_code push(struct lexer *lx, const struct token *token, struct err *err)
{
	struct token *slot;

	if (lx->count == TEMPLATE_TOKENS_MAX)
		return place_err(err, ERR_LIMIT, &token->at,
			"more than %d lines and tags; split the template into partials", TEMPLATE_TOKENS_MAX);
	slot = arena_push(lx->arena, (void **)&lx->tokens, &lx->count, &lx->cap, sizeof(*slot));
	if (slot == NULL)
		return place_err(err, ERR_NOMEM, &token->at, "out of memory while reading the template");
	*slot = *token;
	return ERR_OK;
}

/* n bytes of plain text, cut behind each line end. */
static enum err_code lex_text(struct lexer *lx, size_t n, struct err *err)
{
	while (n) {
		const char *end = memchr(lx->rest.p, '\n', n);
		size_t len = end ? (size_t)(end - lx->rest.p) + 1 : n;
		struct token token = { .kind = TOKEN_TEXT, .at = lx->at };
		enum err_code rc;

		token.text = take(lx, len);
		rc = push(lx, &token, err);
		if (rc)
			return rc;
		n -= len;
	}
	return ERR_OK;
}

static bool delimiter_ok(struct slice s)
{
	return s.n > 0 && s.n <= TEMPLATE_DELIMITER_MAX && memchr(s.p, '=', s.n) == NULL;
}

static enum err_code set_delimiters(struct lexer *lx, const struct token *token, struct err *err)
{
	struct slice close = token->text, open = { close.p, 0 };

	while (close.n && !space(close.p[0])) {
		open.n++;
		close = (struct slice){ close.p + 1, close.n - 1 };
	}
	close = trim_space(close);
	if (close.n && trim_space(close).n == close.n) {
		size_t i;

		for (i = 0; i < close.n; i++)
			if (space(close.p[i]))
				close.n = 0;
	}
	if (!delimiter_ok(open) || !delimiter_ok(close))
		return place_err(err, ERR_INPUT, &token->at,
			"a delimiter tag needs two delimiters without '=' of at most %d bytes, like {{=<%% %%>=}}",
			TEMPLATE_DELIMITER_MAX);
	lx->open = open;
	lx->close = close;
	return ERR_OK;
}

static enum err_code check_name(const struct token *token, struct err *err)
{
	size_t i;

	if (token->text.n == 0)
		return place_err(err, ERR_INPUT, &token->at, "a tag without a name; write one, or remove the tag");
	if (token->text.n > TEMPLATE_NAME_MAX)
		return place_err(
			err, ERR_LIMIT, &token->at, "a name longer than %d bytes; shorten it", TEMPLATE_NAME_MAX);
	for (i = 0; i < token->text.n; i++)
		if (space(token->text.p[i]) || token->text.p[i] == '\0')
			return place_err(err, ERR_INPUT, &token->at, "a blank or NUL inside the name '%.*s'; remove it",
				SLICE_ARG(token->text));
	return ERR_OK;
}

struct sigil {
	char c;
	enum token_kind kind;
	char closes; /* stands before the closing delimiter, 0 = nothing does */
};

static const struct sigil sigils[] = {
	{ '!', TOKEN_SILENT, 0 },
	{ '=', TOKEN_SILENT, '=' },
	{ '{', TOKEN_RAW, '}' },
	{ '&', TOKEN_RAW, 0 },
	{ '#', TOKEN_SECTION, 0 },
	{ '^', TOKEN_INVERTED, 0 },
	{ '/', TOKEN_CLOSE, 0 },
	{ '>', TOKEN_PARTIAL, 0 },
};

static const struct sigil *sigil_of(char c)
{
	static const struct sigil plain = { 0, TOKEN_VALUE, 0 };
	size_t i;

	for (i = 0; i < sizeof(sigils) / sizeof(*sigils); i++)
		if (sigils[i].c == c)
			return &sigils[i];
	return &plain;
}

/* One tag; the rest begins with its opening delimiter. */
static enum err_code lex_tag(struct lexer *lx, struct err *err)
{
	char closing[TEMPLATE_DELIMITER_MAX + 1];
	struct token token = { .at = lx->at };
	const struct sigil *sigil;
	struct slice end = { closing, 0 };
	ptrdiff_t len;

	take(lx, lx->open.n);
	while (lx->rest.n && space(lx->rest.p[0]))
		take(lx, 1);
	sigil = sigil_of(lx->rest.n ? lx->rest.p[0] : '\0');
	if (sigil->c)
		take(lx, 1);
	if (sigil->closes)
		closing[end.n++] = sigil->closes;
	memcpy(closing + end.n, lx->close.p, lx->close.n);
	end.n += lx->close.n;
	len = slice_find(lx->rest, end);
	if (len < 0)
		return place_err(err, ERR_INPUT, &token.at, "this tag is never closed; add '%.*s'", SLICE_ARG(end));
	token.kind = sigil->kind;
	token.text = trim_space(take(lx, (size_t)len));
	take(lx, end.n);
	if (sigil->c == '=') {
		enum err_code rc = set_delimiters(lx, &token, err);

		if (rc)
			return rc;
	} else if (token.kind != TOKEN_SILENT) {
		enum err_code rc = check_name(&token, err);

		if (rc)
			return rc;
	}
	return push(lx, &token, err);
}

static bool only_blanks(struct slice s)
{
	if (s.n && s.p[s.n - 1] == '\n')
		s.n--;
	if (s.n && s.p[s.n - 1] == '\r')
		s.n--;
	return slice_trim(s).n == 0;
}

static bool ends_line(const struct token *t)
{
	return t->kind == TOKEN_TEXT && t->text.p[t->text.n - 1] == '\n';
}

/* A line that holds one tag and else only blanks goes, but for the tag, unless the tag prints a value. */
static void settle_line(struct token *line, size_t n)
{
	struct token *tag = NULL;
	size_t i, tags = 0;

	for (i = 0; i < n; i++) {
		if (line[i].kind != TOKEN_TEXT) {
			tag = &line[i];
			tags++;
		} else if (!only_blanks(line[i].text)) {
			tags = 2;
		}
	}
	if (tags != 1 || tag->kind == TOKEN_VALUE || tag->kind == TOKEN_RAW) {
		line[0].starts_line = true;
		return;
	}
	tag->alone = true;
	if (tag != line)
		tag->indent = line[0].text;
	for (i = 0; i < n; i++)
		if (&line[i] != tag)
			line[i].text.n = 0;
}

static void settle_lines(struct token *tokens, size_t count)
{
	size_t i, from = 0;

	for (i = 0; i < count; i++) {
		if (ends_line(&tokens[i]) || i + 1 == count) {
			settle_line(tokens + from, i + 1 - from);
			from = i + 1;
		}
	}
}

enum err_code template_lex(
	struct arena *a, struct slice text, const char *file, struct token **out, size_t *count, struct err *err)
{
	struct lexer lx = {
		.arena = a,
		.rest = text,
		.at = { file, 1, 1 },
		.open = SLICE_LIT("{{"),
		.close = SLICE_LIT("}}"),
	};
	enum err_code rc = ERR_OK;

	while (rc == ERR_OK && lx.rest.n) {
		ptrdiff_t at = slice_find(lx.rest, lx.open);

		if (at == 0)
			rc = lex_tag(&lx, err);
		else
			rc = lex_text(&lx, at < 0 ? lx.rest.n : (size_t)at, err);
	}
	if (rc)
		return rc;
	settle_lines(lx.tokens, lx.count);
	*out = lx.tokens;
	*count = lx.count;
	return ERR_OK;
}
