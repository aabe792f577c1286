#include "phonecfg/base/buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/mem.h"

static char empty[1];

void buf_init(struct buf *b, size_t max)
{
	*b = (struct buf){ .data = empty, .max = max };
}

void buf_release(struct buf *b)
{
	if (b->cap) {
		explicit_bzero(b->data, b->cap);
		mem_free(b->data);
	}
	buf_init(b, b->max);
}

void buf_reset(struct buf *b)
{
	b->len = 0;
	b->failed = ERR_OK;
	if (b->cap)
		b->data[0] = '\0';
}

static bool room(struct buf *b, size_t n)
{
	size_t cap = b->cap ? b->cap : 256;
	char *p;

	if (b->failed)
		return false;
	if (n > b->max || b->len > b->max - n) {
		b->failed = ERR_LIMIT;
		return false;
	}
	if (b->len + n < b->cap)
		return true;
	while (cap <= b->len + n)
		cap *= 2;
	p = mem_alloc(cap);
	if (p == NULL) {
		b->failed = ERR_NOMEM;
		return false;
	}
	memcpy(p, b->data, b->len);
	if (b->cap) {
		explicit_bzero(b->data, b->cap);
		mem_free(b->data);
	}
	b->data = p;
	b->cap = cap;
	return true;
}

void buf_reserve(struct buf *b, size_t n)
{
	(void)room(b, n);
}

void buf_add(struct buf *b, const char *p, size_t n)
{
	if (n == 0 || !room(b, n))
		return;
	memcpy(b->data + b->len, p, n);
	b->len += n;
	b->data[b->len] = '\0';
}

void buf_str(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_slice(struct buf *b, struct slice s)
{
	buf_add(b, s.p, s.n);
}

void buf_char(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n <= 0 || !room(b, (size_t)n))
		return;
	va_start(ap, fmt);
	vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

struct slice buf_view(const struct buf *b)
{
	return (struct slice){ b->data, b->len };
}

enum err_code buf_check(const struct buf *b, const char *what, struct err *err)
{
	if (b->failed == ERR_LIMIT)
		return err_set(err, ERR_LIMIT, "%s would be larger than %zu bytes, the most allowed", what, b->max);
	if (b->failed)
		return err_set(err, b->failed, "out of memory while writing %s", what);
	return ERR_OK;
}
