/* Have the files of a listener changed? Told by what stat says, so that renaming, copying over and links all count. */
#ifndef PROVISIONING_EDGE_TLS_FILES_H
#define PROVISIONING_EDGE_TLS_FILES_H

#include <stdbool.h>
#include <sys/types.h>
#include <time.h>

#include "provisioning/edge/edge.h"

enum { TLS_FILES = 6 + EDGE_BUNDLES };

struct tls_stamp {
	dev_t device;
	ino_t inode;
	off_t size;
	struct timespec written, changed;
};

struct tls_files {
	struct tls_stamp tried[TLS_FILES], last[TLS_FILES];
};

/* They are read now, whatever comes of it. */
void tls_files_tried(struct tls_files *f, const struct edge_conf *conf);
/* True, once for each change: they are not what was read, and have not changed since this was asked last, so that
 * nobody is in the middle of writing them. */
bool tls_files_changed(struct tls_files *f, const struct edge_conf *conf);

#endif
