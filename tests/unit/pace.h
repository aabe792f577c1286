/* Which of many alike a slow checker looks at. */
#ifndef TESTS_UNIT_PACE_H
#define TESTS_UNIT_PACE_H

#include <stdlib.h>
#include <string.h>

/* 1 by hand and under the address sanitizer, which look at every model; 12 under valgrind and the thread sanitizer,
 * which are twenty to fifty times as slow: a fault of memory or of threads that shows on one model only is the address
 * sanitizer's to find. */
static inline size_t pace_step(void)
{
	const char *kind = getenv("REKEY_KIND");

	return kind && strcmp(kind, "asan") != 0 ? 12 : 1;
}

#endif
