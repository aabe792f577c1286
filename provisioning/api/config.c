/* What a phone would get, with its secrets masked; and who set each value. */
#include <string.h>

#include "phonecfg/vendor/layers.h"
#include "provisioning/api/calls.h"
#include "provisioning/reset/filekey.h"
#include "provisioning/reset/inventory.h"

enum { FILE_MAX = 1024 * 1024 };

/* As the phone was last heard: what it would get if it came as it came then. */
static void as_last_seen(struct call *c, const struct profile *pf, const struct phone_row *row, struct phone *ph)
{
	struct ua_info ua;
	const char *running = NULL;

	if (vendor_parse_ua(slice_str(row->user_agent), &ua))
		running = vendor_running(c->api->conf.catalog, pf, &ua);
	ph->firmware = running ? arena_strdup(c->a, running) : NULL;
	filekey_put(row, FILEKEY_BY_TOKEN, ph); /* shown plain */
}

/* Each value of the file in its order: "template" is what Rekey makes of the phone's own data. */
static enum err_code show_layers(
	struct call *c, const struct profile *pf, const struct phone *ph, enum file_kind kind, struct err *err)
{
	const struct renderer *r = c->api->conf.renderer;
	struct layered *v;
	size_t i, n;
	json_t *out;
	enum err_code e = vendor_layers(r, pf, ph, kind, c->a, &v, &n, err);

	if (e)
		return e;
	out = json_array();
	for (i = 0; i < n; i++)
		json_array_append_new(out,
			json_pack("{s:i, s:s, s:s, s:s, s:s?}", "line", (int)v[i].line, "name", v[i].name, "value",
				v[i].value, "set-by", v[i].overridden ? override_layer_word(v[i].layer) : "template",
				"word", v[i].word));
	return call_ok(c, json_pack("{s:s, s:o}", "file", request_param(c->rq, "file"), "values", out), err);
}

enum err_code phones_config(struct call *c, struct err *err)
{
	const char *name = request_param(c->rq, "file");
	const struct vendor_file *file = NULL;
	const struct profile *pf;
	struct file_request want;
	struct phone_row row;
	struct phone ph, shown;
	struct db *db;
	enum err_code e = call_phone(c, &row, err);

	if (e || (e = call_db(c, &db, err)))
		return e;
	pf = catalog_find(c->api->conf.catalog, row.model);
	if (pf && vendor_parse_file(slice_str(name), &want))
		file = vendor_file(pf->vendor, want.kind);
	if (file == NULL || (want.has_mac && !mac_eq(&want.mac, &row.mac)))
		return err_set(err, ERR_NOT_FOUND, "This phone asks for no file of the name %.60s.", name);
	e = desk_load(db, c->api->conf.desk, &row.mac, c->a, &ph, err);
	if (e)
		return e;
	as_last_seen(c, pf, &row, &ph);
	if (request_query(c->rq, "layers"))
		return show_layers(c, pf, &ph, want.kind, err);
	e = vendor_mask(c->api->conf.renderer, pf, &ph, c->a, &shown, err);
	if (e)
		return e;
	e = vendor_render(c->api->conf.renderer, pf, file->per_phone ? &shown : NULL, want.kind,
		response_body(c->rs, "text/plain; charset=utf-8", FILE_MAX), err);
	c->written = e == ERR_OK;
	return e;
}

/* ---- which files ---- */

static json_t *shape_file(const struct vendor_file *file, const char *name, const struct phone_file_row *seen)
{
	return json_pack("{s:s, s:s, s:b, s:o, s:I, s:o}", "file", name, "content-type", file->mime, "per-phone",
		(int)file->per_phone, "asked-datetime", shape_time(seen ? seen->last_ms : 0), "delivered-generation",
		(json_int_t)(seen ? seen->delivered : 0), "delivered-datetime",
		shape_time(seen ? seen->delivered_ms : 0));
}

/* A kind that this phone, as it was last heard, needs none of is no file of it. */
static bool has_file(struct call *c, const struct profile *pf, const struct phone *ph, const struct vendor_file *file,
	char name[VENDOR_FILE_NAME_MAX])
{
	struct buf scratch;
	bool has;

	if (file->tmpl == NULL || !vendor_file_name(pf, &ph->mac, file->kind, name))
		return false;
	buf_init(&scratch, FILE_MAX);
	has = vendor_render(c->api->conf.renderer, pf, ph, file->kind, &scratch, NULL) == ERR_OK;
	buf_release(&scratch);
	return has;
}

static const struct phone_file_row *seen_of(const struct phone_file_row *rows, size_t n, const char *name)
{
	size_t i;

	for (i = 0; i < n; i++)
		if (strcmp(rows[i].kind, name) == 0)
			return &rows[i];
	return NULL;
}

enum err_code phones_files(struct call *c, struct err *err)
{
	const struct vendor *vendor;
	const struct profile *pf;
	struct phone_file_row *rows;
	struct phone_row row;
	struct phone ph;
	struct db *db;
	char name[VENDOR_FILE_NAME_MAX];
	size_t i, n;
	json_t *out;
	enum err_code e = call_phone(c, &row, err);

	if (e || (e = call_db(c, &db, err)) || (e = phone_file_list(db, row.id, c->a, &rows, &n, err)) ||
		(e = desk_load(db, c->api->conf.desk, &row.mac, c->a, &ph, err)))
		return e;
	pf = catalog_find(c->api->conf.catalog, row.model);
	vendor = pf ? vendor_get(pf->vendor) : NULL;
	if (vendor == NULL)
		return err_set(err, ERR_UNSUPPORTED, "%s is no model that this version knows.", row.model);
	as_last_seen(c, pf, &row, &ph);
	out = json_array();
	for (i = 0; i < vendor->nfiles; i++)
		if (has_file(c, pf, &ph, &vendor->files[i], name))
			json_array_append_new(
				out, shape_file(&vendor->files[i], name, seen_of(rows, n, vendor->files[i].name)));
	return call_ok(c, out, err);
}
