#include "phonecfg/base/mem.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

static atomic_ulong count;
static atomic_ulong fail_from;

static bool must_fail(void)
{
	unsigned long n = atomic_fetch_add_explicit(&count, 1, memory_order_relaxed) + 1;
	unsigned long from = atomic_load_explicit(&fail_from, memory_order_relaxed);

	return from != 0 && n >= from;
}

void *mem_alloc(size_t n)
{
	return must_fail() ? NULL : malloc(n ? n : 1);
}

void *mem_zalloc(size_t n)
{
	return must_fail() ? NULL : calloc(1, n ? n : 1);
}

void *mem_realloc(void *p, size_t n)
{
	return must_fail() ? NULL : realloc(p, n ? n : 1);
}

void mem_free(void *p)
{
	free(p);
}

char *mem_strdup(const char *s)
{
	size_t n = strlen(s) + 1;
	char *p = mem_alloc(n);

	return p ? memcpy(p, s, n) : NULL;
}

void mem_fail_from(unsigned long n)
{
	atomic_store(&count, 0);
	atomic_store(&fail_from, n);
}

unsigned long mem_count(void)
{
	return atomic_load(&count);
}
