/* Between libmicrohttpd and an exchange. All of it runs on the connection's edge thread. */
#include "provisioning/http/serve.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "phonecfg/base/mem.h"
#include "provisioning/http/exchange.h"
#include "provisioning/http/framing.h"

enum { STREAM_BLOCK = 16 * 1024 };

static struct http_link *link_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *info = MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return info ? info->socket_context : NULL;
}

void *serve_target(void *cls, const char *target, struct MHD_Connection *c)
{
	struct http_link *link = link_of(c);
	struct exchange *x = link ? exchange_new(cls, link, target) : NULL;

	if (x == NULL)
		return NULL;
	x->mhd = c;
	link->now = x;
	link->served++;
	link->ops->busy(link, true);
	return x;
}

static enum MHD_Result take_header(
	void *cls, enum MHD_ValueKind kind, const char *name, size_t name_n, const char *value, size_t value_n)
{
	struct exchange *x = cls;

	(void)kind;
	x->misread |= !framing_header(name, name_n, value, value_n);
	return exchange_header(x, name, value) ? MHD_YES : MHD_NO;
}

static uint64_t announced(const struct exchange *x)
{
	const char *length = request_header(&x->rq, "Content-Length");

	if (request_header(&x->rq, "Transfer-Encoding"))
		return UINT64_MAX;
	return length ? strtoull(length, NULL, 10) : 0;
}

static void free_buf(void *arg)
{
	struct buf *b = arg;

	buf_release(b);
	mem_free(b);
}

static void free_shared(void *arg)
{
	http_body_release(arg);
	mem_free(arg);
}

static struct MHD_Response *make_buf(struct response *rs)
{
	struct buf *b = mem_alloc(sizeof(*b));
	struct MHD_Response *r;

	if (b == NULL)
		return NULL;
	*b = rs->buf;
	buf_init(&rs->buf, 0);
	r = MHD_create_response_from_buffer_with_free_callback_cls(b->len, b->data, free_buf, b);
	if (r == NULL)
		free_buf(b);
	return r;
}

static struct exchange *exchange_of(struct response *rs)
{
	return (struct exchange *)((char *)rs - offsetof(struct exchange, rs));
}

/* Only the head goes through libmicrohttpd, the body follows straight from memory: twice across a socketpair it would
 * cost as much as its encryption. */
static bool goes_direct(struct response *rs)
{
	const struct exchange *x = exchange_of(rs);

	return x->link->ops->body && !x->rq.head && rs->status >= 200 && rs->status != 204 && rs->status != 304 &&
	       rs->shared.bytes > 0;
}

static struct MHD_Response *make_empty(void)
{
	return MHD_create_response_from_buffer(0, (void *)"", MHD_RESPMEM_PERSISTENT);
}

static struct MHD_Response *make_pieces(struct http_body *b)
{
	struct MHD_IoVec *v = mem_alloc(b->n * sizeof(*v));
	struct MHD_Response *r = NULL;
	size_t i;

	for (i = 0; v && i < b->n; i++)
		v[i] = (struct MHD_IoVec){ b->v[i].p, b->v[i].n };
	if (v)
		r = MHD_create_response_from_iovec(v, (unsigned)b->n, free_shared, b);
	mem_free(v);
	return r;
}

static struct MHD_Response *make_shared(struct response *rs)
{
	struct http_body *b;
	struct MHD_Response *r;

	if (goes_direct(rs)) {
		struct http_link *link = exchange_of(rs)->link;

		exchange_of(rs)->direct = link->ops->body(link, &rs->shared);
	}
	if (exchange_of(rs)->direct) {
		rs->kind = BODY_NONE;
		return make_empty();
	}
	b = mem_alloc(sizeof(*b));
	if (b == NULL)
		return NULL;
	*b = rs->shared;
	rs->kind = BODY_NONE;
	r = b->v ? make_pieces(b)
		 : MHD_create_response_from_buffer_with_free_callback_cls(
			   b->whole.n, (void *)(uintptr_t)b->whole.p, free_shared, b);
	if (r == NULL)
		free_shared(b);
	return r;
}

static struct MHD_Response *make_file(struct response *rs)
{
	struct MHD_Response *r = MHD_create_response_from_fd_at_offset64(rs->length, rs->fd, rs->offset);

	if (r)
		rs->fd = -1;
	return r;
}

static ssize_t read_stream(void *cls, uint64_t at, char *out, size_t max)
{
	struct exchange *x = cls;
	ptrdiff_t n = exchange_read(x, out, max);

	(void)at;
	if (n > 0)
		return n;
	if (n < 0)
		return n == -1 ? MHD_CONTENT_READER_END_OF_STREAM : MHD_CONTENT_READER_END_WITH_ERROR;
	x->suspended = true;
	atomic_fetch_add(&x->http->suspended, 1);
	MHD_suspend_connection(x->mhd);
	return 0;
}

/* The exchange outlives the connection's last look at it; what the stream needs is released with the exchange. */
static struct MHD_Response *make_stream(struct response *rs)
{
	return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, STREAM_BLOCK, read_stream, exchange_of(rs), NULL);
}

static struct MHD_Response *make_response(struct response *rs)
{
	switch (rs->kind) {
	case BODY_STREAM:
		return make_stream(rs);
	case BODY_BUF:
		return make_buf(rs);
	case BODY_SHARED:
		return make_shared(rs);
	case BODY_FILE:
		return make_file(rs);
	default:
		return make_empty();
	}
}

static enum MHD_Result queue(struct exchange *x, struct MHD_Connection *c)
{
	struct response *rs = &x->rs;
	struct MHD_Response *r = make_response(rs);
	enum MHD_Result ok = MHD_YES;
	size_t i;

	if (r == NULL)
		return MHD_NO;
	if (rs->content_type)
		ok &= MHD_add_response_header(r, "Content-Type", rs->content_type);
	for (i = 0; i < rs->nheaders; i++)
		ok &= MHD_add_response_header(r, rs->headers[i].name, rs->headers[i].value);
	if (rs->close)
		ok &= MHD_add_response_header(r, "Connection", "close");
	if (ok == MHD_YES)
		ok = MHD_queue_response(c, rs->status, r);
	MHD_destroy_response(r);
	return ok;
}

/* A refusal is told at once where nobody knows where the request ends, the client asks first (Expect) or would send
 * more than we care to throw away; otherwise the body is read and thrown away, which keeps the connection. */
static bool tell_at_once(const struct exchange *x, uint64_t length)
{
	if (x->refused && x->rs.close)
		return true;
	return x->refused && length > 0 &&
	       (request_header(&x->rq, "Expect") || (length != UINT64_MAX && length > exchange_discard_max(x)));
}

static enum MHD_Result begin(struct exchange *x, struct MHD_Connection *c, const char *method, const char *version)
{
	uint64_t length;

	if (MHD_get_connection_values_n(c, MHD_HEADER_KIND, take_header, x) < 0 || arena_failed(&x->rq.arena))
		return MHD_NO;
	length = announced(x);
	/* RFC 9112 §6.1: a program of before there were chunks has passed it on unread. */
	x->misread |= strcmp(version, "HTTP/1.0") == 0 && request_header(&x->rq, "Transfer-Encoding");
	exchange_begin(x, method, length);
	if (!tell_at_once(x, length))
		return MHD_YES;
	exchange_finish(x);
	x->ready = true;
	x->rs.close = true;
	return queue(x, c);
}

enum MHD_Result serve_access(void *cls, struct MHD_Connection *c, const char *url, const char *method,
	const char *version, const char *upload, size_t *upload_n, void **con_cls)
{
	struct exchange *x = *con_cls;

	(void)cls;
	(void)url;
	if (x == NULL || atomic_load(&x->rq.gone))
		return MHD_NO;
	if (!x->begun)
		return begin(x, c, method, version);
	if (*upload_n > 0) {
		bool more = exchange_body(x, upload, *upload_n);

		*upload_n = 0;
		return more ? MHD_YES : MHD_NO;
	}
	if (x->ready || exchange_run(x))
		return queue(x, c);
	x->suspended = true;
	atomic_fetch_add(&x->http->suspended, 1);
	MHD_suspend_connection(c);
	return MHD_YES;
}

void exchange_wake(struct exchange *x)
{
	if (!x->suspended)
		return;
	x->suspended = false;
	atomic_fetch_sub(&x->http->suspended, 1);
	x->link->ops->busy(x->link, true);
	MHD_resume_connection(x->mhd);
}

void serve_completed(void *cls, struct MHD_Connection *c, void **con_cls, enum MHD_RequestTerminationCode how)
{
	struct exchange *x = *con_cls;
	struct http_link *link;

	(void)cls;
	(void)c;
	if (x == NULL)
		return;
	*con_cls = NULL;
	link = x->link;
	link->now = NULL;
	if (x->direct)
		link->ops->headed(link, how == MHD_REQUEST_TERMINATED_COMPLETED_OK);
	exchange_over(x, how == MHD_REQUEST_TERMINATED_COMPLETED_OK);
	exchange_unref(x);
	link->ops->busy(link, false);
}

/* A head whose query does not fit the pool ends between the target and the first access, and is never completed. */
void serve_closed(struct http_link *link)
{
	struct exchange *x = link->now;

	if (x == NULL)
		return;
	link->now = NULL;
	exchange_over(x, false);
	exchange_unref(x);
}
