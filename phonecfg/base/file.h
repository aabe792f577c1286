/* A file, whole. */
#ifndef PHONECFG_BASE_FILE_H
#define PHONECFG_BASE_FILE_H

#include "phonecfg/base/buf.h"

/* Adds its bytes to *out, whose maximum holds. ERR_NOT_FOUND where there is none, ERR_IO where it cannot be read,
 * ERR_LIMIT where it is longer. */
enum err_code file_read(const char *path, struct buf *out, struct err *err);

#endif
