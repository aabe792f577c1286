/* A file of the templates, whole. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "phonecfg/vendor/renderer.h"

enum { PATH_LEN = 1024 };

enum err_code renderer_slurp(const char *dir, const char *name, const char *suffix, struct buf *out, struct err *err)
{
	char path[PATH_LEN], chunk[4096];
	size_t n;
	FILE *f;
	bool bad;

	if (snprintf(path, sizeof(path), "%s/%s%s", dir, name, suffix) >= (int)sizeof(path))
		return err_set(err, ERR_LIMIT, "the path of the templates is too long");
	f = fopen(path, "rb");
	if (!f)
		return err_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO,
			"%s cannot be opened: %s; is the templates directory right?", path, strerror(errno));
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		buf_add(out, chunk, n);
	bad = ferror(f);
	fclose(f);
	return bad ? err_set(err, ERR_IO, "%s cannot be read", path) : buf_check(out, path, err);
}
