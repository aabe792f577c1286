#include "phonecfg/base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/mem.h"

enum { BLOCK_MIN = 4096, ALIGN = 16 };

struct arena_block {
	struct arena_block *next;
	size_t size, used;
	_Alignas(ALIGN) unsigned char bytes[];
};

void arena_init(struct arena *a, size_t limit)
{
	*a = (struct arena){ .limit = limit };
}

void arena_release(struct arena *a)
{
	struct arena_block *b, *next;

	for (b = a->head; b; b = next) {
		next = b->next;
		explicit_bzero(b->bytes, b->used);
		mem_free(b);
	}
	arena_init(a, a->limit);
}

static struct arena_block *grow(struct arena *a, size_t n)
{
	size_t size = a->head ? a->head->size * 2 : BLOCK_MIN;
	struct arena_block *b;

	if (size > 256 * 1024)
		size = 256 * 1024;
	if (size < n)
		size = n;
	b = mem_alloc(sizeof(*b) + size);
	if (b == NULL)
		return NULL;
	b->size = size;
	b->used = 0;
	b->next = a->head;
	a->head = b;
	return b;
}

void *arena_alloc(struct arena *a, size_t n)
{
	struct arena_block *b = a->head;
	void *p;

	if (a->failed || n > SIZE_MAX / 2)
		goto fail;
	n = (n + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	if (a->limit && a->used + n > a->limit)
		goto fail;
	if (b == NULL || b->size - b->used < n)
		b = grow(a, n);
	if (b == NULL)
		goto fail;
	p = b->bytes + b->used;
	b->used += n;
	a->used += n;
	return memset(p, 0, n);
fail:
	a->failed = true;
	return NULL;
}

char *arena_strndup(struct arena *a, const char *s, size_t n)
{
	char *p = s ? arena_alloc(a, n + 1) : NULL;

	return p ? memcpy(p, s, n) : NULL;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return s ? arena_strndup(a, s, strlen(s)) : NULL;
}

char *arena_slice(struct arena *a, struct slice s)
{
	return arena_strndup(a, s.p ? s.p : "", s.n);
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;
	char *p = NULL;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	if (n >= 0)
		p = arena_alloc(a, (size_t)n + 1);
	if (p)
		vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	va_end(ap);
	return p;
}

bool arena_failed(const struct arena *a)
{
	return a->failed;
}

void *arena_push(struct arena *a, void **v, size_t *count, size_t *cap, size_t size)
{
	if (*count == *cap) {
		size_t want = *cap ? *cap * 2 : 8;
		void *p = arena_alloc(a, want * size);

		if (p == NULL)
			return NULL;
		if (*count)
			memcpy(p, *v, *count * size);
		*v = p;
		*cap = want;
	}
	return (char *)*v + (*count)++ * size;
}
