/* Overrides of a brand, a model, a domain, a site or one phone: neutral words, or a vendor's own parameters. */
#include <string.h>

#include "phonecfg/base/text.h"
#include "phonecfg/model/words.h"
#include "phonecfg/vendor/layers.h"
#include "provisioning/api/calls.h"
#include "provisioning/reset/inventory.h"
#include "provisioning/store/override.h"

enum { OVERRIDES_MAX = 500 };
#define KEPT "***" /* a secret, as it is shown; sent back it stays as it is */

struct over {
	struct call *call;
	enum override_layer layer;
	const char *target;    /* as the store has it */
	const char *name;      /* brand or model; else NULL */
	int64_t id;            /* of the domain, site or phone; else 0 */
	const char *where;     /* for the audit log */
	const char *model;     /* LAYER_PHONE */
	enum vendor_id vendor; /* LAYER_BRAND */
	struct override_row *rows, *was;
	size_t n, nwas;
	json_t *warnings;
};

/* ---- where ---- */

static bool desk_vendor(const struct catalog *cat, enum vendor_id vendor)
{
	size_t i;

	for (i = 0; i < catalog_count(cat); i++)
		if (catalog_at(cat, i)->vendor == vendor && !catalog_at(cat, i)->softphone)
			return true;
	return false;
}

static enum err_code place_brand(struct call *c, struct over *o, struct err *err)
{
	const char *brand = request_param(c->rq, "brand");

	if (!vendor_word_parse(brand, &o->vendor) || !desk_vendor(c->api->conf.catalog, o->vendor))
		return err_set(
			err, ERR_NOT_FOUND, "There is no brand %.40s; it is yealink, polycom or grandstream.", brand);
	o->layer = LAYER_BRAND;
	o->where = o->target = o->name = vendor_word(o->vendor);
	return ERR_OK;
}

static enum err_code place_model(struct call *c, struct over *o, struct err *err)
{
	const struct profile *pf = catalog_find(c->api->conf.catalog, request_param(c->rq, "model"));

	if (pf == NULL || pf->softphone)
		return err_set(err, ERR_NOT_FOUND, "There is no model %.60s; GET /phones/models lists them.",
			request_param(c->rq, "model"));
	o->layer = LAYER_MODEL;
	o->where = o->target = o->name = o->model = pf->id;
	return ERR_OK;
}

static enum err_code place_site(struct call *c, struct over *o, struct err *err)
{
	struct site_row row;
	struct db *db;
	enum err_code e = call_domain(c, err);

	if (e || (e = call_db(c, &db, err)) ||
		(e = site_by_name(db, c->domain.id, request_param(c->rq, "site"), c->a, &row, err)))
		return e;
	if (!principal_site(c->who, row.id))
		return err_set(err, ERR_FORBIDDEN, "This site is outside of what your login may see.");
	o->layer = LAYER_SITE;
	o->id = row.id;
	o->where = row.name;
	return ERR_OK;
}

static enum err_code place_phone(struct call *c, struct over *o, struct err *err)
{
	char *mac = arena_alloc(c->a, MAC_TEXT);
	struct phone_row row;
	enum err_code e = mac ? call_phone(c, &row, err) : call_no_memory(err);

	if (e)
		return e;
	o->layer = LAYER_PHONE;
	o->id = row.id;
	o->where = mac_text(&row.mac, mac);
	o->model = row.model;
	return ERR_OK;
}

static enum err_code place_domain(struct call *c, struct over *o, struct err *err)
{
	enum err_code e = call_domain(c, err);

	if (e)
		return e;
	o->layer = LAYER_DOMAIN;
	o->id = c->domain.id;
	o->where = c->domain.name;
	return ERR_OK;
}

/* What the path names. */
static enum err_code place(struct call *c, struct over *o, struct err *err)
{
	static const struct {
		const char *param;
		enum err_code (*fn)(struct call *c, struct over *o, struct err *err);
	} kinds[] = { { "brand", place_brand }, { "model", place_model }, { "mac", place_phone },
		{ "site", place_site }, { "domain", place_domain } };
	size_t i = 0;
	enum err_code e;

	o->call = c;
	while (*request_param(c->rq, kinds[i].param) == '\0' && i + 1 < sizeof(kinds) / sizeof(kinds[0]))
		i++;
	e = kinds[i].fn(c, o, err);
	if (e == ERR_OK && o->name == NULL)
		o->target = override_target(c->a, o->id);
	return e || o->target ? e : call_no_memory(err);
}

/* ---- out ---- */

static bool holds_secret(struct call *c, const char *name)
{
	bool yes = param_secret(NULL, name);

	for (int v = 0; !yes && v < VENDOR_COUNT; v++) {
		const struct param_book *book = renderer_book(c->api->conf.renderer, (enum vendor_id)v);

		yes = book && param_secret(param_book_row(book, name), name);
	}
	return yes;
}

static enum err_code show(struct call *c, struct over *o, struct err *err)
{
	struct db *db;
	size_t i;
	json_t *list, *out;
	enum err_code e = call_db(c, &db, err);

	if (e || (e = override_list(db, o->layer, o->target, c->a, &o->was, &o->nwas, err)))
		return e;
	list = json_array();
	for (i = 0; i < o->nwas; i++)
		json_array_append_new(
			list, json_pack("{s:s, s:s}", "name", o->was[i].name, "value",
				      *o->was[i].value && holds_secret(c, o->was[i].name) ? KEPT : o->was[i].value));
	out = json_pack("{s:s, s:o}", "layer", override_layer_word(o->layer), "overrides", list);
	if (out && o->warnings)
		json_object_set(out, "warnings", o->warnings);
	return call_ok(c, out, err);
}

enum err_code overrides_get(struct call *c, struct err *err)
{
	struct over o = { 0 };
	enum err_code e = place(c, &o, err);

	return e ? e : show(c, &o, err);
}

/* ---- in ---- */

struct row_in {
	bool unused;
	const char *name, *value;
};

static const struct json_input row_fields[] = {
	{ "name", JSON_TEXT, true, offsetof(struct row_in, name), 0, MODEL_PARAMETER_MAX },
	{ "value", JSON_TEXT, true, offsetof(struct row_in, value), 0, MODEL_OVERRIDE_MAX },
};

static bool concerns(const struct over *o, const struct profile *pf)
{
	if (pf->softphone)
		return false;
	if (o->model)
		return strcmp(pf->id, o->model) == 0;
	return o->layer != LAYER_BRAND || pf->vendor == o->vendor;
}

/* The nearest name that is known, over all vendors that are asked. */
struct nearest {
	const char *name; /* NULL: none is near */
	size_t distance;
};

static void nearer(struct nearest *best, const char *wanted, const char *name)
{
	size_t d = name ? text_distance(wanted, name) : TEXT_DISTANCE_MAX;

	if (d < best->distance)
		*best = (struct nearest){ name, d };
}

static void warn(struct over *o, const char *name, const char *said, bool unknown, struct nearest best)
{
	size_t i;

	for (i = 0; unknown && i < word_count(); i++)
		if (text_distance(name, word_at(i)->name) <= strlen(name) / 2)
			nearer(&best, name, word_at(i)->name);
	if (unknown && best.name)
		said = arena_printf(o->call->a, "override %s is not known; the nearest is %s", name, best.name);
	json_array_append_new(o->warnings, json_string(said ? said : name));
}

/* By the phones of every vendor that it would reach: what breaks one vendor's file is refused, what none of them knows
 * is kept with a warning. Of each vendor one model stands for all. */
static enum err_code check_row(struct over *o, const struct override *ov, struct err *err)
{
	struct call *c = o->call;
	const struct renderer *r = c->api->conf.renderer;
	const struct catalog *cat = c->api->conf.catalog;
	bool done[VENDOR_COUNT] = { false };
	struct nearest best = { NULL, TEXT_DISTANCE_MAX };
	const char *warning = NULL;
	bool unknown = false;
	size_t i;
	enum err_code e = override_check(ov, err);

	for (i = 0; e == ERR_OK && i < catalog_count(cat); i++) {
		const struct profile *pf = catalog_at(cat, i);
		const struct param_book *book = renderer_book(r, pf->vendor);
		const char *said = NULL;

		if (done[pf->vendor] || !concerns(o, pf))
			continue;
		done[pf->vendor] = true;
		e = vendor_check_override(r, pf, ov, c->a, &said, err);
		if (e || said == NULL)
			continue;
		warning = said;
		if (param_book_row(book, ov->name) || renderer_foreign(r, pf->vendor, ov->name))
			continue;
		unknown = true;
		nearer(&best, ov->name, param_book_nearest(book, ov->name));
	}
	if (e == ERR_OK && warning)
		warn(o, ov->name, warning, unknown, best);
	return e;
}

static const char *value_before(const struct over *o, const char *name)
{
	size_t i;

	for (i = 0; i < o->nwas; i++)
		if (strcmp(o->was[i].name, name) == 0)
			return o->was[i].value;
	return NULL;
}

static enum err_code read_row(struct over *o, json_t *v, struct err *err)
{
	struct call *c = o->call;
	struct override ov = { .layer = o->layer };
	struct row_in in;
	size_t i;
	enum err_code e = json_is_object(v) ? json_inputs(v, row_fields, 2, c->a, &in, sizeof(in), err)
					    : err_set(err, ERR_INPUT, "an override is an object with name and value");

	if (e)
		return e;
	if (strcmp(in.value, KEPT) == 0 && holds_secret(c, in.name)) {
		in.value = value_before(o, in.name);
		if (in.value == NULL)
			return err_set(err, ERR_INPUT,
				"override %.100s: *** is how a secret is shown, and there is none here; give the secret itself",
				in.name);
	}
	for (i = 0; i < o->n; i++)
		if (strcmp(o->rows[i].name, in.name) == 0)
			return err_set(err, ERR_INPUT, "override %.100s stands twice; keep one of them", in.name);
	ov.name = in.name;
	ov.value = in.value;
	e = check_row(o, &ov, err);
	if (e == ERR_OK)
		o->rows[o->n++] = (struct override_row){
			.layer = o->layer, .target = o->target, .name = in.name, .value = in.value
		};
	return e;
}

static enum err_code read_rows(struct over *o, json_t *list, struct err *err)
{
	struct call *c = o->call;
	struct db *db;
	size_t i;
	json_t *v;
	enum err_code e = call_db(c, &db, err);

	if (e == ERR_OK)
		e = override_list(db, o->layer, o->target, c->a, &o->was, &o->nwas, err);
	o->rows = arena_alloc(c->a, (json_array_size(list) + 1) * sizeof(*o->rows));
	if (e == ERR_OK && o->rows == NULL)
		e = call_no_memory(err);
	json_array_foreach (list, i, v) {
		if (e)
			break;
		e = read_row(o, v, err);
	}
	return e;
}

/* ---- writing ---- */

/* Names alone: a value may be a secret. */
static const char *names_of(struct call *c, const struct override_row *rows, size_t n)
{
	json_t *v = json_array();
	size_t i;

	for (i = 0; i < n; i++)
		json_array_append_new(v, json_string(rows[i].name));
	return call_text(c, v);
}

static bool unchanged(const struct over *o)
{
	size_t i;

	for (i = 0; i < o->n; i++) {
		const char *was = value_before(o, o->rows[i].name);

		if (was == NULL || strcmp(was, o->rows[i].value) != 0)
			return false;
	}
	return o->n == o->nwas;
}

/* Who decides where phones get their firmware, whom they trust and through whom they speak: not the manager of one
 * site, whose phones could else be led away from this server's keeping. */
static enum err_code check_far(const struct over *o, struct err *err)
{
	static const char *const far[] = { "ca-url", "firmware-url", "proxy", "proxy-port", "server", "tls-any-server",
		"tls-minimum" };
	size_t i, k;

	for (i = 0; i < sizeof(far) / sizeof(far[0]) && !(o->call->who->scope & SCOPE_OFFICES); i++) {
		const char *was = value_before(o, far[i]), *is = NULL;

		for (k = 0; k < o->n; k++)
			if (strcmp(o->rows[k].name, far[i]) == 0)
				is = o->rows[k].value;
		if ((was || is) && (was == NULL || is == NULL || strcmp(was, is) != 0))
			return err_set(err, ERR_FORBIDDEN, "override %s: this needs Office Manager or above", far[i]);
	}
	return ERR_OK;
}

static enum err_code set_fn(struct txn *t, void *arg, struct err *err)
{
	struct over *o = arg;
	struct call *c = o->call;
	struct inventory in = call_inventory(c, t->db, "override");
	size_t i;
	enum err_code e = override_list(t->db, o->layer, o->target, c->a, &o->was, &o->nwas, err);

	if (e || unchanged(o)) /* no phone needs to come for what it has */
		return e;
	if ((e = check_far(o, err)))
		return e;
	e = override_clear(t->db, o->layer, o->target, err);
	for (i = 0; e == ERR_OK && i < o->n; i++) {
		struct override_row row = o->rows[i];

		e = override_put(t->db, &row, err);
	}
	if (e == ERR_OK)
		e = inventory_layer_changed(&in, o->layer, o->id, o->name, err);
	return e ? e
		 : call_audit(c, t->db, "override-set", "",
			   o->layer == LAYER_PHONE
				   ? o->where
				   : arena_printf(c->a, "%s %s", override_layer_word(o->layer), o->where),
			   names_of(c, o->was, o->nwas), names_of(c, o->rows, o->n), err);
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
	o.warnings = json_array();
	e = o.warnings ? read_rows(&o, list, err) : call_no_memory(err);
	if (e == ERR_OK)
		e = call_write(c, set_fn, &o, err);
	if (e == ERR_OK)
		e = show(c, &o, err);
	json_decref(o.warnings);
	return e;
}
