/* Devices: the SIP identities of a user, and the addresses of softphones. */
#include <string.h>

#include "provisioning/api/calls.h"
#include "provisioning/api/device_parts.h"
#include "provisioning/api/extra.h"
#include "provisioning/api/patch.h"
#include "provisioning/reset/inventory.h"
#include "provisioning/store/line.h"

enum { DEVICE_MAX = 48, PASSWORD_MIN = 12, PASSWORD_MAX = 64 };

static const struct patch_field fields[] = {
	{ "device-sip-allowed-user-agent", JSON_TEXT, offsetof(struct device_row, allowed_user_agent), 128, false },
	{ "device-push-enabled", JSON_BOOL, offsetof(struct device_row, push_enabled), 0, false },
	{ "device", JSON_TEXT, 0, 0, true },
	{ "user", JSON_TEXT, 0, 0, true },
	{ "domain", JSON_TEXT, 0, 0, true },
	{ "device-kind", JSON_TEXT, 0, 0, true },
	{ "device-sip-registration-password", JSON_TEXT, 0, 0, true },
};
enum { FIELDS = sizeof(fields) / sizeof(fields[0]) };

/* As JSON, with what the registrar says of it. */
static json_t *shape(struct call *c, const struct user_row *user, const struct device_row *row, struct err *err)
{
	json_t *v = device_shape(c, user, row, err);

	call_stop_reading(c);
	device_ask_registrar(c, row, v);
	return v;
}

/* ---- reading ---- */

static enum err_code load_all(
	struct call *c, struct user_row *user, struct device_row **rows, size_t *n, struct err *err)
{
	struct db *db;
	enum err_code e = call_user(c, user, err);

	if (e == ERR_OK)
		e = call_db(c, &db, err);
	return e ? e : device_list_user(db, user->id, c->a, rows, n, err);
}

enum err_code devices_list(struct call *c, struct err *err)
{
	struct user_row user;
	struct device_row *rows;
	struct page page;
	size_t i, n;
	json_t *out;
	enum err_code e = call_page(c, &page, err);

	if (e || (e = load_all(c, &user, &rows, &n, err)))
		return e;
	out = json_array();
	for (i = (size_t)page.start; i < n && i < (size_t)(page.start + page.limit); i++)
		json_array_append_new(out, device_shape(c, &user, &rows[i], err));
	call_stop_reading(c);
	for (i = 0; i < json_array_size(out); i++)
		device_ask_registrar(c, &rows[(size_t)page.start + i], json_array_get(out, i));
	return call_ok(c, out, err);
}

enum err_code devices_count(struct call *c, struct err *err)
{
	struct user_row user;
	struct device_row *rows;
	size_t n;
	enum err_code e = load_all(c, &user, &rows, &n, err);

	return e ? e : call_count(c, (int64_t)n, err);
}

enum err_code devices_get(struct call *c, struct err *err)
{
	struct user_row user;
	struct device_row row;
	enum err_code e = call_device(c, &user, &row, err);

	return e ? e : call_ok(c, shape(c, &user, &row, err), err);
}

/* ---- writing ---- */

static enum err_code read_body(
	struct call *c, json_t *body, struct device_row *row, struct device_place *at, struct err *err)
{
	enum err_code e = extra_refuse(body, "device-provisioning-password",
		"Rekey gives each phone its own name and password; leave device-provisioning-password out", err);

	if (e == ERR_OK)
		e = device_place_read(c, body, row, at, err);
	if (e == ERR_OK)
		e = extra_take(c, body, &extra_device, &row->extra, err);
	return e ? e : patch_row(body, fields, FIELDS, c->a, row, err);
}

enum err_code device_may_change(struct call *c, const struct user_row *user, struct err *err)
{
	const char *why = scope_refusal(c->who, 0, user->scope);

	return why ? err_set(err, ERR_FORBIDDEN, "%s", why) : ERR_OK;
}

struct change {
	struct call *call;
	struct user_row user;
	struct device_row row;
	struct device_place at;
	const char *before; /* for the audit log */
};

/* The phone's login is looked up by what stands in the store. */
static void tell_changed(struct call *c, const struct device_place *at)
{
	if (at->wanted && c->api->conf.changed)
		c->api->conf.changed(c->api->conf.changed_arg, &at->mac);
}

/* What the audit log keeps of a device, and the phone that it is put on. */
static const char *audit_of(struct call *c, const struct device_row *d, const struct device_place *at)
{
	char mac[MAC_TEXT];
	json_t *v = json_pack("{s:s, s:s, s:b}", "device-kind", device_kind_words[d->kind],
		"device-sip-allowed-user-agent", d->allowed_user_agent, "device-push-enabled", (int)d->push_enabled);

	if (at && at->wanted)
		json_object_set_new(v, "device-provisioning-mac-address", json_string(mac_text(&at->mac, mac)));
	return call_text(c, v);
}

static enum err_code add_fn(struct txn *t, void *arg, struct err *err)
{
	struct change *ch = arg;
	struct call *c = ch->call;
	struct inventory in = call_inventory(c, t->db, "add");
	struct device_row row = ch->row;
	enum err_code e = inventory_device_add(&in, &ch->user, &row, err);

	if (e == ERR_OK)
		e = device_place_put(&in, &row, &ch->at, err);
	if (e)
		return e;
	ch->row = row;
	return call_audit(c, t->db, "device-add", ch->user.ext, row.name, NULL, audit_of(c, &row, &ch->at), err);
}

static enum err_code read_kind(struct call *c, json_t *body, struct device_row *row, struct err *err)
{
	const char *kind;
	enum err_code e = patch_text(body, "device-kind", 16, c->a, &kind, err);

	if (e || kind == NULL)
		return e;
	for (row->kind = 0; row->kind < DEVICE_IDLE; row->kind++)
		if (strcmp(device_kind_words[row->kind], kind) == 0)
			return ERR_OK;
	return err_set(err, ERR_INPUT, "device-kind must be desk, mobile, web or softphone");
}

static enum err_code read_password(struct call *c, json_t *body, struct device_row *row, struct err *err)
{
	const char *word;
	enum err_code e = patch_text(body, "device-sip-registration-password", PASSWORD_MAX, c->a, &word, err);

	if (e || word == NULL || *word == '\0')
		return e; /* empty: random, as NetSapiens does */
	if (strlen(word) < PASSWORD_MIN || strspn(word, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
							"._-+=*!") != strlen(word))
		return err_set(err, ERR_INPUT,
			"device-sip-registration-password must be %d to %d letters and digits; leave it out for a random one",
			PASSWORD_MIN, PASSWORD_MAX);
	row->password = secret_copy(c->a, slice_str(word));
	return ERR_OK;
}

enum err_code devices_add(struct call *c, struct err *err)
{
	struct change ch = { .call = c, .row = { .allowed_user_agent = "" } };
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	if (e || (e = call_user(c, &ch.user, err)) || (e = device_may_change(c, &ch.user, err)) ||
		(e = read_body(c, body, &ch.row, &ch.at, err)) ||
		(e = patch_text(body, "device", DEVICE_MAX, c->a, &ch.row.name, err)))
		return e;
	if (ch.row.name == NULL || *ch.row.name == '\0')
		return err_set(err, ERR_INPUT, "\"device\" is missing");
	if (strncmp(ch.row.name, "sip:", 4) == 0) { /* NetSapiens writes sip:1001b@domain */
		const char *name = ch.row.name + 4;

		ch.row.name = arena_strndup(c->a, name, strcspn(name, "@"));
	}
	if ((e = read_kind(c, body, &ch.row, err)) || (e = read_password(c, body, &ch.row, err)) ||
		(e = call_write(c, add_fn, &ch, err)))
		return e;
	tell_changed(c, &ch.at);
	return call_created(c,
		arena_printf(c->a, "%s/domains/%s/users/%s/devices/%s", c->rq->prefix, c->domain.name, ch.user.ext,
			ch.row.name),
		shape(c, &ch.user, &ch.row, err), err);
}

static enum err_code save_fn(struct txn *t, void *arg, struct err *err)
{
	struct change *ch = arg;
	struct inventory in = call_inventory(ch->call, t->db, "edit");
	enum err_code e = device_save(t->db, &ch->row, err);

	if (e == ERR_OK)
		e = device_place_put(&in, &ch->row, &ch->at, err);
	return e ? e
		 : call_audit(ch->call, t->db, "device-change", ch->user.ext, ch->row.name, ch->before,
			   audit_of(ch->call, &ch->row, &ch->at), err);
}

enum err_code devices_set(struct call *c, struct err *err)
{
	struct change ch = { .call = c };
	json_t *body;
	enum err_code e = call_body(c, &body, err);

	if (e || (e = call_device(c, &ch.user, &ch.row, err)) || (e = device_may_change(c, &ch.user, err)))
		return e;
	if (json_object_get(body, "device-sip-registration-password"))
		return err_set(err, ERR_UNSUPPORTED,
			"A secret is not set by hand on a device in use; a reset or taking a line away renews it.");
	ch.before = audit_of(c, &ch.row, NULL);
	if ((e = read_body(c, body, &ch.row, &ch.at, err)) || (e = call_write(c, save_fn, &ch, err)))
		return e;
	tell_changed(c, &ch.at);
	return call_changed(c, shape(c, &ch.user, &ch.row, err), err);
}

static enum err_code delete_fn(struct txn *t, void *arg, struct err *err)
{
	struct change *ch = arg;
	struct inventory in = call_inventory(ch->call, t->db, "delete");
	struct device_row row = ch->row;
	enum err_code e = inventory_device_delete(&in, &row, err);

	return e ? e
		 : call_audit(ch->call, t->db, "device-delete", ch->user.ext, ch->row.name,
			   audit_of(ch->call, &ch->row, NULL), NULL, err);
}

enum err_code devices_delete(struct call *c, struct err *err)
{
	struct change ch = { .call = c };
	enum err_code e = call_device(c, &ch.user, &ch.row, err);

	if (e == ERR_OK)
		e = device_may_change(c, &ch.user, err);
	if (e == ERR_OK)
		e = call_write(c, delete_fn, &ch, err);
	return e ? e : call_deleted(c, err);
}
