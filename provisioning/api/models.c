/* The models that this version knows, in NetSapiens' fields and in ours. */
#include <string.h>

#include "phonecfg/vendor/crypt.h"
#include "provisioning/api/calls.h"
#include "provisioning/api/phone_parts.h"

static json_t *shape_ns(const struct profile *pf)
{
	const char *brand = vendor_get(pf->vendor)->name;

	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:I}", "brand", brand, "model",
		pf->model, "portal_view", "yes", "device_type", phone_ports(pf) ? "ata" : "phone", "ndp_syntax",
		vendor_word(pf->vendor), "brand_model", pf->display, "force_https", "yes", "allow_tftp", "no",
		"phone_ext", (json_int_t)pf->accounts, "fxs", (json_int_t)phone_ports(pf), "fxo", (json_int_t)0,
		"trunk", (json_int_t)0);
}

static json_t *shape_words(const struct profile *pf)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "directory", "yes", "presense",
		profile_keys(pf, 0) ? "yes" : "no", "sla", "yes", "sidecar", pf->modules ? "yes" : "no", "resync",
		"yes", "encrypt_support", vendor_can_encrypt(pf->vendor) ? "yes" : "no", "firmware_support", "yes",
		"firmware_options", pf->firmware ? pf->firmware : "", "overrides", "yes", "description", pf->display);
}

static json_t *shape_ours(const struct profile *pf)
{
	return json_pack("{s:s, s:I, s:I, s:I}", "id", pf->id, "lines", (json_int_t)pf->accounts, "buttons",
		(json_int_t)profile_keys(pf, 0), "sidecars", (json_int_t)pf->modules);
}

static json_t *shape(const struct profile *pf)
{
	json_t *v = shape_ns(pf), *words = shape_words(pf), *ours = shape_ours(pf);

	if (v && (words == NULL || ours == NULL || json_object_update(v, words) || json_object_update(v, ours))) {
		json_decref(v);
		v = NULL;
	}
	json_decref(words);
	json_decref(ours);
	return v;
}

enum err_code phones_models(struct call *c, struct err *err)
{
	const struct catalog *cat = c->api->conf.catalog;
	json_t *out = json_array();
	size_t i;

	for (i = 0; i < catalog_count(cat); i++)
		if (!catalog_at(cat, i)->softphone)
			json_array_append_new(out, shape(catalog_at(cat, i)));
	return call_ok(c, out, err);
}
