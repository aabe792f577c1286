#include "tests/matrix/desk.h"

#include <string.h>
#include <strings.h>

enum err_code files_render(
	const struct renderer *r, const struct profile *pf, const struct phone *ph, struct files *out, struct err *err)
{
	const struct vendor *v = vendor_get(pf->vendor);
	enum err_code rc = vendor_check(pf, ph, err);

	out->n = 0;
	for (size_t i = 0; !rc && i < v->nfiles; i++) {
		if (v->files[i].answer == ANSWER_NOT_FOUND)
			continue;
		if (!vendor_file_name(pf, &ph->mac, v->files[i].kind, out->v[out->n].name))
			out->v[out->n].name[0] = '\0';
		buf_init(&out->v[out->n].body, VENDOR_RENDER_MAX);
		rc = vendor_render(r, pf, ph, v->files[i].kind, &out->v[out->n++].body, err);
		if (rc == ERR_NOT_FOUND) { /* this phone needs none */
			buf_release(&out->v[--out->n].body);
			rc = ERR_OK;
		}
	}
	return rc;
}

void files_release(struct files *f)
{
	while (f->n)
		buf_release(&f->v[--f->n].body);
}

int files_fetch(void *arg, const char *method, const char *file, struct buf *body)
{
	const struct files *f = arg;
	const char *slash = strrchr(file, '/');

	(void)method;
	for (size_t i = 0; i < f->n; i++) {
		if (f->v[i].name[0] && strcmp(f->v[i].name, slash ? slash + 1 : file) != 0)
			continue;
		buf_slice(body, buf_view(&f->v[i].body));
		return 200;
	}
	return 404;
}

struct handset *desk_new(const struct profile *pf, const char *firmware, const struct mac *mac, struct err *err)
{
	struct handset_model m;

	if (!handset_model_of(pf, &m)) {
		err_set(err, ERR_UNSUPPORTED, "there is no handset for a %s", pf->display);
		return NULL;
	}
	handset_model_runs(&m, pf, firmware);
	return handset_new(&m, mac, err);
}

enum err_code desk_pull(struct handset *hs, struct files *f, struct err *err)
{
	enum err_code rc = handset_pull(hs, files_fetch, f, err);
	const struct handset_step *steps;
	size_t n, applied = 0;

	steps = handset_steps(hs, &n);
	for (size_t i = 0; !rc && i < n; i++) {
		applied += steps[i].what == HANDSET_APPLIED || steps[i].what == HANDSET_UNCHANGED;
		if (steps[i].what == HANDSET_REFUSED)
			rc = err_set(err, ERR_INPUT, "%s is refused: %s", steps[i].file, steps[i].why);
	}
	if (!rc && !applied)
		rc = err_set(err, ERR_INPUT, "no file was taken");
	return rc;
}

const char *entry_value(const struct handset_entry *v, size_t n, enum handset_layer layer, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (v[i].layer == layer && strcmp(v[i].name, name) == 0)
			return v[i].value;
	return NULL;
}
