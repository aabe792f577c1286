#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "phonecfg/base/base64.h"
#include "phonecfg/base/hex.h"
#include "phonecfg/base/text.h"
#include "provisioning/conf/clock.h"
#include "provisioning/http/exchange.h"

const char *request_header_nth(const struct request *rq, const char *name, size_t nth)
{
	const struct request_rest *rest = rq->rest;
	size_t i;

	for (i = 0; i < rest->nheaders; i++)
		if (strcasecmp(rest->headers[i].name, name) == 0 && nth-- == 0)
			return rest->headers[i].value;
	return NULL;
}

const char *request_header(const struct request *rq, const char *name)
{
	return request_header_nth(rq, name, 0);
}

const char *request_param(const struct request *rq, const char *name)
{
	size_t i;

	for (i = 0; i < rq->nparams; i++)
		if (strcmp(rq->params[i].name, name) == 0)
			return rq->params[i].value;
	return "";
}

char *request_decode(struct arena *a, struct slice s, bool plus)
{
	char *out = arena_alloc(a, s.n + 1);
	size_t i, n = 0;

	if (out == NULL)
		return NULL;
	for (i = 0; i < s.n; i++) {
		char c = s.p[i];

		if (c == '%') {
			if (i + 2 >= s.n || hex_digit(s.p[i + 1]) < 0 || hex_digit(s.p[i + 2]) < 0)
				return NULL;
			c = (char)(hex_digit(s.p[i + 1]) << 4 | hex_digit(s.p[i + 2]));
			i += 2;
		} else if (c == '+' && plus) {
			c = ' ';
		}
		out[n++] = c;
	}
	s = (struct slice){ out, n };
	return text_is_utf8(s) && !text_has_control(s) ? out : NULL;
}

/* RFC 9112 §3.2: origin-form, and absolute-form as proxies send it. */
bool request_target(struct request *rq, const char *target)
{
	const char *path = target, *end;

	if (text_has_control(slice_str(target)))
		return false;
	if (strncasecmp(path, "http://", 7) == 0 || strncasecmp(path, "https://", 8) == 0) {
		path = strchr(strchr(path, '/') + 2, '/');
		if (path == NULL)
			path = "/";
	}
	if (path[0] != '/')
		return false;
	rq->target = slice_str(arena_strdup(&rq->arena, target));
	end = path + strcspn(path, "?#");
	rq->path = arena_strndup(&rq->arena, path, (size_t)(end - path));
	rq->rest->query = *end == '?' ? arena_strdup(&rq->arena, end + 1) : NULL;
	return !arena_failed(&rq->arena);
}

/* name=value&… (WHATWG URL §5.1). */
static const char *pair_value(const struct request *rq, struct slice rest, const char *name)
{
	struct slice pair, key;
	/* Decoding allocates and does not change what the request says. */
	struct arena *a = (struct arena *)&rq->arena;
	char *text;

	while (rest.n > 0) {
		pair = slice_cut(&rest, '&');
		key = slice_cut(&pair, '=');
		text = request_decode(a, key, true);
		if (text && strcmp(text, name) == 0) {
			text = request_decode(a, pair, true);
			return text ? text : "";
		}
	}
	return NULL;
}

const char *request_query(const struct request *rq, const char *name)
{
	return pair_value(rq, slice_str(rq->rest->query), name);
}

const char *request_form(const struct request *rq, const char *name)
{
	const char *type = request_header(rq, "Content-Type");

	if (type == NULL || strncasecmp(type, "application/x-www-form-urlencoded", 33) != 0)
		return NULL;
	return pair_value(rq, rq->body, name);
}

const char *request_cookie(const struct request *rq, const char *name)
{
	struct arena *a = (struct arena *)&rq->arena;
	const char *header;
	size_t i;

	for (i = 0; (header = request_header_nth(rq, "Cookie", i)) != NULL; i++) {
		struct slice rest = slice_str(header), pair, key;

		while (rest.n > 0) {
			pair = slice_trim(slice_cut(&rest, ';'));
			key = slice_cut(&pair, '=');
			if (!slice_eq_str(key, name))
				continue;
			if (pair.n >= 2 && pair.p[0] == '"' && pair.p[pair.n - 1] == '"')
				pair = (struct slice){ pair.p + 1, pair.n - 2 };
			return arena_slice(a, pair);
		}
	}
	return NULL;
}

static struct slice credentials(const struct request *rq, const char *scheme)
{
	struct slice s = slice_str(request_header(rq, "Authorization")), word;

	s = slice_trim(s);
	word = slice_cut(&s, ' ');
	return slice_ieq_str(word, scheme) ? slice_trim(s) : (struct slice){ "", 0 };
}

struct slice request_bearer(const struct request *rq)
{
	return credentials(rq, "Bearer");
}

bool request_basic(struct request *rq, struct slice *user, struct slice *password)
{
	struct slice s = credentials(rq, "Basic");
	char *text = arena_alloc(&rq->arena, s.n + 1);
	size_t n;

	/* In the clear the password would be everybody's. */
	if (!rq->peer->tls || s.n == 0 || text == NULL || !base64_read(s, text, &n))
		return false;
	s = (struct slice){ text, n };
	if (memchr(text, ':', n) == NULL || memchr(text, '\0', n) != NULL)
		return false;
	*user = slice_cut(&s, ':');
	*password = s;
	return true;
}

int64_t request_age_ms(const struct request *rq)
{
	return clock_steady_ms() - rq->started_ms;
}

enum handled request_later(struct request *rq, unsigned ms)
{
	rq->rest->later = true;
	rq->rest->later_ms = ms < HTTP_LATER_MAX_MS ? ms : HTTP_LATER_MAX_MS;
	return LATER;
}

bool request_cleanup(struct request *rq, void (*fn)(void *arg), void *arg)
{
	struct request_cleanup *c = arena_alloc(&rq->arena, sizeof(*c));

	if (c == NULL) {
		fn(arg);
		return false;
	}
	*c = (struct request_cleanup){ rq->rest->cleanups, fn, arg };
	rq->rest->cleanups = c;
	return true;
}

static bool number(struct slice s, uint64_t *out)
{
	size_t i;

	*out = 0;
	if (s.n == 0 || s.n > 18)
		return false;
	for (i = 0; i < s.n; i++) {
		if (s.p[i] < '0' || s.p[i] > '9')
			return false;
		*out = *out * 10 + (uint64_t)(s.p[i] - '0');
	}
	return true;
}

/* Several ranges, another unit and nonsense are ignored, as RFC 9110 §14.2 allows: the whole body is an answer too. */
enum http_range http_range(const struct request *rq, uint64_t size, uint64_t *offset, uint64_t *n)
{
	struct slice s = slice_str(request_header(rq, "Range")), from, to;
	uint64_t a, b;

	if (!slice_starts(s, "bytes=") || memchr(s.p, ',', s.n))
		return RANGE_NONE;
	to = slice_trim((struct slice){ s.p + 6, s.n - 6 });
	if (memchr(to.p, '-', to.n) == NULL)
		return RANGE_NONE;
	from = slice_trim(slice_cut(&to, '-'));
	to = slice_trim(to);
	if (from.n == 0) {
		if (!number(to, &b))
			return RANGE_NONE;
		if (b == 0 || size == 0)
			return RANGE_BAD;
		*n = b < size ? b : size;
		*offset = size - *n;
		return RANGE_OK;
	}
	if (!number(from, &a) || (to.n > 0 && (!number(to, &b) || b < a)))
		return RANGE_NONE;
	if (a >= size)
		return RANGE_BAD;
	if (to.n == 0 || b >= size)
		b = size - 1;
	*offset = a;
	*n = b - a + 1;
	return RANGE_OK;
}
