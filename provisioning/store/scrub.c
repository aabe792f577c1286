#include "provisioning/store/scrub.h"

#include <pthread.h>
#include <string.h>

enum {
	FILE_HEAD = 100,
	PAGE_MIN = 512,
	PAGE_MAX = 65536,
	INDEX_INTERIOR = 0x02,
	TABLE_INTERIOR = 0x05,
	INDEX_LEAF = 0x0a,
	TABLE_LEAF = 0x0d,
	HEAD_LEAF = 8,
	HEAD_INTERIOR = 12
};

static size_t get16(const unsigned char *p)
{
	return (size_t)p[0] << 8 | p[1];
}

/* Overflow and free-list pages begin with a page number below 2^24 in a file below 64 GB: their first byte is 0, never
 * one of the four kinds. */
bool scrub_page(unsigned char *page, size_t n, bool first)
{
	unsigned char *head = page + (first ? FILE_HEAD : 0);
	size_t from, to, i;

	switch (head[0]) {
	case INDEX_INTERIOR:
	case TABLE_INTERIOR:
		from = HEAD_INTERIOR;
		break;
	case INDEX_LEAF:
	case TABLE_LEAF:
		from = HEAD_LEAF;
		break;
	default:
		return false;
	}
	from += (size_t)(head - page) + 2 * get16(head + 3);
	to = get16(head + 5);
	if (to == 0) /* 65536 does not fit into two bytes */
		to = PAGE_MAX;
	if (from > to || to > n)
		return false;
	for (i = from; i < to && page[i] == 0; i++)
		;
	memset(page + i, 0, to - i);
	return i < to;
}

/* The methods of SQLite's own file, and a copy of them with another xWrite. */
static const sqlite3_io_methods *plain;
static sqlite3_io_methods scrubbing;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static int write_scrubbed(sqlite3_file *file, const void *data, int n, sqlite3_int64 at)
{
	unsigned char page[PAGE_MAX];

	if (n < PAGE_MIN || n > PAGE_MAX || at % n != 0)
		return plain->xWrite(file, data, n, at);
	memcpy(page, data, (size_t)n);
	return plain->xWrite(file, scrub_page(page, (size_t)n, at == 0) ? page : data, n, at);
}

int scrub_install(sqlite3 *db)
{
	sqlite3_file *file = NULL;
	int rc = sqlite3_file_control(db, "main", SQLITE_FCNTL_FILE_POINTER, &file);

	if (rc != SQLITE_OK)
		return rc;
	if (file == NULL || file->pMethods == NULL)
		return SQLITE_MISUSE;
	pthread_mutex_lock(&lock);
	if (plain == NULL) {
		scrubbing = *file->pMethods;
		scrubbing.xWrite = write_scrubbed;
		plain = file->pMethods;
	}
	if (file->pMethods == plain)
		file->pMethods = &scrubbing;
	else
		rc = SQLITE_MISUSE;
	pthread_mutex_unlock(&lock);
	return rc;
}
