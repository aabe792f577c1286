/* phonecfg render: the file set of one phone. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "phonecfg/base/share.h"
#include "phonecfg/tool/commands.h"
#include "phonecfg/tool/phone.h"
#include "phonecfg/vendor/vendor.h"

enum { PATH_LEN = 4096 };

struct job {
	const char *file, *dir, *templates, *profiles;
	bool names;
};

static enum err_code write_file(const char *dir, const char *name, const struct buf *b, struct err *err)
{
	char path[PATH_LEN];
	FILE *f;
	bool bad;

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path))
		return err_set(err, ERR_LIMIT, "the path of %s is too long", name);
	f = fopen(path, "wb");
	if (!f)
		return err_set(err, ERR_IO, "%s cannot be written: %s", path, strerror(errno));
	bad = fwrite(b->data, 1, b->len, f) != b->len;
	if (fclose(f) || bad)
		return err_set(err, ERR_IO, "%s cannot be written: %s", path, strerror(errno));
	return ERR_OK;
}

static enum err_code emit(const struct job *job, const char *name, const struct buf *b, struct err *err)
{
	struct buf framed;
	enum err_code rc;

	if (job->dir)
		return write_file(job->dir, name, b, err);
	buf_init(&framed, VENDOR_RENDER_MAX + 256);
	buf_printf(&framed, "==== %s ====\n", name);
	buf_slice(&framed, buf_view(b));
	rc = buf_check(&framed, name, err);
	if (!rc)
		rc = tool_print(&framed, err);
	buf_release(&framed);
	return rc;
}

static enum err_code render_all(const struct job *job, const struct renderer *r, const struct profile *pf,
	const struct phone *ph, struct err *err)
{
	const struct vendor *v = vendor_get(pf->vendor);
	char name[VENDOR_FILE_NAME_MAX];
	enum err_code rc = ERR_OK;
	struct buf b;

	buf_init(&b, VENDOR_RENDER_MAX);
	for (size_t i = 0; !rc && i < v->nfiles; i++) {
		if (v->files[i].answer == ANSWER_NOT_FOUND)
			continue;
		buf_reset(&b);
		rc = vendor_render(r, pf, ph, v->files[i].kind, &b, err);
		if (!rc && !vendor_file_name(pf, &ph->mac, v->files[i].kind, name))
			snprintf(name, sizeof(name), "%s.%s", pf->id,
				slice_starts(slice_str(v->files[i].mime), "text/html") ? "html" : "xml");
		if (!rc)
			rc = emit(job, name, &b, err);
	}
	buf_release(&b);
	return rc;
}

static enum err_code make_dir(const char *dir, struct err *err)
{
	if (dir && mkdir(dir, 0777) && errno != EEXIST)
		return err_set(err, ERR_IO, "the directory %s cannot be made: %s", dir, strerror(errno));
	return ERR_OK;
}

static enum err_code render_phone(const struct job *job, const struct catalog *c, struct arena *a, struct err *err)
{
	const struct profile *pf = NULL;
	struct tval *doc = NULL;
	struct renderer *r = NULL;
	struct phone ph;
	enum err_code rc = tool_read_json(job->file, a, &doc, err);

	if (!rc)
		rc = phone_from_tval(doc, job->file, a, &ph, err);
	if (rc)
		return rc;
	pf = catalog_find(c, ph.model);
	if (!pf)
		return err_set(err, ERR_NOT_FOUND, "%s: there is no model '%.64s'; phonecfg models lists them",
			job->file, ph.model);
	rc = renderer_open(job->templates, c, &r, err);
	if (!rc && ((rc = vendor_check(pf, &ph, err)) || (rc = renderer_check_overrides(r, pf, &ph, err))))
		err_prefix(err, "%s", job->file);
	if (!rc)
		rc = make_dir(job->dir, err);
	if (!rc)
		rc = render_all(job, r, pf, &ph, err);
	renderer_close(r);
	return rc;
}

static int run(int argc, char **argv)
{
	struct job job = { .templates = share_templates_dir, .profiles = share_profiles_dir };
	const struct tool_option table[] = {
		{ "-o", &job.dir, NULL },
		{ "--templates", &job.templates, NULL },
		{ "--profiles", &job.profiles, NULL },
		{ NULL, NULL, NULL },
	};
	struct err err = { 0 };
	struct catalog *c;
	struct arena a;
	int n, code = tool_options(&command_render, table, argc, argv, &n);
	enum err_code rc;

	if (code >= 0)
		return code;
	if (n != 1)
		return tool_usage(&command_render, "give one PHONE.json");
	job.file = argv[1];
	c = catalog_open(job.profiles, &err);
	if (!c)
		return tool_fail(&err);
	arena_init(&a, 0);
	rc = render_phone(&job, c, &a, &err);
	arena_release(&a);
	catalog_close(c);
	return rc ? tool_fail(&err) : TOOL_OK;
}

const struct command command_render = {
	"render",
	"PHONE.json [-o DIR] [--templates DIR] [--profiles DIR]",
	"Make every file that one phone is given; to DIR, or all to standard output.",
	run,
};
