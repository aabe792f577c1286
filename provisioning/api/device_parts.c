#include "provisioning/api/device_parts.h"

#include "provisioning/api/extra.h"
#include "provisioning/registrar/registrar.h"
#include "provisioning/store/line.h"

enum { REST_MS = 5000 };

static json_t *shape_lines(const struct line_row *lines, size_t n)
{
	json_t *out = json_array();
	char mac[MAC_TEXT];
	size_t i;

	for (i = 0; i < n; i++)
		json_array_append_new(
			out, json_pack("{s:s, s:I}", "device-provisioning-mac-address", mac_text(&lines[i].mac, mac),
				     "device-provisioning-line", (json_int_t)lines[i].slot));
	return out;
}

/* The phone of its first line, as NetSapiens shows one device. */
static json_t *shape_place(
	struct call *c, struct db *db, const struct line_row *lines, size_t n, const char *server, struct err *err)
{
	struct phone_row phone;
	char mac[MAC_TEXT];
	json_t *v = json_pack(
		"{s:o, s:s}", "lines", shape_lines(lines, n), "device-provisioning-registration-core-server", server);

	if (v == NULL || n == 0)
		return v;
	if (phone_by_id(db, lines[0].phone_id, c->a, &phone, err)) {
		json_decref(v);
		return NULL;
	}
	mac_text(&lines[0].mac, mac);
	json_object_set_new(v, "device-provisioning-mac-address", json_string(mac));
	json_object_set_new(v, "device-provisioning-line", json_integer(lines[0].slot));
	json_object_set_new(v, "device-provisioning-username", json_string(mac));
	json_object_set_new(v, "device-provisioning-password", json_null()); /* never told */
	json_object_set_new(v, "device-models-model", json_string(phone.model));
	json_object_set_new(v, "device-provisioning-sip-transport-protocol",
		json_string(*phone.transport ? phone.transport : c->domain.transport));
	return v;
}

json_t *device_shape(struct call *c, const struct user_row *user, const struct device_row *d, struct err *err)
{
	const char *server = *c->domain.sip_server ? c->domain.sip_server : c->domain.name;
	struct line_row *lines;
	struct db *db;
	size_t n;
	const char *uri = arena_printf(c->a, "sip:%s@%s", d->name, c->domain.name);
	const char *name = arena_printf(
		c->a, "%s%s%s", user->first_name, *user->first_name && *user->last_name ? " " : "", user->last_name);
	json_t *v, *place;

	if (call_db(c, &db, err) || line_list_device(db, d->id, c->a, &lines, &n, err) ||
		(place = shape_place(c, db, lines, n, server, err)) == NULL)
		return NULL;
	v = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:I, s:s, s:o, s:o, s:o}", "device", d->name, "user",
		user->ext, "domain", c->domain.name, "device-sip-registration-uri", uri, "name-full-name", name,
		"login-username", user->login, "device-kind", device_kind_words[d->kind],
		"device-sip-registration-password-revision", (json_int_t)d->revision, "device-sip-allowed-user-agent",
		d->allowed_user_agent, "device-push-enabled", shape_yes(d->push_enabled), "created-datetime",
		shape_time(d->created_ms), "last-modified-datetime", shape_time(d->modified_ms));
	if (v == NULL || json_object_update(v, place) || !extra_give(v, &extra_device, d->extra)) {
		json_decref(v);
		v = NULL;
		call_no_memory(err);
	}
	json_decref(place);
	return v;
}

/* ---- the registrar ---- */

/* The one that was refreshed last. */
static const struct binding *newest(const struct binding_list *list)
{
	const struct binding *best = NULL;
	size_t i;

	for (i = 0; i < list->n; i++)
		if (best == NULL || list->v[i].refreshed > best->refreshed)
			best = &list->v[i];
	return best;
}

static void add_binding(struct call *c, json_t *v, const struct binding *b)
{
	int64_t left_s = b->expires_s > 0 ? b->expires_s : 0;
	json_t *more = json_pack("{s:s, s:s, s:s, s:o, s:o, s:I, s:s, s:s}", "device-sip-registration-state",
		"registered", "device-sip-registration-contact", b->contact, "device-sip-registration-core-server",
		*c->domain.sip_server ? c->domain.sip_server : c->domain.name, "device-sip-registration-datetime",
		shape_time(b->refreshed * 1000), "device-sip-registration-expires-datetime",
		shape_time(store_clock_ms() + left_s * 1000), "device-sip-registration-expiry-seconds",
		(json_int_t)left_s, "device-sip-registration-ip-address", b->source ? b->source : "",
		"device-sip-registration-user-agent", b->user_agent ? b->user_agent : "");

	json_object_update(v, more);
	json_decref(more);
}

void device_ask_registrar(struct call *c, const struct device_row *row, json_t *v)
{
	struct registrar *r = c->api->conf.reset ? c->api->conf.reset->registrar : NULL;
	struct binding_list list = { 0 };
	const struct binding *b;
	struct err err;

	if (r == NULL || v == NULL || store_clock_ms() < atomic_load(&c->api->registrar_rest_ms))
		return;
	if (registrar_bindings(r, arena_printf(c->a, "%s@%s", row->name, c->domain.name), c->a, &list, &err)) {
		atomic_store(&c->api->registrar_rest_ms, store_clock_ms() + REST_MS);
		return;
	}
	b = newest(&list);
	if (b)
		add_binding(c, v, b);
	else
		json_object_set_new(v, "device-sip-registration-state", json_string("unregistered"));
}
