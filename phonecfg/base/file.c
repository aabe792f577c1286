#include "phonecfg/base/file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static enum err_code unread(const char *path, int why, struct err *err)
{
	return err_set(err, why == ENOENT ? ERR_NOT_FOUND : ERR_IO, "cannot read %s: %s", path, strerror(why));
}

enum err_code file_read(const char *path, struct buf *out, struct err *err)
{
	char piece[16 * 1024];
	FILE *f = fopen(path, "re");
	size_t n;
	int why;

	if (f == NULL)
		return unread(path, errno, err);
	while ((n = fread(piece, 1, sizeof(piece), f)) > 0)
		buf_add(out, piece, n);
	why = ferror(f) ? errno : 0;
	fclose(f);
	return why ? unread(path, why, err) : buf_check(out, path, err);
}
