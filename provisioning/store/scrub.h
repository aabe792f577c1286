/* What SQLite's secure_delete leaves behind.
 *
 * secure_delete overwrites deleted cells and freed pages. But when a b-tree page is rebuilt because rows moved to its
 * neighbours (observed with SQLite 3.40), the bytes between the cell pointers and the first cell keep whatever stood
 * there, and a name can lie in that gap long after its row was cleared. The gap means nothing to SQLite, so it is
 * zeroed in every page on its way into the database file (by a checkpoint; the write-ahead log itself is emptied by
 * store_checkpoint). */
#ifndef PROVISIONING_STORE_SCRUB_H
#define PROVISIONING_STORE_SCRUB_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stddef.h>

/* Zeroes the gap of a page of n bytes; first: page 1, whose header stands behind the 100 bytes of the file's. Anything
 * that is no b-tree page, or is malformed, stays as it is. True when it changed something. (SQLite file format, §1.6)
 */
bool scrub_page(unsigned char *page, size_t n, bool first);

/* From now on every page that this connection writes into its database file is scrubbed. An SQLite code. */
int scrub_install(sqlite3 *db);

#endif
