/* What a phone would get, with its secrets masked; and who set each value. */
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
