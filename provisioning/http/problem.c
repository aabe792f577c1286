/* What a refusal looks like: RFC 9457, and beside it the two members that NetSapiens' clients read. */
#include <string.h>

#include "provisioning/http/exchange.h"
#include "provisioning/http/json.h"

static const struct {
	unsigned status;
	const char *title;
} codes[ERR_COUNT] = {
	[ERR_OK] = { 200, "OK" },
	[ERR_INPUT] = { 400, "Bad Request" },
	[ERR_NOT_FOUND] = { 404, "Not Found" },
	[ERR_CONFLICT] = { 409, "Conflict" },
	[ERR_UNAUTHORIZED] = { 401, "Unauthorized" },
	[ERR_FORBIDDEN] = { 403, "Forbidden" },
	[ERR_LIMIT] = { 413, "Content Too Large" },
	[ERR_UNSUPPORTED] = { 501, "Not Implemented" },
	[ERR_BUSY] = { 503, "Service Unavailable" },
	[ERR_IO] = { 502, "Bad Gateway" },
	[ERR_NOMEM] = { 503, "Service Unavailable" },
	[ERR_BUG] = { 500, "Internal Server Error" },
};

static const struct {
	unsigned status;
	const char *title;
} others[] = {
	{ 405, "Method Not Allowed" },
	{ 406, "Not Acceptable" },
	{ 412, "Precondition Failed" },
	{ 415, "Unsupported Media Type" },
	{ 416, "Range Not Satisfiable" },
	{ 422, "Unprocessable Content" },
	{ 429, "Too Many Requests" },
};

unsigned problem_http_status(enum err_code code)
{
	return code < ERR_COUNT ? codes[code].status : 500;
}

static const char *title_of(unsigned status)
{
	size_t i;

	for (i = 0; i < ERR_COUNT; i++)
		if (codes[i].status == status)
			return codes[i].title;
	for (i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (others[i].status == status)
			return others[i].title;
	return "Error";
}

enum handled problem_status(struct response *rs, unsigned status, const char *word, const char *detail)
{
	json_t *v;
	char *text;
	struct buf *b;
	const char *type = arena_printf(rs->arena, "urn:rekey:problem:%s", word);

	response_clear(rs);
	v = json_pack("{s:s, s:s, s:i, s:s, s:i, s:s}", "type", type ? type : "about:blank", "title", title_of(status),
		"status", (int)status, "detail", detail, "code", (int)status, "message", detail);
	text = v ? json_dumps(v, JSON_COMPACT) : NULL;
	json_decref(v);
	b = response_body(rs, "application/problem+json", 8192);
	response_status(rs, status);
	response_header(rs, "Cache-Control", "no-store");
	if (status == 503)
		response_header(rs, "Retry-After", "5");
	buf_str(b, text ? text : "{}");
	buf_char(b, '\n');
	json_free_text(text);
	return HANDLED;
}

enum handled problem(struct response *rs, const struct err *err)
{
	return problem_status(rs, problem_http_status(err->code), err_word(err->code), err->text);
}

static enum handled constant(struct response *rs, unsigned status, const char *text)
{
	response_clear(rs);
	response_status(rs, status);
	buf_str(response_body(rs, "text/plain; charset=utf-8", 64), text);
	response_header(rs, "Cache-Control", "no-store");
	return HANDLED;
}

enum handled plain_not_found(struct response *rs)
{
	return constant(rs, 404, "Not found\n");
}

enum handled plain_unauthorized(struct response *rs)
{
	return constant(rs, 401, "Unauthorized\n");
}

enum handled plain_too_many(struct response *rs)
{
	return constant(rs, 429, "Too many requests\n");
}
