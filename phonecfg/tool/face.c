/* phonecfg face: the keys of a phone as a picture. */
#include <stdio.h>
#include <string.h>

#include "phonecfg/base/share.h"
#include "phonecfg/face/face.h"
#include "phonecfg/tool/commands.h"
#include "phonecfg/tool/phone.h"
#include "phonecfg/vendor/vendor.h"

static enum err_code read_face(
	const char *file, const struct catalog *cat, struct arena *a, struct face *out, struct err *err)
{
	const struct profile *pf;
	struct tval *doc;
	struct phone ph;
	enum err_code rc = tool_read_json(file, a, &doc, err);

	if (!rc)
		rc = phone_from_tval(doc, file, a, &ph, err);
	if (rc)
		return rc;
	pf = catalog_find(cat, ph.model);
	if (!pf)
		return err_set(err, ERR_INPUT, "%s: model %s is unknown; phonecfg models lists them", file, ph.model);
	rc = vendor_check(pf, &ph, err); /* as render: what a phone could not be given is not drawn */
	return rc ? err_prefix(err, "%s", file) : face_of(&ph, pf, a, out, err);
}

static enum err_code draw(int n, char **files, const char *profiles, const char *path, struct err *err)
{
	struct catalog *cat = catalog_open(profiles, err);
	struct face faces[2];
	struct arena a;
	struct buf b;
	enum err_code rc = cat ? ERR_OK : err->code;

	arena_init(&a, 0);
	buf_init(&b, FACE_SVG_MAX);
	for (int i = 0; !rc && i < n; i++)
		rc = read_face(files[i], cat, &a, &faces[i], err);
	if (!rc)
		rc = face_svg(&faces[0], n > 1 ? &faces[1] : NULL, &b, err);
	if (!rc)
		rc = tool_write(path, &b, err);
	buf_release(&b);
	arena_release(&a);
	catalog_close(cat);
	return rc;
}

static int run(int argc, char **argv)
{
	const char *path = NULL, *profiles = share_profiles_dir;
	const struct tool_option table[] = { { "-o", &path, NULL }, { "--profiles", &profiles, NULL },
		{ NULL, NULL, NULL } };
	struct err err = { 0 };
	int n, code = tool_options(&command_face, table, argc, argv, &n);

	if (code >= 0)
		return code;
	if (n != 1 && n != 2)
		return tool_usage(&command_face, "give one PHONE.json, or one of before and one of after");
	return draw(n, argv + 1, profiles, path, &err) ? tool_fail(&err) : TOOL_OK;
}

const struct command command_face = {
	"face",
	"PHONE.json [AFTER.json] [-o X.svg] [--profiles DIR]",
	"Draw the keys of a phone as its screen shows them; of two states, mark what goes, what comes and what stays.",
	run,
};
