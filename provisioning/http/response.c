#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "provisioning/conf/log.h"
#include "provisioning/http/exchange.h"

void response_init(struct response *rs, struct arena *a)
{
	memset(rs, 0, sizeof(*rs));
	rs->arena = a;
	rs->status = 200;
	rs->fd = -1;
	buf_init(&rs->buf, 0);
}

static void drop_body(struct response *rs)
{
	if (rs->kind == BODY_SHARED)
		http_body_release(&rs->shared);
	if (rs->kind == BODY_STREAM && rs->release)
		rs->release(rs->release_arg);
	if (rs->kind == BODY_FILE && rs->fd >= 0)
		close(rs->fd);
	buf_release(&rs->buf);
	rs->kind = BODY_NONE;
	rs->release = NULL;
	rs->fd = -1;
	rs->content_type = NULL;
}

void response_clear(struct response *rs)
{
	drop_body(rs);
	rs->nheaders = 0;
	rs->etag = NULL;
	rs->failed = false;
	rs->status = 200;
}

void response_release(struct response *rs)
{
	drop_body(rs);
	if (rs->delivery)
		rs->delivery(rs->delivery_arg, DELIVERY_LOST);
	rs->delivery = NULL;
}

/* A line break would begin another header (RFC 9110 §5.5). */
static bool header_fits(const char *s)
{
	for (; *s; s++)
		if ((unsigned char)*s < ' ' || *s == 0x7f)
			return false;
	return true;
}

void response_header(struct response *rs, const char *name, const char *value)
{
	struct http_header *h;

	if (!header_fits(name) || !header_fits(value) || *name == '\0') {
		rs->failed = true;
		return;
	}
	h = arena_push(rs->arena, (void **)&rs->headers, &rs->nheaders, &rs->cap, sizeof(*h));
	if (h == NULL) {
		rs->failed = true;
		return;
	}
	h->name = arena_strdup(rs->arena, name);
	h->value = arena_strdup(rs->arena, value);
	if (h->name == NULL || h->value == NULL) {
		rs->nheaders--;
		rs->failed = true;
	}
}

bool response_has_header(const struct response *rs, const char *name)
{
	size_t i;

	for (i = 0; i < rs->nheaders; i++)
		if (strcasecmp(rs->headers[i].name, name) == 0)
			return true;
	return false;
}

void response_status(struct response *rs, unsigned status)
{
	rs->status = status;
}

static void set_type(struct response *rs, const char *content_type)
{
	rs->content_type = content_type ? arena_strdup(rs->arena, content_type) : NULL;
	if (content_type && rs->content_type == NULL)
		rs->failed = true;
}

struct buf *response_body(struct response *rs, const char *content_type, size_t max)
{
	drop_body(rs);
	set_type(rs, content_type);
	rs->kind = BODY_BUF;
	buf_init(&rs->buf, max);
	return &rs->buf;
}

void response_shared(
	struct response *rs, const char *content_type, const void *p, size_t n, void (*release)(void *arg), void *arg)
{
	drop_body(rs);
	set_type(rs, content_type);
	rs->kind = BODY_SHARED;
	rs->shared = (struct http_body){ .whole = { p, n }, .n = 1, .bytes = n, .release = release, .arg = arg };
}

void response_pieces(struct response *rs, const char *content_type, const struct slice *v, size_t n,
	void (*release)(void *arg), void *arg)
{
	size_t i;

	drop_body(rs);
	set_type(rs, content_type);
	rs->kind = BODY_SHARED;
	rs->shared = (struct http_body){ .v = v, .n = n, .release = release, .arg = arg };
	for (i = 0; i < n; i++)
		rs->shared.bytes += v[i].n;
}

struct slice http_body_piece(const struct http_body *b, size_t i)
{
	return b->v ? b->v[i] : b->whole;
}

void http_body_release(struct http_body *b)
{
	if (b->release)
		b->release(b->arg);
	b->release = NULL;
}

enum err_code response_stream(struct response *rs, const char *content_type, stream_fn *fn, void *arg,
	void (*release)(void *arg), struct err *err)
{
	enum err_code e;

	response_body(rs, content_type, STREAM_PIECE_MAX);
	rs->more = rs->cut = false;
	rs->taken = 0;
	e = fn(arg, &rs->buf, &rs->more, err);
	if (e == ERR_OK)
		e = buf_check(&rs->buf, "the answer", err);
	if (e)
		drop_body(rs);
	if (e == ERR_OK && rs->more) {
		rs->kind = BODY_STREAM;
		rs->stream = fn;
		rs->release = release;
		rs->release_arg = arg;
	} else if (release) {
		release(arg);
	}
	return e;
}

void response_refill(struct response *rs)
{
	struct err err = { 0 };
	enum err_code e;

	buf_reset(&rs->buf);
	rs->taken = 0;
	rs->more = false;
	e = rs->stream(rs->release_arg, &rs->buf, &rs->more, &err);
	if (e == ERR_OK)
		e = buf_check(&rs->buf, "the answer", &err);
	if (e == ERR_OK)
		return;
	log_event(LOG_LEVEL_ERROR, "answer-cut", "why", err.text, NULL);
	buf_reset(&rs->buf);
	rs->more = false;
	rs->cut = true;
}

void response_file(struct response *rs, const char *content_type, int fd, uint64_t offset, uint64_t n)
{
	drop_body(rs);
	set_type(rs, content_type);
	rs->kind = BODY_FILE;
	rs->fd = fd;
	rs->offset = offset;
	rs->length = n;
}

void response_etag(struct response *rs, const char *etag)
{
	rs->etag = arena_strdup(rs->arena, etag);
	if (rs->etag == NULL || !header_fits(etag) || strchr(etag, '"'))
		rs->failed = true;
}

void response_cookie(struct response *rs, const char *name, const char *value, unsigned max_age_s)
{
	const char *text = arena_printf(
		rs->arena, "%s=%s; Max-Age=%u; Path=/; Secure; HttpOnly; SameSite=Strict", name, value, max_age_s);

	if (text == NULL || strpbrk(value, "; ,\"\\"))
		rs->failed = true;
	else
		response_header(rs, "Set-Cookie", text);
}

void response_on_delivery(struct response *rs, delivery_fn *fn, void *arg)
{
	if (rs->delivery)
		rs->delivery(rs->delivery_arg, DELIVERY_LOST);
	rs->delivery = fn;
	rs->delivery_arg = arg;
}

struct buf *response_events(struct response *rs, unsigned retry_ms)
{
	struct buf *b = response_body(rs, "text/event-stream", 1024 * 1024);

	response_header(rs, "Cache-Control", "no-store");
	buf_printf(b, "retry: %u\n\n", retry_ms);
	return b;
}

void event_add(struct buf *b, const char *id, const char *event, struct slice data)
{
	if (id && header_fits(id))
		buf_printf(b, "id: %s\n", id);
	if (event && header_fits(event))
		buf_printf(b, "event: %s\n", event);
	do {
		struct slice line = slice_cut(&data, '\n');

		while (line.n > 0 && line.p[line.n - 1] == '\r')
			line.n--;
		buf_str(b, "data: ");
		buf_slice(b, line);
		buf_char(b, '\n');
	} while (data.n > 0);
	buf_char(b, '\n');
}

/* RFC 9110 §13.1.2: weak comparison; "*" fits whatever is there. */
bool etag_matches(const char *if_none_match, const char *etag, bool *named)
{
	struct slice rest = slice_str(if_none_match), one;

	*named = !slice_eq_str(slice_trim(rest), "*");
	if (!*named)
		return true;
	while (rest.n > 0) {
		one = slice_trim(slice_cut(&rest, ','));
		if (slice_starts(one, "W/"))
			one = (struct slice){ one.p + 2, one.n - 2 };
		if (one.n >= 2 && one.p[0] == '"' && one.p[one.n - 1] == '"' &&
			slice_eq_str((struct slice){ one.p + 1, one.n - 2 }, etag))
			return true;
	}
	return false;
}
