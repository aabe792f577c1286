/* Every heap allocation of the project goes through here, so that a test can make the n-th one fail. */
#ifndef PHONECFG_BASE_MEM_H
#define PHONECFG_BASE_MEM_H

#include <stddef.h>

/* libre exports functions of these very names, with other arguments: linked under the same names, ours would be called
 * from inside libre. A file that needs both includes re.h first; these names are then ours. */
#define mem_alloc rekey_mem_alloc
#define mem_zalloc rekey_mem_zalloc
#define mem_realloc rekey_mem_realloc

/* As malloc, calloc, realloc, free, strdup; NULL on failure. */
void *mem_alloc(size_t n);
void *mem_zalloc(size_t n);
void *mem_realloc(void *p, size_t n);
void mem_free(void *p);
char *mem_strdup(const char *s);

/* For tests: the n-th allocation from now (1 = the next one) and every later one fails; 0 switches it off. */
void mem_fail_from(unsigned long n);
/* How many allocations were made since the last mem_fail_from(). */
unsigned long mem_count(void);

#endif
