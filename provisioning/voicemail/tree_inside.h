/* What tree.c and tree_file.c share. */
#ifndef PROVISIONING_VOICEMAIL_TREE_INSIDE_H
#define PROVISIONING_VOICEMAIL_TREE_INSIDE_H

#include "phonecfg/base/err.h"

/* openat that follows nothing and crosses no mount; -1 with errno. */
int tree_open(int dir, const char *name, int flags);
/* Mode, group and, for root, owner of a new file as of its folder. */
void tree_like_parent(int dir, int fd);
/* ERR_CONFLICT: a link, a FIFO, a device, a folder, or a file with a second name. */
enum err_code tree_not_plain(const char *name, struct err *err);

#endif
