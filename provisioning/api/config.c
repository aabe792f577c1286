/* What a phone would get, with its secrets masked; and the overrides that stand in it. */
#include <string.h>

#include "provisioning/api/calls.h"
#include "provisioning/reset/filekey.h"
#include "provisioning/reset/inventory.h"
#include "provisioning/store/override.h"

enum { FILE_MAX = 1024 * 1024, OVERRIDES_MAX = 500 };

/* A word that every vendor takes as a password, so that the file is made the same way. */
static const struct secret masked = { "xxxxxxxxxxxxxxxx", 16 };

/* An override may hold a secret too; its name tells. */
static bool sounds_secret(const char *name)
{
	static const char *const words[] = { "pass", "pwd", "secret", "psk", "privatekey", "private_key" };
	size_t i;

	for (i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcasestr(name, words[i]))
			return true;
	return false;
}

static void mask(struct phone *ph)
{
	size_t i;

	for (i = 0; i < ph->noverrides; i++)
		if (*ph->overrides[i].value && sounds_secret(ph->overrides[i].name))
			ph->overrides[i].value = secret_reveal(&masked).p;

	for (i = 0; i < ph->naccounts; i++)
		ph->accounts[i].password = masked;
	ph->prov.password = masked;
	ph->admin_password = masked;
	ph->user_password = masked;
	ph->filler = masked;
	if (secret_set(&ph->file_key_next))
		ph->file_key_next = masked;
}

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

enum err_code phones_config(struct call *c, struct err *err)
{
	const char *name = request_param(c->rq, "file");
	const struct vendor_file *file = NULL;
	const struct profile *pf;
	struct file_request want;
	struct phone_row row;
	struct phone ph;
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
	mask(&ph);
	e = vendor_render(c->api->conf.renderer, pf, file->per_phone ? &ph : NULL, want.kind,
		response_body(c->rs, "text/plain; charset=utf-8", FILE_MAX), err);
	c->written = e == ERR_OK;
	return e;
}

/* ---- overrides: of the domain, or of one phone ---- */

struct over {
	struct call *call;
	enum override_layer layer;
	const char *target;
	struct phone_row phone;
	struct override_row *rows;
	size_t n;
};

static enum err_code place(struct call *c, struct over *o, struct err *err)
{
	bool phone = *request_param(c->rq, "mac") != '\0';
	enum err_code e = phone ? call_phone(c, &o->phone, err) : call_domain(c, err);

	o->call = c;
	o->layer = phone ? LAYER_PHONE : LAYER_DOMAIN;
	if (e == ERR_OK)
		o->target = override_target(c->a, phone ? o->phone.id : c->domain.id);
	return e;
}

static enum err_code show(struct call *c, const struct over *o, struct err *err)
{
	struct override_row *rows;
	struct db *db;
	size_t i, n;
	json_t *out;
	enum err_code e = call_db(c, &db, err);

	if (e || (e = override_list(db, o->layer, o->target, c->a, &rows, &n, err)))
		return e;
	out = json_array();
	for (i = 0; i < n; i++)
		json_array_append_new(out, json_pack("{s:s, s:s}", "name", rows[i].name, "value", rows[i].value));
	return call_ok(c, json_pack("{s:s, s:o}", "layer", override_layer_word(o->layer), "overrides", out), err);
}

enum err_code overrides_get(struct call *c, struct err *err)
{
	struct over o = { 0 };
	enum err_code e = place(c, &o, err);

	return e ? e : show(c, &o, err);
}

struct row_in {
	bool unused;
	const char *name, *value;
};

static const struct json_input row_fields[] = {
	{ "name", JSON_TEXT, true, offsetof(struct row_in, name), 0, MODEL_PARAMETER_MAX },
	{ "value", JSON_TEXT, true, offsetof(struct row_in, value), 0, MODEL_OVERRIDE_MAX },
};

/* What lines, keys and settings decide is no override's, and least of all the way to this server. A domain has phones
 * of every vendor. */
static enum err_code check_name(struct call *c, const struct over *o, const char *name, struct err *err)
{
	const struct catalog *cat = c->api->conf.catalog;
	struct override ov = { o->layer, name, "" };
	const struct phone probe = { .overrides = &ov, .noverrides = 1 };
	size_t i;
	enum err_code e = override_check_name(name, err);

	for (i = 0; e == ERR_OK && i < catalog_count(cat); i++) {
		const struct profile *pf = catalog_at(cat, i);

		if (!pf->softphone && (o->layer == LAYER_DOMAIN || strcmp(pf->id, o->phone.model) == 0))
			e = renderer_check_overrides(c->api->conf.renderer, pf, &probe, err);
	}
	return e;
}

static enum err_code read_rows(struct call *c, json_t *list, struct over *o, struct err *err)
{
	size_t i;
	json_t *v;

	o->rows = arena_alloc(c->a, (json_array_size(list) + 1) * sizeof(*o->rows));
	if (o->rows == NULL)
		return call_no_memory(err);
	json_array_foreach (list, i, v) {
		struct row_in in;
		enum err_code e = json_is_object(v)
					  ? json_inputs(v, row_fields, 2, c->a, &in, sizeof(in), err)
					  : err_set(err, ERR_INPUT, "an override is an object with name and value");

		if (e)
			return e;
		if ((e = check_name(c, o, in.name, err)))
			return e;
		o->rows[o->n++] = (struct override_row){
			.layer = o->layer, .target = o->target, .name = in.name, .value = in.value
		};
	}
	return ERR_OK;
}

static enum err_code set_fn(struct txn *t, void *arg, struct err *err)
{
	struct over *o = arg;
	struct call *c = o->call;
	struct inventory in = { c->api->conf.reset, t->db, c->a, c->who->who, c->rq->peer->text, "override" };
	char mac[MAC_TEXT] = "";
	size_t i;
	enum err_code e = override_clear(t->db, o->layer, o->target, err);

	for (i = 0; e == ERR_OK && i < o->n; i++) {
		struct override_row row = o->rows[i];

		e = override_put(t->db, &row, err);
	}
	if (e == ERR_OK && o->layer == LAYER_PHONE)
		e = inventory_phone_changed(&in, &o->phone.mac, err);
	else if (e == ERR_OK)
		e = inventory_domain_changed(&in, c->domain.id, err);
	if (o->layer == LAYER_PHONE)
		mac_text(&o->phone.mac, mac);
	return e ? e : call_audit(c, t->db, "override-set", "", mac, NULL, NULL, err);
}

enum err_code overrides_set(struct call *c, struct err *err)
{
	struct over o = { 0 };
	json_t *body, *list;
	enum err_code e = call_body(c, &body, err);

	if (e || (e = place(c, &o, err)))
		return e;
	list = json_object_get(body, "overrides");
	if (!json_is_array(list) || json_array_size(list) > OVERRIDES_MAX || json_object_size(body) != 1)
		return err_set(
			err, ERR_INPUT, "send {\"overrides\": [{\"name\", \"value\"}]}, at most %d", OVERRIDES_MAX);
	if ((e = read_rows(c, list, &o, err)) || (e = call_write(c, set_fn, &o, err)))
		return e;
	return show(c, &o, err);
}
