/* phonecfg render: the file set of one phone. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "phonecfg/base/share.h"
#include "phonecfg/tool/commands.h"
#include "phonecfg/tool/phone.h"
#include "phonecfg/vendor/layers.h"
#include "phonecfg/vendor/vendor.h"

enum { PATH_LEN = 4096 };

struct job {
	const char *file, *dir, *templates, *profiles;
	bool layers;
};

/* What the files of one phone are made from. */
struct made {
	const struct renderer *r;
	const struct profile *pf;
	const struct phone *ph;
	struct arena *a;
};

static enum err_code write_file(const char *dir, const char *name, const struct buf *b, struct err *err)
{
	char path[PATH_LEN];

	if (snprintf(path, sizeof(path), "%s/%s", dir, name) >= (int)sizeof(path))
		return err_set(err, ERR_LIMIT, "the path of %s is too long", name);
	return tool_write(path, b, err);
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

/* file:line, parameter, value, who set it; tabs between. */
static enum err_code layers_of(
	const struct made *m, const struct vendor_file *f, const char *name, struct buf *out, struct err *err)
{
	struct layered *v;
	size_t n;
	enum err_code rc = vendor_layers(m->r, m->pf, m->ph, f->kind, m->a, &v, &n, err);

	for (size_t i = 0; !rc && i < n; i++) {
		buf_printf(out, "%s:%u\t%s\t%s\t%s", name, v[i].line, v[i].name, v[i].value,
			v[i].overridden ? override_layer_word(v[i].layer) : "template");
		if (v[i].word)
			buf_printf(out, " (%s)", v[i].word);
		buf_char(out, '\n');
	}
	return rc;
}

static enum err_code render_all(const struct job *job, const struct made *m, struct err *err)
{
	const struct vendor *v = vendor_get(m->pf->vendor);
	char name[VENDOR_FILE_NAME_MAX];
	enum err_code rc = ERR_OK;
	struct buf b;

	buf_init(&b, job->layers ? TOOL_FILE_MAX : VENDOR_RENDER_MAX);
	for (size_t i = 0; !rc && i < v->nfiles; i++) {
		const struct vendor_file *f = &v->files[i];
		if (f->answer == ANSWER_NOT_FOUND)
			continue;
		if (!vendor_file_name(m->pf, &m->ph->mac, f->kind, name))
			snprintf(name, sizeof(name), "%s.%s", m->pf->id,
				slice_starts(slice_str(f->mime), "text/html") ? "html" : "xml");
		buf_reset(&b);
		rc = job->layers ? layers_of(m, f, name, &b, err) : vendor_render(m->r, m->pf, m->ph, f->kind, &b, err);
		if (rc == ERR_NOT_FOUND) { /* this phone needs none */
			rc = ERR_OK;
			continue;
		}
		if (!rc)
			rc = job->layers ? buf_check(&b, name, err) : emit(job, name, &b, err);
		if (!rc && job->layers)
			rc = tool_print(&b, err);
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

/* Errors for overrides that a phone of this vendor could not take, warnings for names that nobody knows. */
static enum err_code check_overrides(const struct made *m, const char *file, struct err *err)
{
	enum err_code rc = ERR_OK;

	for (size_t i = 0; !rc && i < m->ph->noverrides; i++) {
		const char *warning;
		rc = vendor_check_override(m->r, m->pf, &m->ph->overrides[i], m->a, &warning, err);
		if (!rc && warning)
			fprintf(stderr, "phonecfg: warning: %s: %s\n", file, warning);
	}
	return rc;
}

static enum err_code render_phone(const struct job *job, const struct catalog *c, struct arena *a, struct err *err)
{
	struct renderer *r = NULL;
	struct tval *doc = NULL;
	struct phone ph = { 0 };
	struct made m = { .ph = &ph, .a = a };
	enum err_code rc = tool_read_json(job->file, a, &doc, err);

	if (!rc)
		rc = phone_from_tval(doc, job->file, a, &ph, err);
	if (rc)
		return rc;
	m.pf = catalog_find(c, ph.model);
	if (!m.pf)
		return err_set(err, ERR_NOT_FOUND, "%s: there is no model '%.64s'; phonecfg models lists them",
			job->file, ph.model);
	rc = renderer_open(job->templates, c, &r, err);
	m.r = r;
	if (!rc && ((rc = vendor_check(m.pf, &ph, err)) || (rc = check_overrides(&m, job->file, err))))
		err_prefix(err, "%s", job->file);
	if (!rc)
		rc = make_dir(job->dir, err);
	if (!rc)
		rc = render_all(job, &m, err);
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
		{ "--layers", NULL, &job.layers },
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
	if (job.layers && job.dir)
		return tool_usage(&command_render, "--layers writes no files; leave -o out");
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
	"PHONE.json [-o DIR | --layers] [--templates DIR] [--profiles DIR]",
	"Make every file that one phone is given; to DIR, or all to standard output. --layers: each value with file:line and "
	"who set it, the template or an override's layer.",
	run,
};
