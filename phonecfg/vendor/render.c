/* One file from one phone. */
#include <stdio.h>
#include <string.h>

#include "phonecfg/model/words.h"
#include "phonecfg/vendor/crypt.h"
#include "phonecfg/vendor/filler.h"
#include "phonecfg/vendor/guard.h"
#include "phonecfg/vendor/renderer.h"
#include "phonecfg/vendor/view.h"

static const struct compiled *find(const struct renderer *r, enum vendor_id vendor, enum file_kind kind)
{
	for (size_t i = 0; i < r->nfiles; i++) {
		if (r->files[i].vendor == vendor && r->files[i].kind == kind)
			return &r->files[i];
	}
	return NULL;
}

static enum err_code generate(const struct compiled *c, const struct template_program *program, const struct tval *root,
	struct buf *out, struct err *err)
{
	size_t start = out->len;
	bool fits = false;
	enum err_code rc = ERR_OK;

	if (program)
		rc = template_program_run(program, root, out, &fits, err);
	if (rc || fits)
		return rc;
	rc = template_render(c->tmpl, root, out, err);
	if (!rc && c->rules.line)
		rc = template_rules_text(&c->rules, (struct slice){ out->data + start, out->len - start }, err);
	return rc;
}

/* The file as it would be, and then without what its rows refuse. */
static enum err_code mended(const struct renderer *r, const struct compiled *c, const struct phone *ph,
	struct slice text, struct buf *out, struct vendor_left *left)
{
	char filler[17], digits[9];
	struct mender m = { c->vendor, r->books[c->vendor], filler, digits };

	if (!c->rules.line) {
		buf_slice(out, text);
		return ERR_OK;
	}
	filler_make(&ph->filler, &ph->mac, "blank", ph->generation, false, filler, sizeof(filler) - 1);
	filler_make(&ph->filler, &ph->mac, "blank", ph->generation, true, digits, sizeof(digits) - 1);
	mend_text(&m, text, out, left);
	return ERR_OK;
}

static enum err_code write_lines(const struct compiled *c, const struct template_program *program,
	const struct tval *root, bool held, struct buf *out, struct err *err)
{
	bool overrides = tval_truthy(tval_get(root, "has_overrides"));
	struct buf whole;
	enum err_code rc;

	if (!overrides)
		return held ? generate(c, program, root, out, err) : template_render(c->tmpl, root, out, err);
	buf_init(&whole, VENDOR_RENDER_MAX);
	rc = held ? generate(c, program, root, &whole, err) : template_render(c->tmpl, root, &whole, err);
	if (!rc)
		rc = once_add(c->vendor, buf_view(&whole), tval_get(root, "overrides"), out, err);
	buf_release(&whole);
	return rc;
}

static enum err_code render(const struct renderer *r, const struct compiled *c, const struct profile *pf,
	const struct phone *ph, struct arena *a, struct buf *out, struct vendor_left *left, struct err *err)
{
	const struct template_program *program = NULL;
	struct prepared *prepared = NULL;
	struct tval *root = NULL;
	struct buf whole;
	enum err_code rc = prepared_take(r, pf, ph->firmware, c, &prepared, &program, err);

	if (!rc)
		rc = data_build(r, a, pf, ph, prepared_lists(prepared), &root, err);
	if (!rc && !left) {
		rc = write_lines(c, program, root, true, out, err);
	} else if (!rc) {
		buf_init(&whole, VENDOR_RENDER_MAX);
		rc = write_lines(c, program, root, false, &whole, err);
		if (!rc)
			rc = mended(r, c, ph, buf_view(&whole), out, left);
		buf_release(&whole);
	}
	prepared_drop(r, prepared);
	return rc;
}

static enum err_code render_sealed(const struct renderer *r, const struct compiled *c, const struct profile *pf,
	const struct phone *ph, struct arena *a, struct buf *out, struct vendor_left *left, struct err *err)
{
	struct buf plain;
	enum err_code rc;

	buf_init(&plain, VENDOR_RENDER_MAX);
	rc = render(r, c, pf, ph, a, &plain, left, err);
	if (!rc)
		rc = buf_check(&plain, "the file before it is encrypted", err);
	if (!rc)
		rc = vendor_encrypt(pf->vendor, &ph->file_key, buf_view(&plain), out, err);
	buf_release(&plain);
	return rc;
}

/* The overrides without the words that this model cannot carry. */
static enum err_code good_words(
	const struct profile *pf, const struct phone *ph, struct arena *a, struct phone *out, struct err *err)
{
	struct phone one = *ph, settled;
	enum err_code rc = ERR_OK;

	*out = *ph;
	out->noverrides = 0;
	out->overrides = arena_alloc(a, ph->noverrides * sizeof(*out->overrides));
	if (!out->overrides)
		return err_set(err, ERR_NOMEM, "no memory for the settings of a phone");
	one.noverrides = 1;
	for (size_t i = 0; !rc && i < ph->noverrides; i++) {
		one.overrides = &ph->overrides[i];
		if (ph->overrides[i].name && word_find(ph->overrides[i].name)) {
			rc = phone_apply_words(&one, a, &settled, NULL, NULL, err);
			if (rc || vendor_check_core(pf, &settled, NULL))
				continue;
		}
		out->overrides[out->noverrides++] = ph->overrides[i];
	}
	return rc;
}

/* The phone after its neutral words. A word that this model cannot carry must not keep the phone from its file, nor the
 * other words from it (vendor_check refuses such a word before it is kept). */
static enum err_code settle(
	const struct profile *pf, const struct phone *ph, struct arena *a, struct phone *out, struct err *err)
{
	enum err_code rc = phone_apply_words(ph, a, out, NULL, NULL, err);
	struct phone good;

	if (rc || vendor_check_core(pf, out, NULL) == ERR_OK)
		return rc;
	if ((rc = vendor_check_core(pf, ph, err)) || (rc = good_words(pf, ph, a, &good, err)) ||
		(rc = phone_apply_words(&good, a, out, NULL, NULL, err)))
		return rc;
	if (vendor_check_core(pf, out, NULL))
		*out = *ph;
	return ERR_OK;
}

enum err_code render_file(const struct renderer *r, const struct profile *pf, const struct phone *ph,
	enum file_kind kind, struct buf *out, struct vendor_left *left, struct err *err)
{
	static const struct phone nobody;
	const struct vendor_file *f = vendor_file(pf->vendor, kind);
	const struct compiled *c = find(r, pf->vendor, kind);
	char mac[MAC_TEXT], what[64];
	struct phone settled = nobody;
	struct arena a;
	enum err_code rc;

	if (!f || !c)
		return err_set(err, ERR_NOT_FOUND, "a %s is given no such file", pf->display);
	if (!ph && f->per_phone)
		return err_set(err, ERR_BUG, "%s needs a phone", f->name);
	arena_init(&a, RENDER_DATA_MAX);
	rc = ph ? settle(pf, ph, &a, &settled, err) : ERR_OK;
	if (!rc && f->per_phone && dialect_of(pf->vendor)->has && !dialect_of(pf->vendor)->has(pf, &settled, kind))
		rc = err_set(err, ERR_NOT_FOUND, "this phone needs no %s", f->name);
	if (!rc)
		phone_place_keys(&settled, &a);
	ph = &settled;
	snprintf(what, sizeof(what), "the file of %s", mac_text(&ph->mac, mac));
	if (!rc)
		rc = secret_set(&ph->file_key) && vendor_encrypts(pf->vendor, kind)
			     ? render_sealed(r, c, pf, ph, &a, out, left, err)
			     : render(r, c, pf, ph, &a, out, left, err);
	if (!rc)
		rc = buf_check(out, what, err);
	arena_release(&a);
	return rc;
}

enum err_code vendor_render(const struct renderer *r, const struct profile *pf, const struct phone *ph,
	enum file_kind kind, struct buf *out, struct err *err)
{
	return render_file(r, pf, ph, kind, out, NULL, err);
}

enum err_code vendor_serve(const struct renderer *r, const struct profile *pf, const struct phone *ph,
	enum file_kind kind, struct buf *out, struct vendor_left *left, struct err *err)
{
	size_t start = out->len;
	struct err why = { 0 };
	struct phone good;
	struct arena a;
	enum err_code rc = vendor_render(r, pf, ph, kind, out, &why);

	*left = (struct vendor_left){ 0 };
	if (rc != ERR_INPUT || !ph) {
		if (rc && err)
			*err = why;
		return rc;
	}
	out->len = start;
	arena_init(&a, 0);
	rc = spare_phone(pf, ph, &a, &good, left, err);
	if (!rc)
		rc = render_file(r, pf, &good, kind, out, left, err);
	arena_release(&a);
	return rc;
}
