/* A file of the templates, whole. */
#include <stdio.h>

#include "phonecfg/base/file.h"
#include "phonecfg/vendor/renderer.h"

enum { PATH_LEN = 1024 };

enum err_code renderer_slurp(const char *dir, const char *name, const char *suffix, struct buf *out, struct err *err)
{
	char path[PATH_LEN];
	enum err_code code;

	if (snprintf(path, sizeof(path), "%s/%s%s", dir, name, suffix) >= (int)sizeof(path))
		return err_set(err, ERR_LIMIT, "the path of the templates is too long");
	code = file_read(path, out, err);
	return code ? err_prefix(err, "is the templates directory right?") : ERR_OK;
}
