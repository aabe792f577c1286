#include "phonecfg/base/err.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const words[ERR_COUNT] = {
	[ERR_OK] = "ok",
	[ERR_INPUT] = "input",
	[ERR_NOT_FOUND] = "not-found",
	[ERR_CONFLICT] = "conflict",
	[ERR_UNAUTHORIZED] = "unauthorized",
	[ERR_FORBIDDEN] = "forbidden",
	[ERR_LIMIT] = "limit",
	[ERR_UNSUPPORTED] = "unsupported",
	[ERR_BUSY] = "busy",
	[ERR_IO] = "io",
	[ERR_NOMEM] = "no-memory",
	[ERR_BUG] = "bug",
};

enum err_code err_set(struct err *e, enum err_code code, const char *fmt, ...)
{
	va_list ap;

	if (e == NULL)
		return code;
	e->code = code;
	va_start(ap, fmt);
	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	return code;
}

enum err_code err_prefix(struct err *e, const char *fmt, ...)
{
	char head[256], tail[ERR_TEXT_MAX];
	va_list ap;

	if (e == NULL)
		return ERR_BUG;
	va_start(ap, fmt);
	vsnprintf(head, sizeof(head), fmt, ap);
	va_end(ap);
	memcpy(tail, e->text, sizeof(tail));
	snprintf(e->text, sizeof(e->text), "%s: %.*s", head, (int)(sizeof(e->text) - sizeof(head) - 3), tail);
	return e->code;
}

const char *err_word(enum err_code code)
{
	return code < ERR_COUNT ? words[code] : "bug";
}
